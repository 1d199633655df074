import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createTwoFactor, formatBackupCodes } from "../../src/index.ts";
import { CODE_CALLS, type CodeCall, evaluationsLeft, METHODS, pathsOf } from "../support/calls.ts";
import { withPasskeys } from "../support/passkeys.ts";
import {
  binding,
  challengeOf,
  countingStore,
  type Enrolled,
  enrolled,
  must,
  nextCode,
  outcome,
  PASSWORD,
  recordOf,
  tally,
  USER,
  withPassword,
  wrongCode,
} from "../support/world.ts";

/** What may arrive where a text is expected: from forms, from JSON, from somebody who tries. */
const JUNK: readonly (readonly [string, unknown])[] = [
  ["undefined", undefined],
  ["null", null],
  ["an empty text", ""],
  ["spaces", "      "],
  ["a megabyte", "1".repeat(1_000_000)],
  ["a megabyte of spaces", " ".repeat(1_000_000)],
  ["65 digits", "1".repeat(65)],
  ["64 letters", "x".repeat(64)],
  ["a number", 123_456],
  ["a big number", 123_456n],
  ["not a number", Number.NaN],
  ["true", true],
  ["a list", ["123456"]],
  ["an object", { code: "123456" }],
  ["an object with toString", { toString: () => "123456" }],
  [
    "an object that throws",
    {
      toString: () => assert.fail("toString was called"),
      valueOf: () => assert.fail("valueOf was called"),
      [Symbol.toPrimitive]: () => assert.fail("toPrimitive was called"),
    },
  ],
  ["a boxed text", new String("123456")],
  ["a symbol", Symbol("123456")],
  ["a function", () => "123456"],
  ["bytes", new Uint8Array(6)],
  ["a date", new Date(0)],
  ["a lone surrogate", "\uD83D"],
  ["six lone surrogates", "\uDC00".repeat(6)],
  ["a text that grows when normalized", "\uFDFA".repeat(60)],
  ["controls", "\0\u0001\u001B[2J"],
  ["superscripts that are no digits", "\u00B9\u00B2\u00B3\u2074\u2075\u2460x"],
  ["signs and points", "+12345"],
  ["an exponent", "1e5000"],
  ["hexadecimal", "0x1234"],
  ["a proxy", new Proxy({}, { get: () => assert.fail("a proxy was read") })],
];

function codeCalls(run: (call: CodeCall) => void): void {
  for (const call of CODE_CALLS) run(call);
}

test("every public method is classified, and the tests below call all that take a code", () => {
  const twoFactor = createTwoFactor({ ...minimal(), ...withPasskeys });
  assert.deepEqual(pathsOf(twoFactor).sort(), Object.keys(METHODS).sort());
  const takesCode = Object.keys(METHODS).filter((path) => METHODS[path] === "takes a code");
  assert.deepEqual(CODE_CALLS.map(({ path }) => path).sort(), takesCode.sort());
});

function minimal() {
  const store = countingStore().store;
  return { issuer: "Test", store, keys: "A".repeat(43), reauthentication: { enroll: "none" as const } };
}

/** A code in the digits of a script, which are those behind its zero. */
const inDigits = (code: string, zero: number) =>
  code.replace(/[0-9]/g, (digit) => String.fromCodePoint(zero + Number(digit)));

