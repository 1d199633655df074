// A service with one enrolled person whose browser is known, and a phone whose every code is known beforehand.

import { createTwoFactor, generateKey } from "../../../dist/index.js";
import { totp } from "../../../dist/otp/index.js";
import { memoryStore } from "../../../dist/stores/memory.js";

export const START = 1_760_000_000_000;

export function must(result) {
  if (!result.ok) throw new Error(`unexpected ${result.detail}`);
  return result;
}

/** `next()` lets a step pass and gives its code; the first `prepared` of them are computed beforehand. */
export async function enrolledWorld(options = {}, prepared = 10_000) {
  let now = START;
  const complete = {
    issuer: "Acme",
    store: memoryStore(),
    keys: generateKey(),
    reauthentication: { enroll: "none", regenerate: "none" },
    clock: () => now,
    ...options,
  };
  const twoFactor = createTwoFactor(complete);
  const begun = must(await twoFactor.enrollment.begin("alice", { accountName: "alice", binding: null }));
  const { enrollmentId, secret } = begun;
  const code = totp(secret, { now });
  const confirmed = must(await twoFactor.enrollment.confirm("alice", { enrollmentId, code, binding: null }));
  const codes = Array.from({ length: prepared }, (_, i) => totp(secret, { now: START + i * 30_000 }));
  const codeAt = (at) => codes[(at - START) / 30_000] ?? totp(secret, { now: at });
  return {
    twoFactor,
    options: complete,
    secret,
    deviceToken: confirmed.signIn.device.token,
    backupCodes: confirmed.backupCodes.codes,
    advance: (seconds) => {
      now += seconds * 1_000;
    },
    /** One code in some hundred thousand is that of a step just before, and would be refused as spent: it is left out. */
    next() {
      for (;;) {
        now += 30_000;
        const code = codeAt(now);
        if (code !== codeAt(now - 30_000) && code !== codeAt(now - 60_000)) return code;
      }
    },
  };
}
