import { expect, test } from "@jest/globals";
import { createTwoFactor, generateKey, type TwoFactor } from "twinlock";
import { totp } from "twinlock/otp";
import { qrSvg } from "twinlock/qr";
import { memoryStore } from "twinlock/stores/memory";

test("somebody enrolls and signs in, from CommonJS through ts-jest", async () => {
  const twoFactor: TwoFactor = createTwoFactor({
    issuer: "Acme",
    store: memoryStore(),
    keys: generateKey(),
    verifyPassword: (_userId: string, password: string): boolean => password === "correct horse",
  });
  const binding = "one browser";
  const begun = await twoFactor.enrollment.begin("ada", {
    accountName: "ada@example.com",
    password: "correct horse",
    binding,
  });
  if (!begun.ok) throw new Error(begun.reason);
  expect(qrSvg(begun.keyUri)).toContain("<svg");
  const { enrollmentId } = begun;
  const code: string = totp(begun.secret, { now: Date.now() });
  const confirmed = await twoFactor.enrollment.confirm("ada", { enrollmentId, code, binding });
  if (!confirmed.ok || !confirmed.backupCodes) throw new Error("not enrolled");
  const step = await twoFactor.signIn.begin("ada", { binding });
  if (step.step !== "code") throw new Error("no code was asked for");
  const [backupCode] = confirmed.backupCodes.codes;
  const signedIn = await twoFactor.signIn.complete(step.challenge, backupCode, { binding });
  expect(signedIn.ok).toBe(true);
});
