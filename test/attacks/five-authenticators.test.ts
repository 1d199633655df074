import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalCode } from "../../src/internal/canonical.ts";
import { formatKeyUri } from "../../src/otp/key-uri.ts";
import { totp } from "../../src/otp/totp.ts";
import { codeFrom } from "../support/phone.ts";
import { binding, challengeOf, must, outcome, tally, USER, world } from "../support/world.ts";
import { anythingLike, fuzz } from "./fuzzing.ts";

// Somebody with as many authenticators as there may be, whatever they compute: the attacks on one, on five.

const SECRETS = ["GEZDGNBV", "JBSWY3DP", "KRSXG5CT", "MFRGGZDF", "NBSWY3DP"].map((start) => start.repeat(4));
const SHAPES = [
  {},
  { period: 60 },
  { algorithm: "SHA256" as const },
  { digits: 8 },
  { digits: 7, period: 15, algorithm: "SHA512" as const },
];
const KINDS = {
  "equal parameters": SECRETS.map((secret) => ({ secret })),
  "different parameters": SECRETS.map((secret, i) => ({ secret, ...SHAPES[i] })),
};
interface Phone {
  secret: string;
  digits?: number;
  period?: number;
  algorithm?: "SHA256" | "SHA512";
}

/** Somebody whose five phones come from another system; no code is spent. */
async function withFive(phones: readonly Phone[], options = {}) {
  const w = world({ backupCodes: false, ...options });
  const by = { actor: "migration", reason: "moved" };
  must(await w.admin.importEnrollment(USER, { ...by, enrollments: phones }));
  return w;
}
const codeOf = (phone: Phone, now: () => number) =>
  codeFrom(formatKeyUri({ accountName: USER, ...phone }), now);
const stepOf = ({ period = 30 }: Phone, now: number) => Math.floor(now / 1_000 / period);
/** The steps of the window in which a phone shows a code. */
function stepsOf(phone: Phone, code: string, now: number): readonly number[] {
  const { secret, period = 30, ...rest } = phone;
  const near = [1, 0, -1].map((away) => stepOf(phone, now) + away);
  return near.filter((step) => totp(secret, { now: step * period * 1_000, period, ...rest }) === code);
}

for (const [kind, phones] of Object.entries<readonly Phone[]>(KINDS)) {
  test(`V01 V02 of five authenticators with ${kind} each accepts a step once, and goes on`, async () => {
    const moves = fc.array(
      fc.record({
        phone: fc.nat(4),
        seconds: fc.nat(70),
        skew: fc.constantFrom(-1, 0, 0, 1),
        call: fc.nat(2),
      }),
      { maxLength: 25 },
    );
    await fc.assert(
      fc.asyncProperty(moves, async (sequence) => {
        const { twoFactor, clock } = await withFive(phones);
        const last = phones.map(() => -1);
        for (const { phone: i, seconds, skew, call } of sequence) {
          clock.advance(seconds);
          const phone = phones[i] as Phone;
          const code = codeOf(phone, () => clock() + skew * (phone.period ?? 30) * 1_000);
          const shown = phones.map((each) => stepsOf(each, code, clock()));
          if (shown.filter((steps) => steps.length > 0).length > 1) continue; // two phones that show the same by chance
          const step = Math.max(...(shown[i] ?? []));
          const results = [
            () => twoFactor.verify(USER, code, { binding }),
            () => twoFactor.reauthenticate(USER, { code, binding }),
            async () => twoFactor.signIn.complete(await challengeOf({ twoFactor }), code, { binding }),
          ];
          const expected = step > (last[i] as number) ? "ok" : "app_code_reused";
          assert.equal(outcome((await results[call]?.()) as never), expected);
          if (expected === "ok") last[i] = step;
        }
      }),
      { numRuns: 25 },
    );
  });

  test(`V04 of fifty calls at once with the codes of five (${kind}) five succeed`, async () => {
    const { twoFactor, clock } = await withFive(phones, { queue: false });
    const codes = phones.map((phone) => codeOf(phone, clock));
    const calls = Array.from({ length: 50 }, (_, i) => twoFactor.verify(USER, codes[i % 5], { binding }));
    assert.equal(tally((await Promise.all(calls)).map(outcome))["ok"], 5);
  });

  test(`fuzz: V73 nothing that is sent to five authenticators (${kind}) throws or gets in`, async (t) => {
    const { twoFactor, clock, admin } = await withFive(phones);
    const right = phones.map((phone) => codeOf(phone, clock));
    const [first] = await twoFactor.authenticators.list(USER);
    const unlock = () => admin.unlock(USER, { actor: "test", reason: "or nothing is evaluated any more" });
    await fuzz(t, anythingLike(...right, first?.id ?? ""), async (input) => {
      const code = canonicalCode(input) ?? "";
      if (phones.some((phone) => stepsOf(phone, code, clock()).length > 0) || input === first?.id) return;
      await unlock();
      const id = input as string;
      const named = { accountName: USER, binding, code: input };
      for (const result of [
        await twoFactor.verify(USER, input, { binding }),
        await twoFactor.reauthenticate(USER, { binding, code: input }),
        await twoFactor.disable(USER, { binding, code: input }),
        await twoFactor.authenticators.remove(USER, { id, binding, code: input }),
        await twoFactor.authenticators.remove(USER, { id: first?.id, binding, code: input }),
        await twoFactor.authenticators.rename(USER, { id, label: "mine" }),
        await twoFactor.enrollment.begin(USER, {
          ...named,
          replace: typeof input === "string" ? input : "another",
        }),
      ]) {
        assert.ok(!result.ok);
        assert.equal(typeof result.detail, "string");
      }
    });
    assert.equal((await twoFactor.authenticators.list(USER)).length, 5);
    await unlock(); // the last input may have been a wrong code, which counts five times
    for (const code of right) must(await twoFactor.verify(USER, code, { binding }));
  });
}
