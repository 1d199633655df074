/** Records for tests: any that the format can carry, the largest that the rules can make, and a plain active one. */

import fc from "fast-check";
import {
  type Authenticator,
  type Batch,
  emptyRecord,
  type KnownDevice,
  MAX_ACCEPTED_STEPS,
  MAX_ANSWERS,
  MAX_AUTHENTICATORS,
  MAX_BATCH,
  MAX_CREDENTIAL_LENGTH,
  MAX_DEVICES,
  MAX_FACTORS,
  MAX_FAILING_CHALLENGES,
  MAX_FORGIVEN,
  MAX_ISSUES,
  MAX_LABEL_BYTES,
  MAX_PASSKEYS,
  MAX_REGENERATIONS,
  MAX_SECRET_LENGTH,
  MAX_SPENT_CHALLENGES,
  MAX_SPENT_ELEVATIONS,
  MAX_SUPERSEDED,
  MAX_TRANSPORTS,
  MAX_UNKNOWN_FAILURES,
  type Passkey,
  type Pending,
  type UserRecord,
} from "../../src/record.ts";
import { MAX_CREDENTIALS_LENGTH } from "../../src/rules/passkeys.ts";

/** 2030-01-01T00:00:00Z, the start of a step: what the fake clock shows at first. */
export const START = 1_893_456_000_000;

/** Any text, half surrogate pairs excepted; a character has up to two of the units that the bounds count. */
const text = (maxLength: number) => fc.string({ maxLength: Math.floor(maxLength / 2), unit: "binary" });
const instant = fc.maxSafeNat();
const orNull = <T>(inner: fc.Arbitrary<T>) => fc.option(inner, { nil: null });
const ascending = (maxLength: number, max: number) =>
  fc.array(fc.nat(max), { maxLength }).map((values) => values.sort((a, b) => a - b));

