/** The real service for tests: with a memory store, a fake clock and cheap digests. */

import { lengthPrefixed } from "../internal/bytes.ts";
import { sha256 } from "../internal/hmac.ts";
import { generateKey } from "../keyring.ts";
import type { UserStore } from "../store.ts";
import { memoryStore } from "../stores/memory.ts";
import { type Admin, createAdminWith } from "../two-factor/administration.ts";
import { createTwoFactorWith } from "../two-factor/create.ts";
import type { TwoFactorEvent } from "../two-factor/event.ts";
import type { TwoFactor } from "../two-factor/interface.ts";
import type { TwoFactorOptions } from "../two-factor/options.ts";
import type { Proof, SignedIn } from "../two-factor/types.ts";
import type { VirtualAuthenticator } from "./authenticator.ts";
import { afterOn, type FakeClock, fakeClock } from "./clock.ts";
import { enrollPerson } from "./person.ts";

/** A second factor for tests, with everything that tests look at. */
export interface TestTwoFactor<HostOperation extends string = never> {
  twoFactor: TwoFactor<HostOperation>;
  clock: FakeClock;
  /** The events so far, oldest first. */
  events: readonly TwoFactorEvent[];
  store: UserStore;
  /** The administrator's calls for the same users. */
  admin: Admin;
  /** The complete options, for another instance over the same store. */
  options: TwoFactorOptions<HostOperation>;
  /**
   * Enrolls a user with a phone of their own, and moves the clock on by one step, so that the phone shows a fresh code.
   * `proof` is what enrolling asks for, such as the password; its `binding` is null by default. Rejects with an Error
   * that names the detail if enrolling fails.
   */
  enroll(
    userId: string,
    proof?: Partial<Proof>,
  ): Promise<{
    /** The phone, which shows a fresh code: the code that confirmed is of the previous step. */
    phone: VirtualAuthenticator;
    /** The backup codes, if enrolling issues any. */
    backupCodes: readonly string[];
    /** The success that enrolling ended with: an elevation, and the token of this device. */
    signIn: SignedIn;
  }>;
}

const DIGEST_BYTES = 16; // as long as a real digest

/**
 * Creates a second factor for tests: with the real rules and sealing, but nothing slow and no real waiting.
 *
 * Without options: a memory store, a new key, a {@link fakeClock}, the issuer "Test", enrollment without proof, and
 * every default of `createTwoFactor`. Any option may be given; with `verifyPassword` the proofs are those of
 * `createTwoFactor` too. A `clock` must be a {@link fakeClock}. Backup codes are hashed cheaply, so its records belong
 * to tests and nowhere else. Pauses between retries pass at once; a timeout passes when the clock is advanced.
 *
 * @throws TypeError or RangeError as `createTwoFactor` does, and if `clock` is not a fake one.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createTestTwoFactor } from "twinlock/testing";
 *
 * const { twoFactor, events, enroll } = createTestTwoFactor();
 * const { phone, backupCodes } = await enroll("ada");
 *
 * const step = await twoFactor.signIn.begin("ada", { binding: null });
 * assert.ok(step.step === "code");
 * assert.ok((await twoFactor.signIn.complete(step.challenge, phone.code(), { binding: null })).ok);
 * assert.equal(backupCodes.length, 10);
 * assert.ok(events.some((event) => event.type === "enrolled"));
 * ```
 */
export function createTestTwoFactor<HostOperation extends string = never>(
  options: Partial<TwoFactorOptions<HostOperation>> = {},
): TestTwoFactor<HostOperation> {
  const clock = (options.clock as FakeClock | undefined) ?? fakeClock();
  const events: TwoFactorEvent[] = [];
  const complete: TwoFactorOptions<HostOperation> = {
    issuer: "Test",
    store: memoryStore(),
    keys: generateKey(),
    ...options,
    reauthentication: { ...(options.verifyPassword ? {} : { enroll: "none" }), ...options.reauthentication },
    clock,
    onEvent: (event) => {
      events.push(event);
      return options.onEvent?.(event);
    },
  };
  const seams = {
    derive: async (code: Uint8Array, salt: Uint8Array) =>
      sha256(lengthPrefixed("test", salt, code)).subarray(0, DIGEST_BYTES),
    after: afterOn(clock),
  };
  const twoFactor = createTwoFactorWith(complete, seams);
  const admin = createAdminWith(complete, seams);
  const enroll: TestTwoFactor<HostOperation>["enroll"] = (userId, proof = {}) =>
    enrollPerson(twoFactor, { ...complete, clock }, userId, proof);
  return { twoFactor, admin, clock, events, store: complete.store, options: complete, enroll };
}
