// An open session alone is not enough: what the owner does for others, CloudMC's page, and pages in the wrong state.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { problemOf } from "../../examples/express/src/problems.ts";
import { products } from "../../examples/express/src/products.ts";
import type { Site } from "../../examples/express/src/site.ts";
import { type Account, account, codesOn, password, signUp, turnOn } from "./support/account.ts";
import { type Example, startExample } from "./support/example.ts";
import { authenticator, readQrFromPage } from "./support/scan.ts";

let example: Example;
beforeEach(async () => {
  example = await startExample();
});
afterEach(() => example.stop());

async function confirm(one: Account, to: string, fields: Record<string, string>) {
  await one.get(one.at(`/confirm?to=${to}`));
  return one.post(one.at(`/confirm?to=${to}`), fields);
}

async function ownerAndBob(product: string) {
  const owner = await signUp(example, product, "owner@example.org");
  const bob = await signUp(example, product, "bob@example.org");
  const { phone } = await turnOn(example, bob);
  const [row] = await example.database.query("SELECT id FROM users WHERE email = 'bob@example.org'");
  return { owner, bob, phone, help: owner.at(`/admin/members/${row?.["id"]}`) };
}

async function isOn(one: Account): Promise<boolean> {
  return /badge on/.test((await one.get(one.at("/settings"))).html);
}

test("resetting somebody takes the owner's password anew, and a code where the owner has one", async () => {
  const { owner, bob, help } = await ownerAndBob("northstack");
  const reset = { action: "reset", reason: "Lost phone" };
  await owner.get(owner.at("/settings"));
  assert.equal((await owner.post(help, reset)).url, owner.at("/confirm"), "an open session is not enough");
  assert.equal(await isOn(bob), true);
  assert.equal((await confirm(owner, "members", { password: "wrong" })).status, 422);
  assert.equal((await confirm(owner, "members", {})).status, 422);

  const { phone } = await turnOn(example, owner);
  assert.equal((await confirm(owner, "members", { password })).status, 422, "nor is the password alone");
  assert.equal((await owner.get(owner.at("/admin"))).url, owner.at("/confirm"));
  const code = phone.code(example.now());
  assert.equal((await confirm(owner, "members", { code })).status, 422, "nor is a code alone");
  const seen = await confirm(owner, "members", { password, code });
  assert.equal(seen.url, owner.at("/admin"));
  example.advance(601);
  assert.equal((await owner.post(help, reset)).url, owner.at("/confirm"), "ten minutes later it is old");
  await confirm(owner, "members", { password, code: phone.code(example.now()) });
  await owner.post(help, reset);
  assert.equal(await isOn(bob), false);
});

test("the owner's switch takes the same", async () => {
  const owner = await signUp(example, "bytebase");
  await owner.get(owner.at("/settings"));
  await owner.post(owner.at("/admin/policy"), { required: "yes" });
  const rows = await example.database.query("SELECT * FROM policies WHERE required_since IS NOT NULL");
  assert.deepEqual(rows, []);
});

test("an owner cannot go around the own second factor, and has no button for it", async () => {
  const owner = await signUp(example, "northstack", "owner@example.org");
  const { phone } = await turnOn(example, owner);
  const [row] = await example.database.query("SELECT id FROM users");
  const seen = await confirm(owner, "members", { password, code: phone.code(example.now()) });
  assert.doesNotMatch(seen.html, /Reset the second factor/);
  const own = owner.at(`/admin/members/${row?.["id"]}`);
  const answer = await owner.post(own, { action: "reset", reason: "me" });
  assert.equal(answer.status, 422);
  assert.match(answer.html, /please use your settings/);
  assert.equal(await isOn(owner), true);
});

test("help takes a reason and one of two actions; reason, address and browser are kept", async () => {
  const { owner, bob, help } = await ownerAndBob("cloudmc");
  await confirm(owner, "members", { password });
  for (const [fields, text] of [
    [{ reason: "x" }, /choose whether to unlock or to reset/],
    [{ reason: "x", action: "constructor" }, /choose whether to unlock or to reset/],
    [{ reason: "  ", action: "reset" }, /Please give a reason/],
  ] as const) {
    const seen = await owner.post(help, fields);
    assert.equal(seen.status, 422);
    assert.match(seen.html, text);
  }
  assert.match((await owner.post(owner.at("/admin/members/x"), { reason: "x" })).html, /no such member/);
  assert.equal(await isOn(bob), true);
  await owner.post(help, { action: "reset", reason: "Lost phone, passport checked" });
  const [kept] = await example.database.query("SELECT * FROM activity WHERE type = 'reset'");
  assert.equal(kept?.["actor"], "owner@example.org");
  assert.equal(kept?.["reason"], "Lost phone, passport checked");
  assert.match(String(kept?.["ip"]), /127\.0\.0\.1|::1/);
  assert.equal(typeof kept?.["device"], "string");
});

