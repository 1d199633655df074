// Deleting the account: the example's own operation, which takes the password and a code.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { password, signUp, turnOn } from "./support/account.ts";
import { type Example, startExample } from "./support/example.ts";

let example: Example;
beforeEach(async () => {
  example = await startExample();
});
afterEach(() => example.stop());

async function ownerAndBob() {
  const owner = await signUp(example, "emnify", "owner@example.org");
  const bob = await signUp(example, "emnify", "bob@example.org");
  return { owner, bob };
}

const accounts = async () =>
  (await example.database.query("SELECT email FROM users ORDER BY email")).map(({ email }) => email);
const records = async () => (await example.database.query("SELECT user_id FROM two_factor")).length;

test("deleting the account takes the password and a code of the app, and leaves nothing", async () => {
  const { bob } = await ownerAndBob();
  const { phone } = await turnOn(example, bob);
  example.advance(120); // the code that turned it on does not count any more
  const form = bob.at("/account/delete");
  assert.match((await bob.get(bob.at("/settings"))).html, /href="\/emnify\/account\/delete"/);
  const shown = await bob.get(form);
  assert.match(shown.html, /name="password"/);
  assert.match(shown.html, /name="code"/);

  const code = phone.code(example.now());
  for (const [fields, problem] of [
    [{}, /confirm that it is you/i],
    [{ password }, /confirm that it is you/i],
    [{ code }, /confirm that it is you/i],
    [{ password: "wrong", code }, /password/],
    [{ password, code: "000000" }, /code/],
  ] as const) {
    const refused = await bob.post(form, fields);
    assert.equal(refused.status, 422);
    assert.match(refused.html, problem);
  }
  assert.deepEqual(await accounts(), ["bob@example.org", "owner@example.org"]);
  assert.equal(await records(), 1);

  const gone = await bob.post(form, { password, code });
  assert.equal(gone.url, bob.at("/sign-in"));
  assert.match(gone.html, /Your account is deleted/);
  assert.deepEqual(await accounts(), ["owner@example.org"]);
  assert.equal(await records(), 0);
  assert.deepEqual(await example.database.query("SELECT * FROM activity WHERE type = 'enrolled'"), []);
  assert.equal(await bob.isIn(), false);
  assert.notEqual((await bob.signIn()).url, bob.at("/settings"));
});

test("a user without a second factor is told to turn it on, and the owner stays", async () => {
  const { owner, bob } = await ownerAndBob();
  assert.match((await bob.get(bob.at("/settings"))).html, /turn two-factor authentication on first/);
  assert.equal((await bob.post(bob.at("/account/delete"), { password })).url, bob.at("/settings"));
  const { phone } = await turnOn(example, owner);
  assert.doesNotMatch((await owner.get(owner.at("/settings"))).html, /account\/delete/);
  const code = phone.code(example.now());
  assert.equal(
    (await owner.post(owner.at("/account/delete"), { password, code })).url,
    owner.at("/settings"),
  );
  assert.deepEqual(await accounts(), ["bob@example.org", "owner@example.org"]);
});

test("products without the row have no such page", async () => {
  const ada = await signUp(example, "sparkpost");
  await turnOn(example, ada);
  assert.equal((await ada.get(ada.at("/account/delete"))).status, 404);
});
