// What a stranger, or a program that knows one password, can make the example keep: bounded.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { password, signUp } from "./support/account.ts";
import { type Example, startExample } from "./support/example.ts";
import { visitor } from "./support/visitor.ts";

let example: Example;
beforeEach(async () => {
  example = await startExample();
});
afterEach(() => example.stop());

async function sessions(): Promise<number> {
  const [row] = await example.database.query("SELECT COUNT(*) AS n FROM sessions");
  return Number(row?.["n"]);
}

test("P8 what an anonymous visitor asks for in vain leaves no session behind", async () => {
  const asked = [
    await visitor(example.origin).get("/cloudmc/nothing"),
    await visitor(example.origin).get("/cloudmc/%ff"),
    await visitor(example.origin).post("/cloudmc/nothing", { a: "b" }),
    await visitor(example.origin).post("/cloudmc/sign-in", { email: "ada@example.org", password }),
    await visitor(example.origin).post("/cloudmc/sign-in", { email: "a".repeat(20_000) }),
  ];
  assert.deepEqual(
    asked.map(({ status }) => status),
    [404, 404, 403, 403, 413],
  );
  assert.equal(await sessions(), 0);
});

test("P8 right passwords are counted as well: a hundred for one account in fifteen minutes", async () => {
  const ada = await signUp(example, "cloudmc");
  await example.database.query("INSERT INTO rate_limits (id, hits, reset_at) VALUES ($1, 98, $2)", [
    "cloudmc:account:ada@example.org",
    Date.now() + 60_000,
  ]);
  const statuses: number[] = [];
  for (let i = 0; i < 3; i++) {
    await ada.post(ada.at("/sign-out"));
    statuses.push((await ada.signIn()).status);
  }
  assert.deepEqual(statuses, [200, 200, 429]);
  const before = await sessions();
  assert.equal((await ada.signIn()).status, 429);
  assert.equal(await sessions(), before, "nothing more is kept");
});
