import type { Defect } from "./defect.ts";

const VERIFICATION = "src/rules/verification.ts";
const THROTTLE = "src/rules/throttle.ts";

/** Codes: replay, guessing, comparing, drawing. */
export const codes: readonly Defect[] = [
  {
    name: "drop the replay check",
    file: VERIFICATION,
    find: "if (isSpent(step, authenticator.acceptedSteps, horizon)) {",
    replace: "if (false) {",
    test: "two-factor/replay",
    caughtBy:
      "V01 V06 T6 N8 A8 a spent code is refused by signIn.complete, in every spelling, while its step is open",
  },
  {
    name: "refuse only the very step that was used, not the ones before it",
    file: VERIFICATION,
    find: "return accepted.some((other) => step <= other && other <= horizon);",
    replace: "return accepted.includes(step);",
    test: "two-factor/replay",
    caughtBy:
      "V02 after the step of a phone that is ahead, neither the present step nor the one before is accepted",
  },
  {
    name: "forget to spend the code that confirms the enrollment",
    file: "src/rules/enrollment.ts",
    find: "acceptedSteps: [verified.step],",
    replace: "acceptedSteps: [],",
    test: "two-factor/replay",
    caughtBy: "V05 the code that confirmed the enrollment is spent, at the first sign-in and everywhere else",
  },
  {
    name: "check for replay the code as it was typed",
    file: "src/two-factor/attempt.ts",
    find: "const typed = canonicalCode(code);",
    replace: 'const typed = typeof code === "string" ? code.replace(" ", "") : undefined;',
    test: "two-factor/replay",
    caughtBy:
      "V01 V06 T6 N8 A8 a spent code is refused by signIn.complete, in every spelling, while its step is open",
  },
  {
    name: "skip the charge of a wrong app code",
    file: VERIFICATION,
    find: "    const charged = charge(record, account, now, policy.throttle);\n    return {",
    replace: "    const charged = { record, events: [] };\n    return {",
    test: "rules/verification",
    caughtBy: "a wrong code costs an attempt, and says how many are left and how long to wait",
  },
  {
    name: "charge a backup code only after it was derived",
    file: VERIFICATION,
    find: "return { record: charged, outcome, events: [] };",
    replace: "return { record, outcome, events: charged ? [] : [] };",
    test: "rules/verification",
    caughtBy: "V31 a backup code is charged before it is known to be right",
  },
  {
    name: "let a right code in while the door is closed",
    file: VERIFICATION,
    find: "if (block) return unchanged(record, refusal(block));",
    replace: "if (block && backup) return unchanged(record, refusal(block));",
    test: "rules/verification",
    caughtBy:
      "a locked factor evaluates nothing: a right code and a wrong one get the same answer, and no write",
  },
  {
    name: "accept a used backup code again",
    file: VERIFICATION,
    find: "if (!batch || found?.usedAt !== null) {",
    replace: "if (!batch || !found) {",
    test: "rules/verification",
    caughtBy: "V38 a used backup code and a wrong one look the same and cost the same",
  },
  {
    name: "tell everybody that a backup code has been used",
    file: "src/errors.ts",
    find: 'backup_code_reused: "invalid_code"',
    replace: 'backup_code_reused: "already_used"',
    test: "errors",
    caughtBy: "V47 what tells a guesser something has the reason of what tells nothing",
  },
  {
    name: "use up another code together with the right one",
    file: VERIFICATION,
    find: "codes.map((code, i) => (i === index ?",
    replace: "codes.map((code, i) => (i >= index ?",
    test: "two-factor/backup-codes",
    caughtBy: "V42 using a code changes no other",
  },
  {
    name: "end the waits at the first success of the other factor",
    file: THROTTLE,
    find: "return { ...record, [account.factor]: { ...row, unknown } };",
    replace:
      "return { ...record, app: clearRow(record.app), backup: clearRow(record.backup), [account.factor]: { ...row, unknown } };",
    test: "rules/throttle",
    caughtBy: "N11 a success clears the row of the factor that was used and no other",
  },
  {
    name: "let a success clear the long counters",
    file: THROTTLE,
    find: "const unknown = row.unknown.filter((_, i) => i !== at);",
    replace: "const unknown: number[] = at < 0 ? [] : [];",
    test: "rules/throttle",
    caughtBy:
      "V35 twenty failures in thirty days close the door to unknown browsers, whatever succeeded in between",
  },
  {
    name: "no hard stop",
    file: THROTTLE,
    find: 'if (row.failures >= policy.hardStop) return { detail: "exhausted" };',
    replace: "",
    test: "rules/throttle",
    caughtBy: "N9 V24 a hundred failures in a row end it, and no time reopens the door",
  },
  {
    name: "one more free failure",
    file: THROTTLE,
    find: "if (failures <= policy.free) return 0;",
    replace: "if (failures <= policy.free + 1) return 0;",
    test: "rules/throttle",
    caughtBy: "N9 N10 four failures are free, the fifth waits 30 seconds, and waits double up to an hour",
  },
  {
    name: "believe a lock from a clock that was ahead",
    file: THROTTLE,
    find: 'return plausible ? { detail: "locked", retryAt: until } : null;',
    replace:
      'return plausible || { detail: "locked", retryAt: until } ? { detail: "locked", retryAt: until } : null;',
    test: "rules/throttle",
    caughtBy:
      "V10 a lock written by a clock that was ahead does not hold, one within five minutes of skew does",
  },
  {
    name: "charge the guesses on a known browser to everybody",
    file: THROTTLE,
    find: "if (device) return rowBlock(device, now, policy);",
    replace: "",
    test: "rules/throttle",
    caughtBy: "V34 a known device has a budget of its own: no failure elsewhere closes its door",
  },
  {
    name: "stop comparing steps at the first match",
    file: "src/otp/totp.ts",
    find: "    matches |= ((difference - 1) >>> 31) << (step - first); // borrows into the top bit only from zero",
    replace: "    matches |= ((difference - 1) >>> 31) << (step - first);\n    if (matches) break;",
    test: "otp/totp",
    caughtBy: "computes every step of the window, wherever the match is and whatever was spent",
  },
  {
    name: "stop comparing bytes at the first difference",
    file: "src/internal/bytes.ts",
    find: "difference |= (a[i] as number) ^ (b[i] as number);",
    replace: "{ difference |= (a[i] as number) ^ (b[i] as number); if (difference) break; }",
    test: "evidence/same-work",
    caughtBy: "V72 bytes are compared to the end, wherever they first differ",
  },
  {
    name: "stop at the digest that matches",
    file: "src/backup-codes.ts",
    find: "  digests.forEach((candidate, i) => {\n    if (equalBytes(wanted, utf8(candidate))) found = i;\n  });",
    replace: "  found = digests.findIndex((candidate) => equalBytes(wanted, utf8(candidate)));",
    test: "evidence/same-work",
    caughtBy: "V72 all digests of a batch are looked at, wherever the right one is, or is not",
  },
  {
    name: "fold random bytes into the alphabet",
    file: "src/backup-codes.ts",
    find: "const limit = 256 - (256 % alphabet.length);",
    replace: "const limit = 256;",
    test: "evidence/randomness",
    caughtBy: "V43 N1 no byte of randomness favors a character of digits",
  },
  {
    name: "widen the window by a step",
    file: "src/otp/totp.ts",
    find: "const last = current + checkInteger(",
    replace: "const last = 1 + current + checkInteger(",
    test: "otp/totp",
    caughtBy: "accepts exactly the steps of the window, found by brute force, for every window (V08, T5)",
  },
  {
    name: "cut the moving part of the HMAC to 32 bits instead of 31",
    file: "src/otp/hotp.ts",
    find: "& 0x7fffffff;",
    replace: ">>> 0;",
    test: "otp/hotp",
    caughtBy: "computes HMAC, value and code of RFC 4226 appendix D, counter 0 (H2)",
  },
];
