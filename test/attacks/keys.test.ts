/** The keys themselves: how they are read, refused and rotated. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { TwoFactorError } from "../../src/errors.ts";
import { platform } from "../../src/internal/platform.ts";
import { createKeyring, generateKey } from "../../src/keyring.ts";
import { faultyStore, type StoreCall } from "../../src/testing/index.ts";
import { enrolled, instance } from "../model/person.ts";
import { USER } from "../support/world.ts";

const KEY_A = `${"AQEB".repeat(10)}AQE`; // 32 bytes of 1
const KEY_B = `${"AgIC".repeat(10)}AgI`; // 32 bytes of 2
const failsWith = (code: TwoFactorError["code"]) => (error: unknown) =>
  error instanceof TwoFactorError && error.code === code;

test("V70 A16 the first key seals and all open; a key that is gone is named, by its id", async () => {
  const old = createKeyring(KEY_A);
  const both = createKeyring(`${KEY_B}\n ${KEY_A} `);
  const moved = createKeyring(KEY_B);
  assert.equal(both.keyId, moved.keyId);
  const data = await old.forUser("ada").seal("version", "[1]");
  assert.equal(both.keyIdOf(data), old.keyId);
  assert.equal(await both.forUser("ada").open("version", data), "[1]");
  assert.equal(both.keyIdOf(await both.forUser("ada").seal("version", "[1]")), moved.keyId);
  await assert.rejects(
    moved.forUser("ada").open("version", data),
    (error) => failsWith("key_unknown")(error) && String(error).includes(old.keyId),
  );
  const token = await old.sealToken("challenge", "[2]");
  assert.equal(await both.openToken("challenge", token), "[2]");
  assert.equal(await moved.openToken("challenge", token), undefined);
});

test("a record that claims a key it was not sealed under does not open", async () => {
  const both = createKeyring(`${KEY_A} ${KEY_B}`);
  const data = await both.forUser("ada").seal("version", "[1]");
  const forged = data.replace(both.keyId, createKeyring(KEY_B).keyId);
  await assert.rejects(both.forUser("ada").open("version", forged), failsWith("record_invalid"));
});

test("a record with the id of no key is refused, and the error says why", async () => {
  const ring = createKeyring(KEY_A);
  const [format, id = "", nonce, sealed] = (await ring.forUser("ada").seal("version", "[1]")).split(".");
  const open = (...parts: readonly unknown[]) => ring.forUser("ada").open("version", parts.join("."));
  for (const none of ["", id.slice(1), `${id}A`, `A${id}`, `${id.slice(1)}~`]) {
    await assert.rejects(open(format, none, nonce, sealed), {
      code: "record_invalid",
      message: "The stored record is not one that this version wrote.",
    });
  }
  for (const parts of [[], [nonce], [nonce, "A"], ["A".repeat(16), ""], ["", sealed]]) {
    await assert.rejects(open(format, id, ...parts), {
      code: "record_invalid",
      message: "The stored record does not open for this user: it was changed, or copied from another row.",
    });
  }
});

test("a call derives its user's key once, and nothing is kept for the next", async () => {
  let derived = 0;
  const counting = {
    ...platform(),
    cipher: (key: Uint8Array) => {
      derived++;
      return platform().cipher(key);
    },
  };
  const ring = createKeyring(KEY_A, undefined, counting);
  const call = async () => {
    const seal = ring.forUser("ada");
    const data = await seal.seal("1", "[1]");
    assert.equal(await seal.open("1", data), "[1]");
    assert.equal(await seal.open("1", data), "[1]");
  };
  await call();
  assert.equal(derived, 1);
  await call();
  assert.equal(derived, 2);
});

test("missing keys are refused with the command that makes one", () => {
  for (const keys of [undefined, "", "  \n", null, 7, [KEY_A]]) {
    assert.throws(() => createKeyring(keys as string | undefined), {
      name: "TypeError",
      message: "keys: want at least one key; `npx twinlock key` prints a new one",
    });
  }
});

test("an invalid key is refused by its place and never shown", () => {
  const marker = "secretmarker";
  const wrong = [
    marker,
    KEY_B.slice(1),
    `${KEY_B}A`,
    `${KEY_B}=`,
    `${KEY_B.slice(0, -1)}B`,
    marker.repeat(9),
    "é",
  ];
  for (const word of wrong) {
    assert.throws(
      () => createKeyring(`${KEY_A} ${word}`),
      (error) =>
        error instanceof TypeError &&
        /^keys: number 2 is not a key/.test(error.message) &&
        !error.message.includes(word),
      word,
    );
  }
});

test("the same key twice, and more keys than anybody rotates through, are refused", () => {
  const twice = /^TypeError: keys: the same key stands there twice$/; // and shows no key
  assert.throws(() => createKeyring(`${KEY_A} ${KEY_B} ${KEY_A}`), twice);
  const many = Array.from({ length: 17 }, generateKey).join(" ");
  assert.throws(() => createKeyring(many), /^RangeError: keys: want at most 16$/);
  assert.doesNotThrow(() => createKeyring(Array.from({ length: 16 }, generateKey).join(" ")));
});

test("a new key is 32 random bytes in base64url", () => {
  const keys = new Set(Array.from({ length: 100 }, generateKey));
  assert.equal(keys.size, 100);
  for (const key of keys) assert.match(key, /^[A-Za-z0-9_-]{43}$/);
  assert.doesNotThrow(() => createKeyring([...keys].slice(0, 16).join(" ")));
});

test("V70 A16 rotating a key in two deploys locks nobody out, and the old key can go", async () => {
  const person = await enrolled({ keys: KEY_A });
  const old = person.twoFactor;
  const proof = { binding: null };
  const code = () => {
    person.clock.advance(30);
    return person.code();
  };
  const keyOf = async () => (await person.options.store.get(USER))?.data.split(".")[1];
  const [idA, idB] = [createKeyring(KEY_A).keyId, createKeyring(KEY_B).keyId];

  const added = instance(person, { keys: `${KEY_A} ${KEY_B}` }); // first deploy: the new key opens everywhere
  const before = await added.signIn.begin(USER, proof);
  assert.ok(before.step === "code", "challenged");
  assert.equal(await keyOf(), idA);

  const moved = instance(person, { keys: `${KEY_B} ${KEY_A}` }); // second deploy: the new key seals
  const done = await moved.signIn.complete(before.challenge, code(), proof);
  assert.ok(done.ok, "a challenge of the old key still opens");
  assert.equal(await keyOf(), idB, "every write seals under the first key");
  assert.ok(
    (await added.verify(USER, code(), proof)).ok,
    "an instance of the first deploy reads it, and seals as it did",
  );
  assert.equal(await keyOf(), idA);

  assert.equal(await moved.rewrap(USER), true);
  assert.equal(await keyOf(), idB);
  assert.equal(await moved.rewrap(USER), false, "nothing is left to do");
  assert.equal(await moved.rewrap("nobody"), false);
  assert.equal(await person.options.store.get("nobody"), null);
  assert.deepEqual(
    person.events.filter(({ type }) => type === "rewrapped").map(({ notify }) => notify),
    [false],
  );

  const rotated = instance(person, { keys: KEY_B }); // third deploy, once no key_id is left of the old key
  assert.ok((await rotated.verify(USER, code(), proof)).ok, "nobody enrolls again");
  await assert.rejects(old.verify(USER, code(), proof), failsWith("key_unknown"));
  assert.equal((await rotated.status(USER)).state, "active");
});

test("V70 a record whose key is gone fails closed, and is there again when the key is back", async () => {
  const person = await enrolled({ keys: KEY_A });
  const row = await person.options.store.get(USER);
  const without = instance(person, { keys: KEY_B });
  const binding = null;
  for (const call of [
    () => without.signIn.begin(USER, { binding }),
    () => without.verify(USER, person.code(), { binding }),
    () => without.enrollment.begin(USER, { accountName: USER, binding }),
    () => without.credentialChanged(USER, "password"),
    () => without.status(USER),
    () => without.rewrap(USER),
  ]) {
    await assert.rejects(call(), failsWith("key_unknown"));
  }
  assert.deepEqual(await person.options.store.get(USER), row, "nothing was written over it");
  assert.ok((await person.twoFactor.verify(USER, person.code(), { binding })).ok, "the key is back");
});

test("rewrapping that loses every race does not say that there was nothing to do", async () => {
  const person = await enrolled({ keys: KEY_A });
  const plan = ({ method }: StoreCall) => (method === "compareAndSet" ? "conflict" : undefined);
  const store = faultyStore(person.options.store, { plan });
  const moved = instance(person, { store, keys: `${KEY_B} ${KEY_A}` });
  await assert.rejects(moved.rewrap(USER), {
    code: "store_unavailable",
    message: "Too many other writes came first; try again.",
  });
  await assert.rejects(moved.credentialChanged(USER, "email"), failsWith("store_unavailable"));
});

test("every write of the service has a nonce and a version of its own, lost races included", async () => {
  const person = await enrolled();
  const { store } = person.options;
  const nonces = new Set<string>();
  const versions = new Set<string>();
  let writes = 0;
  const watched: typeof store = {
    get: store.get,
    async compareAndSet(userId, expected, next) {
      writes++;
      nonces.add(next.data.split(".")[2] ?? "");
      versions.add(next.version);
      return store.compareAndSet(userId, expected, next);
    },
  };
  const services = [1, 2, 3].map(() => instance(person, { store: watched, queue: false }));
  for (let round = 0; round < 30; round++) {
    await Promise.all(services.map((service) => service.credentialChanged(USER, "password")));
  }
  assert.ok(writes > 90, "some races were lost");
  assert.deepEqual([nonces.size, versions.size], [writes, writes]);
});
