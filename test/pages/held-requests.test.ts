// A request that is held open while its visitor signs out: what it writes afterwards signs nobody in again.
import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { request } from "node:http";
import { afterEach, beforeEach, test } from "node:test";
import { password, signUp, turnOn } from "./support/account.ts";
import { inBrowser, PASSWORD } from "./support/browser.ts";
import { type Example, startExample } from "./support/example.ts";
import { authenticator, readQrFromPage } from "./support/scan.ts";
import { visitor } from "./support/visitor.ts";

let example: Example;
beforeEach(async () => {
  example = await startExample();
});
afterEach(() => example.stop());

/** Lets the next read of a second factor wait until it is released. */
function holdNextRead({ database: { secondFactors } }: Example) {
  const events = new EventEmitter();
  const [reached, released] = [once(events, "reached"), once(events, "released")];
  const { get } = secondFactors;
  secondFactors.get = async (userId) => {
    secondFactors.get = get;
    events.emit("reached");
    await released;
    return get.call(secondFactors, userId);
  };
  return { reached, release: () => void events.emit("released") };
}

/** Whether a browser that holds these cookies is signed in. */
async function letsIn(cookies: readonly string[]): Promise<boolean> {
  const other = visitor(example.origin);
  for (const cookie of cookies) {
    const [name = "", value = ""] = cookie.split(/=(.*)/);
    other.plant(name, value, "/cloudmc");
  }
  return (await other.get("/cloudmc/settings")).url === "/cloudmc/settings";
}

test("P2 a proof that is held open over the sign-out brings the old session back for nobody", async () => {
  const ada = await signUp(example, "cloudmc");
  await ada.get(ada.at("/confirm?to=enroll"));
  const cookies = ada.cookies("/cloudmc");
  const { reached, release } = holdNextRead(example);
  const slow = ada.post(ada.at("/confirm?to=enroll"), { password });
  await reached;
  await ada.post(ada.at("/sign-out"));
  release();
  await slow;
  assert.equal(await letsIn(cookies), false, "the cookie from before the sign-out");
  assert.equal(await ada.isIn(), false, "the browser itself");
});

test("P2 an activation that is held open over the sign-out signs nobody in", async () => {
  const ada = await signUp(example, "cloudmc");
  await ada.post(ada.at("/two-factor/set-up"));
  const scan = await ada.post(ada.at("/confirm?to=enroll"), { password });
  const code = authenticator(readQrFromPage(scan.html)).code(example.now());
  const { reached, release } = holdNextRead(example);
  const slow = ada.post(ada.at("/two-factor/scan"), { code });
  await reached;
  await ada.post(ada.at("/sign-out"));
  release();
  await slow;
  assert.equal(await letsIn(ada.cookies("/cloudmc")), false);
});

test("P2 a code that is held open while the person gives up signs nobody in", async () => {
  const ada = await signUp(example, "cloudmc");
  const { phone } = await turnOn(example, ada);
  await ada.post(ada.at("/sign-out"));
  await ada.signIn();
  const { reached, release } = holdNextRead(example);
  const slow = ada.post(ada.at("/sign-in/code"), { code: phone.code(example.now()) });
  await reached;
  await ada.post(ada.at("/sign-out"));
  release();
  await slow;
  assert.equal(await letsIn(ada.cookies("/cloudmc")), false);
});

test("P2 a form whose last byte comes after the sign-out changes nothing", async () => {
  const ada = await signUp(example, "cloudmc");
  const { html } = await ada.get(ada.at("/settings"));
  const cookies = ada.cookies("/cloudmc");
  const csrf = /name="_csrf" value="([^"]*)"/.exec(html)?.[1] ?? "";
  const body = `_csrf=${csrf}&password=${password}&new-password=another+password`;
  const slow = request(`${example.origin}/cloudmc/password`, {
    method: "POST",
    headers: {
      cookie: cookies.join("; "),
      "content-type": "application/x-www-form-urlencoded",
      "content-length": body.length,
      expect: "100-continue", // answered when the request has come to the application
    },
  });
  const status = new Promise((resolve) => slow.once("response", (answer) => resolve(answer.statusCode)));
  slow.flushHeaders();
  await once(slow, "continue");
  slow.write(body.slice(0, -1));
  await ada.post(ada.at("/sign-out"));
  slow.end(body.slice(-1));
  assert.equal(await status, 403);
  assert.equal(await letsIn(cookies), false);
  await ada.signIn();
  assert.equal(await ada.isIn(), true, "the password is the one from before");
});

inBrowser("cloudmc", {
  "P2 signing out in one tab ends what another tab was still sending": async (world) => {
    const ada = await world.person("ada@example.org");
    await ada.signUp();
    await ada.open("/confirm?to=enroll");
    await ada.fill("Password", PASSWORD);
    const tab = await ada.page.context().newPage();
    await tab.goto(`${world.example.origin}/cloudmc/settings`);
    const { reached, release } = holdNextRead(world.example);
    const sent = ada.page.getByRole("button", { name: "Confirm" }).click({ noWaitAfter: true });
    await reached;
    await tab.getByRole("button", { name: "Sign out", exact: true }).click();
    await tab.getByText("You are signed out.").waitFor();
    release();
    await sent;
    await ada.page.waitForURL(/sign-in$/);
    await ada.open("/settings");
    assert.equal(ada.path(), "/sign-in");
  },
});