test("B7: under the owner's switch a reset is recorded, and the next sign-in enrolls anew", async () => {
  const { owner, bob, help } = await ownerAndBob("bytebase");
  const { phone } = await turnOn(example, owner);
  await confirm(owner, "members", { password, code: phone.code(example.now()) });
  await owner.post(owner.at("/admin/policy"), { required: "yes", grace: "0" });
  await owner.get(owner.at("/admin"));
  await owner.post(help, { action: "reset", reason: "Lost phone, passport checked" });
  assert.equal(await bob.isIn(), false);
  assert.equal((await bob.signIn()).url, bob.at("/two-factor/scan"), "required, and so set up anew");
  await turnOn(example, bob);
  const { html } = await bob.get(bob.at("/settings"));
  assert.match(html, /reset by an administrator \(owner@example\.org: Lost phone, passport checked\)/);
});

test("C4: CloudMC's page and all on it open with the password, not with the code of the sign-in", async () => {
  const ada = await signUp(example, "cloudmc");
  const { phone } = await turnOn(example, ada);
  const closed = async () => {
    for (const [path, to] of [
      ["/manage", "manage"],
      ["/two-factor/codes", "codes"],
      ["/two-factor/turn-off", "turn-off"],
    ] as const) {
      const seen = await ada.get(ada.at(path));
      assert.equal(seen.url, ada.at("/confirm"), path);
      assert.match(seen.html, new RegExp(`/confirm\\?to=${to}"`), "and then it goes on there");
      if (path === "/manage") continue;
      assert.equal(
        (await ada.post(ada.at(path), { code: phone.code(example.now()) })).url,
        ada.at("/confirm"),
      );
    }
    assert.equal(await isOn(ada), true);
  };
  await closed();
  await ada.post(ada.at("/sign-out"));
  await ada.signIn();
  await ada.post(ada.at("/sign-in/code"), { code: phone.code(example.now()) });
  example.advance(30);
  await closed();
  assert.equal((await confirm(ada, "manage", { code: phone.code(example.now()) })).status, 422);
  await closed();
  assert.equal((await confirm(ada, "manage", { password })).url, ada.at("/manage"));
  example.advance(599);
  assert.equal((await ada.get(ada.at("/manage"))).url, ada.at("/manage"));
  example.advance(2);
  await closed();
});

test("products have only their own pages, and pages in the wrong state lead to the settings", async () => {
  for (const product of ["northstack", "emnify"]) {
    const ada = await signUp(example, product);
    await turnOn(example, ada);
    for (const path of ["/two-factor/codes", "/manage"]) {
      await ada.get(ada.at("/settings"));
      assert.equal((await ada.get(ada.at(path))).status, 404, path);
    }
    await ada.get(ada.at("/settings"));
    assert.equal((await ada.post(ada.at("/two-factor/codes"), { password })).status, 404);
  }
  for (const product of ["sparkpost", "cloudmc"]) {
    const ada = await signUp(example, product);
    for (const path of ["/two-factor/codes", "/two-factor/turn-off", "/two-factor/lost-phone", "/confirm"]) {
      const seen = await ada.get(ada.at(path));
      assert.equal(seen.url, ada.at("/settings"), `${product}${path} with 2FA off`);
      if (path === "/two-factor/lost-phone" || path === "/confirm") continue;
      assert.equal((await ada.post(ada.at(path), { password })).url, ada.at("/settings"), `posted ${path}`);
    }
  }
  const bob = await signUp(example, "sparkpost", "bob@example.org");
  assert.equal((await bob.get(bob.at("/confirm?to=enroll"))).url, bob.at("/settings"), "nothing to ask");
  await turnOn(example, bob);
  const seen = await bob.get(bob.at("/two-factor/lost-phone"));
  assert.equal(seen.url, bob.at("/settings"), "nobody used a backup code");
});

test("Bytebase asks for a code before the authenticator is replaced", async () => {
  const ada = await signUp(example, "bytebase");
  const { phone } = await turnOn(example, ada);
  example.advance(601); // the proof of the enrollment is old
  await ada.get(ada.at("/settings"));
  const seen = await ada.post(ada.at("/two-factor/replace"));
  assert.equal(seen.url, ada.at("/confirm"));
  const next = await ada.post(ada.at("/confirm?to=replace"), { code: phone.code(example.now()) });
  assert.equal(next.url, ada.at("/two-factor/scan"));
});