/** Plain objects, as decoding makes them. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(model, { noNullPrototype: true });

const count = fc.nat(1_000_000);
const id = text(22);
const parameters = {
  algorithm: fc.constantFrom("SHA1" as const, "SHA256" as const, "SHA512" as const),
  digits: fc.integer({ min: 6, max: 8 }),
  period: fc.integer({ min: 1, max: 120 }),
};
const row = { failures: count, lockedUntilAt: orNull(instant) };
const factorRow = record({ ...row, unknown: ascending(MAX_UNKNOWN_FAILURES, 2 ** 31 - 1) });

const authenticator: fc.Arbitrary<Authenticator> = record({
  ...parameters,
  id,
  label: orNull(text(MAX_LABEL_BYTES)),
  secret: text(MAX_SECRET_LENGTH),
  acceptedSteps: ascending(MAX_ACCEPTED_STEPS, Number.MAX_SAFE_INTEGER),
  enrolledAt: instant,
  lastUsedAt: orNull(instant),
  offRun: fc.integer({ min: -1_000, max: 1_000 }),
});

const batch: fc.Arbitrary<Batch> = record({
  id,
  alphabet: fc.constantFrom("digits" as const, "base32" as const),
  length: fc.integer({ min: 6, max: 32 }),
  salt: id,
  createdAt: instant,
  codes: fc.array(record({ digest: id, usedAt: orNull(instant) }), { maxLength: MAX_BATCH }),
});

const passkey: fc.Arbitrary<Passkey> = record({
  id: text(MAX_CREDENTIAL_LENGTH),
  publicKey: text(MAX_CREDENTIAL_LENGTH),
  counter: fc.nat(2 ** 31 - 1),
  label: orNull(text(MAX_LABEL_BYTES)),
  transports: fc.nat(MAX_TRANSPORTS),
  synced: fc.constantFrom(0 as const, 1 as const),
  backedUp: fc.constantFrom(0 as const, 1 as const),
  enrolledAt: instant,
  lastUsedAt: orNull(instant),
});

const pending: fc.Arbitrary<Pending> = record({
  ...parameters,
  id,
  secret: text(MAX_SECRET_LENGTH),
  bindingHash: orNull(text(43)),
  purpose: fc.constantFrom("enroll" as const, "replace" as const, "add" as const, "passkey" as const),
  verified: orNull(
    record({
      at: instant,
      acceptedSteps: ascending(MAX_ACCEPTED_STEPS, Number.MAX_SAFE_INTEGER),
      offset: fc.integer({ min: -2, max: 2 }),
    }),
  ),
  batch: orNull(batch),
  superseded: fc.array(id, { maxLength: MAX_SUPERSEDED }),
  expiresAt: instant,
  replaces: orNull(id),
  label: orNull(text(MAX_LABEL_BYTES)),
  passkey: orNull(passkey),
});

const device: fc.Arbitrary<KnownDevice> = record({
  ...row,
  id: text(8),
  tokenHash: text(43),
  label: orNull(text(MAX_LABEL_BYTES)),
  createdAt: instant,
  lastUsedAt: instant,
  knownUntilAt: instant,
  trustedUntilAt: orNull(instant),
  totalFailures: count,
  trustedAt: orNull(instant),
});

const forgivable = ascending(MAX_FORGIVEN, 2 ** 31 - 1);
const failingChallenge = record({
  ...{ id: text(8), expiresAt: instant, app: forgivable, backup: forgivable },
  device: fc.nat(MAX_FORGIVEN),
});

const answer = record({
  ...{
    of: id,
    at: instant,
    salt: text(43),
    fingerprint: id,
    method: fc.constantFrom("app", "backup", "passkey"),
  },
  ...{ stepOffset: fc.integer({ min: -2, max: 2 }), verifiedAt: instant, batchId: orNull(id) },
});

/** Any record that the format can carry, sensible or not. */
export const anyRecord: fc.Arbitrary<UserRecord> = record({
  reader: fc.constantFrom(1, 2),
  epoch: id,
  authenticators: fc.array(authenticator, { maxLength: MAX_AUTHENTICATORS }),
  removedAt: orNull(instant),
  pending: orNull(pending),
  backupCodes: orNull(batch),
  nextBackupCodes: orNull(batch),
  regeneratedAt: fc.array(instant, { maxLength: MAX_REGENERATIONS }),
  issuedAt: fc.array(instant, { maxLength: MAX_ISSUES }),
  devices: fc.array(device, { maxLength: MAX_DEVICES }),
  app: factorRow,
  backup: factorRow,
  password: record(row),
  enrollment: record(row),
  spentChallenges: fc.array(record({ id: text(8), expiresAt: instant }), {
    maxLength: MAX_SPENT_CHALLENGES,
  }),
  failingChallenges: fc.array(failingChallenge, { maxLength: MAX_FAILING_CHALLENGES }),
  spentElevations: fc.array(record({ id: text(8), expiresAt: instant }), {
    maxLength: MAX_SPENT_ELEVATIONS,
  }),
  answers: fc.array(answer, { maxLength: MAX_ANSWERS }),
  passkeys: fc.array(passkey, { maxLength: MAX_PASSKEYS }),
  passkey: factorRow,
  userHandle: orNull(id),
});

const filled = (length: number) => "x".repeat(length);
const times = <T>(length: number, item: T): T[] => Array<T>(length).fill(item);

/**
 * The largest record that the rules can make, with instants up to the year 2100: every list full, every lock set,
 * labels of 64 bytes in the least compact script, as many failures as the long counters hold, spread so that their
 * differences are as long as a limit of 400 days allows, and the two batches that there may be, one used up. Whoever has
 * `apps` authenticators has as many passkeys as there is room for beside them.
 */
