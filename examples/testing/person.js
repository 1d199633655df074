// Somebody who has turned the second factor on: the start of most tests.

import { createTestTwoFactor, virtualAuthenticator } from "twinlock/testing";
import { createSignIn } from "./sign-in.js";

export const PASSWORD = "correct horse";

/** Ada, with a phone and backup codes; half a minute has passed, so the phone shows a fresh code. */
export async function ada(options) {
  const { twoFactor, clock, events } = createTestTwoFactor(options);
  const phone = virtualAuthenticator({ clock });
  const begun = await twoFactor.enrollment.begin("ada", { accountName: "ada", binding: null });
  phone.scan(begun.keyUri);
  const { enrollmentId } = begun;
  const code = phone.code();
  const confirmed = await twoFactor.enrollment.confirm("ada", { enrollmentId, code, binding: null });
  clock.advance(30);
  const signIn = createSignIn(twoFactor, (_userId, password) => password === PASSWORD);
  return { signIn, clock, events, phone, backupCodes: confirmed.backupCodes.codes };
}
