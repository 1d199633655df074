import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeBase32 } from "../../../src/otp/base32.ts";
import { parseKeyUri } from "../../../src/otp/key-uri.ts";
import { generateSecret } from "../../../src/otp/secret.ts";
import { qrSvg } from "../../../src/qr.ts";
import { codeFrom } from "../../support/phone.ts";
import {
  binding,
  countingStore,
  enrolled,
  must,
  nextCode,
  outcome,
  recordOf,
  USER,
  type World,
  world,
  wrongCode,
} from "../../support/world.ts";

const accountName = "ada@example.com";

function begin(w: World, options: object = {}) {
  return w.twoFactor.enrollment.begin(USER, { accountName, binding, ...options });
}

function confirm(w: World, enrollmentId: string | undefined, code: string | undefined, with_ = binding) {
  return w.twoFactor.enrollment.confirm(USER, { enrollmentId, code, binding: with_ });
}

test("I3 whatever account name and issuer begin takes, the QR code has room for them", async () => {
  const names = ["王".repeat(256), "я".repeat(256), "😀".repeat(128), "x".repeat(256), "%".repeat(256)];
  const issuers = ["会".repeat(64), "Ж".repeat(64), "Acme"];
  for (const accountName of names) {
    for (const issuer of issuers) {
      const w = world({ totp: { algorithm: "SHA512", digits: 8, period: 120 }, backupCodes: false });
      const { keyUri, secret } = must(await begin(w, { accountName: () => accountName, issuer }));
      assert.match(qrSvg(keyUri), /^<svg /);
      const key = parseKeyUri(keyUri);
      assert.deepEqual([key.secret, key.issuer], [secret, issuer]);
      const kept = key.accountName.replace(/…$/u, "");
      assert.ok(accountName.startsWith(kept) && kept.length >= 110, `${kept.length} characters`);
      assert.doesNotMatch(kept, /\p{Surrogate}/u);
      assert.equal(key.accountName.endsWith("…"), encodeURIComponent(accountName).length > 1_000);
    }
  }
  const { keyUri } = must(await begin(world(), { accountName: "x".repeat(256) }));
  assert.equal(parseKeyUri(keyUri).accountName, "x".repeat(256), "what has room is whole");
});

test("V12 while an enrollment is pending, sign-in asks for no code", async () => {
  const w = world();
  must(await begin(w));
  assert.equal((await w.twoFactor.signIn.begin(USER, { binding })).step, "done");
  assert.equal((await w.twoFactor.status(USER)).state, "pending");
  assert.equal(outcome(await w.twoFactor.verify(USER, "123456", { binding })), "not_enrolled");
});

test("V15 confirming with a changed id, another binding or another user finds nothing", async () => {
  const w = world();
  const { enrollmentId, secret, keyUri } = must(await begin(w));
  const code = codeFrom(keyUri, w.clock);
  for (const id of [
    "",
    enrollmentId.slice(1),
    `${enrollmentId}=`,
    enrollmentId.toLowerCase(),
    `A${enrollmentId.slice(1)}`,
    secret,
    undefined,
  ]) {
    if (id !== enrollmentId) assert.equal(outcome(await confirm(w, id, code)), "enrollment_not_found");
  }
  assert.equal(outcome(await confirm(w, enrollmentId, code, "another session")), "enrollment_not_found");
  const bob = await w.twoFactor.enrollment.confirm("bob", { enrollmentId, code, binding });
  assert.equal(outcome(bob), "enrollment_not_found");
  const smuggled = {
    enrollmentId,
    code: "000000",
    binding,
    secret: generateSecret(),
    step: 1,
    verified: true,
  };
  await assert.rejects(
    w.twoFactor.enrollment.confirm(USER, smuggled),
    /^TypeError: secret: there is no such/,
  );
  must(await confirm(w, enrollmentId, code));
});

test("V16 a wrong code keeps secret, id and expiry, and the same session is shown the same again", async () => {
  const w = world();
  const begun = must(await begin(w));
  w.clock.advance(100);
  const shown = { ...begun, clock: w.clock };
  for (let i = 0; i < 3; i++) {
    assert.equal(outcome(await confirm(w, begun.enrollmentId, wrongCode(shown, i))), "wrong_code");
  }
  assert.deepEqual(must(await begin(w)), begun);
  assert.deepEqual(
    w.events.map(({ type }) => type),
    ["enrollment_started", "verification_failed", "verification_failed", "verification_failed"],
  );
  w.phone.scan(begun.keyUri);
  must(await confirm(w, begun.enrollmentId, w.phone.code()));
});

test("V17 a begin from another session starts anew, and the first one fails as superseded", async () => {
  const w = world();
  const first = must(await begin(w));
  const second = must(await begin(w, { binding: "another session" }));
  assert.notEqual(second.secret, first.secret);
  assert.equal(
    outcome(await confirm(w, first.enrollmentId, codeFrom(first.keyUri, w.clock))),
    "enrollment_superseded",
  );
  assert.deepEqual(
    w.events.map(({ type }) => type),
    ["enrollment_started", "enrollment_superseded", "enrollment_started"],
  );
  const code = codeFrom(second.keyUri, w.clock);
  must(await confirm(w, second.enrollmentId, code, "another session"));
});

