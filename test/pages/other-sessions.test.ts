// What happens in one browser when the account changes in another, or the owner turns the switch: asked at every request.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { products } from "../../examples/express/src/products.ts";
import { account, codesOn, password, signUp, turnOn } from "./support/account.ts";
import { type Example, startExample } from "./support/example.ts";
import { authenticator, readQrFromPage } from "./support/scan.ts";

const DAY = 86_400;
let example: Example;
beforeEach(async () => {
  example = await startExample();
});
afterEach(() => example.stop());

for (const { id } of products) {
  test(`${id}: turning it on signs the password's own sessions out, and they cannot turn it off`, async () => {
    const ada = await signUp(example, id);
    const elsewhere = account(example, id);
    await elsewhere.signIn();
    assert.equal(await elsewhere.isIn(), true);
    await turnOn(example, ada);
    assert.equal(await ada.isIn(), true, "the browser that turned it on stays");
    const posted = await elsewhere.post(elsewhere.at("/two-factor/turn-off"));
    assert.equal(posted.url, elsewhere.at("/sign-in"));
    assert.match(posted.html, /You were signed out because something about your account changed/);
    assert.match((await ada.get(ada.at("/settings"))).html, /badge on/, "it is still on");
  });
}

test("a new authenticator ends the sessions of the old one", async () => {
  const ada = await signUp(example, "cloudmc");
  const { phone } = await turnOn(example, ada);
  const thief = account(example, "cloudmc");
  await thief.signIn();
  await thief.post(thief.at("/sign-in/code"), { code: phone.code(example.now()) });
  assert.equal(await thief.isIn(), true);
  await ada.get(ada.at("/confirm?to=manage"));
  await ada.post(ada.at("/confirm?to=manage"), { password });
  const seen = await ada.post(ada.at("/two-factor/replace"));
  assert.match(seen.html, /Set up a new authenticator/);
  const next = authenticator(readQrFromPage(seen.html));
  const codes = await ada.post(ada.at("/two-factor/scan"), { code: next.code(example.now()) });
  assert.match(codes.html, /Your new authenticator works\. The old one and the old backup codes do not/);
  assert.equal(codesOn(codes).length, 10);
  assert.equal(await thief.isIn(), false);
  assert.equal(await ada.isIn(), true);
});

test("turning it off ends every other session", async () => {
  const ada = await signUp(example, "northstack");
  const { phone } = await turnOn(example, ada);
  const elsewhere = account(example, "northstack");
  await elsewhere.signIn();
  await elsewhere.post(elsewhere.at("/sign-in/code"), { code: phone.code(example.now()) });
  assert.equal(await elsewhere.isIn(), true);
  example.advance(30);
  await ada.get(ada.at("/two-factor/turn-off"));
  await ada.post(ada.at("/two-factor/turn-off"), { code: phone.code(example.now()) });
  assert.match((await ada.get(ada.at("/settings"))).html, /<span class="badge ">Off/);
  assert.equal(await elsewhere.isIn(), false);
});

test("a session of the password alone is over once the account is known to have a second factor", async () => {
  const ada = await signUp(example, "cloudmc");
  await example.database.query("UPDATE users SET enrolled = 1");
  assert.equal(await ada.isIn(), false, "even if nothing has ended it");
});

test("a sign-in that began before the factor changed does not end inside", async () => {
  const ada = await signUp(example, "cloudmc");
  const { phone } = await turnOn(example, ada);
  const late = account(example, "cloudmc");
  await late.signIn();
  await example.database.query("UPDATE users SET generation = generation + 1");
  await late.post(late.at("/sign-in/code"), { code: phone.code(example.now()) });
  assert.equal(await late.isIn(), false);
});

test("a person can sign out everywhere else", async () => {
  const ada = await signUp(example, "cloudmc");
  const elsewhere = account(example, "cloudmc");
  await elsewhere.signIn();
  await ada.get(ada.at("/settings"));
  const seen = await ada.post(ada.at("/sign-out-elsewhere"));
  assert.match(seen.html, /You are signed out everywhere but here/);
  assert.equal(await elsewhere.isIn(), false);
});

test("P15: the grace period is the owner's of now, not that of the sign-in", async () => {
  const owner = await signUp(example, "bytebase", "owner@example.org");
  const bob = await signUp(example, "bytebase", "bob@example.org");
  const { phone } = await turnOn(example, owner);
  await owner.get(owner.at("/confirm?to=members"));
  await owner.post(owner.at("/confirm?to=members"), { password, code: phone.code(example.now()) });
  await owner.post(owner.at("/admin/policy"), { required: "yes", grace: "1" });
  await bob.signIn();
  assert.match((await bob.get(bob.at("/settings"))).html, /Bytebase requires two-factor authentication/);
  await owner.get(owner.at("/admin"));
  await owner.post(owner.at("/admin/policy"), { required: "no" });
  const seen = await bob.get(bob.at("/settings"));
  assert.equal(seen.url, bob.at("/settings"));
  assert.doesNotMatch(seen.html, /Bytebase requires/);
  example.advance(DAY);
  assert.equal(await bob.isIn(), true, "nothing is required any more");

  example.advance(30);
  await owner.get(owner.at("/confirm?to=members"));
  await owner.post(owner.at("/confirm?to=members"), { password, code: phone.code(example.now()) });
  await owner.post(owner.at("/admin/policy"), { required: "yes", grace: "1" });
  assert.equal(await bob.isIn(), false);
  await bob.signIn();
  assert.equal(await bob.isIn(), true);
  example.advance(DAY);
  const over = await bob.get(bob.at("/settings"));
  assert.equal(over.url, bob.at("/sign-in"));
  assert.match(over.html, /Bytebase now requires two-factor authentication\. Sign in to set it up\./);
});
