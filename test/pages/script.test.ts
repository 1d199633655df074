import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { TOTP } from "otpauth";

const script = fileURLToPath(new URL("../../examples/script/two-factor.ts", import.meta.url));

test("the plain script draws a QR code, enrolls, signs in, and refuses what is spent", async () => {
  const child = spawn(process.execPath, ["--import", "tsx", script], { stdio: ["pipe", "pipe", "inherit"] });
  const exit = once(child, "exit");
  let printed = "";
  let wake = () => {};
  child.stdout.on("data", (chunk) => {
    printed += String(chunk);
    wake();
  });
  /** Waits for a question, answers it, and gives what was printed before it. */
  async function answer(question: string, text: string): Promise<string> {
    while (!printed.includes(question)) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    const [before = ""] = printed.split(question);
    printed = printed.slice(before.length + question.length);
    child.stdin.write(`${text}\n`);
    return before;
  }

  const question = "Which code does your authenticator app show?";
  const intro = await answer(question, "000000");
  assert.match(intro, /▀/, "a QR code of half blocks");
  const key = /type this key: ([A-Z2-7 ]+)/.exec(intro)?.[1] ?? "";
  const phone = new TOTP({ secret: key.replaceAll(" ", "") });
  const first = phone.generate();
  assert.match(await answer(question, first), /That code is not right/);
  const signIn = "Sign in with a code, or press Enter to stop:";
  const shown = await answer(signIn, first);
  const [backup = ""] = /^ {2}\d{8}$/m.exec(shown) ?? [];
  assert.match(await answer(signIn, backup), /That code has been used already/);
  assert.match(await answer(signIn, backup), /Welcome, ada\. 9 backup codes left/);
  assert.match(
    await answer(signIn, phone.generate({ timestamp: Date.now() + 30_000 })),
    /That code is not right/,
  );
  assert.match(await answer(signIn, ""), /Welcome, ada/);
  child.stdin.end();
  assert.deepEqual(await exit, [0, null]);
});
