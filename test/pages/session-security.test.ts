// V49 to V56 at the example's own door: plain HTTP, as an attacker would knock.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { account, codesOn, turnOn } from "./support/account.ts";
import { everyPageIsAccessible } from "./support/audit.ts";
import { type Example, startExample } from "./support/example.ts";
import { authenticator, readQrFromPage } from "./support/scan.ts";
import { type Seen, type Visitor, visitor } from "./support/visitor.ts";

const password = "correct horse battery";
const HTTPS = { "x-forwarded-proto": "https" };
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
  const codes = codesOn(shown);
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
  assert.match(device ?? "", /; Expires=[^;]+; Path=\/; Secure; HttpOnly; SameSite=Lax$/);
});

test("the session's cookie is for this product, this site, HTTPS and no script", async () => {
  const production = await startExample({ production: true });
  try {
    const seen = await visitor(production.origin, HTTPS).get("/cloudmc/sign-in");
    const [cookie = "", ...others] = seen.cookies;
    assert.deepEqual(others, []);
    const [, ...attributes] = cookie.split("; ");
    const [expires = "", ...rest] = attributes.sort();
    assert.deepEqual(rest, ["HttpOnly", "Path=/cloudmc", "SameSite=Lax", "Secure"]);
    const lives = new Date(expires.replace("Expires=", "")).getTime() - Date.now();
    assert.ok(lives <= 3_600_000, "a visitor who never signs in is forgotten after an hour");
  } finally {
    await production.stop();
  }
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

for (const product of ["sparkpost", "bytebase"]) {
  test(`V55: ${product} renews the id after a forced enrollment, and after the acknowledgement`, async () => {
    await example.database.query(
      "INSERT INTO policies (product, required_since, grace_seconds) VALUES ($1, 0, 0)",
      [product],
    );
    const ada = account(example, product);
    await ada.get(ada.at("/sign-up"));
    await ada.post(ada.at("/sign-up"), { email: ada.email, password });
    const pending = ada.cookies(ada.at("/"));
    await ada.get(ada.at("/two-factor/scan"));
    assert.deepEqual(ada.cookies(ada.at("/")), pending);
    await turnOn(example, ada);
    assert.equal(await ada.isIn(), true);
    const [one = "", ...none] = pending;
    assert.deepEqual(none, []);
    const attacker = visitor(example.origin);
    attacker.plant(product, one.slice(product.length + 1), ada.at("/"));
    const seen = await attacker.get(ada.at("/settings"));
    assert.equal(seen.url, ada.at("/sign-in"), "the id from before the enrollment is nobody's");
  });
}

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

test("a form without its token changes nothing, and no other product's address opens a session", async () => {
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

test("ten wrong passwords from elsewhere keep nobody out of the own account", async () => {
  const production = await startExample({ production: true });
  try {
    const from = (address: string) => visitor(production.origin, { ...HTTPS, "x-forwarded-for": address });
    const email = "limit-bob@example.org";
    const bob = from("192.0.2.1");
    await bob.get("/cloudmc/sign-up");
    await bob.post("/cloudmc/sign-up", { email, password });
    const stranger = from("198.51.100.1");
    for (let i = 0; i < 11; i++) {
      await stranger.get("/cloudmc/sign-in");
      const seen = await stranger.post("/cloudmc/sign-in", {
        email: ` ${email.toUpperCase()}`,
        password: "x",
      });
      assert.equal(seen.status, i < 10 ? 401 : 429, "one account has one spelling");
    }
    await bob.post("/cloudmc/sign-out");
    await bob.get("/cloudmc/sign-in");
    assert.equal((await bob.post("/cloudmc/sign-in", { email, password })).url, "/cloudmc/settings");

    // From everywhere together a hundred: these are as good as tried already.
    await production.database.query("UPDATE rate_limits SET hits = 100 WHERE id = $1", [
      `cloudmc:account:${email}`,
    ]);
    const third = from("203.0.113.1");
    await third.get("/cloudmc/sign-in");
    assert.equal((await third.post("/cloudmc/sign-in", { email, password: "x" })).status, 429);
  } finally {
    await production.stop();
  }
});

test("sixty wrong passwords from one network are enough, and right ones are not counted", async () => {
  const { email } = await enrolled("limit-eve@example.org");
  for (let i = 0; i < 61; i++) await afterPassword(email);
  const guesser = visitor(example.origin);
  const statuses: number[] = [];
  for (let i = 0; i < 61; i++) {
    await guesser.get("/cloudmc/sign-in");
    const seen = await guesser.post("/cloudmc/sign-in", { email: `guess${i}@example.org`, password: "x" });
    statuses.push(seen.status);
  }
  assert.deepEqual(statuses, [...Array.from({ length: 60 }, () => 401), 429]);
});

test("the demo phone is not there in production, and security headers are", async () => {
  const production = await startExample({ production: true });
  try {
    const phone = await fetch(`${production.origin}/phone`, { headers: HTTPS });
    assert.equal(phone.status, 404);
    const page = await fetch(`${production.origin}/cloudmc/sign-in`, { headers: HTTPS });
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
