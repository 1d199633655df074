/** The one flow that the smaller examples share, whatever serves it. */

import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { authenticator, readQrFromPage } from "./scan.ts";

export type Send = (path: string, init: RequestInit) => Promise<Response>;

type Json = Record<string, unknown>;

/** A client with a cookie jar that speaks JSON. */
function client(send: Send, cookies: Iterable<[string, string]> = []) {
  const jar = new Map(cookies);
  return {
    jar,
    async post(path: string, body: Json = {}): Promise<{ status: number; body: Json }> {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
      const headers = { "content-type": "application/json", cookie };
      const response = await send(path, { method: "POST", headers, body: JSON.stringify(body) });
      for (const line of response.headers.getSetCookie()) {
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        jar.set(name, value);
        if (value === "") continue;
        assert.match(line, /HttpOnly/i);
        assert.match(line, /Secure/i);
      }
      const text = await response.text();
      return { status: response.status, body: text.startsWith("{") ? (JSON.parse(text) as Json) : { text } };
    },
  };
}

/** Makes the next read of a second factor wait. */
export type Hold = () => { reached: Promise<unknown>; release(): void };

/** A gate for one call: `pass` goes through at once, or waits where `hold` was called before. */
export function gate(): { hold: Hold; pass(): Promise<unknown> } {
  const events = new EventEmitter();
  let waiting: Promise<unknown> | undefined;
  return {
    hold() {
      waiting = once(events, "released");
      return { reached: once(events, "reached"), release: () => void events.emit("released") };
    },
    async pass() {
      const released = waiting;
      waiting = undefined;
      if (released) events.emit("reached");
      await released;
    },
  };
}

const ACCOUNT = { name: "ada", password: "correct horse battery" };

/** Signs out while a proof, an activation and a code are still at work. */
export async function walkHeldRequests(send: Send, hold: Hold): Promise<void> {
  const ada = client(send);
  const heldOver = async (path: string, body: Json) => {
    const before = new Map(ada.jar);
    const { reached, release } = hold();
    const slow = ada.post(path, body);
    await reached;
    await ada.post("/sign-out");
    release();
    const answer = await slow;
    assert.equal((await ada.post("/account")).status, 401, `${path}: the client itself`);
    assert.equal((await client(send, before).post("/account")).status, 401, `${path}: the cookie of before`);
    return answer.body;
  };
  await ada.post("/sign-in", ACCOUNT);
  assert.equal((await ada.post("/account")).status, 200);
  await heldOver("/two-factor/begin", { password: ACCOUNT.password });

  await ada.post("/sign-in", ACCOUNT);
  const { body: start } = await ada.post("/two-factor/begin", { password: ACCOUNT.password });
  const phone = authenticator(readQrFromPage(String(start["qr"])));
  const active = await heldOver("/two-factor/confirm", { code: phone.code(Date.now()) });
  assert.equal(active["state"], "active");

  await ada.post("/sign-in", ACCOUNT);
  await heldOver("/sign-in/code", { code: phone.code(Date.now() + 30_000) });
}

/** Sends what a form never would: every field of every type that JSON has, and bodies that are no fields at all. */
export async function walkJunk(send: Send): Promise<void> {
  const junk: unknown[] = [7, null, true, [], ["ada"], {}, { toString: "x" }, "a".repeat(4_000)];
  const bodies = junk.map((value) => ({ name: value, password: value, code: value }));
  for (const body of [...bodies, ...junk]) {
    for (const path of ["/sign-in", "/sign-in/code", "/two-factor/begin", "/two-factor/confirm"]) {
      const { status } = await client(send).post(path, body as Json);
      assert.ok(status >= 400 && status < 500, `${path} ${JSON.stringify(body).slice(0, 40)}: ${status}`);
    }
  }
}

/** Signs in without a second factor, enrolls, and then meets every answer of the sign-in with one. */
export async function walkJsonFlow(send: Send): Promise<void> {
  const account = ACCOUNT;
  const ada = client(send);
  assert.equal((await ada.post("/account")).status, 401);
  assert.equal((await ada.post("/sign-in", { ...account, password: "wrong" })).status, 401);
  assert.deepEqual((await ada.post("/sign-in", account)).body, { step: "done" });
  assert.equal((await ada.post("/account")).body["twoFactor"], "none");

  assert.equal((await ada.post("/two-factor/begin")).body["reason"], "reauthenticate");
  assert.equal(
    (await ada.post("/two-factor/begin", { password: "wrong" })).body["reason"],
    "invalid_password",
  );
  const { body: start } = await ada.post("/two-factor/begin", { password: account.password });
  const phone = authenticator(readQrFromPage(String(start["qr"])));
  assert.match(String(start["key"]), /^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/);
  assert.equal((await ada.post("/two-factor/confirm", { code: "000000" })).body["reason"], "invalid_code");
  const first = phone.code(Date.now());
  const before = [...ada.jar.values()];
  const { body: active } = await ada.post("/two-factor/confirm", { code: first });
  assert.equal(active["state"], "active");
  assert.ok(!before.includes([...ada.jar.values()][0] ?? ""), "the session's id is a new one");
  const codes = active["backupCodes"] as string[];
  assert.equal(codes.length, 10);

  const again = client(send);
  assert.deepEqual((await again.post("/sign-in", account)).body, { step: "code" });
  assert.equal((await again.post("/account")).status, 401, "the password alone is not enough");
  const reused = await again.post("/sign-in/code", { code: first });
  assert.deepEqual(reused, { status: 422, body: { ok: false, reason: "already_used" } });
  const inside = await again.post("/sign-in/code", { code: phone.code(Date.now() + 30_000) });
  assert.equal(inside.body["method"], "app");
  assert.equal((await again.post("/account")).body["userId"], "ada");
  await again.post("/sign-out");
  assert.equal((await again.post("/account")).status, 401);

  const lost = client(send);
  await lost.post("/sign-in", account);
  const backup = await lost.post("/sign-in/code", { code: codes[0] });
  assert.deepEqual([backup.body["method"], backup.body["backupCodesLeft"]], ["backup", 9]);
  const twice = client(send);
  await twice.post("/sign-in", account);
  assert.equal((await twice.post("/sign-in/code", { code: codes[0] })).body["reason"], "invalid_code");
  assert.equal((await client(send).post("/sign-in/code", { code: "123456" })).body["reason"], "expired");
}
