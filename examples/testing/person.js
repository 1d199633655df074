// Somebody who has turned the second factor on, in front of the host's sign-in: the start of most tests.

import { createTestTwoFactor } from "twinlock/testing";
import { createSignIn } from "./sign-in.js";

export const PASSWORD = "correct horse";

/** Ada, with a phone and backup codes; half a minute has passed, so the phone shows a fresh code. */
export async function ada(options) {
  const { twoFactor, clock, events, enroll } = createTestTwoFactor(options);
  const { phone, backupCodes } = await enroll("ada");
  const signIn = createSignIn(twoFactor, (_userId, password) => password === PASSWORD);
  return { signIn, clock, events, phone, backupCodes };
}
