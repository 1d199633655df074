/** The one flow that the smaller examples share, whatever serves it. */

import assert from "node:assert/strict";
import { authenticator, readQrFromPage } from "./scan.ts";

export type Send = (path: string, init: RequestInit) => Promise<Response>;

type Json = Record<string, unknown>;

/** A client with a cookie jar that speaks JSON. */
function client(send: Send) {
  const jar = new Map<string, string>();
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
      return { status: response.status, body: (await response.json()) as Json };
    },
  };
}

/** Signs in without a second factor, enrolls, and then meets every answer of the sign-in with one. */
export async function walkJsonFlow(send: Send): Promise<void> {
  const account = { name: "ada", password: "correct horse battery" };
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
  assert.equal(
    (await twice.post("/sign-in/code", { code: 7, name: {} })).status >= 400,
    true,
    "junk is refused",
  );
  assert.equal((await client(send).post("/sign-in/code", { code: "123456" })).body["reason"], "expired");
}