export function largestRecord(apps = MAX_AUTHENTICATORS): UserRecord {
  const at = Date.UTC(2100, 0);
  const step = Math.floor(at / 1000 / 15);
  const acceptedSteps = Array.from({ length: MAX_ACCEPTED_STEPS }, (_, i) => step + i * 1_000_000);
  const locked = { failures: 100, lockedUntilAt: at };
  const hours = Array.from({ length: MAX_UNKNOWN_FAILURES }, (_, i) => 1_139_568 + Math.min(i * 100, 9_600));
  const codes = (usedAt: number | null): Batch => ({
    ...{ id: filled(22), alphabet: "base32", length: 32, salt: filled(22), createdAt: at },
    codes: times(MAX_BATCH, { digest: filled(22), usedAt }),
  });
  const shape = { algorithm: "SHA256", digits: 8, period: 120, id: filled(22) } as const;
  const label = `${"€".repeat(21)}x`;
  const count = Math.min(MAX_PASSKEYS, MAX_FACTORS - apps);
  const size = Math.ceil((MAX_CREDENTIALS_LENGTH / count - MAX_LABEL_BYTES) / 2);
  const passkey: Passkey = {
    ...{ id: filled(size), publicKey: filled(size), counter: 2 ** 32 - 1, label },
    ...{ transports: 127, synced: 1, backedUp: 1, enrolledAt: at, lastUsedAt: at },
  };
  return {
    reader: 2,
    epoch: filled(22),
    authenticators: times(apps, {
      ...shape,
      ...{ label, secret: filled(MAX_SECRET_LENGTH), acceptedSteps },
      ...{ enrolledAt: at, lastUsedAt: at, offRun: -1_000 },
    }),
    removedAt: at,
    pending: {
      ...shape,
      secret: filled(32),
      bindingHash: filled(43),
      purpose: "replace",
      verified: { at, acceptedSteps, offset: -2 },
      batch: codes(null),
      superseded: times(MAX_SUPERSEDED, filled(22)),
      expiresAt: at,
      ...{ replaces: filled(22), label, passkey: null },
    },
    backupCodes: codes(at),
    nextBackupCodes: null,
    regeneratedAt: times(MAX_REGENERATIONS, at),
    issuedAt: times(MAX_ISSUES, at),
    devices: times(MAX_DEVICES, {
      ...{ failures: 19, lockedUntilAt: at, totalFailures: 19, id: filled(8), tokenHash: filled(43) },
      label,
      ...{ createdAt: at, lastUsedAt: at, knownUntilAt: at, trustedUntilAt: at, trustedAt: at },
    }),
    app: { ...locked, unknown: hours },
    backup: { ...locked, unknown: hours },
    password: locked,
    enrollment: locked,
    spentChallenges: times(MAX_SPENT_CHALLENGES, { id: filled(8), expiresAt: at }),
    failingChallenges: times(MAX_FAILING_CHALLENGES, {
      ...{ id: filled(8), expiresAt: at, app: hours.slice(0, MAX_FORGIVEN), backup: [], device: 0 },
    }),
    spentElevations: times(MAX_SPENT_ELEVATIONS, { id: filled(8), expiresAt: at }),
    answers: times(MAX_ANSWERS, {
      ...{ of: filled(22), at, salt: filled(43), fingerprint: filled(22), method: "backup" as const },
      ...{ stepOffset: -2, verifiedAt: at, batchId: filled(22) },
    }),
    passkeys: times(count, passkey),
    passkey: { ...locked, unknown: [] },
    userHandle: filled(22),
  };
}

/** The secret of RFC 4226 appendix D, "12345678901234567890". */
export const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/** Somebody with an authenticator and nothing else. */
export function activeRecord(change: Partial<UserRecord> = {}): UserRecord {
  const authenticator: Authenticator = {
    ...{ algorithm: "SHA1", digits: 6, period: 30, id: "authenticator", label: null, secret: SECRET },
    ...{ acceptedSteps: [], enrolledAt: START, lastUsedAt: null, offRun: 0 },
  };
  return { ...emptyRecord(), epoch: "epoch-1", authenticators: [authenticator], ...change };
}

/** A batch of that many codes, whose digests stand for the codes "code-0", "code-1" and so on. */
export function batchOf(count: number, change: Partial<Batch> = {}): Batch {
  const codes = Array.from({ length: count }, (_, i) => ({ digest: `digest-${i}`, usedAt: null }));
  return { id: "batch", alphabet: "digits", length: 8, salt: "salt", createdAt: START, codes, ...change };
}

/** A known device that was admitted at {@link START} and is known for a year. */
export function deviceOf(name: string, change: Partial<KnownDevice> = {}): KnownDevice {
  return {
    ...{ id: name, tokenHash: `hash-${name}`, label: null, createdAt: START, lastUsedAt: START },
    ...{ knownUntilAt: START + 31_536_000_000, trustedUntilAt: null },
    ...{
      failures: 0,
      lockedUntilAt: null,
      totalFailures: 0,
      trustedAt: change.trustedUntilAt ? START : null,
    },
    ...change,
  };
}
