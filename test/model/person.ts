/** A person for the model: enrolled, from a trusted device, with an operation of the host's own; and what is stored. */

import assert from "node:assert/strict";
import { encodeRecord } from "../../src/record/format.ts";
import type { UserRecord } from "../../src/record.ts";
import { createTestTwoFactor } from "../../src/testing/index.ts";
import type { TwoFactor } from "../../src/two-factor/interface.ts";
import type { TwoFactorOptions } from "../../src/two-factor/options.ts";
import {
  type Enrolled,
  enrollIn,
  recordOf,
  USER,
  type World,
  withPassword,
  world,
} from "../support/world.ts";

/** An operation of the host's own, which an elevation allows once. */
export type Own = "payout";

export type Person = World<Own> &
  Pick<Enrolled, "secret" | "codes"> & { elevation: string; deviceToken: string; code(): string };

/** An instance like the one given, over another store or with other options. */
export function instance(person: Person, change: Partial<TwoFactorOptions<Own>> = {}): TwoFactor<Own> {
  return createTestTwoFactor({ ...person.options, ...change }).twoFactor;
}

/** Somebody whom the store does not know. */
export function newcomer(options: Partial<TwoFactorOptions<Own>> = {}): Person {
  const made = world<Own>({
    ...withPassword,
    reauthentication: {
      ...{ enroll: "none", replace: "code", regenerate: "code", disable: "app" },
      payout: { level: "code", once: true },
    },
    ...options,
  });
  return { ...made, secret: "", codes: [], elevation: "", deviceToken: "", code: () => "" };
}

/** Enrolls; afterwards a step has passed, so that the next code is new. */
export async function enrolled(options: Partial<TwoFactorOptions<Own>> = {}): Promise<Person> {
  const person = await enrollIn(newcomer(options), USER, USER, { trustDevice: true });
  const { elevation, device } = person.signIn;
  assert.ok(device);
  return { ...person, elevation, deviceToken: device.token, code: () => person.phone.code() };
}

/** What the store holds, opened; null for nobody. Fails if it is not a state that the rules can lead to. */
export async function storedRecord(person: Person): Promise<UserRecord | null> {
  if (!(await person.options.store.get(USER))) return null;
  const record = await recordOf(person);
  assertLegal(record);
  return record;
}

function assertLegal(record: UserRecord): void {
  const { pending, backupCodes, nextBackupCodes, epoch } = record;
  const [authenticator] = record.authenticators;
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
