import assert from "node:assert/strict";
import { test } from "node:test";
import { deviceCookie } from "../../src/device-cookie.ts";
import { createFlow, expressSession, type FlowRequest, memoryEndedVisits } from "../../src/flow.ts";
import { createTestTwoFactor, virtualPasskey } from "../../src/testing/index.ts";
import type { TwoFactorOptions } from "../../src/two-factor/options.ts";
import { detailOf, must, withPasskeys } from "../support/passkeys.ts";

/** A session store as most are: a request works on a copy, and writes it back when it is done. */
function application(options: Partial<TwoFactorOptions> = withPasskeys) {
  const verifyPassword = (_user: string, password: string) => password === "right";
  const harness = createTestTwoFactor({ verifyPassword, ...options });
  const sessions = new Map<string, string>();
  const ended = memoryEndedVisits();
  let ids = 0;
  interface Request {
    id: string;
    data: { visit?: object };
    cookies: string[];
    renewals: number;
  }
  const request = (id = `s${++ids}`): Request => ({
    id,
    data: JSON.parse(sessions.get(id) ?? "{}"),
    cookies: [],
    renewals: 0,
  });
  const flow = createFlow(
    harness.twoFactor,
    (at: Request): FlowRequest => ({
      session: {
        read: () => at.data.visit,
        write(visit) {
          at.data.visit = visit;
        },
        renew() {
          sessions.delete(at.id);
          Object.assign(at, { id: `s${++ids}`, data: {}, renewals: at.renewals + 1 });
        },
      },
      ended,
      cookies: at.cookies.map((line) => line.split(";")[0]).join("; "),
      setCookie: ({ header }) => at.cookies.push(header),
    }),
    { clock: harness.clock },
  );
  const done = (at: Request) => {
    sessions.set(at.id, JSON.stringify(at.data));
    return at.id;
  };
  return { ...harness, flow, request, done };
}

async function begun(options?: Partial<TwoFactorOptions>) {
  const app = application(options);
  const { phone, backupCodes } = await app.enroll("alice", { password: "right" });
  const first = app.request();
  assert.equal((await app.flow.signIn.begin(first, "alice")).step, "code");
  return { ...app, phone, backupCodes, session: app.done(first) };
}

test("every call of the service that needs a session has a counterpart", () => {
  const { twoFactor, flow } = application();
  const names = (of: object, prefix = ""): string[] =>
    Object.entries(of).flatMap(([name, value]) =>
      typeof value === "function" ? [prefix + name] : names(value, `${prefix}${name}.`),
    );
  const without = ["credentialChanged", "rewrap"];
  const own = ["user", "pending", "signOut"];
  const want = names(twoFactor).filter((name) => !without.includes(name));
  assert.deepEqual(names(flow).sort(), [...want, ...own].sort());
});

test("nobody is signed in before the code, and the page can be reloaded", async () => {
  const { flow, request, session } = await begun();
  assert.equal(await flow.user(request(session)), null);
  assert.deepEqual((await flow.pending(request(session)))?.methods, ["app", "backup"]);
  assert.deepEqual(await flow.devices.list(request(session)), []);
  const refused = await flow.disable(request(session), { password: "right" });
  assert.ok(!refused.ok && refused.reason === "expired");
});

test("R3 the second of two submits is told the same success, and either session is signed in", async () => {
  const { flow, request, session, phone, done } = await begun();
  const [one, two] = [request(session), request(session)];
  const code = phone.code();
  const [first, second] = await Promise.all([
    flow.signIn.complete(one, code),
    flow.signIn.complete(two, code),
  ]);
  assert.deepEqual([first.ok, second.ok], [true, true]);
  assert.deepEqual([one.renewals, two.renewals], [1, 1]);
  assert.deepEqual(two.cookies, one.cookies);
  for (const kept of [one, two]) assert.equal((await flow.user(request(done(kept))))?.userId, "alice");
});

test("P2 a request held open while its visitor signs out brings the session back to nobody", async () => {
  const { flow, request, session, phone, done } = await begun();
  const signingIn = request(session);
  assert.ok((await flow.signIn.complete(signingIn, phone.code())).ok);
  const held = request(done(signingIn));
  assert.equal((await flow.user(held))?.userId, "alice");
  await flow.signOut(request(signingIn.id));
  assert.equal(await flow.user(request(done(held))), null, "the old session was written back");
});

test("P2 a code that is right after the sign-out signs nobody in, and writes nothing", async () => {
  const { flow, request, session, phone } = await begun();
  const held = request(session);
  const before = JSON.stringify(held.data);
  const answer = flow.signIn.complete(held, phone.code());
  await flow.signOut(request(session));
  const result = await answer;
  assert.ok(!result.ok && result.reason === "expired");
  assert.deepEqual([JSON.stringify(held.data), held.renewals, held.cookies.length], [before, 0, 0]);
});