codeCalls((call) => {
  test(`I4 ${call.path} reads the digits of Devanagari, Bengali, Thai, Khmer and Adlam keyboards`, async () => {
    for (const zero of [0x0966, 0x09e6, 0x0e50, 0x17e0, 0x1e950]) {
      const w = await enrolled(call.options);
      const { submit, right } = await call.ready(w);
      must(await submit(inDigits(right(), zero)));
      if (!call.kinds.includes("backup")) continue;
      const other = await enrolled(call.options);
      must(await (await call.ready(other)).submit(inDigits(other.codes[0] ?? "", zero)));
    }
  });

  if (call.kinds.includes("backup")) {
    test(`I13 ${call.path} reads a line that was pasted from the file of backup codes`, async () => {
      for (const backupCodes of [{}, { length: 32 }, { alphabet: "base32" as const, length: 10 }]) {
        const w = await enrolled({ ...call.options, backupCodes });
        const { codes } = w;
        const { text } = formatBackupCodes({ issuer: "Acme", accountName: USER, codes, createdAt: 0 });
        const lines = text.split("\r\n").filter((line) => /^ *\d+\. /.test(line));
        assert.equal(lines.length, codes.length);
        must(await (await call.ready(w)).submit(lines[9]));
        const again = await enrolled({ ...call.options, backupCodes });
        const hand = `2. ${again.codes[1]?.replace(/.{4}/g, "$& ")}`;
        must(await (await call.ready(again)).submit(hand));
      }
    });
  }

  test(`V73 V37 junk does not make ${call.path} throw, and is not charged, derived or stored`, async () => {
    const counted = countingStore();
    const w = await enrolled({ ...call.options, store: counted.store });
    const { submit } = await call.ready(w);
    const { writes } = counted;
    for (const [name, junk] of JUNK) {
      const result = await submit(junk);
      // without a code at all, an operation that asks for one asks again
      const blank = junk === undefined || junk === null || (typeof junk === "string" && junk.trim() === "");
      const missing = blank && !["signIn.complete", "verify", "enrollment.confirm"].includes(call.path);
      const isObject = typeof junk === "object" && call.options.passkeys !== undefined;
      const isNumber = typeof junk === "number" || typeof junk === "bigint";
      const refused = isNumber ? "code_not_text" : isObject ? "malformed_passkey" : "malformed_code";
      assert.equal(outcome(result), missing ? "reauthentication_required" : refused, name);
    }
    assert.equal(counted.writes, writes, "nothing was written");
    assert.equal(await evaluationsLeft(w, { submit }), 5);
  });

  test(`V30 ${call.path} charges wrong codes, each once, and refuses a right one while locked`, async () => {
    const w = await enrolled(call.options);
    const { submit, right } = await call.ready(w);
    for (let i = 0; i < 5; i++) {
      const failure = await submit(wrongCode(w, i));
      assert.ok(!failure.ok && failure.detail === "wrong_code" && failure.attemptsLeft === 4 - i);
    }
    const before = await recordOf(w);
    const locked = await submit(right());
    assert.ok(!locked.ok && locked.detail === "locked" && locked.retryAt === w.clock() + 30_000);
    assert.deepEqual(await recordOf(w), before);
    w.clock.advance(30);
    must(await submit(right()));
  });

  test(`H5 N9 ${call.path} waits longer each time, from 30 seconds to an hour, and comes to an end`, async () => {
    const doubling = [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600];
    const expected = call.budget === "app" ? doubling : doubling.slice(0, 6); // an enrollment lives an hour at most
    const hardStop = 4 + expected.length + 1;
    const w = await enrolled({ ...call.options, throttle: { hardStop }, lifetimes: { enrollment: 3_600 } });
    const { submit, right } = await call.ready(w);
    const waits = [];
    for (let i = 0; i < hardStop; i++) {
      const failure = await submit(wrongCode(w, i));
      assert.ok(!failure.ok && failure.detail === "wrong_code");
      if (failure.retryAt === undefined) continue;
      waits.push((failure.retryAt - w.clock()) / 1_000);
      w.clock.set(failure.retryAt);
    }
    assert.deepEqual(waits, expected);
    const end = await submit(right());
    assert.ok(!end.ok && end.detail === "exhausted" && end.retryAt === undefined);
  });

  for (const kind of ["app", "backup"] as const) {
    const takes = call.kinds.includes(kind);
    test(`R13 ${call.path} ${takes ? "takes" : "does not take"} ${kind} codes`, async () => {
      const w = await enrolled(call.options);
      const { submit, right } = await call.ready(w);
      const result = await submit(kind === "app" ? right() : w.codes[0]);
      assert.equal(outcome(result), takes ? "ok" : "app_code_required");
    });
  }
});

test("no text that a person can type makes verify throw or costs more than one charge", async () => {
  const w = await enrolled({ throttle: { free: 10 } });
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 70 }),
    fc.string({ unit: "grapheme", maxLength: 30 }),
    fc.stringMatching(/^[0-9 \-\u0660-\u0669\uff10-\uff19]{0,12}$/u),
  );
  await fc.assert(
    fc.asyncProperty(text, async (code) => {
      const before = await recordOf(w);
      const result = await w.twoFactor.verify(USER, code, { binding });
      const after = await recordOf(w);
      const charged =
        after.app.failures + after.backup.failures - before.app.failures - before.backup.failures;
      assert.equal(charged, outcome(result) === "wrong_code" ? 1 : 0);
      w.clock.advance(3_600);
    }),
    { numRuns: 300 },
  );
});

