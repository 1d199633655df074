/** A person with a phone, a password and a browser, and a second factor in front of them: where every attack starts. */

import assert from "node:assert/strict";
import { generateBackupCodes } from "../../src/backup-codes.ts";
import type { Failure } from "../../src/errors.ts";
import { randomBytes } from "../../src/internal/hmac.ts";
import { createKeyring } from "../../src/keyring.ts";
import { formatKeyUri, generateSecret } from "../../src/otp/index.ts";
import { decodeRecord } from "../../src/record/format.ts";
import type { UserRecord } from "../../src/record.ts";
import type { StoredRecord, UserStore } from "../../src/store.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import {
  createTestTwoFactor,
  type TestTwoFactor,
  type VirtualAuthenticator,
  virtualAuthenticator,
} from "../../src/testing/index.ts";
import type { TwoFactorOptions } from "../../src/two-factor/options.ts";
import type { CodeOptions, Context, SignedIn, SignInOptions } from "../../src/two-factor/types.ts";
import { codeFrom } from "./phone.ts";

export const USER = "ada";
export const BINDING = "the random value of this session";
export const PASSWORD = "correct horse battery staple";
export const binding = BINDING;

/** The options of a host that can check a password. */
export const withPassword = {
  verifyPassword: (_userId: string, password: string) => password === PASSWORD,
} satisfies Partial<TwoFactorOptions>;

export interface World<HostOperation extends string = never> extends TestTwoFactor<HostOperation> {
  phone: VirtualAuthenticator;
}

export interface Enrolled extends World {
  secret: string;
  keyUri: string;
  enrollmentId: string;
  /** The code that confirmed the enrollment. */
  firstCode: string;
  /** The backup codes, or none where enrollment issues none. */
  codes: readonly string[];
  signIn: SignedIn;
}

type Options = Partial<TwoFactorOptions>;

export function world<HostOperation extends string = never>(
  options: Partial<TwoFactorOptions<HostOperation>> = {},
): World<HostOperation> {
  const made = createTestTwoFactor<HostOperation>(options);
  return { ...made, phone: virtualAuthenticator({ clock: made.clock }) };
}

/** Enrolls a user, half a minute ago: the phone shows an unspent code. */
export async function enrolled(options: Options = {}, user: string = USER): Promise<Enrolled> {
  return process.env["TWINLOCK_USERS"] === "legacy"
    ? delivered(options, user)
    : enrollIn(world(options), user);
}

/**
 * The same person, whom an old system delivers with what enrolling stores: a secret, plain backup codes, and the step
 * before the first code that they type. `TWINLOCK_USERS=legacy` runs the tests with such people.
 */
async function delivered(options: Options, user: string): Promise<Enrolled> {
  const { count = 10, length = 8, alphabet = "digits", atEnrollment = true } = options.backupCodes || {};
  const hasCodes = options.backupCodes !== false && atEnrollment;
  const codes = hasCodes ? generateBackupCodes({ count, alphabet, length }, randomBytes) : [];
  const { period = 30, digits = 6 } = options.totp ?? {};
  const secret = generateSecret();
  const at = world(options).clock;
  const lastStep = Math.floor(at.now() / 1_000 / period) - 1;
  const enrollment = () => ({ secret, digits, period, lastStep, backupCodes: codes });
  const w = world({ ...options, legacy: { enrollment: (id) => (id === user ? enrollment() : null) } });
  const keyUri = formatKeyUri({ secret, digits, period, issuer: "Test", accountName: user });
  w.phone.scan(keyUri);
  const firstCode = w.phone.code(user);
  const signIn = must(await w.twoFactor.verify(user, firstCode, { binding }));
  w.clock.advance(30);
  return { ...w, secret, keyUri, enrollmentId: "none", firstCode, codes, signIn };
}

export async function enrollIn<W extends World>(
  w: W,
  user: string = USER,
  accountName = user,
  seen: Partial<CodeOptions> = {},
): Promise<W & Enrolled> {
  const begun = must(await w.twoFactor.enrollment.begin(user, { accountName, binding, password: PASSWORD }));
  const { enrollmentId, secret, keyUri } = begun;
  w.phone.scan(keyUri);
  const firstCode = w.phone.code(accountName);
  const confirmed = must(
    await w.twoFactor.enrollment.confirm(user, { enrollmentId, code: firstCode, binding, ...seen }),
  );
  const { signIn } =
    confirmed.state === "active"
      ? confirmed
      : must(
          await w.twoFactor.enrollment.acknowledge(user, {
            batchId: confirmed.backupCodes.batchId,
            binding,
            ...seen,
          }),
        );
  w.clock.advance(30);
  return { ...w, secret, keyUri, enrollmentId, firstCode, codes: confirmed.backupCodes?.codes ?? [], signIn };
}

