import assert from "node:assert/strict";
import { test } from "node:test";
import { cookieSession, expressSession, memoryEndedVisits } from "../../../src/flow.ts";

const YEAR = 31_536_000_000;

test("express-session keeps the visit in the session and notes its end in the store", async () => {
  const stored = new Map<string, object>();
  const request = {
    headers: { cookie: "a=1" },
    session: { regenerate: (done: (error?: unknown) => void) => done() } as never,
    sessionStore: {
      get: (id: string, done: (error: unknown, session?: object) => void) => done(null, stored.get(id)),
      set: (id: string, session: object, done?: () => void) => {
        stored.set(id, session);
        done?.();
      },
    },
  };
  const { session, ended, cookies } = expressSession(request);
  assert.equal(cookies, "a=1");
  assert.equal(session.read(), undefined);
  await session.write({ binding: "b" });
  assert.deepEqual(session.read(), { binding: "b" });
  await session.renew();
  const until = Date.now() + YEAR;
  assert.equal(await ended.has("b"), false);
  await ended.add("b", until);
  assert.equal(await ended.has("b"), true);
  const [[id, note] = []] = stored;
  const { cookie } = note as { cookie: Record<string, unknown> };
  assert.equal(id, "ended-b");
  const { originalMaxAge, ...fields } = cookie;
  assert.deepEqual(fields, { expires: new Date(until), path: "/", httpOnly: true });
  assert.ok(Number(originalMaxAge) <= YEAR && Number(originalMaxAge) > YEAR - 60_000);
});

test("a session store that fails makes the flow's call fail", async () => {
  const error = new Error("the store is away");
  const fails = (...given: unknown[]) => (given.at(-1) as (error: Error) => void)(error);
  const request = { headers: {}, session: { regenerate: fails }, sessionStore: { get: fails, set: fails } };
  const { session, ended } = expressSession(request);
  await assert.rejects(async () => session.renew(), error);
  await assert.rejects(async () => ended.add("b", 0), error);
  await assert.rejects(async () => ended.has("b"), error);
});

test("cookie-session keeps the visit beside what the application keeps, and renewing empties it", async () => {
  const ended = memoryEndedVisits();
  const request: { headers: object; session: object | null } = { headers: {}, session: null };
  const opened = cookieSession(ended)(request);
  assert.equal(opened.ended, ended);
  assert.equal(opened.session.read(), undefined);
  request.session = { theme: "dark" };
  await opened.session.write({ binding: "b" });
  assert.deepEqual(request.session, { theme: "dark", twoFactor: { binding: "b" } });
  assert.deepEqual(opened.session.read(), { binding: "b" });
  await opened.session.renew();
  assert.deepEqual(request.session, {});
});

test("notes in memory are kept until their instant, and no longer", async () => {
  const ended = memoryEndedVisits();
  await ended.add("old", Date.now() - 1);
  for (const visit of ["new", "newer"]) await ended.add(visit, Date.now() + YEAR);
  const kept = ["old", "new", "newer"].map((visit) => ended.has(visit));
  assert.deepEqual(await Promise.all(kept), [false, true, true]);
});
