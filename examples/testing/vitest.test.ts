// vitest

import { virtualAuthenticator } from "twinlock/testing";
import { expect, test } from "vitest";
import { ada, PASSWORD } from "./person.js";

test("a trusted device skips the code for thirty days, and then is asked again", async () => {
  const { signIn, clock, phone } = await ada();
  const session: { deviceCookie?: string; userId?: string } = {};
  await signIn.password(session, "ada", PASSWORD);
  expect(await signIn.code(session, phone.code(), { trustDevice: true })).toBe("signed in");
  const { deviceCookie } = session;

  clock.advance(29 * 86_400);
  expect(await signIn.password({}, "ada", PASSWORD, deviceCookie)).toBe("signed in");
  clock.advance(86_400);
  expect(await signIn.password({}, "ada", PASSWORD, deviceCookie)).toBe("enter a code");
});

test("a phone whose clock is ten minutes off shows codes that are wrong, and says so in time", async () => {
  const { signIn, clock, phone } = await ada();
  const [late, slightlyLate] = [-600, -30].map((skew) => virtualAuthenticator({ clock, skew }));
  for (const copy of [late, slightlyLate]) copy.restore(phone.backUp());
  clock.advance(30);
  const session: { stepOffset?: number } = {};
  await signIn.password(session, "ada", PASSWORD);
  expect(await signIn.code(session, late.code())).toBe("invalid_code");
  expect(await signIn.code(session, slightlyLate.code())).toBe("signed in");
  expect(session.stepOffset).toBe(-1);
});
