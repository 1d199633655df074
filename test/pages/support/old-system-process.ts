/** A server of the new service, beside another one: types codes of people whom an old system delivers. */

import type { Failure } from "../../../src/errors.ts";
import { lengthPrefixed } from "../../../src/internal/bytes.ts";
import { sha256 } from "../../../src/internal/hmac.ts";
import { type FakeClock, fakeClock } from "../../../src/testing/index.ts";
import { type Admin, createAdminWith } from "../../../src/two-factor/administration.ts";
import { createTwoFactorWith } from "../../../src/two-factor/create.ts";
import type { TwoFactor } from "../../../src/two-factor/interface.ts";
import {
  fixtureOf,
  READINGS,
  type Reading,
  readersOf,
  removeReaders,
  type Said,
} from "../../support/old-systems.ts";
import { type OpenStore, openStore, type Target } from "../../support/open-store.ts";
import { binding, outcome } from "../../support/world.ts";

/** The end of a user's id is the name of the system that the user comes from, and `name` what that system calls the code. */
export type Message =
  | { open: Target; keys: string }
  | { importing: string; at: number; startAt: number }
  | { userId: string; code: string; name: string | null; at: number; startAt: number }
  | { close: true };

const clock: FakeClock = fakeClock();
let opened: OpenStore;
let twoFactor: TwoFactor;
let admin: Admin;
let named: string | null = null;

/** What the old system says of somebody whom a job does not bring along. */
async function enrollment(userId: string): Promise<Said> {
  const { page, read } = READINGS[userId] as Reading;
  return read(fixtureOf(userId), await readersOf(page));
}

async function open({ open, keys }: { open: Target; keys: string }): Promise<string> {
  opened = await openStore(open);
  const options = {
    ...{ issuer: "Moved", store: opened.store, keys, clock, backupCodes: { length: 10 } },
    reauthentication: { enroll: "none" } as const,
    legacy: {
      enrollment: (userId: string) => (userId.startsWith("job:") ? null : enrollment(userId)),
      backupCode: () => named,
    },
  };
  const derive = async (code: Uint8Array, salt: Uint8Array) =>
    sha256(lengthPrefixed("test", salt, code)).subarray(0, 16); // scrypt is not at issue
  twoFactor = createTwoFactorWith(options, { derive });
  admin = createAdminWith(options, { derive });
  await opened.store.get("nobody"); // connected before the race
  return "open";
}

async function bringAlong(userId: string): Promise<{ ok: true } | Failure> {
  const said = await enrollment(userId.replace("job:", ""));
  const enrollments = "secret" in said ? [said] : said;
  return admin.importEnrollment(userId, { actor: "a job", reason: "moved", enrollments });
}

process.on("message", async (message: Message) => {
  if ("open" in message) return process.send?.(await open(message));
  if ("close" in message) {
    await opened.close();
    removeReaders();
    return process.send?.("closed");
  }
  clock.set(message.at);
  await new Promise((resolve) => setTimeout(resolve, message.startAt - Date.now()));
  if ("importing" in message)
    return process.send?.(await bringAlong(message.importing).then(outcome, String));
  named = message.name;
  const verified = twoFactor.verify(message.userId, message.code, { binding });
  return process.send?.(await verified.then(outcome, String));
});
process.send?.("started");
