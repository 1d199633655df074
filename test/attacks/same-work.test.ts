import assert from "node:assert/strict";
import { test } from "node:test";
import { indexOfDigest } from "../../src/backup-codes.ts";
import { isFailure } from "../../src/errors.ts";
import { equalBytes } from "../../src/internal/bytes.ts";
import { totp } from "../../src/otp/totp.ts";
import { emptyRecord, type KnownDevice, type UserRecord } from "../../src/record.ts";
import { liveDevice } from "../../src/rules/devices.ts";
import { evaluate } from "../../src/rules/verification.ts";
import { createTestTwoFactor, virtualAuthenticator } from "../../src/testing/index.ts";
import { createTwoFactorWith } from "../../src/two-factor/create.ts";

const POLICY = {
  window: { past: 1, future: 1 },
  throttle: { free: 4, firstDelay: 30, maxDelay: 3_600, hardStop: 100, unknown: [] },
  backupCodes: null,
};

// Clocks lie on a shared machine. What is counted here is the work itself: which elements are read, and how often.

/** A list that notes which of its elements are read. */
function watched<T extends object>(list: T): { list: T; reads: string[] } {
  const reads: string[] = [];
  const proxy = new Proxy(list, {
    get(target, key) {
      if (typeof key === "string" && /^\d+$/.test(key)) reads.push(key);
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(proxy) : value;
    },
  });
  return { list: proxy, reads };
}

test("V72 bytes are compared to the end, wherever they first differ", () => {
  const secret = Uint8Array.from({ length: 32 }, (_, i) => i);
  const work = [...secret.keys(), -1].map((differs) => {
    const guess = secret.slice();
    if (differs >= 0) guess[differs] = 255;
    const [a, b] = [watched(secret), watched(guess)];
    assert.equal(equalBytes(a.list, b.list), differs < 0);
    return `${a.reads} ${b.reads}`;
  });
  assert.equal(new Set(work).size, 1);
  assert.equal(work[0]?.split(",").length, 63); // 32 of each
});

test("V72 all digests of a batch are compared, wherever the right one is, or if there is none", () => {
  const digests = Array.from({ length: 10 }, (_, i) => `${i}`.padStart(22, "x"));
  const work = [...digests.keys(), -1].map((place) => {
    const { list, reads } = watched(digests);
    assert.equal(indexOfDigest(digests[place] ?? "y".repeat(22), list), place);
    return reads.join();
  });
  assert.deepEqual([...new Set(work)], ["0,1,2,3,4,5,6,7,8,9"]);
});

test("V66 V72 all devices are compared, wherever the right one is, or if there is none", () => {
  const policy = { mayTrust: true, trustedFor: 60, knownFor: 60, max: 10, maxFailures: 20 };
  const hash = (i: number) => `${i}`.padStart(43, "h");
  const reads: number[] = [];
  const devices = Array.from({ length: 10 }, (_, i) => ({
    get tokenHash() {
      reads.push(i);
      return hash(i);
    },
    id: `${i}`,
    createdAt: 1,
    lastUsedAt: 1,
    knownUntilAt: 2,
    trustedUntilAt: null,
    trustedAt: null,
    totalFailures: 0,
  })) as unknown as KnownDevice[];
  const work = [...devices.keys(), -1].map((place) => {
    reads.length = 0;
    const found = liveDevice({ ...emptyRecord(), devices }, hash(place), 1, policy);
    assert.equal(found?.id, place < 0 ? undefined : `${place}`);
    return reads.join();
  });
  assert.deepEqual([...new Set(work)], ["0,1,2,3,4,5,6,7,8,9"]);
});

test("V72 N4 one backup code costs one derivation, whichever of the ten it is, or none", async () => {
  const { options, clock } = createTestTwoFactor();
  let derivations = 0;
  const twoFactor = createTwoFactorWith(options, {
    derive: async (code) => {
      derivations++;
      const digest = new Uint8Array(16);
      digest.set(code.subarray(0, 16));
      return digest;
    },
  });
  const phone = virtualAuthenticator({ clock });
  const begun = await twoFactor.enrollment.begin("ada", { accountName: "ada", binding: null });
  assert.ok(begun.ok);
  phone.scan(begun.keyUri);
  const { enrollmentId } = begun;
  const code = phone.code();
  const confirmed = await twoFactor.enrollment.confirm("ada", { enrollmentId, code, binding: null });
  assert.ok(confirmed.ok && confirmed.state === "active" && confirmed.backupCodes);
  const { codes } = confirmed.backupCodes;
  const none = codes.includes("00000000") ? "11111111" : "00000000";
  for (const [typed, right] of [...codes.map((each) => [each, true] as const), [none, false] as const]) {
    derivations = 0;
    assert.equal((await twoFactor.verify("ada", typed, { binding: null })).ok, right);
    assert.equal(derivations, 1);
  }
});

const PARAMETERS = [
  { algorithm: "SHA1", digits: 6, period: 30 },
  { algorithm: "SHA256", digits: 6, period: 60 },
  { algorithm: "SHA512", digits: 6, period: 15 },
] as const;

for (const [kind, parameters] of [
  ["equal", PARAMETERS.slice(0, 1)],
  ["different", PARAMETERS],
] as const) {
  test(`V72 a code is tried against every authenticator (${kind}), whichever shows it, or none`, () => {
    const now = 1_800_000_000_000;
    const secrets = ["GEZDGNBV", "JBSWY3DP", "KRSXG5CT", "MFRGGZDF", "NBSWY3DP"].map((start) =>
      start.repeat(4),
    );
    const of = (place: number) => parameters[place % parameters.length] ?? PARAMETERS[0];
    const work = [...secrets.keys(), -1].map((place) => {
      const reads: number[] = [];
      const authenticators = secrets.map((secret, i) => ({
        get secret() {
          reads.push(i);
          return secret;
        },
        ...{ id: `${i}`, label: null, acceptedSteps: [], enrolledAt: 0, lastUsedAt: null, offRun: 0 },
        ...of(i),
      })) as unknown as UserRecord["authenticators"];
      const secret = secrets[place] ?? "ONSWG4TFOQ".repeat(4);
      const code = totp(secret, { now, ...of(Math.max(0, place)) });
      const submission = { code, now, device: null, challenge: null, accepts: "any" } as const;
      const { outcome } = evaluate({ ...emptyRecord(), authenticators }, submission, POLICY);
      assert.equal(isFailure(outcome), place < 0);
      return reads.slice(0, secrets.length).join();
    });
    assert.deepEqual([...new Set(work)], ["0,1,2,3,4"]);
  });
}
