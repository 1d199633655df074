import assert from "node:assert/strict";
import { test } from "node:test";
import type { TwoFactorEvent } from "../../../src/two-factor/event.ts";
import { createEmitter } from "../../../src/two-factor/events.ts";
import { by, CHANGES, context } from "../../support/changes.ts";
import { binding, enrolled, enrollIn, must, USER, world } from "../../support/world.ts";

const shown = ({ type, notify }: TwoFactorEvent) => `${type}${notify ? "!" : ""}`;

for (const [name, change] of Object.entries(CHANGES)) {
  test(`V79 A3 A4 N17 the host hears once, and with all it needs, when ${name}`, async () => {
    const w = await enrolled(change.options);
    await change.before?.(w);
    const heard = w.events.length;
    await change.run(w);
    const events = w.events.slice(heard);
    assert.deepEqual(events.map(shown), change.told);
    for (const event of events) {
      const known = [
        "type",
        "userId",
        "at",
        "notify",
        "method",
        "actor",
        "reason",
        "detail",
        "context",
        "device",
        "authenticator",
        "stepOffset",
      ];
      assert.deepEqual(
        Object.keys(event).filter((key) => !known.includes(key)),
        [],
      );
      assert.ok([USER, "bob"].includes(event.userId));
      assert.deepEqual(event.context, change.fromNowhere ? undefined : context);
      assert.ok(event.at <= w.clock() && event.at > w.clock() - 600_000);
    }
  });
}

test("V79 the person is to be told of a passkey that is added, removed or copied", () => {
  const heard: string[] = [];
  const emit = createEmitter({ ...world().options, onEvent: (event) => void heard.push(shown(event)) });
  const types = ["passkey_added", "passkey_renamed", "passkey_removed", "passkey_cloned"] as const;
  emit(
    USER,
    0,
    types.map((type) => ({ type })),
    {},
  );
  assert.deepEqual(heard, ["passkey_added!", "passkey_renamed", "passkey_removed!", "passkey_cloned!"]);
});

test("V79 these tests see every event type", async () => {
  const heard = new Set(
    Object.values(CHANGES).flatMap(({ told }) => told.map((type) => type.replace("!", ""))),
  );
  const ofPasskeys = ["passkey_added", "passkey_renamed", "passkey_removed", "passkey_cloned"]; // unit/passkeys
  const elsewhere = ["code_outside_window", "policy_error", "rewrapped", ...ofPasskeys]; // test/two-factor/sign-in and at-rest
  const all: Record<TwoFactorEvent["type"], true> = {
    enrollment_started: true,
    enrollment_superseded: true,
    enrolled: true,
    replaced: true,
    authenticator_added: true,
    authenticator_removed: true,
    authenticator_renamed: true,
    passkey_added: true,
    passkey_renamed: true,
    passkey_removed: true,
    passkey_cloned: true,
    disabled: true,
    reset: true,
    verified: true,
    verification_failed: true,
    code_reused: true,
    locked: true,
    unlocked: true,
    unknown_device_failures: true,
    backup_code_used: true,
    backup_codes_low: true,
    backup_codes_regenerated: true,
    backup_codes_acknowledged: true,
    device_known: true,
    device_trusted: true,
    device_revoked: true,
    clock_off: true,
    code_outside_window: true,
    imported: true,
    exported: true,
    renamed: true,
    record_replaced: true,
    rewrapped: true,
    challenged: true,
    code_skipped: true,
    policy_error: true,
  };
  assert.deepEqual([...heard, ...elsewhere].sort(), Object.keys(all).sort());
});

test("V79 V68 an administrator's changes carry who and why, a user's carry from where", async () => {
  const w = await enrolled();
  await w.twoFactor.disable(USER, { elevation: w.signIn.elevation, binding, context });
  assert.deepEqual(w.events.at(-1), {
    type: "disabled",
    userId: USER,
    at: w.clock(),
    notify: true,
    context,
  });
  await enrollIn(w);
  must(await w.admin.reset(USER, by));
  assert.deepEqual(w.events.at(-1), {
    type: "reset",
    userId: USER,
    at: w.clock(),
    notify: true,
    actor: by.actor,
    reason: by.reason,
    context,
  });
  await enrollIn(w);
  await w.twoFactor.credentialChanged(USER, "email");
  assert.deepEqual([w.events.at(-1)?.type, w.events.at(-1)?.reason], ["device_revoked", "email"]);
});

test("N15 the events name every authenticator that was ever bound, with its date", async () => {
  const w = await enrollIn(world()); // not delivered: what enrolling tells the host counts here
  must(await w.twoFactor.disable(USER, { code: w.phone.code(), binding }));
  w.clock.advance(86_400);
  await CHANGES["an authenticator is replaced"]?.run(await enrollIn(w));
  const bound = w.events.filter(({ type }) => type === "enrolled" || type === "replaced");
  assert.deepEqual(
    bound.map(({ type, method }) => `${type} ${method}`),
    ["enrolled app", "enrolled app", "replaced app"],
  );
});
