/** Everything that changes what is stored, and what the host hears of it. */

import type { TwoFactorOptions } from "../../src/two-factor/options.ts";
import { codeFrom } from "./phone.ts";
import {
  binding,
  breakRow,
  type Enrolled,
  enrollIn,
  must,
  nextCode,
  signIn,
  USER,
  withPassword,
  wrongBackupCode,
  wrongCode,
} from "./world.ts";

export const context = { ip: "192.0.2.1", device: "Firefox on Linux" };

export const by = { actor: "support:7", reason: "lost phone, passport checked", context };

const accountName = USER;

interface Change {
  options?: Partial<TwoFactorOptions>;
  before?(w: Enrolled): Promise<unknown>;
  run(w: Enrolled): Promise<unknown>;
  /** The events in their order; an exclamation mark asks to notify the user. */
  told: readonly string[];
  /** The call says nothing of where it comes from. */
  fromNowhere?: true;
  /** The call gives something out, and changes nothing. */
  readsOnly?: true;
}

async function beginReplacement(w: Enrolled, session = binding, beside: object = { replace: true }) {
  const proof = { elevation: w.signIn.elevation, binding };
  const options = { accountName, ...beside, context, ...proof, binding: session };
  const code = session === binding ? undefined : nextCode(w);
  return must(await w.twoFactor.enrollment.begin(USER, { ...options, code }));
}

const acknowledged = { backupCodes: { acknowledge: true } };

