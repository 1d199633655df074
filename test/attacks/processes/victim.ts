/** A process that will be killed: signs one user in again and again, enrolls another, and reports each success. */

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

/** What was revealed: a code that was accepted, or the key URI that an enrollment showed. */
export type Success = { ready: true } | { accepted: string; at: number } | { keyUri: string };

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
    tell({ keyUri: begun.keyUri });
    const code = codeFrom(begun.keyUri, clock);
    await twoFactor.enrollment.confirm(newcomer, { enrollmentId: begun.enrollmentId, code, binding });
  };
  const enrolled = enroll();
  for (const backupCode of backupCodes) {
    await Promise.all([present(phone.code()), present(backupCode), present("000000")]);
    clock.advance(3_600); // past any wait
  }
  await enrolled;
  while (true) {
    clock.advance(3_600);
    await present(phone.code());
  }
});
