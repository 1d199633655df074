import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createAdmin } from "../../src/admin.ts";
import { TwoFactorError } from "../../src/errors.ts";
import { canonicalCode, MAX_CODE_LENGTH } from "../../src/internal/canonical.ts";
import { createKeyring, generateKey } from "../../src/keyring.ts";
import { decodeBase32, encodeBase32, formatKeyUri, parseKeyUri } from "../../src/otp/index.ts";
import type { UserStore } from "../../src/store.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { createTestTwoFactor, virtualAuthenticator } from "../../src/testing/index.ts";
import { anythingLike, fuzz, nearly } from "./fuzzing.ts";

const SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const USER = "ada";
const binding = "session";

/** What a function gives, or the message of what it throws, which is a programmer's error and shows no secret. */
function tried<T>(run: () => T): { value: T } | { message: string } {
  try {
    return { value: run() };
  } catch (error) {
    assert.ok(error instanceof TypeError || error instanceof RangeError, String(error));
    assert.ok(!error.message.includes("JBSWY3DP"), "an error shows the secret");
    return { message: error.message };
  }
}

/** A store that counts its calls and can be told what to give. */
function watchedStore(): UserStore & { calls: number; answer: ((data: string) => string) | null } {
  const inner = memoryStore();
  const store = {
    calls: 0,
    answer: null as ((data: string) => string) | null,
    async get(userId: string) {
      store.calls++;
      const row = await inner.get(userId);
      return row && store.answer ? { ...row, data: store.answer(row.data) } : row;
    },
    compareAndSet(...call: Parameters<UserStore["compareAndSet"]>) {
      store.calls++;
      return inner.compareAndSet(...call);
    },
  };
  return store;
}

/** Somebody who is enrolled, with a challenge, an elevation, a device and codes that are all good. */
async function enrolled() {
  const store = watchedStore();
  const made = createTestTwoFactor({ store });
  const { twoFactor, clock } = made;
  const phone = virtualAuthenticator({ clock });
  const begun = await twoFactor.enrollment.begin(USER, { accountName: USER, binding });
  assert.ok(begun.ok);
  phone.scan(begun.keyUri);
  const { enrollmentId } = begun;
  const confirmed = await twoFactor.enrollment.confirm(USER, { enrollmentId, code: phone.code(), binding });
  assert.ok(confirmed.ok && confirmed.state === "active" && confirmed.signIn.device);
  clock.advance(30);
  const step = await twoFactor.signIn.begin(USER, { binding });
  assert.ok(step.step === "code");
  const { elevation, device } = confirmed.signIn;
  return {
    ...made,
    store,
    phone,
    challenge: step.challenge,
    elevation,
    deviceToken: device.token,
    enrollmentId,
  };
}

test("fuzz: a key URI is read so that it can be written again, or refused without being shown", (t) => {
  const uris = [
    `otpauth://totp/Acme:ada%40example.com?secret=${SECRET}&issuer=Acme`,
    `OTPAUTH://TOTP/Big%20Corp:%20ada?issuer=Big+Corp&secret=${SECRET.toLowerCase()}&digits=8&period=60`,
    `otpauth://totp/ada?secret=${SECRET}&algorithm=SHA-256&image=https%3A%2F%2Fexample.com`,
  ];
  return fuzz(t, anythingLike(...uris), (uri) => {
    const read = tried(() => parseKeyUri(uri as string));
    if ("value" in read) assert.deepEqual(parseKeyUri(formatKeyUri(read.value)), read.value);
  });
});

test("fuzz: Base32 is read as bytes that encode to the same characters, or refused silently", (t) =>
  fuzz(t, anythingLike(SECRET, "jbsw y3dp-ehpk 3pxp", "MZXW6YTBOI======", "AA"), (text) => {
    const read = tried(() => decodeBase32(text as string));
    if (!("value" in read)) return;
    const canonical = String(text)
      .replace(/[\s=-]/g, "")
      .toUpperCase();
    assert.equal(encodeBase32(read.value), canonical);
  }));

test("fuzz: V06 the canonical spelling of a code is short, and its own canonical spelling", (t) =>
  fuzz(t, anythingLike("123456", "１２３ ４５６", "٠١٢-٣٤٥", "ABCD-EFGH", "o1l0\u200b"), (input) => {
    const code = canonicalCode(input);
    if (code === undefined) return;
    if (/^[0-9A-Z]+$/.test(code)) assert.equal(canonicalCode(code), code);
    assert.ok(code.length > 0 && code.length <= MAX_CODE_LENGTH);
    assert.doesNotMatch(code, /[\s\p{Dash}\p{Bidi_Control}a-z]/u);
  }));

