/** A process that will be killed: signs one user in again and again, enrolls another, and reports each success. */

import { totp } from "../../../src/otp/index.ts";
import { openStore, type Target } from "../../support/open-store.ts";
import { BINDING as binding, createInstance } from "./service.ts";

export interface Errand {
  target: Target;
  keys: string;
  userId: string;
  secret: string;
  backupCodes: readonly string[];
  newcomer: string;
  startAt: number;
}

/** What was revealed: a code that was accepted, or the secret that an enrollment showed. */
export type Success = { ready: true } | { accepted: string; at: number } | { secret: string };

const tell = (success: Success): unknown => process.send?.(success);

process.once("message", async (errand: Errand) => {
  const { target, keys, userId, secret, backupCodes, newcomer, startAt } = errand;
  const { store } = await openStore(target);
  const { twoFactor, setTime } = createInstance(store, keys);
  await store.get("nobody");
  tell({ ready: true });

  let at = startAt;
  setTime(at);
  const present = async (code: string): Promise<void> => {
    if ((await twoFactor.verify(userId, code, { binding })).ok) tell({ accepted: code, at });
  };
  const enroll = async (): Promise<void> => {
    const begun = await twoFactor.enrollment.begin(newcomer, { accountName: "new", binding });
    if (!begun.ok) return;
    tell({ secret: begun.secret });
    const code = totp(begun.secret, { now: at });
    await twoFactor.enrollment.confirm(newcomer, { enrollmentId: begun.enrollmentId, code, binding });
  };
  const enrolled = enroll();
  for (const backupCode of backupCodes) {
    await Promise.all([present(totp(secret, { now: at })), present(backupCode), present("000000")]);
    at += 3_600_000; // past any wait
    setTime(at);
  }
  await enrolled;
  while (true) {
    at += 3_600_000;
    setTime(at);
    await present(totp(secret, { now: at }));
  }
});
