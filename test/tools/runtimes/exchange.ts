/** A program for every runtime: writes a record of its own, and uses those that the others wrote. */

import assert from "node:assert/strict";
import type { StoredRecord } from "../../../src/store.ts";
import { memoryStore } from "../../../src/stores/memory.ts";
import { virtualAuthenticator } from "../../../src/testing/authenticator.ts";
import { fakeClock } from "../../../src/testing/clock.ts";
import { createTwoFactor } from "../../../src/two-factor/create.ts";
import type { TwoFactor } from "../../../src/two-factor/interface.ts";

const KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"; // of these records, and of no others
const USER = "ada \u{1f511}";
const BINDING = "the same browser";
const ENROLLED_AT = 1_900_000_000_000;

/** A record, a challenge that waits for its code, and what the person holds. */
interface Written {
  record: StoredRecord;
  challenge: string;
  keyUri: string;
  backupCode: string;
  deviceToken: string;
}

export default async function exchange(written: Record<string, Written>): Promise<object> {
  const read: Record<string, string> = {};
  for (const [runtime, its] of Object.entries(written)) {
    read[runtime] = await use(its).catch((error) => String(error));
  }
  return { written: await write(), read };
}

function service(at: number) {
  const clock = fakeClock(at);
  const phone = virtualAuthenticator({ clock });
  const store = memoryStore();
  let last: StoredRecord | undefined;
  const twoFactor: TwoFactor = createTwoFactor({
    issuer: "Acme",
    keys: KEY,
    clock,
    reauthentication: { enroll: "none" },
    store: {
      get: store.get,
      compareAndSet(userId, expected, next) {
        last = next;
        return store.compareAndSet(userId, expected, next);
      },
    },
  });
  return { twoFactor, store, clock, phone, lastRecord: () => last };
}

async function write(): Promise<Written> {
  const { twoFactor, clock, phone, lastRecord } = service(ENROLLED_AT);
  const begun = await twoFactor.enrollment.begin(USER, { accountName: "ada@example.com", binding: BINDING });
  assert.ok(begun.ok);
  const { enrollmentId, keyUri } = begun;
  phone.scan(keyUri);
  const seen = { binding: BINDING, trustDevice: true };
  const confirmed = await twoFactor.enrollment.confirm(USER, { enrollmentId, code: phone.code(), ...seen });
  assert.ok(confirmed.ok && confirmed.state === "active");
  clock.advance(30);
  const step = await twoFactor.signIn.begin(USER, { binding: BINDING });
  assert.ok(step.step === "code");
  const [record, backupCode, deviceToken] = [
    lastRecord(),
    confirmed.backupCodes?.codes[0],
    confirmed.signIn.device?.token,
  ];
  assert.ok(record && backupCode && deviceToken);
  return { record, challenge: step.challenge, keyUri, backupCode, deviceToken };
}

async function use({ record, challenge, keyUri, backupCode, deviceToken }: Written): Promise<string> {
  const { twoFactor, store, clock, phone } = service(ENROLLED_AT);
  clock.advance(30);
  phone.scan(keyUri);
  await store.compareAndSet(USER, null, record);
  const trusted = await twoFactor.signIn.begin(USER, { binding: BINDING, deviceToken });
  assert.equal(trusted.step, "done", "the browser is trusted");
  const byApp = await twoFactor.signIn.complete(challenge, phone.code(), { binding: BINDING });
  assert.ok(byApp.ok, "the challenge takes the app's code");
  const step = await twoFactor.signIn.begin(USER, { binding: BINDING });
  assert.ok(step.step === "code", "a code is asked for");
  const byPaper = await twoFactor.signIn.complete(step.challenge, backupCode, { binding: BINDING });
  assert.ok(byPaper.ok && byPaper.method === "backup", "the next challenge takes the backup code");
  return "ok";
}
