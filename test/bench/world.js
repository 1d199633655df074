// A service with one enrolled person whose browser is known, and a phone whose every code is known beforehand.

import { createTwoFactor, generateKey } from "../../dist/index.js";
import { totp } from "../../dist/otp/index.js";
import { memoryStore } from "../../dist/stores/memory.js";

export const START = 1_760_000_000_000;
const CODES = 200_000;

export function must(result) {
  if (!result.ok) throw new Error(`unexpected ${result.detail}`);
  return result;
}

/** `next()` lets a step pass and gives its code. */
export async function enrolledWorld(options = {}) {
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
  const codes = Array.from({ length: CODES }, (_, i) => totp(secret, { now: START + i * 30_000 }));
  let step = 0;
  return {
    twoFactor,
    options: complete,
    secret,
    deviceToken: confirmed.signIn.device.token,
    backupCodes: confirmed.backupCodes.codes,
    advance: (seconds) => {
      now += seconds * 1_000;
    },
    /** Codes are used up after {@link CODES} of them: then they begin again, at an hour that is long past. */
    next() {
      now += 30_000;
      step = (now - START) / 30_000;
      return step < CODES ? codes[step] : totp(secret, { now });
    },
  };
}
