/** The whole life of a second factor in a terminal, without any framework: `npx tsx examples/script/two-factor.ts` */

import { createInterface } from "node:readline/promises";
import { createTwoFactor, generateKey, messages } from "twinlock";
import { qrTerminal } from "twinlock/qr";
import { memoryStore } from "twinlock/stores/memory";

const terminal = createInterface({ input: process.stdin, output: process.stdout });
const lines = terminal[Symbol.asyncIterator]();

async function ask(question: string): Promise<string> {
  console.log(question);
  const { value, done } = await lines.next();
  return done ? "" : value;
}

const twoFactor = createTwoFactor({
  issuer: "Terminal",
  store: memoryStore(),
  keys: generateKey(),
  reauthentication: { enroll: "none" }, // there is no password here to ask for
});
const user = "ada";
const binding = null; // nor a browser session to bind to

const start = await twoFactor.enrollment.begin(user, { accountName: user, binding });
if (!start.ok) throw new Error(start.detail);
const { enrollmentId } = start;
console.log(qrTerminal(start.keyUri));
console.log(`Scan it, or type this key: ${start.manualEntryKey}\n`);

for (let on = false; !on; ) {
  const code = await ask("Which code does your authenticator app show?");
  if (code === "") process.exit(1);
  const first = await twoFactor.enrollment.confirm(user, { enrollmentId, code, binding });
  on = first.ok;
  if (!first.ok) console.log(messages[first.reason]);
  else console.log(`It is on. Your backup codes:\n  ${first.backupCodes?.codes.join("\n  ")}\n`);
}

for (;;) {
  const step = await twoFactor.signIn.begin(user, { binding }); // after your own check of the password
  if (step.step !== "code") throw new Error(step.step);
  const code = await ask("Sign in with a code, or press Enter to stop:");
  if (code === "") break;
  const result = await twoFactor.signIn.complete(step.challenge, code, { binding });
  console.log(
    result.ok
      ? `Welcome, ${result.userId}. ${result.backupCodesLeft} backup codes left.`
      : messages[result.reason],
  );
}
terminal.close();