test("a visit ends with its lifetime, however busy it was", async () => {
  const { flow, request, session, phone, clock, done } = await begun();
  const at = request(session);
  assert.ok((await flow.signIn.complete(at, phone.code())).ok);
  clock.advance(30 * 86_400 - 1);
  assert.notEqual(await flow.user(request(done(at))), null);
  clock.advance(1);
  assert.equal(await flow.user(request(at.id)), null);
});

test("nothing that is sealed reaches the page", async () => {
  const { flow, request, session, phone } = await begun();
  const at = request(session);
  const result = await flow.signIn.complete(at, phone.code());
  assert.ok(result.ok);
  assert.deepEqual(
    Object.keys(result).filter((name) => ["elevation", "device", "challenge"].includes(name)),
    [],
  );
});

test("what appends the cookie is not awaited: Fastify's reply, for one, waits for its own end", () => {
  const lines: string[] = [];
  const reply = new Promise(() => {});
  const append = (name: string, line: string) => {
    lines.push(`${name}: ${line}`);
    return reply;
  };
  const sessionStore = { get() {}, set() {} };
  const request = { headers: {}, session: { regenerate() {} }, sessionStore, res: { append } };
  const parts = deviceCookie("alice").parts(null);
  assert.equal(expressSession(request).setCookie(parts), undefined);
  assert.deepEqual(lines, [`Set-Cookie: ${parts.header}`]);
  assert.equal(expressSession({ ...request, res: undefined }).setCookie(parts), undefined);
});

test("createFlow refuses misspelled options and an invalid lifetime", () => {
  const { twoFactor } = application();
  const open = () => assert.fail("never called");
  assert.throws(() => createFlow(twoFactor, open, { lifeTime: 1 } as never), /^TypeError: lifeTime: /);
  assert.throws(() => createFlow(twoFactor, open, { lifetime: 1 }), /^RangeError: lifetime: /);
  assert.throws(() => createFlow(twoFactor, open, { clock: 1 } as never), /^TypeError: clock: /);
  assert.throws(() => createFlow(twoFactor, open, 1 as never), /^TypeError: options: want an object/);
  createFlow(twoFactor, open, { deviceCookie: { name: "d" } });
  assert.throws(() => createFlow(twoFactor, null as never), /^TypeError: open: /);
});

test("a policy leads from the code to a passkey, which signs in, and is managed in the session", async () => {
  const requirement = () => ({ required: true, methods: ["passkey"] }) as const;
  const { flow, request, done, phone, session } = await begun({ ...withPasskeys, requirement });
  const key = virtualPasskey();
  const code = request(session);
  assert.equal(detailOf(await flow.signIn.complete(code, phone.code())), "enrollment_required");
  const waiting = request(done(code));
  assert.equal(await flow.user(waiting), null);
  assert.deepEqual((await flow.pending(waiting))?.methods, ["passkey"]);
  const { options } = must(await flow.passkeys.begin(waiting, { accountName: "Alice" }));
  const at = request(done(waiting));
  const { state } = must(await flow.passkeys.confirm(at, await key.create(options)));
  assert.equal(state, "active");
  assert.equal((await flow.user(at))?.userId, "alice");
  assert.equal(at.renewals, 1);
  const settings = request(done(at));
  const [listed] = await flow.passkeys.list(settings);
  must(await flow.passkeys.rename(settings, { id: listed?.id, label: "Key" }));
  assert.equal(detailOf(await flow.passkeys.remove(settings, { id: listed?.id })), "required_by_policy");
  const unproved = await flow.passkeys.begin(settings, { accountName: "Alice" });
  assert.equal(detailOf(unproved), "reauthentication_required");
  const next = request();
  assert.equal((await flow.signIn.begin(next, "alice")).step, "code");
  const asked = must(await flow.passkeys.options(next));
  must(await flow.signIn.complete(next, await key.get(asked.options)));
  const fresh = must(await flow.passkeys.options(next));
  must(await flow.verify(next, await key.get(fresh.options)));
});

test("passkeys are for a visit, and for a service that has them", async () => {
  const { flow, request } = application();
  const nobody = request();
  assert.deepEqual(await flow.passkeys.list(nobody), []);
  for (const refused of [
    await flow.passkeys.begin(nobody, { accountName: "Alice" }),
    await flow.passkeys.confirm(nobody, {}),
    await flow.passkeys.options(nobody),
    await flow.passkeys.rename(nobody, { id: "x", label: null }),
    await flow.passkeys.remove(nobody, { id: "x" }),
  ]) {
    assert.equal(detailOf(refused), "challenge_invalid");
  }
  const without = await begun({});
  const at = without.request(without.session);
  await assert.rejects(without.flow.passkeys.options(at), /^TypeError: passkeys: /);
});
