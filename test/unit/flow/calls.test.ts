import assert from "node:assert/strict";
import { test } from "node:test";
import { deviceCookie } from "../../../src/device-cookie.ts";
import { createFlow, type FlowSession, memoryEndedVisits } from "../../../src/flow.ts";
import { createTestTwoFactor, virtualAuthenticator } from "../../../src/testing/index.ts";
import type { TwoFactorOptions } from "../../../src/two-factor/options.ts";
import { detailOf, must } from "../../support/passkeys.ts";

interface Session {
  visit?: unknown;
  cookie: string;
}

const PASSWORD = { password: "right" };
const OPTIONS: Partial<TwoFactorOptions<"payout">> = {
  verifyPassword: (_user, password) => password === "right",
  reauthentication: { payout: "code" },
};

function application(options: Partial<TwoFactorOptions<"payout">> = {}) {
  const harness = createTestTwoFactor({ ...OPTIONS, ...options });
  const ended = memoryEndedVisits();
  const open = (session: Session) => ({
    session: {
      read: () => session.visit,
      write: (visit: object) => Object.assign(session, { visit }),
      renew: () => delete session.visit,
    },
    ended,
    cookies: session.cookie,
    setCookie: ({ header }: { header: string }) => Object.assign(session, { cookie: header.split(";")[0] }),
  });
  return { ...harness, flow: createFlow(() => harness.twoFactor, open, { clock: harness.clock }) };
}

type Application = ReturnType<typeof application>;

async function signedIn(options: Partial<TwoFactorOptions<"payout">> = {}) {
  const app = application(options);
  const { phone, backupCodes } = await app.enroll("alice", PASSWORD);
  const session: Session = { cookie: "" };
  assert.equal((await app.flow.signIn.begin(session, "alice")).step, "code");
  assert.equal(detailOf(await app.flow.signIn.complete(session, "12")), "malformed_code");
  assert.equal((await app.flow.pending(session))?.step, "code");
  must(await app.flow.signIn.complete(session, phone.code(), { trustDevice: true }));
  return { ...app, phone, backupCodes, session };
}

test("each call of a settings page is about the signed-in user, with what the session proves", async () => {
  const { flow, session, phone, clock } = await signedIn({ backupCodes: { acknowledge: true } });
  assert.equal((await flow.status(session))?.state, "active");
  assert.equal((await flow.asks(session, "payout"))?.code, null, "the session has just shown a code");
  must(await flow.allow(session, "payout"));
  const [app] = await flow.authenticators.list(session);
  must(await flow.authenticators.rename(session, { id: app?.id, label: "Phone" }));
  assert.equal((await flow.authenticators.list(session))[0]?.label, "Phone");
  clock.advance(3_600);
  assert.notEqual((await flow.asks(session, "payout"))?.code, null, "and must again after a while");
  assert.equal(detailOf(await flow.allow(session, "payout")), "elevation_expired");
  must(await flow.reauthenticate(session, { ...PASSWORD, code: phone.code() }));
  must(await flow.allow(session, "payout"));
  must(await flow.backupCodes.regenerate(session));
  clock.advance(3_600);
  assert.equal(detailOf(await flow.backupCodes.regenerate(session)), "elevation_expired");
  must(await flow.backupCodes.acknowledge(session));
  const replace = { accountName: "Alice", replace: true };
  assert.equal(detailOf(await flow.enrollment.begin(session, replace)), "elevation_expired");
  assert.equal(detailOf(await flow.enrollment.acknowledge(session)), "batch_not_found");
  must(await flow.reauthenticate(session, { ...PASSWORD, code: phone.code() }));
  assert.equal(detailOf(await flow.reauthenticate(session, { password: "wrong" })), "wrong_password");
  must(await flow.allow(session, "payout"));
  clock.advance(3_600);
  assert.equal(detailOf(await flow.verify(session, "12")), "malformed_code");
  must(await flow.verify(session, phone.code()));
  must(await flow.allow(session, "payout"));
  assert.equal(
    detailOf(await flow.authenticators.remove(session, { id: "no such" })),
    "authenticator_not_found",
  );
  must(await flow.disable(session, PASSWORD));
  assert.equal((await flow.status(session))?.state, "none");
});

test("a trusted device skips the code, is listed as the current one, and can be revoked", async () => {
  const { flow, session } = await signedIn();
  const again: Session = { cookie: `other=1; ${session.cookie}` };
  const step = await flow.signIn.begin(again, "alice");
  assert.equal(step.step, "done");
  assert.equal((await flow.user(again))?.userId, "alice");
  const current = async () => (await flow.devices.list(again)).filter((device) => device.current).length;
  assert.equal(await current(), 1);
  must(await flow.devices.revoke(again));
  assert.equal(await current(), 0);
  assert.equal((await flow.signIn.begin(again, "alice")).step, "code");
  must(await flow.devices.revokeAll(session));
  assert.deepEqual(await flow.devices.list(session), []);
});

test("a code in a session makes its device known once, and the last authenticator takes a proof", async () => {
  const { flow, session, phone, clock } = await signedIn();
  for (const cookie of ["", "kept"]) {
    clock.advance(30);
    if (cookie === "") session.cookie = "";
    const before = session.cookie;
    must(await flow.verify(session, phone.code()));
    assert.equal(session.cookie === before, cookie === "kept");
  }
  const [app] = await flow.authenticators.list(session);
  must(await flow.authenticators.remove(session, { id: app?.id, ...PASSWORD }));
});

