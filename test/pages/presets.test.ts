import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { asvs } from "../../examples/presets/asvs.ts";
import { nist } from "../../examples/presets/nist.ts";
import { createAdmin } from "../../src/admin.ts";
import { fromBase64Url } from "../../src/internal/bytes.ts";
import { decodeBase32, parseKeyUri } from "../../src/otp/index.ts";
import type { TwoFactorOptions } from "../../src/two-factor/options.ts";
import { registerPasskey, withPasskeys } from "../support/passkeys.ts";
import {
  binding,
  type Enrolled,
  enrolled,
  must,
  nextCode,
  outcome,
  recordOf,
  signIn,
  USER,
  withPassword,
  wrongBackupCode,
  wrongCode,
} from "../support/world.ts";

type Preset = Partial<TwoFactorOptions>;
/** Whether a requirement is met by a second factor with these options; each starts with a fresh person. */
type Check = (w: Enrolled) => Promise<boolean>;

const verify = (w: Enrolled, code: string) => w.twoFactor.verify(USER, code, { binding }).then(outcome);
const backupBits = (w: Enrolled, bitsPerCharacter: number) => (w.codes[0]?.length ?? 0) * bitsPerCharacter;
const wrongBackup = (w: Enrolled, i: number) =>
  w.options.backupCodes === nist.backupCodes ? `ZZZZZZZZZZZZZZZ${i}` : wrongBackupCode(w, i);

async function closesAfterFive(w: Enrolled, wrong: (w: Enrolled, i: number) => string): Promise<boolean> {
  const outcomes: string[] = [];
  for (let i = 0; i < 6; i++) outcomes.push(await verify(w, wrong(w, i)));
  return outcomes.join() === [...Array<string>(5).fill("wrong_code"), "locked"].join();
}

async function once(w: Enrolled, code: string): Promise<boolean> {
  return (await verify(w, code)) === "ok" && (await verify(w, code)) !== "ok";
}

const NIST: Readonly<Record<string, Check>> = {
  N1: async (w) => backupBits(w, 5) >= 20 && (w.codes[0]?.length ?? 0) >= 6,
  N2: (w) => once(w, w.codes[3] ?? ""),
  N3: async (w) => {
    const step = await w.twoFactor.signIn.begin(USER, { binding });
    return Object.keys(step).some((key) => /number|index|label|next/i.test(key));
  },
  N5: (w) => closesAfterFive(w, wrongBackup),
  N7: async (w) => {
    const { secret, period } = parseKeyUri(w.keyUri);
    return decodeBase32(secret).length * 8 >= 112 && period <= 120;
  },
  N8: (w) => once(w, w.phone.code()),
  N9: async (w) => {
    for (let i = 0; i < 100; i++) {
      await verify(w, wrongCode(w, i));
      w.clock.advance(31 * 86_400);
    }
    return (await verify(w, w.phone.code())) === "exhausted";
  },
  N13: async (w) => {
    const token = (await signIn(w, { trustDevice: true })).device?.token;
    const step = await w.twoFactor.signIn.begin(USER, { binding, deviceToken: token });
    return step.step !== "done" || step.assurance.aal === 1;
  },
  N18: async (w) => backupBits(w, w.options.backupCodes === nist.backupCodes ? 5 : Math.log2(10)) >= 64,
  N19: async (w) => {
    const result = await signIn(w, { code: w.codes[0] ?? "" });
    return result.backupCodesLeft === w.codes.length;
  },
  N21: async (w) => {
    await verify(w, w.codes[0] ?? "");
    return w.events.some((event) => event.type === "backup_code_used" && event.notify);
  },
  N25: async (w) => {
    // A code is accepted wherever it was typed. A passkey signs the page that asked for it.
    if (!w.twoFactor.passkeys) return false;
    const key = await registerPasskey(w);
    const { options } = must(await w.twoFactor.passkeys.options(USER, { binding }));
    const elsewhere = await key.get(options, { origin: "https://examp1e.com" });
    const refused = await w.twoFactor.verify(USER, elsewhere, { binding });
    return !refused.ok && (await w.twoFactor.verify(USER, await key.get(options), { binding })).ok;
  },
};