export const CHANGES: Record<string, Change> = {
  "an enrollment begins": {
    run: (w) => w.twoFactor.enrollment.begin("bob", { accountName: "bob", binding, context }),
    told: ["enrollment_started"],
  },
  "an enrollment is shown again": { before: beginReplacement, run: beginReplacement, told: [] },
  "another session begins": {
    before: beginReplacement,
    run: (w) => beginReplacement(w, "another session"),
    told: ["verified", "enrollment_superseded", "enrollment_started"],
  },
  "an enrollment is canceled": {
    before: beginReplacement,
    run: (w) => w.twoFactor.enrollment.cancel(USER, { binding: null, context }),
    told: ["enrollment_superseded"],
  },
  "nothing is canceled": { run: (w) => w.twoFactor.enrollment.cancel(USER, { binding: null }), told: [] },
  "an enrollment becomes active": {
    run: (w) => enrollIn(w, "bob"),
    told: ["enrollment_started", "enrolled!", "device_known"],
    fromNowhere: true,
  },
  "an enrollment becomes active with the acknowledgement": {
    options: acknowledged,
    run: (w) => enrollIn(w, "bob"),
    told: ["enrollment_started", "verified", "enrolled!", "device_known"],
    fromNowhere: true,
  },
  "an authenticator is replaced": {
    run: async (w) => {
      const { enrollmentId, keyUri } = await beginReplacement(w);
      w.phone.scan(keyUri);
      must(
        await w.twoFactor.enrollment.confirm(USER, { enrollmentId, code: w.phone.code(), binding, context }),
      );
    },
    told: ["enrollment_started", "replaced!", "device_known"],
  },
  "an authenticator is added": {
    run: async (w) => {
      const { enrollmentId, keyUri } = await beginReplacement(w, binding, { add: true });
      const code = codeFrom(keyUri, w.clock);
      must(await w.twoFactor.enrollment.confirm(USER, { enrollmentId, code, binding, context }));
    },
    told: ["enrollment_started", "authenticator_added!", "device_known"],
  },
  "one of two authenticators is removed": {
    before: async (w) => {
      const { enrollmentId, keyUri } = await beginReplacement(w, binding, { add: true });
      const code = codeFrom(keyUri, w.clock);
      must(await w.twoFactor.enrollment.confirm(USER, { enrollmentId, code, binding }));
    },
    run: async (w) => {
      const [first] = await w.twoFactor.authenticators.list(USER);
      const proof = { code: nextCode(w), binding, context };
      must(await w.twoFactor.authenticators.remove(USER, { id: first?.id, ...proof }));
    },
    told: ["verified", "authenticator_removed!"],
  },
  "an authenticator is renamed": {
    run: async (w) => {
      const [first] = await w.twoFactor.authenticators.list(USER);
      must(await w.twoFactor.authenticators.rename(USER, { id: first?.id, label: "phone", context }));
    },
    told: ["authenticator_renamed"],
  },
  "a sign-in with an app code": {
    run: (w) => signIn(w, { context }),
    told: ["challenged", "verified", "device_known"],
  },
  "a sign-in that trusts the browser": {
    run: (w) => signIn(w, { context, trustDevice: true }),
    told: ["challenged", "verified", "device_known", "device_trusted!"],
  },
  "a sign-in that skips the code": {
    before: async (w) => must(await signIn(w, { trustDevice: true })),
    run: async (w) => {
      const { device } = must(await signIn(w, { context, trustDevice: true }));
      await w.twoFactor.signIn.begin(USER, { binding, context, deviceToken: device?.token });
    },
    told: ["challenged", "verified", "device_known", "device_trusted!", "code_skipped"],
  },
  "a known device signs in again": {
    run: (w) =>
      w.twoFactor.verify(USER, w.phone.code(), { binding, context, deviceToken: w.signIn.device?.token }),
    told: ["verified"],
  },
  "a backup code is used": {
    run: (w) => signIn(w, { context, code: w.codes[0] ?? "" }),
    told: ["challenged", "verified", "backup_code_used!", "device_known"],
  },
  "one of the last backup codes is used": {
    options: { backupCodes: { count: 4 } },
    run: (w) => signIn(w, { context, code: w.codes[0] ?? "" }),
    told: ["challenged", "verified", "backup_code_used!", "backup_codes_low!", "device_known"],
  },
  "a wrong app code": {
    run: (w) => w.twoFactor.verify(USER, wrongCode(w), { binding, context }),
    told: ["verification_failed"],
  },
  "a wrong backup code": {
    run: (w) => w.twoFactor.verify(USER, wrongBackupCode(w), { binding, context }),
    told: ["verification_failed"],
  },
  "a wrong password": {
    options: withPassword,
    run: (w) => w.twoFactor.reauthenticate(USER, { password: "guess", binding, context }),
    told: ["verification_failed"],
  },
  "the wrong code that closes the door": {
    before: async (w) => {
      for (let i = 0; i < 4; i++) await w.twoFactor.verify(USER, wrongCode(w, i), { binding });
    },
    run: (w) => w.twoFactor.verify(USER, wrongCode(w, 9), { binding, context }),
    told: ["verification_failed", "locked!", "unknown_device_failures!"],
  },
  "a code while the door is closed": {
    before: async (w) => {
      for (let i = 0; i < 5; i++) await w.twoFactor.verify(USER, wrongCode(w, i), { binding });
    },
    run: (w) => w.twoFactor.verify(USER, w.phone.code(), { binding, context }),
    told: [],
  },
  "a spent code": {
    run: (w) => w.twoFactor.verify(USER, w.firstCode, { binding, context }),
    told: ["code_reused"],
  },
  "what is no code": { run: (w) => w.twoFactor.verify(USER, "x", { binding, context }), told: [] },
  "codes are regenerated": {
    run: (w) => w.twoFactor.backupCodes.regenerate(USER, { elevation: w.signIn.elevation, binding, context }),
    told: ["backup_codes_regenerated!"],
  },
  "regenerated codes are acknowledged": {
    options: acknowledged,
    run: async (w) => {
      const proof = { elevation: w.signIn.elevation, binding, context };
      const { batchId } = must(await w.twoFactor.backupCodes.regenerate(USER, proof));
      must(await w.twoFactor.backupCodes.acknowledge(USER, { batchId, context }));
    },
    told: ["backup_codes_regenerated!", "backup_codes_acknowledged"],
  },
  "a device is revoked": {
    run: async (w) => {
      const [device] = await w.twoFactor.devices.list(USER);
      must(await w.twoFactor.devices.revoke(USER, device?.id ?? "", { context }));
    },
    told: ["device_revoked"],
  },
  "all devices are revoked": {
    before: (w) => signIn(w),
    run: (w) => w.twoFactor.devices.revokeAll(USER, { context }),
    told: ["device_revoked", "device_revoked"],
  },
  "no device is revoked": { run: (w) => w.twoFactor.devices.revoke(USER, "x"), told: [] },
  "a known device is forgotten at twenty failures": {
    before: async (w) => {
      for (let i = 0; i < 19; i++) {
        const deviceToken = w.signIn.device?.token;
        await w.twoFactor.verify(USER, wrongCode(w, i), { binding, deviceToken });
        w.clock.advance(3_600);
      }
    },
    run: (w) =>
      w.twoFactor.verify(USER, wrongCode(w), { binding, context, deviceToken: w.signIn.device?.token }),
    told: ["verification_failed", "device_revoked"],
  },
  "the second factor is turned off": {
    before: beginReplacement,
    run: (w) => w.twoFactor.disable(USER, { elevation: w.signIn.elevation, binding, context }),
    told: ["disabled!"],
  },
  "the password changes": {
    before: beginReplacement,
    run: (w) => w.twoFactor.credentialChanged(USER, "password", { context }),
    told: ["device_revoked", "enrollment_superseded"],
  },
  "an administrator resets": { run: (w) => w.admin.reset(USER, by), told: ["reset!"] },
  "an administrator unlocks": { run: (w) => w.admin.unlock(USER, by), told: ["unlocked!"] },
  "an enrollment is imported": {
    run: (w) => w.admin.importEnrollment("bob", { ...by, secret: "JBSWY3DPEHPK3PXP" }),
    told: ["imported!"],
  },
  "an enrollment is exported": {
    run: (w) => w.admin.exportEnrollment(USER, by),
    told: ["exported!"],
    readsOnly: true,
  },
  "a user id changes": { run: (w) => w.admin.rename(USER, "bob", by), told: ["renamed", "renamed"] },
  "a row that does not open is replaced": {
    before: (w) => breakRow(w, USER),
    run: (w) => w.admin.reset(USER, { ...by, evenIfUnreadable: true }),
    told: ["record_replaced!"],
  },
  "a phone is off for the third time": {
    run: async (w) => {
      for (let i = 0; i < 4; i++) {
        w.clock.advance(60);
        const code = w.phone.code();
        w.clock.advance(30); // typed late, each time
        must(await w.twoFactor.verify(USER, code, { binding, deviceToken: w.signIn.device?.token }));
      }
    },
    told: ["verified", "verified", "verified", "clock_off", "verified"],
    fromNowhere: true,
  },
};