/** No two codes near each other are equal under this secret, so that tests of many codes say the same every time. */
export const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/** Somebody with that secret, no backup codes, and no code spent. */
export async function withSecret(options: Options = {}): Promise<World> {
  const w = world(options);
  const by = { actor: "migration", reason: "moved" };
  must(await w.admin.importEnrollment(USER, { ...by, secret: SECRET }));
  return w;
}

/** The success that a result must be. */
export function must<T extends { ok: true }>(result: T | Failure): T {
  assert.ok(result.ok, result.ok ? "" : `unexpected ${result.detail}`);
  return result as T;
}

/** What became of a call, for comparing: "ok" or the detail. */
export function outcome(result: { ok: true } | Failure): string {
  return result.ok ? "ok" : result.detail;
}

/** Waits for the next step and reads the phone. */
export function nextCode(w: World): string {
  w.clock.advance(30);
  return w.phone.code();
}

/** A code that no step near now has; another `salt` gives another one. */
export function wrongCode(w: Pick<Enrolled, "clock" | "keyUri">, salt = 0): string {
  const near = new Set<string>();
  for (let step = -5; step <= 5; step++) near.add(codeFrom(w.keyUri, w.clock, step));
  let value = 100_000 + salt;
  while (near.has(String(value))) value += 7_919;
  return String(value);
}

/** A code of the shape of this person's backup codes that is none of them. */
export function wrongBackupCode(w: Enrolled, salt = 0): string {
  let value = 10_000_000 + salt;
  while (w.codes.includes(String(value))) value += 7_919;
  return String(value);
}

/** The challenge of a sign-in that has passed the first factor. */
export async function challengeOf(
  w: Pick<World, "twoFactor">,
  options: Partial<SignInOptions> = {},
  user: string = USER,
): Promise<string> {
  const step = await w.twoFactor.signIn.begin(user, { binding, ...options });
  assert.ok(step.step === "code" || step.step === "enroll", `unexpected step ${step.step}`);
  return step.challenge;
}

/** Signs in with a code, the next of the phone unless another is given. */
export async function signIn(
  w: World,
  options: Partial<SignInOptions> & { code?: string; trustDevice?: boolean } = {},
): Promise<SignedIn> {
  const { code = nextCode(w), trustDevice, ...begin } = options;
  const challenge = await challengeOf(w, begin);
  const { context } = begin;
  return must(await w.twoFactor.signIn.complete(challenge, code, { binding, trustDevice, context }));
}

/** Signs in from a browser that is trusted from then on; gives its token. */
export async function trusted(w: World, context?: Context): Promise<string> {
  const { device } = await signIn(w, { trustDevice: true, context });
  assert.ok(device);
  return device.token;
}

/** What the sign-in asks of a browser that shows this token, whatever it is. */
export async function stepWith(w: World, deviceToken: unknown, user: string = USER) {
  return w.twoFactor.signIn.begin(user, { binding, deviceToken: deviceToken as string });
}

/** What the store holds for a user, opened. */
export async function recordOf(w: TestTwoFactor, user: string = USER): Promise<UserRecord> {
  const row = await w.store.get(user);
  assert.ok(row, "there is no row");
  return decodeRecord(await createKeyring(w.options.keys).forUser(user).open(row.version, row.data));
}

/** Changes a row from outside, so that it does not open. */
export async function breakRow(w: TestTwoFactor, user: string): Promise<void> {
  const row = await w.store.get(user);
  assert.ok(row);
  const summary = { state: "active", enrolledAt: 0, backupCodesActive: 0, keyId: "" } as const;
  const broken = { version: "a-version-of-somebody", data: row.data, summary };
  assert.ok(await w.store.compareAndSet(user, row.version, broken));
}

/** A memory store that counts what it is asked. */
export function countingStore(): { store: UserStore; reads: number; writes: number } {
  const inner = memoryStore();
  const counted = {
    reads: 0,
    writes: 0,
    store: {
      get: (userId: string) => {
        counted.reads++;
        return inner.get(userId);
      },
      compareAndSet: (userId: string, expected: string | null, next: StoredRecord) => {
        counted.writes++;
        return inner.compareAndSet(userId, expected, next);
      },
    },
  };
  return counted;
}

/** How often each value occurs. */
export function tally(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
