// What cannot be helped: a page that is not there, a stale form, too many tries, a database that is away.
import assert from "node:assert/strict";
import { messages as english } from "twinlock";
import { messages as german } from "twinlock/messages/de";
import { messages as portuguese } from "twinlock/messages/pt-BR";
import { messages as chinese } from "twinlock/messages/zh-Hans";
import { password, signUp, turnOn } from "./support/account.ts";
import { inBrowser, PASSWORD } from "./support/browser.ts";
import { visitor } from "./support/visitor.ts";

inBrowser("cloudmc", {
  "a page that is not there, a stale form and too many tries say what to do, without JavaScript": async ({
    person,
  }) => {
    const ada = await person("ada@example.org", { javaScriptEnabled: false });
    await ada.open("/nothing");
    await ada.sees("There is no such page");
    await ada.open("/sign-up");
    await ada.page.context().clearCookies();
    await ada.fill("E-mail", "late@example.org");
    await ada.fill("Password", PASSWORD);
    await ada.press("Create account");
    await ada.sees("another tab signed in or out");
    await ada.press("Continue");
    await ada.fill("E-mail", "guessed@example.org");
    for (let i = 0; i < 11; i++) {
      await ada.fill("Password", `wrong ${i}`);
      await ada.press("Sign in");
      if (i > 0) continue;
      await ada.sees("Wrong e-mail or password.");
      const password = ada.page.getByLabel("Password");
      assert.equal(await password.getAttribute("aria-invalid"), "true");
      assert.ok(await password.evaluate((field) => field === document.activeElement), "the focus is there");
    }
    await ada.sees("Too many tries");
    await ada.sees("Please wait a quarter of an hour");
  },

  "while a part of the database is away nobody gets in, and afterwards everything is as it was": async ({
    example,
  }) => {
    const ada = visitor(example.origin);
    await ada.get("/cloudmc/sign-up");
    await ada.post("/cloudmc/sign-up", { email: "ada@example.org", password: PASSWORD });
    for (const [table, status] of [
      ["two_factor", 503],
      ["users", 500],
      ["sessions", 500],
    ] as const) {
      await example.database.query(`ALTER TABLE ${table} RENAME TO away`);
      const seen = await ada.get("/cloudmc/settings");
      assert.equal(seen.status, status, table);
      assert.match(seen.html, /That did not work/);
      assert.doesNotMatch(seen.html, /sql|table|\bat .*\.ts/i, "the details stay in the log");
      await example.database.query(`ALTER TABLE away RENAME TO ${table}`);
    }
    assert.equal((await ada.get("/cloudmc/settings")).status, 200);
  },

  "W7 a refusal is in the language that the browser asks for, and marked as such": async ({ example }) => {
    const ada = await signUp(example, "cloudmc");
    await turnOn(example, ada);
    for (const [accepted, lang, text] of [
      ["de-AT,de;q=0.9,en;q=0.8", "de", german.invalid_code],
      ["zh-CN,zh;q=0.9", "zh-CN", chinese.invalid_code],
      ["eo, pt;q=0.5", "pt-BR", portuguese.invalid_code],
      ["eo", "en", english.invalid_code],
    ] as const) {
      const other = visitor(example.origin, { "accept-language": accepted });
      await other.get(ada.at("/sign-in"));
      await other.post(ada.at("/sign-in"), { email: ada.email, password });
      const { html } = await other.post(ada.at("/sign-in/code"), { code: "not a code" });
      assert.ok(html.includes(`<span lang="${lang}">${text}</span>`), accepted);
    }
  },

  "a phone whose clock is off is told so before its codes fail": async ({ example }) => {
    const ada = await signUp(example, "cloudmc");
    const { phone } = await turnOn(example, ada);
    for (let i = 0; i < 3; i++) {
      example.advance(90);
      await ada.post(ada.at("/sign-out"));
      await ada.signIn();
      const late = phone.code(example.now() - 30_000);
      assert.equal((await ada.post(ada.at("/sign-in/code"), { code: late })).url, ada.at("/settings"));
    }
    const { html } = await ada.get(ada.at("/settings"));
    assert.match(html, /Your phone’s clock is off: let it set its time automatically/);
  },

  "what is no request for a page is refused with a page": async ({ example }) => {
    const anybody = visitor(example.origin);
    for (const path of ["/nothing", "/%ff", "/cloudmc/%ff"]) {
      const seen = await anybody.get(path);
      assert.equal(seen.status, 404, path);
      assert.match(seen.html, /<h1>There is no such page/);
    }
    const heavy = await anybody.post("/phone", { key: "a".repeat(5000) });
    assert.equal(heavy.status, 413);
    assert.match(heavy.html, /<h1>/);
  },
});