test("a reload of the codes generates no others, and says what to do", async () => {
  const ada = await signUp(example, "sparkpost");
  await turnOn(example, ada);
  const page = await ada.get(ada.at("/two-factor/codes"));
  const [, _csrf = ""] = /name="_csrf" value="([^"]*)"/.exec(page.html) ?? [];
  const shown = await ada.post(ada.at("/two-factor/codes"), { password });
  const [code = ""] = codesOn(shown);
  const again = await reload(ada, "/two-factor/codes", { password, _csrf });
  assert.equal(again.status, 403);
  assert.match(await again.text(), /only once: if you have not saved yours, make new ones in the settings/);
  assert.equal(await works(ada, code), true);

  for (let i = 0; i < 5; i++) {
    await ada.get(ada.at("/two-factor/codes"));
    await ada.post(ada.at("/two-factor/codes"), { password });
  }
  await ada.get(ada.at("/two-factor/codes"));
  const refused = await ada.post(ada.at("/two-factor/codes"), { password });
  assert.match(refused.html, /generated new backup codes too often today\. The latest ones still work/);
  assert.match(refused.html, /You can try again in/);
});

test("bytebase: a minute later, a reload of the codes asks whether they were saved", async () => {
  const ada = await signUp(example, "bytebase");
  await ada.get(ada.at("/settings"));
  const scan = await ada.post(ada.at("/two-factor/set-up"));
  const [, _csrf = ""] = /name="_csrf" value="([^"]*)"/.exec(scan.html) ?? [];
  const code = authenticator(readQrFromPage(scan.html)).code(example.now());
  await ada.post(ada.at("/two-factor/scan"), { code });
  example.advance(61); // Within the first minute, the same form gets the same codes: sent-twice.test.ts.
  const again = await reload(ada, "/two-factor/scan", { code, _csrf });
  assert.equal(again.status, 422);
  assert.match(
    await again.text(),
    /If you have saved the recovery codes that you\s+were shown, you are done/,
  );
});

/** Sends a form once more, as a browser does when its answer is reloaded. */
function reload(one: Account, path: string, fields: Record<string, string>): Promise<Response> {
  const headers = { cookie: one.cookies(one.at("/")).join("; ") };
  const body = new URLSearchParams(fields);
  return fetch(example.origin + one.at(path), { method: "POST", redirect: "manual", headers, body });
}

async function works(ada: Account, code: string): Promise<boolean> {
  const elsewhere = account(example, "sparkpost", ada.email);
  await elsewhere.signIn();
  return (await elsewhere.post(elsewhere.at("/sign-in/code"), { code })).url.endsWith("/lost-phone");
}

test("after the hard stop nobody is told to wait", () => {
  const failure = { ok: false, reason: "locked", detail: "exhausted" } as const;
  const req = { acceptsLanguages: () => "en" } as unknown as Parameters<typeof problemOf>[1];
  const said = products.map(
    (product) => problemOf({ product, clock: example.now } as Site, req, failure).text,
  );
  const locked = "Too many wrong codes";
  assert.deepEqual(said, [
    `${locked}. Please ask an administrator to unlock your account.`,
    `${locked}: those of your app are not accepted any more. Please use one of your backup codes.`,
    `${locked}. Please ask an administrator to unlock your account.`,
    `${locked}. Please ask an administrator to unlock your account, or use one of your backup codes.`,
    `${locked}. Please ask an administrator to unlock your account, or use one of your recovery codes.`,
    `${locked}. Please ask an administrator to unlock your account, or use one of your backup codes.`,
  ]);
});

test("a reload of the code page does not forget the wait, nor does another browser's", async () => {
  const ada = await signUp(example, "northstack");
  const { phone } = await turnOn(example, ada);
  const guesser = account(example, "northstack");
  await guesser.signIn();
  for (let i = 0; i < 5; i++) await guesser.post(guesser.at("/sign-in/code"), { code: "000000" });
  const shown = await guesser.get(guesser.at("/sign-in/code"));
  assert.match(shown.html, /Too many wrong codes or passwords\. Please wait\./);
  assert.match(shown.html, /You can try again in/);
  assert.match((await guesser.signIn()).html, /You can try again in/, "it is known from the sign-in on");
  example.advance(31);
  assert.doesNotMatch((await guesser.get(guesser.at("/sign-in/code"))).html, /You can try again in/);
  const inside = await guesser.post(guesser.at("/sign-in/code"), { code: phone.code(example.now()) });
  assert.equal(inside.url, guesser.at("/settings"));
});
