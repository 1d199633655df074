// Deleting the account: the example's own operation, which takes the password and a code.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { password, signUp, turnOn } from "./support/account.ts";
import { inBrowser, PASSWORD } from "./support/browser.ts";
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

const accounts = async ({ database } = example) =>
  (await database.query("SELECT email FROM users ORDER BY email")).map(({ email }) => email);
const records = async ({ database }: Example) =>
  (await database.query("SELECT user_id FROM two_factor")).length;

test("deleting the account takes both the password and a code, and the page asks for both", async () => {
  const { bob } = await ownerAndBob();
  const { phone } = await turnOn(example, bob);
  example.advance(120); // the code that turned it on does not count any more
  const form = bob.at("/account/delete");
  const { html } = await bob.get(form);
  assert.match(html, /name="password".*name="code"/s);
  for (const fields of [{}, { password }, { code: phone.code(example.now()) }]) {
    const refused = await bob.post(form, fields);
    assert.equal(refused.status, 422);
    assert.match(refused.html, /confirm that it is you/i);
  }
  assert.deepEqual(await accounts(), ["bob@example.org", "owner@example.org"]);
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

inBrowser("emnify", {
  "deleting the account asks again, refuses what is wrong, and leaves nothing": async (world) => {
    await signUp(world.example, "emnify", "owner@example.org");
    const bob = await world.person("bob@example.org");
    await bob.signUp();
    await bob.press("Enable");
    await bob.fill("Password", PASSWORD);
    await bob.press("Confirm");
    const phone = await bob.scan();
    await bob.fill("6-digit token", phone.code(world.example.now()));
    await bob.press("Confirm");
    world.example.advance(120); // what turned it on does not count any more
    await bob.press("Delete your account");
    const submit = async (typed: string, code: string) => {
      await bob.fill("Password", typed);
      await bob.fill("6-digit token", code);
      await bob.press("Delete my account");
    };
    await submit("not the password", phone.code(world.example.now()));
    await bob.sees("That password is not right");
    await submit(PASSWORD, "000000");
    await bob.sees("That code is not right");
    assert.equal(bob.path(), "/account/delete");
    assert.deepEqual(await accounts(world.example), ["bob@example.org", "owner@example.org"]);

    await submit(PASSWORD, phone.code(world.example.now()));
    await bob.sees("Your account is deleted.");
    assert.equal(bob.path(), "/sign-in");
    assert.deepEqual(await accounts(world.example), ["owner@example.org"]);
    assert.equal(await records(world.example), 0);
    const kept = await world.example.database.query("SELECT * FROM activity WHERE type = 'enrolled'");
    assert.deepEqual(kept, []);
    await bob.open("/settings");
    assert.equal(bob.path(), "/sign-in", "nobody is signed in");
    await bob.signIn();
    await bob.sees("Wrong e-mail or password.");
  },
});
