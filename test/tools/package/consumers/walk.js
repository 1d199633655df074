// What every consumer does with the package: one enrollment and one sign-in, with the service's own times and costs.
import { createTwoFactor, generateKey } from "twinlock";
import { totp } from "twinlock/otp";
import { qrSvg } from "twinlock/qr";
import { memoryStore } from "twinlock/stores/memory";

export async function walk(store = memoryStore()) {
  const twoFactor = createTwoFactor({
    issuer: "Acme",
    store,
    keys: generateKey(),
    verifyPassword: (_userId, password) => password === "correct horse",
  });
  const binding = "one browser";

  const begun = await twoFactor.enrollment.begin("ada", {
    accountName: "ada@example.com",
    password: "correct horse",
    binding,
  });
  if (!begun.ok || !qrSvg(begun.keyUri).startsWith("<svg")) throw new Error("no QR code to scan");
  const confirmed = await twoFactor.enrollment.confirm("ada", {
    enrollmentId: begun.enrollmentId,
    code: totp(begun.secret, { now: Date.now() }),
    binding,
  });
  if (!confirmed.ok || !confirmed.backupCodes) throw new Error("not enrolled");

  const step = await twoFactor.signIn.begin("ada", { binding });
  if (step.step !== "code") throw new Error("no code was asked for");
  const [code] = confirmed.backupCodes.codes; // the app's code of this moment is spent
  const signedIn = await twoFactor.signIn.complete(step.challenge, code, { binding });
  if (!signedIn.ok) throw new Error("not signed in");
  return `${signedIn.userId} enrolled and signed in`;
}
