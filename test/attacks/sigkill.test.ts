import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { generateKey } from "../../src/index.ts";
import { freshId } from "../../src/testing/contract/bench.ts";
import { bundle } from "../support/bundle.ts";
import { type OpenStore, openStore, type Target } from "../support/open-store.ts";
import { codeFrom } from "../support/phone.ts";
import { MYSQL_URL, POSTGRES_URL, REDIS_URL, skipUnless } from "../support/servers.ts";
import { BINDING as binding, createInstance, type Instance } from "./processes/service.ts";
import type { Errand, Form, Success } from "./processes/victim.ts";

const RUNS = process.env["CI"] ? 125 : 5; // for each of four databases
const LONGEST_LIFE = 150; // ms after the first connection
const START = 1_800_000_000_000;
const DAYS = 86_400_000;

const folder = mkdtempSync(join(tmpdir(), "twinlock-sigkill-"));
const table = "sigkill";
const TARGETS: readonly (Target & { skip: false | string })[] = [
  { kind: "SQLite", url: `file:${join(folder, "sigkill.db")}`, table, skip: false },
  { kind: "PostgreSQL", url: POSTGRES_URL, table, skip: await skipUnless(POSTGRES_URL) },
  { kind: "MariaDB", url: MYSQL_URL, table, skip: await skipUnless(MYSQL_URL) },
  { kind: "Redis", url: REDIS_URL, table, skip: await skipUnless(REDIS_URL) },
];

let script: string;
before(async () => {
  script = await bundle("attacks/processes/victim.ts");
});
after(() => rmSync(folder, { recursive: true }));

for (const { skip, ...target } of TARGETS) {
  describe(`processes killed at random points over ${target.kind}`, { skip }, () => {
    const keys = generateKey();
    let opened: OpenStore;
    let instance: Instance;
    before(async () => {
      opened = await openStore(target);
      await opened.migrate();
      instance = createInstance(opened.store, keys);
    });
    after(async () => void (await opened.close()));

    const verify = async (userId: string, code: string): Promise<boolean> =>
      (await instance.twoFactor.verify(userId, code, { binding })).ok;

    /** Enrolls with this instance, at the time that it shows. */
    async function enroll(userId: string) {
      const begun = await instance.twoFactor.enrollment.begin(userId, { accountName: "ada", binding });
      assert.ok(begun.ok);
      const { enrollmentId, keyUri } = begun;
      const code = codeFrom(keyUri, instance.clock);
      const result = await instance.twoFactor.enrollment.confirm(userId, { enrollmentId, code, binding });
      assert.ok(result.ok && result.state === "active");
      return { keyUri, backupCodes: result.backupCodes?.codes ?? [] };
    }

    /** Lets a process live for a while, and gives what it revealed before it was killed. */
    async function live(errand: Errand, life: number): Promise<Success[]> {
      const victim = fork(script, { execArgv: [] });
      const successes: Success[] = [];
      const ready = new Promise<void>((resolve) => {
        victim.on("message", (success: Success) => {
          successes.push(success);
          resolve();
        });
      });
      victim.send(errand);
      await Promise.race([ready, once(victim, "exit")]);
      setTimeout(() => victim.kill("SIGKILL"), life);
      const [, signal] = await once(victim, "exit");
      assert.equal(signal, "SIGKILL", "the process ended by itself");
      return successes;
    }

    /** Sends a form, and gives what is shown: the token of a device, or backup codes. */
    async function send(form: Form, newcomer: string): Promise<string | readonly string[]> {
      const { signIn, enrollment } = instance.twoFactor;
      if ("challenge" in form) {
        const result = await signIn.complete(form.challenge, form.code, { binding });
        assert.ok(result.ok);
        return result.device?.token ?? "";
      }
      const { enrollmentId, code } = form;
      const result = await enrollment.confirm(newcomer, { enrollmentId, code, binding });
      assert.ok(result.ok && result.state === "active");
      return result.backupCodes?.codes ?? [];
    }

    /** Sends the last form of a kind again, as people do when no answer comes: twice at once, then once more. */
    async function sendAgain(
      successes: readonly Success[],
      kind: "challenge" | "enrollmentId",
      user: string,
    ) {
      const sent = successes.findLast((success) => "sends" in success && kind in success.sends);
      if (!sent || !("sends" in sent)) return;
      const form = sent.sends;
      instance.clock.set(sent.at);
      const answers = [...(await Promise.all([send(form, user), send(form, user)])), await send(form, user)];
      const revealed = successes.find((success) => "shown" in success && isDeepStrictEqual(success.to, form));
      const shown = revealed && "shown" in revealed ? revealed.shown : answers[0];
      assert.deepEqual(answers, [shown, shown, shown], "the same for whoever sends the same");
      const made = (await instance.twoFactor.devices.list(user)).filter(
        (device) => device.createdAt === sent.at,
      );
      assert.equal(made.length, 1, "one device");
      assert.equal(await verify(user, form.code), false, "the code is spent");
    }

    test(`V20 R3 no code is accepted twice, a form may be sent again, all go on (${RUNS} runs)`, async () => {
      for (let run = 0; run < RUNS; run++) {
        const life = Math.random() * LONGEST_LIFE;
        const [userId, newcomer] = [freshId(), freshId()];
        instance.clock.set(START);
        const { keyUri, backupCodes } = await enroll(userId);
        const startAt = START + 30_000;
        const errand = {
          target,
          keys,
          userId,
          keyUri,
          backupCodes: run % 2 ? backupCodes.slice(0, 2) : [], // without them it comes to the challenges sooner
          newcomer,
          startAt,
        };
        const successes = await live(errand, life);
        const told = `run ${run}, killed after ${life.toFixed(1)} ms and ${successes.length} messages`;

        assert.equal((await instance.twoFactor.status(userId)).state, "active", told);
        await sendAgain(successes, "challenge", userId);
        await sendAgain(successes, "enrollmentId", newcomer);
        let last = START;
        for (const success of successes) {
          if (!("accepted" in success)) continue;
          last = success.at;
          instance.clock.set(last);
          assert.equal(await verify(userId, success.accepted), false, `${told}: accepted twice`);
        }
        instance.clock.set(last + 7 * DAYS); // past any wait that the refused codes have started
        assert.ok(await verify(userId, codeFrom(keyUri, instance.clock)), `${told}: the app is locked out`);
        assert.ok(await verify(userId, backupCodes[2] ?? ""), `${told}: the backup codes are locked out`);

        const shown = successes.find((success) => "sends" in success && "keyUri" in success.sends);
        if (shown && "sends" in shown && "keyUri" in shown.sends) {
          const code = codeFrom(shown.sends.keyUri, instance.clock);
          assert.ok(await verify(newcomer, code), `${told}: newcomer`);
        } else await enroll(newcomer);
      }
    });
  });
}
