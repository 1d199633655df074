// node:test
import assert from "node:assert/strict";
import { test } from "node:test";
import { ada, PASSWORD } from "./person.js";

test("the password alone signs nobody in, and a code works once", async () => {
  const { signIn, phone } = await ada();
  const [session, other] = [{}, {}];
  assert.equal(await signIn.password(session, "ada", PASSWORD), "enter a code");
  assert.equal(session.userId, undefined);
  const code = phone.code();
  assert.equal(await signIn.code(session, code), "signed in");
  assert.equal(session.userId, "ada");

  assert.equal(await signIn.password(other, "ada", PASSWORD), "enter a code");
  assert.equal(await signIn.code(other, code), "already_used");
  assert.equal(other.userId, undefined);
});

test("a lost phone is no end: a backup code signs in", async () => {
  const { signIn, phone, backupCodes } = await ada();
  const session = {};
  phone.lose();
  await signIn.password(session, "ada", PASSWORD);
  assert.equal(await signIn.code(session, backupCodes[0]), "signed in");
});
