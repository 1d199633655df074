import assert from "node:assert/strict";
import { test } from "node:test";
import { LAST_INSTANT } from "../../../src/internal/check.ts";
import { MAX_WAITING } from "../../../src/internal/queue.ts";
import type { UserStore } from "../../../src/store.ts";
import { createTwoFactorWith } from "../../../src/two-factor/create.ts";
import type { TwoFactorOptions } from "../../../src/two-factor/options.ts";
import { createService, deviceTokenHash } from "../../../src/two-factor/service.ts";
import { binding, enrolled, USER, world, wrongBackupCode } from "../../support/world.ts";

const options = () => world().options as TwoFactorOptions<string>;

test("a clock gives epoch milliseconds that a Date can hold, whose fraction is cut off", () => {
  const at = (now: unknown) => createService({ ...options(), clock: () => now as number }).now();
  for (const wrong of [-1, LAST_INSTANT + 1, Number.NaN, "5"]) {
    assert.throws(() => at(wrong), /^TypeError: clock: want epoch milliseconds$/);
  }
  assert.deepEqual([0, 1.9, LAST_INSTANT].map(at), [0, 1, LAST_INSTANT]);
});

test("each user has a line, and each known device another", async () => {
  const { inTurn, now } = createService(options(), { after: () => () => undefined });
  const never = () => new Promise<never>(() => {});
  for (let i = 0; i <= MAX_WAITING; i++) void inTurn(USER, never, "a device");
  const full = { ok: false, reason: "busy", retryAt: now() + 1_000 };
  assert.deepEqual({ ...(await inTurn(USER, never, "a device")) }, full);
  for (const [user, device] of [
    [USER, "another device"],
    [USER, null],
    ["bob", "a device"],
  ] as const) {
    assert.equal(await inTurn(user, async () => "done", device), "done");
  }
});

test("a digest is that of a salt in base64url", async () => {
  const { derive } = createService(options(), {
    derive: async (code, salt) => Uint8Array.of(...code, ...salt),
  });
  assert.equal(await derive("\0\0", "AQID", "urgent"), "AAABAgM");
});

test("what cannot be a device token has no hash", () => {
  const token = "a".repeat(43);
  assert.notEqual(deviceTokenHash(token), null);
  for (const other of [`${token}a`, `!${token}`, `${token}!`, 5]) assert.equal(deviceTokenHash(other), null);
});

test("a backup code that was typed is digested before the batches that wait", async () => {
  const w = await enrolled();
  const started: string[] = [];
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const derive = async (code: Uint8Array) => {
    started.push(new TextDecoder().decode(code));
    await gate;
    return new Uint8Array(16);
  };
  const turns = async () => {
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
  };
  const { backupCodes, verify } = createTwoFactorWith(w.options, { derive });
  const batch = backupCodes.regenerate(USER, { elevation: w.signIn.elevation, binding });
  await turns();
  const slots = started.length;
  const code = wrongBackupCode(w);
  const typed = verify(USER, code, { binding });
  await turns();
  open();
  await Promise.all([batch, typed]);
  assert.equal(started[slots], code);
});

test("the first retry comes at once, each later one after a random wait of up to twice as long", async () => {
  const w = await enrolled();
  const seen: unknown[] = [];
  const after = (ms: number, wake: () => void) => {
    if (ms < 5_000) {
      seen.push(ms);
      wake();
    }
    return () => undefined;
  };
  const get: UserStore["get"] = (userId) => {
    seen.push("read");
    return w.store.get(userId);
  };
  const store = { get, compareAndSet: async () => false };
  const random = (length: number) => new Uint8Array(length).fill(128);
  const { credentialChanged } = createTwoFactorWith({ ...w.options, store }, { after, random });
  await assert.rejects(credentialChanged(USER, "password"), {
    code: "store_unavailable",
    message: "Too many other writes came first; try again.",
  });
  const later = [2, 3, 4, 5, 6, 7, 8, 9].flatMap((attempt) => [1 + 2 ** attempt / 2, "read"]);
  assert.deepEqual(seen, ["read", "read", ...later]);
});
