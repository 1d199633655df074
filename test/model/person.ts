/** A person with an enrolled authenticator, and the record of it opened with the test's own keys. */

import assert from "node:assert/strict";
import type { TwoFactorEvent } from "../../src/index.ts";
import { createKeyring } from "../../src/keyring.ts";
import { decodeRecord, encodeRecord } from "../../src/record/format.ts";
import { activeAuthenticator, type UserRecord } from "../../src/record.ts";
import { createTestTwoFactor, type FakeClock } from "../../src/testing/index.ts";
import type { TwoFactor } from "../../src/two-factor/interface.ts";
import type { TwoFactorOptions } from "../../src/two-factor/options.ts";
import { codeFrom } from "../support/phone.ts";

export const USER = "ada";
export const BINDING = "session";
export const PASSWORD = "correct horse";

/** An operation of the host's own, which an elevation allows once. */
export type Own = "payout";

export interface Person {
  twoFactor: TwoFactor<Own>;
  clock: FakeClock;
  options: TwoFactorOptions<Own>;
  secret: string;
  backupCodes: readonly string[];
  elevation: string;
  deviceToken: string;
  events: readonly TwoFactorEvent[];
  code(): string;
}

/** An instance like the one given, over another store or with other options. */
export function instance(person: Person, change: Partial<TwoFactorOptions<Own>> = {}): TwoFactor<Own> {
  return createTestTwoFactor({ ...person.options, ...change }).twoFactor;
}

/** Somebody whom the store does not know. */
export function newcomer(options: Partial<TwoFactorOptions<Own>> = {}): Person {
  const made = createTestTwoFactor<Own>({
    verifyPassword: (_user, password) => password === PASSWORD,
    reauthentication: {
      ...{ enroll: "none", replace: "code", regenerate: "code", disable: "app" },
      payout: { level: "code", once: true },
    },
    ...options,
  });
  return { ...made, secret: "", backupCodes: [], elevation: "", deviceToken: "", code: () => "" };
}

/** Enrolls; afterwards a step has passed, so that the next code is new. */
export async function enrolled(options: Partial<TwoFactorOptions<Own>> = {}): Promise<Person> {
  const made = newcomer(options);
  const { twoFactor, clock } = made;
  const begun = await twoFactor.enrollment.begin(USER, { accountName: USER, binding: BINDING });
  assert.ok(begun.ok);
  const { enrollmentId, secret, keyUri } = begun;
  const code = () => codeFrom(keyUri, clock);
  const seen = { binding: BINDING, trustDevice: true };
  const confirmed = await twoFactor.enrollment.confirm(USER, { enrollmentId, code: code(), ...seen });
  assert.ok(confirmed.ok);
  const backupCodes = confirmed.backupCodes?.codes ?? [];
  let signIn = confirmed.state === "active" ? confirmed.signIn : null;
  if (confirmed.state !== "active") {
    const { batchId } = confirmed.backupCodes;
    const saved = await twoFactor.enrollment.acknowledge(USER, { batchId, ...seen });
    signIn = saved.ok ? saved.signIn : null;
  }
  assert.ok(signIn?.device);
  clock.advance(30);
  const { elevation, device } = signIn;
  return { ...made, secret, backupCodes, elevation, deviceToken: device.token, code };
}

/** The challenge of a sign-in that has just begun. */
export async function challengeOf({ twoFactor }: Pick<Person, "twoFactor">): Promise<string> {
  const step = await twoFactor.signIn.begin(USER, { binding: BINDING });
  assert.ok(step.step === "code");
  return step.challenge;
}

/** What the store holds, opened; null for nobody. Fails if it is not a state that the rules can lead to. */
export async function storedRecord({ options }: Pick<Person, "options">): Promise<UserRecord | null> {
  const row = await options.store.get(USER);
  if (!row) return null;
  const record = decodeRecord(await createKeyring(options.keys).forUser(USER).open(row.version, row.data));
  assertLegal(record);
  return record;
}

function assertLegal(record: UserRecord): void {
  const { pending, backupCodes, nextBackupCodes, epoch } = record;
  const authenticator = activeAuthenticator(record);
  if (authenticator) {
    assert.notEqual(epoch, "", "active under an epoch");
    assert.ok(authenticator.acceptedSteps.length > 0, "active by a code, which is spent");
  } else assert.deepEqual([backupCodes, nextBackupCodes], [null, null], "no codes without a factor");
  assert.ok(
    pending?.batch === undefined || pending.batch === null || pending.verified,
    "codes only for the verified",
  );
  assert.doesNotThrow(() => encodeRecord(record));
}

/** What matters of a record: everything but what is random. */
export function gist(record: UserRecord | null): unknown {
  if (!record) return null;
  const { pending, backupCodes, nextBackupCodes, devices, epoch, ...others } = record;
  const { spentChallenges, spentElevations, ...rest } = others;
  const used = (batch: typeof backupCodes) =>
    batch && [batch.createdAt, batch.codes.map((code) => code.usedAt)];
  return {
    ...rest,
    authenticators: record.authenticators.map(({ id, secret, ...authenticator }) => authenticator),
    pending: pending && { purpose: pending.purpose, verified: pending.verified, codes: used(pending.batch) },
    batches: [used(backupCodes), used(nextBackupCodes)],
    devices: devices.map(({ id, tokenHash, ...device }) => device),
    spent: [spentChallenges.length, spentElevations.length],
    answers: record.answers.map(({ of, salt, fingerprint, batchId, ...answer }) => answer),
  };
}