const ASVS: Readonly<Record<string, Check>> = {
  A1: async (w) => {
    const token = (await signIn(w)).device?.token;
    const closed = await closesAfterFive(w, wrongCode);
    const owner = await w.twoFactor.verify(USER, nextCode(w), { binding, deviceToken: token });
    return closed && owner.ok;
  },
  A8: async (w) => (await once(w, w.phone.code())) && (await once(w, w.codes[0] ?? "")),
  A9: async (w) => {
    const { backupCodes } = await recordOf(w);
    const stored = JSON.stringify(backupCodes);
    return (
      (fromBase64Url(backupCodes?.salt ?? "")?.length ?? 0) >= 4 &&
      w.codes.every((code) => !stored.includes(code))
    );
  },
  A11: async (w) => backupBits(w, Math.log2(10)) >= 20,
  A12: async (w) => {
    const code = w.phone.code();
    w.clock.advance(30);
    const later = await verify(w, code);
    w.clock.advance(60);
    const next = w.clock() + 30_000;
    const early = w.clock();
    w.clock.set(next);
    const coming = w.phone.code();
    w.clock.set(early);
    return later !== "ok" && (await verify(w, coming)) !== "ok" && (await verify(w, w.phone.code())) === "ok";
  },
  A13: async (w) => {
    must(await createAdmin(w.options).reset(USER, { actor: "support:7", reason: "phone stolen" }));
    return (await verify(w, nextCode(w))) === "not_enrolled";
  },
  A14: async (w) => {
    const code = w.phone.code();
    w.clock.advance(3_600);
    const context = { date: new Date(w.clock() - 3_600_000).toUTCString() };
    return outcome(await w.twoFactor.verify(USER, code, { binding, context })) === "wrong_code";
  },
};

/** The ids of the requirements that a preset does not meet. */
async function deviations(
  checks: Readonly<Record<string, Check>>,
  preset: Preset,
): Promise<readonly string[]> {
  const missed: string[] = [];
  for (const [id, check] of Object.entries(checks)) {
    if (!(await check(await enrolled(preset)))) missed.push(id);
  }
  return missed;
}

const page = readFileSync("docs/presets.md", "utf8");
const rows = [...page.matchAll(/^\| ([NA]\d+) \|.*\| (met|deviates) \|$/gm)];
const documented = (letter: string) =>
  rows.filter(([line, id]) => id?.startsWith(letter) && !line.includes("`passkeys`"));

for (const [name, letter, checks, preset] of [
  ["NIST SP 800-63B-4", "N", NIST, nist],
  ["OWASP ASVS 5", "A", ASVS, asvs],
] as const) {
  test(`${letter === "N" ? "P7 " : ""}the options for ${name} meet what the page says, and deviate where it says so`, async () => {
    const found = documented(letter);
    assert.deepEqual(
      found.map(([, id]) => id),
      Object.keys(checks),
    );
    const expected = found.flatMap(([, id, verdict]) => (verdict === "deviates" ? [id] : []));
    assert.deepEqual(await deviations(checks, preset), expected);
  });
}

test("N25 with passkeys beside them, the options for NIST offer what resists phishing", async () => {
  const beside = rows.filter(([line]) => line.includes("`passkeys`"));
  assert.deepEqual(
    beside.map(([, id, verdict]) => [id, verdict]),
    [["N25", "met"]],
  );
  const checks = { N25: NIST["N25"] as Check };
  assert.deepEqual(await deviations(checks, { ...nist, ...withPasskeys }), []);
  assert.deepEqual(await deviations(checks, nist), ["N25"]);
});

test("A12 N18 the checks can tell: the defaults deviate where the page says so", async () => {
  assert.deepEqual(await deviations(ASVS, {}), ["A12"]);
  assert.deepEqual(await deviations({ N18: NIST["N18"] as Check }, {}), ["N18"]);
});

test("a batch is issued anew with the elevation of the sign-in that used a code", async () => {
  const w = await enrolled({ ...withPassword, ...nist });
  const result = await signIn(w, { code: w.codes[0] ?? "", firstFactor: { amr: ["pwd"] } });
  const batch = must(
    await w.twoFactor.backupCodes.regenerate(USER, { binding, elevation: result.elevation }),
  );
  assert.equal(batch.codes.length, 10);
  await signIn(w, { code: batch.codes[0] ?? "" });
});