test("fuzz: V29 V69 a record that was changed never opens, and the error shows nothing of it", async (t) => {
  const keyring = createKeyring(`${generateKey()} ${generateKey()}`);
  const seal = keyring.forUser(USER);
  const json = '["a secret record"]';
  const data = await seal.seal("version", json);
  await fuzz(t, nearly(data), async (changed) => {
    if (changed === data) return;
    await assert.rejects(seal.open("version", changed), (error) => {
      assert.ok(error instanceof TwoFactorError, String(error));
      assert.ok(error.code === "record_invalid" || error.code === "key_unknown", error.code);
      assert.ok(!error.message.includes(data.slice(30, 50)) && !error.message.includes("secret record"));
      return true;
    });
  });
});

test("fuzz: V29 V80 nonsense from a store throws a named error in every call", async (t) => {
  const { twoFactor, store } = await enrolled();
  const row = (await store.get(USER))?.data ?? "";
  await fuzz(t, nearly(row), async (changed) => {
    store.answer = () => changed;
    if (changed === row) return;
    for (const call of [() => twoFactor.status(USER), () => twoFactor.verify(USER, "123456", { binding })]) {
      await assert.rejects(
        call,
        (error) => error instanceof TwoFactorError && /^(record|key)_/.test(error.code),
      );
    }
  });
});

test("fuzz: V50 V73 V74 a challenge that was not sealed here is invalid, and reaches no store", async (t) => {
  const { twoFactor, store, challenge, elevation, phone } = await enrolled();
  const code = phone.code();
  const before = store.calls;
  await fuzz(t, anythingLike(challenge, elevation), async (input) => {
    if (input === challenge) return;
    const result = await twoFactor.signIn.complete(input as string, code, { binding });
    assert.ok(!result.ok && result.detail === "challenge_invalid");
    const begun = await twoFactor.enrollment.begin(
      { challenge: input as string },
      { binding, accountName: "a" },
    );
    assert.ok(!begun.ok && begun.detail === "challenge_invalid");
  });
  assert.equal(store.calls, before);
  assert.ok(
    (await twoFactor.signIn.complete(challenge, code, { binding })).ok,
    "and the real one still serves",
  );
});

test("fuzz: V67 V73 an elevation that was not sealed here opens nothing", async (t) => {
  const { twoFactor, challenge, elevation } = await enrolled();
  await fuzz(t, anythingLike(elevation, challenge), async (input) => {
    if (input === elevation) return;
    const result = await twoFactor.disable(USER, { binding, elevation: input as string });
    const wanted = input === undefined ? "reauthentication_required" : "elevation_invalid";
    assert.ok(!result.ok && result.detail === wanted);
  });
  assert.ok((await twoFactor.disable(USER, { binding, elevation })).ok, "and the real one still serves");
});

test("fuzz: V61 V73 a foreign device token makes no device known", async (t) => {
  const { twoFactor, deviceToken, clock, phone } = await enrolled();
  clock.advance(30);
  const trusted = await twoFactor.verify(USER, phone.code(), { binding, deviceToken, trustDevice: true });
  assert.ok(trusted.ok);
  const begin = (token: unknown) => twoFactor.signIn.begin(USER, { binding, deviceToken: token as string });
  await fuzz(t, anythingLike(deviceToken), async (token) => {
    if (token === deviceToken) return;
    assert.equal((await begin(token)).step, "code");
  });
  assert.equal((await begin(deviceToken)).step, "done", "and the real one still serves");
});

test("fuzz: V73 nothing that is sent as a code, an id or a password throws or gets in", async (t) => {
  const { twoFactor, options, challenge, enrollmentId, phone } = await enrolled();
  const admin = createAdmin(options);
  const right = phone.code();
  await fuzz(t, anythingLike(right, "12345678", enrollmentId), async (input) => {
    if (canonicalCode(input) === right) return;
    await admin.unlock(USER, { actor: "test", reason: "or nothing is evaluated any more" });
    const text = input as string;
    const results = [
      await twoFactor.verify(USER, text, { binding }),
      await twoFactor.signIn.complete(challenge, text, { binding }),
      await twoFactor.enrollment.confirm(USER, { enrollmentId: text, code: text, binding }),
      await twoFactor.enrollment.acknowledge(USER, { batchId: text, binding }),
      await twoFactor.reauthenticate(USER, { binding, code: text }),
      await twoFactor.disable(USER, { binding, code: text }),
      await twoFactor.backupCodes.regenerate(USER, { binding, code: text }),
      await twoFactor.backupCodes.acknowledge(USER, { batchId: text }),
      await twoFactor.devices.revoke(USER, text),
    ];
    for (const result of results) {
      assert.ok(!result.ok);
      assert.equal(typeof result.detail, "string");
    }
  });
});

test("the fuzzer finds a planted fault, and says with which seed", async (t) => {
  const found = fuzz(t, fc.string(), (text) => assert.ok(!text.includes("%")));
  await assert.rejects(found, /seed: -?\d+/);
});
