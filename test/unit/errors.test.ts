import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { type Detail, failure, isFailure, type Reason, TwoFactorError } from "../../src/errors.ts";

/** The table of the design, once more and by hand: whoever changes one has to change the other. */
const REASONS: Readonly<Record<Reason, readonly Detail[]>> = {
  passkey_required: ["passkey_required"],
  invalid_code: ["malformed_code", "wrong_code", "backup_code_reused", "not_enrolled"],
  invalid_passkey: ["malformed_passkey", "wrong_passkey", "passkey_cloned"],
  code_not_text: ["code_not_text"],
  app_code_required: ["app_code_required"],
  already_used: ["app_code_reused"],
  locked: ["locked", "exhausted"],
  invalid_password: ["wrong_password"],
  reauthenticate: ["reauthentication_required", "elevation_invalid", "elevation_expired", "elevation_used"],
  enroll: ["enrollment_required"],
  expired: [
    "challenge_invalid",
    "challenge_expired",
    "challenge_used",
    "enrollment_not_found",
    "enrollment_expired",
    "enrollment_superseded",
    "batch_not_found",
    "factor_changed",
  ],
  already_enrolled: ["already_enrolled"],
  not_found: ["device_not_found", "authenticator_not_found", "passkey_not_found"],
  too_many: ["too_many_authenticators", "too_many_passkeys"],
  refused: ["not_authorized", "factor_removed", "required_by_policy"],
  busy: ["conflict", "queue_full", "too_many_batches"],
};

test("each detail is shown as the reason of the design's table", () => {
  for (const [reason, details] of Object.entries(REASONS)) {
    for (const detail of details) assert.equal(failure(detail).reason, reason, detail);
  }
});

test("nothing but a failure is one", () => {
  for (const other of [undefined, null, 5, "no", {}, { ok: true }, { ok: 0 }]) assert.ok(!isFailure(other));
  assert.ok(isFailure(failure("locked")));
});

test("V47 details that would help a guesser share a reason with those that would not", () => {
  assert.equal(failure("backup_code_reused").reason, failure("wrong_code").reason);
  assert.equal(failure("not_enrolled").reason, failure("wrong_code").reason);
  const [used, wrong] = [failure("backup_code_reused"), failure("wrong_code")];
  assert.equal(JSON.stringify(used), JSON.stringify(wrong));
});

test("the detail can be read, but is in nothing that is copied, printed or sent", () => {
  const result = failure("wrong_code", { attemptsLeft: 3, retryAt: 5 });
  assert.equal(result.detail, "wrong_code");
  assert.deepEqual({ ...result }, { ok: false, reason: "invalid_code", attemptsLeft: 3, retryAt: 5 });
  assert.deepEqual(Object.keys(result), ["ok", "reason", "attemptsLeft", "retryAt"]);
  assert.equal(JSON.stringify(result), '{"ok":false,"reason":"invalid_code","attemptsLeft":3,"retryAt":5}');
  assert.deepEqual(structuredClone(result), { ...result });
  assert.ok(!inspect(result).includes("wrong_code"));
});

test("a failure cannot be turned into a success", () => {
  const result = failure("wrong_code") as unknown as Record<string, unknown>;
  assert.throws(() => {
    result["ok"] = true;
  }, TypeError);
  assert.throws(() => {
    result["detail"] = "none";
  }, TypeError);
});

test("I17 the cause of an error is not enumerable, so no JSON shows a database's address", () => {
  const cause = Object.assign(new Error("connect ECONNREFUSED 10.0.0.7:5432"), { address: "10.0.0.7" });
  const error = new TwoFactorError("store_unavailable", "The store could not be read.", cause);
  assert.equal(error.cause, cause);
  assert.deepEqual(
    Object.getOwnPropertyDescriptor(error, "cause")?.enumerable,
    Object.getOwnPropertyDescriptor(new Error("", { cause }), "cause")?.enumerable,
  );
  for (const sent of [JSON.stringify(error), JSON.stringify({ ...error }), Object.keys(error).join()]) {
    assert.ok(!sent.includes("cause") && !sent.includes("10.0.0.7"), sent);
  }
});

test("a TwoFactorError is an Error with a stable code and its cause", () => {
  const cause = new Error("connection refused");
  const error = new TwoFactorError("store_unavailable", "The store could not be read.", cause);
  assert.ok(error instanceof Error);
  assert.deepEqual([error.name, error.code, error.cause], ["TwoFactorError", "store_unavailable", cause]);
  assert.equal(String(error), "TwoFactorError: The store could not be read.");
  assert.match(error.stack ?? "", /errors\.test/);
});