test("V17 without a binding nothing is shown again", async () => {
  const w = world();
  const first = must(await begin(w, { binding: null }));
  const second = must(await begin(w, { binding: null }));
  assert.notEqual(second.secret, first.secret);
  assert.notEqual(second.enrollmentId, first.enrollmentId);
});

test("V17 an enrollment is shown again only with the proof that began it", async () => {
  const w = await enrolled();
  const code = w.phone.code();
  const begun = must(await begin(w, { replace: true, code }));
  assert.equal(outcome(await begin(w, { replace: true })), "reauthentication_required");
  assert.equal(outcome(await begin(w, { replace: true, code })), "app_code_reused");
  assert.deepEqual(must(await begin(w, { replace: true, code: nextCode(w) })), begun);
});

test("V18 a canceled enrollment never returns: id and secret are new, the old id finds nothing", async () => {
  const w = world();
  const seen = new Set<string>();
  for (let i = 0; i < 30; i++) {
    const { enrollmentId, secret, keyUri } = must(await begin(w));
    for (const value of [enrollmentId, secret]) {
      assert.ok(!seen.has(value));
      seen.add(value);
    }
    must(await w.twoFactor.enrollment.cancel(USER, { binding: null }));
    assert.equal((await w.twoFactor.status(USER)).state, "none");
    const code = codeFrom(keyUri, w.clock);
    assert.equal(outcome(await confirm(w, enrollmentId, code)), "enrollment_not_found");
  }
  must(await w.twoFactor.enrollment.cancel(USER, { binding: null }));
});

test("V21 where the host forbids enrolling, nothing is written, and confirming is forbidden too", async () => {
  const counted = countingStore();
  let allowed = false;
  const w = world({
    store: counted.store,
    authorize: (_userId, operation) => operation !== "enroll" || allowed,
  });
  assert.equal(outcome(await begin(w)), "not_authorized");
  assert.equal(counted.writes, 0);
  assert.deepEqual(w.events, []);
  allowed = true;
  const { enrollmentId, keyUri } = must(await begin(w));
  allowed = false;
  const code = codeFrom(keyUri, w.clock);
  assert.equal(outcome(await confirm(w, enrollmentId, code)), "not_authorized");
  assert.equal((await w.twoFactor.status(USER)).state, "pending");
});

test("V22 H1 a new secret is 20 random bytes, and fewer than 16 are refused", async () => {
  const secrets = await Promise.all(
    Array.from({ length: 20 }, async (_, i) =>
      must(await world().twoFactor.enrollment.begin(`user ${i}`, { accountName, binding })),
    ),
  );
  for (const { secret } of secrets) assert.equal(decodeBase32(secret).length, 20);
  assert.equal(new Set(secrets.map(({ secret }) => secret)).size, 20);
  assert.throws(() => generateSecret({ bytes: 15 }), RangeError);
});

test("QR code and typed key hold the same secret, and the raw key can be copied", async () => {
  const w = world({ issuer: "Big Corp" });
  const begun = must(await begin(w, { accountName: (userId: string) => `+49 170 ${userId}` }));
  const key = parseKeyUri(begun.keyUri);
  assert.equal(key.secret, begun.secret);
  assert.deepEqual([key.issuer, key.accountName], ["Big Corp", `+49 170 ${USER}`]);
  assert.equal(begun.manualEntryKey.replaceAll(" ", ""), begun.secret);
  assert.match(begun.manualEntryKey, /^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/);
  assert.ok(!/algorithm|digits|period/.test(begun.keyUri), "defaults are left out");
  const other = must(await begin(w, { binding: "other", issuer: "Big Corp (staging)" }));
  assert.equal(parseKeyUri(other.keyUri).issuer, "Big Corp (staging)");
});

test("a right first code is refused while its budget is locked, and clears it afterwards", async () => {
  const w = world();
  const begun = must(await begin(w));
  w.phone.scan(begun.keyUri);
  const shown = { ...begun, clock: w.clock };
  for (let i = 0; i < 5; i++) await confirm(w, begun.enrollmentId, wrongCode(shown, i));
  const locked = await confirm(w, begun.enrollmentId, w.phone.code());
  assert.ok(!locked.ok && locked.detail === "locked" && locked.retryAt === w.clock() + 30_000);
  w.clock.advance(30);
  must(await confirm(w, begun.enrollmentId, w.phone.code()));
  assert.equal((await recordOf(w)).enrollment.failures, 0);
});

test("enrollments that follow each other tell the last four that they were superseded", async () => {
  const w = world();
  const begun = [];
  for (let i = 0; i < 7; i++) begun.push(must(await begin(w, { binding: null })));
  const outcomes = [];
  for (const { enrollmentId, keyUri } of begun.slice(0, 6)) {
    const code = codeFrom(keyUri, w.clock);
    outcomes.push(outcome(await w.twoFactor.enrollment.confirm(USER, { enrollmentId, code, binding: null })));
  }
  assert.deepEqual(outcomes, [
    ...Array(2).fill("enrollment_not_found"),
    ...Array(4).fill("enrollment_superseded"),
  ]);
});
