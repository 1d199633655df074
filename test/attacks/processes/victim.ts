/** A process that will be killed: signs one user in again and again, enrolls another, and reports what it sends and gets. */

import { virtualAuthenticator } from "../../../src/testing/index.ts";
import { openStore, type Target } from "../../support/open-store.ts";
import { codeFrom } from "../../support/phone.ts";
import { BINDING as binding, createInstance } from "./service.ts";

export interface Errand {
  target: Target;
  keys: string;
  userId: string;
  keyUri: string;
  backupCodes: readonly string[];
  newcomer: string;
  startAt: number;
}

/** A form as it is about to be sent: of a code at the sign-in, or of the first code of the newcomer. */
export type Form =
  | { challenge: string; code: string }
  | { enrollmentId: string; keyUri: string; code: string };

/** What was sent, and what was revealed: a code that was accepted, the token of a device or the backup codes. */
export type Success =
  | { ready: true }
  | { accepted: string; at: number }
  | { sends: Form; at: number }
  | { shown: string | readonly string[]; to: Form };

const tell = (success: Success): unknown => process.send?.(success);

process.once("message", async (errand: Errand) => {
  const { target, keys, userId, keyUri, backupCodes, newcomer, startAt } = errand;
  const { store } = await openStore(target);
  const { twoFactor, clock } = createInstance(store, keys);
  const phone = virtualAuthenticator({ clock });
  phone.scan(keyUri);
  await store.get("nobody");
  tell({ ready: true });

  clock.set(startAt);
  const present = async (code: string): Promise<void> => {
    if ((await twoFactor.verify(userId, code, { binding })).ok) tell({ accepted: code, at: clock() });
  };
  const enroll = async (): Promise<void> => {
    const begun = await twoFactor.enrollment.begin(newcomer, { accountName: "new", binding });
    if (!begun.ok) return;
    const { enrollmentId, keyUri } = begun;
    const form = { enrollmentId, keyUri, code: codeFrom(keyUri, clock) };
    tell({ sends: form, at: clock() });
    const result = await twoFactor.enrollment.confirm(newcomer, { enrollmentId, code: form.code, binding });
    if (result.ok) tell({ shown: result.backupCodes?.codes ?? [], to: form });
  };
  const signIn = async (): Promise<void> => {
    const step = await twoFactor.signIn.begin(userId, { binding });
    if (step.step !== "code") return;
    const form = { challenge: step.challenge, code: phone.code() };
    tell({ sends: form, at: clock() });
    const result = await twoFactor.signIn.complete(form.challenge, form.code, { binding });
    if (!result.ok) return;
    tell({ accepted: form.code, at: clock() });
    tell({ shown: result.device?.token ?? "", to: form });
  };
  const enrolled = enroll();
  for (const backupCode of backupCodes) {
    await Promise.all([present(phone.code()), present(backupCode), present("000000")]);
    clock.advance(3_600); // past any wait
  }
  await enrolled;
  while (true) {
    clock.advance(3_600);
    await signIn();
  }
});