test("V73 junk in any other value from a browser is an ordinary failure", async () => {
  const w = await enrolled({ ...withPassword, backupCodes: { acknowledge: true } });
  const { twoFactor } = w;
  const { signIn, enrollment, backupCodes, devices } = twoFactor;
  const challenge = await challengeOf(w);
  const calls: Record<string, (junk: never) => Promise<unknown>> = {
    "a challenge": (junk) => signIn.complete(junk, "123456", { binding }),
    "a challenge to enroll": (junk) => enrollment.begin({ challenge: junk }, { binding, accountName: USER }),
    "a challenge to confirm": (junk) =>
      enrollment.confirm({ challenge: junk }, { binding, enrollmentId: "x", code: "123456" }),
    "a challenge to acknowledge": (junk) =>
      enrollment.acknowledge({ challenge: junk }, { binding, batchId: "x" }),
    "a challenge to cancel": (junk) => enrollment.cancel({ challenge: junk }, { binding }),
    "an enrollment id": (junk) => enrollment.confirm(USER, { enrollmentId: junk, code: "123456", binding }),
    "a batch id": (junk) => enrollment.acknowledge(USER, { batchId: junk, binding }),
    "a regenerated batch id": (junk) => backupCodes.acknowledge(USER, { batchId: junk }),
    "a device id": (junk) => devices.revoke(USER, junk),
    "a device token": (junk) => twoFactor.verify(USER, w.firstCode, { binding, deviceToken: junk }),
    "a device token at sign-in": (junk) => signIn.begin(USER, { binding, deviceToken: junk }),
    "a wish": (junk) => signIn.complete(challenge, w.firstCode, { binding, trustDevice: junk }),
    "an elevation": (junk) => twoFactor.disable(USER, { binding, elevation: junk }),
    "a password": (junk) => twoFactor.reauthenticate(USER, { binding, password: junk }),
  };
  const outcomes = new Set<string>();
  for (const [where, call] of Object.entries(calls)) {
    for (const [name, junk] of JUNK) {
      const result = (await call(junk as never)) as { ok?: boolean; step?: string; reason?: string };
      assert.ok(result.ok === false || result.step === "code", `${name} for ${where}`);
      outcomes.add(result.reason ?? result.step ?? "");
    }
  }
  const expected = [
    "already_used",
    "code",
    "expired",
    "invalid_password",
    "locked",
    "not_found",
    "reauthenticate",
  ];
  assert.deepEqual([...outcomes].sort(), expected);
  must(await twoFactor.verify(USER, w.phone.code(), { binding }));
});

test("V71 O3 no refusal of a code shows a secret, a code or what was typed", async () => {
  for (const call of CODE_CALLS) {
    const w: Enrolled = await enrolled(call.options);
    const { submit, right } = await call.ready(w);
    const typed = [wrongCode(w), w.firstCode, "12 34 5", w.codes[1] ?? ""];
    const refused = [];
    for (const code of typed) refused.push(await submit(code));
    const told = JSON.stringify([
      refused.filter(({ ok }) => !ok),
      w.events.map((event) => ({ ...event, at: 0 })),
    ]);
    for (const secret of [...typed, ...w.codes, w.secret, right()])
      assert.ok(!told.includes(secret), call.path);
  }
});

test("a code of another user, of another instant or of another secret is wrong", async () => {
  const [ada, bob] = [await enrolled(), await enrolled({}, "bob")];
  const outcomes = [];
  for (const code of [bob.phone.code(), bob.codes[0]]) {
    outcomes.push(outcome(await ada.twoFactor.verify(USER, code, { binding })));
  }
  assert.deepEqual(tally(outcomes), { wrong_code: 2 });
  const late = ada.phone.code();
  ada.clock.advance(90);
  assert.equal(outcome(await ada.twoFactor.verify(USER, late, { binding })), "wrong_code");
  must(await ada.twoFactor.verify(USER, nextCode(ada), { binding }));
  assert.ok(PASSWORD.length > 0);
});
