/** A server of the new service, beside another one: types codes of people whom an old system delivers. */

import { type FakeClock, fakeClock } from "../../../src/testing/index.ts";
import { createTwoFactorWith } from "../../../src/two-factor/create.ts";
import type { TwoFactor } from "../../../src/two-factor/interface.ts";
import { fixtureOf, READINGS, readersOf, removeReaders } from "../../support/old-systems.ts";
import { type OpenStore, openStore, type Target } from "../../support/open-store.ts";

/** A user's id is the name of the system that the user comes from. */
export type Message =
  | { open: Target; keys: string }
  | { userId: string; code: string; at: number; startAt: number }
  | { close: true };

const clock: FakeClock = fakeClock();
let opened: OpenStore;
let twoFactor: TwoFactor;

function reading(userId: string) {
  const found = READINGS[userId];
  if (!found) throw new Error(`there is no system ${userId}`);
  return found;
}

async function open({ open, keys }: { open: Target; keys: string }): Promise<string> {
  opened = await openStore(open);
  const options = {
    ...{ issuer: "Moved", store: opened.store, keys, clock, backupCodes: { length: 10 } },
    reauthentication: { enroll: "none" } as const,
    storeTimeout: 60, // bcrypt in JavaScript compares one code with each of ten digests
    legacy: {
      enrollment: async (userId: string) => {
        const { page, read } = reading(userId);
        return read(fixtureOf(userId), await readersOf(page));
      },
      backupCode: async (userId: string, code: string) => {
        const { page, which } = reading(userId);
        return (await which?.(fixtureOf(userId), code, await readersOf(page))) ?? null;
      },
    },
  };
  twoFactor = createTwoFactorWith(options, {});
  await opened.store.get("nobody"); // connected before the race
  return "open";
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
  const result = await twoFactor
    .verify(message.userId, message.code, { binding: "session" })
    .catch((error) => ({
      ok: false as const,
      detail: String(error.code ?? error),
    }));
  return process.send?.(result.ok ? "ok" : result.detail);
});
process.send?.("started");
