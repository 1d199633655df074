// V49 to V56 at the example's own door: plain HTTP, as an attacker would knock.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { everyPageIsAccessible } from "./support/audit.ts";
import { type Example, startExample } from "./support/example.ts";
import { authenticator, readQrFromPage } from "./support/scan.ts";
import { type Seen, type Visitor, visitor } from "./support/visitor.ts";

const password = "correct horse battery";
let example: Example;
beforeEach(async () => {
  example = await startExample();
});
afterEach(() => example.stop());

type Phone = ReturnType<typeof authenticator>;

/** Somebody with a second factor, who has signed out. */
async function enrolled(email: string): Promise<{ email: string; phone: Phone; codes: string[] }> {
  const person = visitor(example.origin);
  await person.get("/cloudmc/sign-up");
  await person.post("/cloudmc/sign-up", { email, password });
  await person.post("/cloudmc/two-factor/set-up");
  const scan = await person.post("/cloudmc/confirm?to=enroll", { password });
  const phone = authenticator(readQrFromPage(scan.html));
  const shown = await person.post("/cloudmc/two-factor/scan", { code: phone.code(example.now()) });
  example.advance(30);
  const codes = [...shown.html.matchAll(/<li><code>(\d{8})<\/code>/g)].map((match) => match[1] ?? "");
  assert.equal(codes.length, 10);
  return { email, phone, codes };
}

async function afterPassword(email: string, person: Visitor = visitor(example.origin)): Promise<Visitor> {
  await person.get("/cloudmc/sign-in");
  const seen = await person.post("/cloudmc/sign-in", { email, password });
  assert.equal(seen.url, "/cloudmc/sign-in/code");
  return person;
}

async function isIn(person: Visitor): Promise<boolean> {
  return (await person.get("/cloudmc/settings")).url === "/cloudmc/settings";
}

const sessionCookie = (person: Visitor) =>
  person.cookies("/cloudmc").find((cookie) => cookie.startsWith("cloudmc="));

/** Moves what one session holds into another, as somebody would who got hold of a challenge. */
async function copyChallenge(from: Visitor, to: Visitor): Promise<void> {
  const id = (person: Visitor) =>
    decodeURIComponent(sessionCookie(person) ?? "").replace(/^cloudmc=s:(.*)\..*$/, "$1");
  const read = async (person: Visitor) => {
    const [row] = await example.database.query("SELECT data FROM sessions WHERE id = $1", [id(person)]);
    return JSON.parse(String(row?.["data"])) as Record<string, unknown>;
  };
  const data = { ...(await read(to)), challenge: (await read(from))["challenge"] };
  await example.database.query("UPDATE sessions SET data = $1 WHERE id = $2", [JSON.stringify(data), id(to)]);
}

test("V49: the user comes from the password step and from nowhere else in the request", async () => {
  const ada = await enrolled("v49-ada@example.org");
  const mallory = await enrolled("v49-mallory@example.org");
  const attacker = await afterPassword(ada.email);
  const code = mallory.phone.code(example.now());
  const more = { email: mallory.email, userId: mallory.email, user: mallory.email, challenge: "x" };
  const seen = await attacker.post("/cloudmc/sign-in/code", { code, ...more });
  assert.match(seen.html, /That code is not right/);
  assert.equal(await isIn(attacker), false);

  await afterPassword(ada.email, attacker);
  for (let i = 0; i < 5; i++) await attacker.post("/cloudmc/sign-in/code", { code, ...more });
  const own = await attacker.post("/cloudmc/sign-in/code", { code: ada.phone.code(example.now()) });
  assert.match(own.html, /Too many wrong codes/, "each was charged to the one from the password step");
  const innocent = await afterPassword(mallory.email);
  assert.equal((await innocent.post("/cloudmc/sign-in/code", { code })).url, "/cloudmc/settings");
});

test("V50: a challenge in another browser's session is worth nothing", async () => {
  const ada = await enrolled("v50-ada@example.org");
  const victim = await afterPassword(ada.email);
  const thief = visitor(example.origin);
  await thief.get("/cloudmc/sign-in");
  await copyChallenge(victim, thief);
  assert.match((await thief.get("/cloudmc/sign-in/code")).html, /v50-ada/, "the challenge has arrived");
  const code = ada.phone.code(example.now());
  const seen = await thief.post("/cloudmc/sign-in/code", { code });
  assert.match(seen.html, /That step is no longer open/);
  assert.equal(await isIn(thief), false);
  await victim.get("/cloudmc/sign-in/code");
  const own = await victim.post("/cloudmc/sign-in/code", { code });
  assert.equal(own.url, "/cloudmc/settings", "the code was not even looked at");
});

test("V51: of two simultaneous answers to one challenge, one signs in", async () => {
  const ada = await enrolled("v51-ada@example.org");
  const person = await afterPassword(ada.email);
  const [one = "", other = ""] = ada.codes;
  const seen = await Promise.all([one, other].map((code) => person.post("/cloudmc/sign-in/code", { code })));
  assert.equal(seen.filter(({ url }) => url === "/cloudmc/two-factor/lost-phone").length, 1);
});

test("V51: a challenge ends after ten minutes", async () => {
  const ada = await enrolled("v51-late@example.org");
  const person = await afterPassword(ada.email);
  example.advance(601);
  const seen = await person.post("/cloudmc/sign-in/code", { code: ada.phone.code(example.now()) });
  assert.match(seen.html, /That step is no longer open/);
});

