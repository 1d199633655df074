import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBase64Url } from "../../../src/internal/bytes.ts";
import { virtualPasskey } from "../../../src/testing/passkey.ts";
import type { PasskeyCreationOptions, PasskeyRequestOptions } from "../../../src/two-factor/passkey-types.ts";

const named = (ids: readonly string[]) =>
  ids.map((id) => ({ id, type: "public-key" as const, transports: [] }));
const creation = (rpId: string, ...excluded: string[]): PasskeyCreationOptions => ({
  ...({ rp: { id: rpId }, user: { id: "dXNlcg" }, challenge: "Y2g" } as PasskeyCreationOptions),
  excludeCredentials: named(excluded),
});
const request = (rpId: string, ...allowed: string[]): PasskeyRequestOptions => ({
  ...({ rpId, challenge: "Y2g" } as PasskeyRequestOptions),
  allowCredentials: named(allowed),
});

for (const [options, transports, flags, counted] of [
  [{}, ["usb"], 0x05, [2, 3]],
  [{ verifiesUser: false }, ["usb"], 0x01, [2, 3]],
  [{ synced: true }, ["hybrid", "internal"], 0x1d, [0, 0]],
] satisfies [Parameters<typeof virtualPasskey>[0], string[], number, number[]][]) {
  test(`a passkey tells of its kind and counts its uses: ${JSON.stringify(options)}`, async () => {
    const key = virtualPasskey(options);
    const { id, response } = await key.create(creation("a.example"));
    assert.deepEqual(response.transports, transports);
    for (const count of counted) {
      const { authenticatorData } = (await key.get(request("a.example", id))).response;
      assert.deepEqual([...(fromBase64Url(authenticatorData) ?? [])].slice(32), [flags, 0, 0, 0, count]);
    }
  });
}

test("a site's passkey answers to that site, by its name, and is made once", async () => {
  const key = virtualPasskey();
  const { id: first } = await key.create(creation("a.example"));
  const { id: second } = await key.create(creation("a.example", "bm9uZQ"));
  assert.equal((await key.get(request("a.example", second))).id, second);
  for (const asked of [request("b.example", first), request("a.example", "bm9uZQ")]) {
    await assert.rejects(key.get(asked), /^Error: virtualPasskey: no passkey that is asked for/);
  }
  await assert.rejects(key.create(creation("a.example", second)), /there is a passkey for this user already/);
});

test("wrong options of a passkey, and a wrong origin, are named", async () => {
  for (const name of ["synced", "verifiesUser"]) {
    assert.throws(() => virtualPasskey({ [name]: 1 }), new RegExp(`^TypeError: ${name}: want true or false`));
  }
  const lost = virtualPasskey().create(creation("a.example"), { origin: 7 as never });
  await assert.rejects(lost, /^TypeError: origin: want/);
});