test("a required user enrolls at sign-in, and is signed in once the codes are saved", async () => {
  const requirement = () => ({ required: true }) as const;
  const { flow, clock } = application({ requirement, backupCodes: { acknowledge: true } });
  const session: Session = { cookie: "" };
  const step = await flow.signIn.begin(session, "bob");
  assert.deepEqual([step.step, "challenge" in step], ["enroll", false]);
  assert.equal((await flow.pending(session))?.step, "enroll");
  must(await flow.enrollment.begin(session, { accountName: "Bob" }));
  must(await flow.enrollment.cancel(session));
  const begun = must(await flow.enrollment.begin(session, { accountName: "Bob" }));
  assert.ok(!("enrollmentId" in begun));
  const phone = virtualAuthenticator({ clock });
  phone.scan(begun.keyUri);
  assert.equal(detailOf(await flow.enrollment.confirm(session, "12")), "malformed_code");
  const confirmed = must(await flow.enrollment.confirm(session, phone.code()));
  assert.equal(confirmed.state, "awaiting_acknowledgement");
  assert.equal(await flow.user(session), null, "not before the codes are saved");
  const { state, signIn } = must(await flow.enrollment.acknowledge(session));
  assert.deepEqual([state, signIn.userId, "elevation" in signIn], ["active", "bob", false]);
  assert.equal((await flow.user(session))?.userId, "bob");
  must(await flow.enrollment.begin(session, { accountName: "Bob", replace: true, ...PASSWORD }));
});

test("without acknowledgement the first code signs the enrolled user in", async () => {
  const { flow, clock } = application({ requirement: () => ({ required: true }) });
  const session: Session = { cookie: "" };
  await flow.signIn.begin(session, "bob");
  const phone = virtualAuthenticator({ clock });
  phone.scan(must(await flow.enrollment.begin(session, { accountName: "Bob" })).keyUri);
  const confirmed = must(await flow.enrollment.confirm(session, phone.code()));
  assert.ok(confirmed.state === "active" && confirmed.backupCodes?.codes.length);
  assert.equal((await flow.user(session))?.since, clock());
});

test("where nobody is signed in, each call is refused or returns nothing", async () => {
  const { flow, clock, enroll } = application();
  await enroll("alice", PASSWORD);
  const waiting: Session = { cookie: "" };
  await flow.signIn.begin(waiting, "alice");
  const user = { userId: "alice", since: 0 };
  const visits = [
    ...[
      undefined,
      null,
      {},
      { binding: "", startedAt: clock(), user },
      { binding: 1, startedAt: clock(), user },
    ],
    ...[
      { startedAt: clock(), user },
      { binding: "b", startedAt: "today", user },
      { binding: "b", user },
    ],
  ];
  for (const session of [waiting, ...visits.map((visit) => ({ visit, cookie: "" }))]) {
    assert.deepEqual([await flow.status(session), await flow.asks(session, "payout")], [null, null]);
    assert.deepEqual([await flow.authenticators.list(session), await flow.devices.list(session)], [[], []]);
    for (const refused of [
      await flow.allow(session, "payout"),
      await flow.disable(session),
      await flow.backupCodes.regenerate(session),
      await flow.backupCodes.acknowledge(session),
      await flow.authenticators.rename(session, { id: "x", label: null }),
      await flow.authenticators.remove(session, { id: "x" }),
      await flow.devices.revoke(session),
      await flow.devices.revokeAll(session),
      await flow.verify(session, "123456"),
      await flow.reauthenticate(session, {}),
    ]) {
      assert.equal(detailOf(refused), "challenge_invalid");
    }
  }
  const refused = application({ authorize: () => false });
  const closed: Session = { cookie: "" };
  assert.equal((await refused.flow.signIn.begin(closed, "alice")).step, "refused");
  assert.equal(await refused.flow.pending(closed), null);
  for (const visit of [undefined, { binding: "b", startedAt: clock() }])
    await assertClosed(flow, { visit, cookie: "" });
  const { expiresAt } = (await flow.pending(waiting)) ?? assert.fail();
  clock.set(expiresAt);
  assert.equal(await flow.pending(waiting), null, "a step that has expired is none");
});

async function assertClosed({ signIn, enrollment }: Application["flow"], nobody: Session): Promise<void> {
  for (const refused of [
    await signIn.complete(nobody, "123456"),
    await enrollment.begin(nobody, { accountName: "x" }),
    await enrollment.confirm(nobody, "123456"),
    await enrollment.acknowledge(nobody),
    await enrollment.cancel(nobody),
  ]) {
    assert.equal(detailOf(refused), "challenge_invalid");
  }
}

test("signing in drops the oldest cookies of others, and signing out is noted to the visit's end", async () => {
  const { twoFactor, clock, enroll } = createTestTwoFactor();
  const { phone } = await enroll("alice");
  const others = Array.from({ length: 20 }, (_, i) => deviceCookie(`user-${i}`).name);
  const [sent, ends]: [string[], number[]] = [[], []];
  const session: FlowSession = {
    read: () => undefined,
    write: (visit) => Object.assign(session, { read: () => visit }),
    renew: () => undefined,
  };
  const flow = createFlow(
    twoFactor,
    () => ({
      session,
      ended: { add: (_visit, until) => void ends.push(until), has: () => false },
      cookies: others.map((name) => `${name}=x`).join("; "),
      setCookie: ({ name }) => sent.push(name),
    }),
    { clock },
  );
  await flow.signIn.begin(null, "alice");
  must(await flow.signIn.complete(null, phone.code()));
  assert.deepEqual(sent, [others[0], deviceCookie("alice").name]);
  await flow.signOut(null);
  assert.deepEqual(ends, [clock() + 30 * 86_400_000]);
});