test("V52, V54: before the second factor there is no cookie and no page of a signed-in person", async () => {
  const ada = await enrolled("v52-ada@example.org");
  const person = visitor(example.origin);
  const seen: Seen[] = [await person.get("/cloudmc/sign-in")];
  seen.push(await person.post("/cloudmc/sign-in", { email: ada.email, password }));
  seen.push(await person.post("/cloudmc/sign-in/code", { code: "000000" }));
  const names = seen.flatMap(({ cookies }) => cookies).map((cookie) => cookie.split("=")[0]);
  assert.deepEqual(
    [...new Set(names)],
    ["cloudmc"],
    "the session's own cookie, and nothing that outlives it",
  );
  for (const path of [
    "/settings",
    "/admin",
    "/manage",
    "/two-factor/scan",
    "/two-factor/codes",
    "/confirm",
  ]) {
    const shown = await person.get(`/cloudmc${path}`);
    assert.equal(shown.url, "/cloudmc/sign-in", path);
  }
  const again = await afterPassword(ada.email, person);
  const inside = await again.post("/cloudmc/sign-in/code", { code: ada.phone.code(example.now()) });
  const device = inside.cookies.find((cookie) => cookie.startsWith("__Host-"));
  assert.match(device ?? "", /; Secure; HttpOnly; SameSite=Lax|; HttpOnly.*Secure|Secure.*HttpOnly/);
});

test("V53: an account that was removed after the password does not get in with the code", async () => {
  const ada = await enrolled("v53-ada@example.org");
  const person = await afterPassword(ada.email);
  await example.database.query("DELETE FROM users WHERE email = $1", [ada.email]);
  const seen = await person.post("/cloudmc/sign-in/code", { code: ada.phone.code(example.now()) });
  assert.match(seen.html, /This is not possible for your account/);
  assert.equal(await isIn(person), false);
});

test("V55: the session's id is another one after the password, and again after the code", async () => {
  const ada = await enrolled("v55-ada@example.org");
  const person = visitor(example.origin);
  await person.get("/cloudmc/sign-in");
  const planted = sessionCookie(person);
  await afterPassword(ada.email, person);
  const pending = sessionCookie(person);
  await person.post("/cloudmc/sign-in/code", { code: ada.phone.code(example.now()) });
  const signedIn = sessionCookie(person);
  assert.equal(new Set([planted, pending, signedIn]).size, 3);

  for (const old of [planted, pending]) {
    const attacker = visitor(example.origin);
    const [name = "", value = ""] = (old ?? "").split(/=(.*)/);
    attacker.plant(name, value, "/cloudmc");
    assert.equal(await isIn(attacker), false, "an id from before is nobody's");
  }
  assert.equal(await isIn(person), true);
});

test("V56: no other route signs anybody in, with the password known and whatever is posted", async () => {
  const ada = await enrolled("v56-ada@example.org");
  const fields = {
    email: ada.email,
    password,
    code: "000000",
    "new-password": "another password",
    to: "manage",
  };
  const routes = example.routes.map((route) => route.replace(":id", "x"));
  for (const known of [
    "POST /sign-in/code",
    "POST /two-factor/acknowledge",
    "GET /settings",
    "POST /password",
  ])
    assert.ok(routes.includes(known), `${known} is among the routes that the application has`);
  for (const route of routes) {
    const [method, path] = route.split(" ");
    const person = await afterPassword(ada.email);
    await (method === "GET" ? person.get(`/cloudmc${path}`) : person.post(`/cloudmc${path}`, fields));
    assert.equal(await isIn(person), false, route);
  }
});

test("a form without the page's token changes nothing, and the address of another product opens no session", async () => {
  const ada = await enrolled("csrf-ada@example.org");
  const person = await afterPassword(ada.email);
  await person.post("/cloudmc/sign-in/code", { code: ada.phone.code(example.now()) });
  assert.equal(await isIn(person), true);
  const forged = await fetch(`${example.origin}/cloudmc/two-factor/turn-off`, {
    method: "POST",
    redirect: "manual",
    headers: { cookie: person.cookies("/cloudmc").join("; ") },
    body: new URLSearchParams({ password }),
  });
  assert.equal(forged.status, 403);
  const session = (sessionCookie(person) ?? "").replace("cloudmc=", "");
  person.plant("bytebase", session, "/bytebase");
  assert.equal((await person.get("/bytebase/settings")).url, "/bytebase/sign-in");
});

test("wrong passwords are limited for one account, and the page says so", async () => {
  const { email } = await enrolled("limit-ada@example.org");
  const person = visitor(example.origin);
  for (let i = 0; i < 10; i++) {
    await person.get("/cloudmc/sign-in");
    assert.equal((await person.post("/cloudmc/sign-in", { email, password: `wrong ${i}` })).status, 401);
  }
  await person.get("/cloudmc/sign-in");
  const seen = await person.post("/cloudmc/sign-in", { email, password });
  assert.equal(seen.status, 429);
  assert.match(seen.html, /Too many tries/);
});

test("the demo phone is not there in production, and security headers are", async () => {
  const production = await startExample({ production: true });
  try {
    const phone = await fetch(`${production.origin}/phone`);
    assert.equal(phone.status, 404);
    const page = await fetch(`${production.origin}/cloudmc/sign-in`);
    assert.match(page.headers.get("content-security-policy") ?? "", /default-src 'none'/);
    assert.match(page.headers.get("strict-transport-security") ?? "", /max-age/);
    assert.equal(page.headers.get("cache-control"), "no-store");
    assert.equal(page.headers.get("x-powered-by"), null);
    assert.doesNotMatch(await page.text(), /Demo phone|<script>|style=/);
  } finally {
    await production.stop();
  }
});

everyPageIsAccessible("CloudMC");
