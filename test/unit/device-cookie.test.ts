import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Hono } from "hono";
import { setCookie } from "hono/cookie";
import { deviceCookie } from "../../src/device-cookie.ts";

const device = { token: "A".repeat(43), knownUntilAt: Date.UTC(2031, 0, 1), trustedUntilAt: null };

test("the device cookie is for this host, not for scripts, and ends with the known device", () => {
  const cookie = deviceCookie("ada");
  assert.match(cookie.name, /^__Host-[A-Za-z0-9_-]+$/);
  const [pair, ...attributes] = cookie.set(device).split("; ");
  assert.equal(pair, `${cookie.name}=${device.token}`);
  assert.deepEqual(attributes.sort(), [
    "Expires=Wed, 01 Jan 2031 00:00:00 GMT",
    "HttpOnly",
    "Path=/",
    "SameSite=Lax",
    "Secure",
  ]);
  assert.ok(!cookie.set(device).includes("Domain"), "__Host- forbids it");
});

test("the device cookie is cleared under its own name and path", () => {
  const cookie = deviceCookie("ada");
  assert.equal(cookie.clear(), `${cookie.name}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax`);
});

test("two accounts on one device have two cookies, and neither name shows the user", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", minLength: 1 }),
      fc.string({ unit: "binary", minLength: 1 }),
      (a, b) => {
        const [first, second] = [deviceCookie(a).name, deviceCookie(b).name];
        assert.equal(first === second, a === b);
        assert.match(first, /^__Host-device-[A-Za-z0-9_-]{12}$/);
      },
    ),
  );
  assert.ok(!deviceCookie("ada@example.com").name.includes("ada"));
});

test("a cookie is made from the device of a success, and anything else is refused by name", () => {
  const cookie = deviceCookie("ada");
  const device = { token: "t".repeat(43), knownUntilAt: 1, trustedUntilAt: null };
  assert.throws(
    () => cookie.set({ ...device, token: "a\r\nSet-Cookie: b=c" }),
    /^RangeError: device\.token: /,
  );
  assert.throws(
    () => cookie.set({ ...device, knownUntilAt: Number.NaN }),
    /^TypeError: device\.knownUntilAt: /,
  );
  for (const token of ["t".repeat(42), "t".repeat(44), `${"t".repeat(43)};`, ` ${"t".repeat(43)}`]) {
    assert.throws(() => cookie.set({ ...device, token }), /^RangeError: device\.token: /);
  }
  for (const nothing of [undefined, null, 5]) {
    assert.throws(() => cookie.set(nothing as never), /^TypeError: device: want an object/);
  }
  assert.throws(() => cookie.set({ knownUntilAt: 1 } as never), /^RangeError: device\.token: /);
  for (const userId of [undefined, 5]) {
    assert.throws(() => deviceCookie(userId as never), /^TypeError: userId: want a string/);
  }
});

test("I11 the cookie in parts is what a framework's own function writes", async () => {
  const soon = { ...device, knownUntilAt: Date.now() + 86_400_000 }; // hono refuses more than 400 days
  const cases = [
    deviceCookie("ada"),
    deviceCookie("ada", { sameSite: "none" }),
    deviceCookie("ada", { sameSite: "strict", domain: "example.com", name: "acme" }),
  ];
  for (const cookie of cases) {
    for (const parts of [cookie.parts(soon), cookie.parts(null)]) {
      const { name, value, options, header } = parts;
      const app = new Hono().get("/", (c) => {
        setCookie(c, name, value, options);
        return c.body(null);
      });
      const written = (await app.request("/")).headers.get("set-cookie") ?? "";
      assert.deepEqual(written.split("; ").sort(), header.split("; ").sort());
    }
    assert.equal(cookie.set(soon), cookie.parts(soon).header);
    assert.equal(cookie.clear(), cookie.parts(null).header);
  }
});

test("I11 the cookie goes to subdomains or into frames where the host says so", () => {
  const shared = deviceCookie("ada", { domain: "example.com", sameSite: "none", name: "acme_device" });
  assert.match(shared.name, /^__Secure-acme_device-[\w-]{12}$/, "__Host- forbids a domain");
  assert.match(shared.set(device), /; Path=\/; Secure; HttpOnly; SameSite=None; Domain=example\.com$/);
  assert.match(shared.clear(), /^[^=]+=; Max-Age=0; .*; Domain=example\.com$/);
  assert.equal(deviceCookie("ada", { domain: undefined, name: undefined }).name, deviceCookie("ada").name);
  const wrong = (options: object) => () => deviceCookie("ada", options as never);
  assert.throws(wrong({ name: "a; b" }), /^RangeError: name: /);
  assert.throws(wrong({ name: "" }), /^RangeError: name: /);
  assert.throws(wrong({ domain: "example.com; Secure" }), /^RangeError: domain: /);
  assert.throws(wrong({ domain: "" }), /^RangeError: domain: /);
  assert.throws(wrong({ sameSite: "Lax" }), /^TypeError: sameSite: want one of lax, strict, none/);
  assert.throws(wrong({ secret: "" }), /^RangeError: secret: /);
  assert.throws(wrong({ samesite: "lax" }), /^TypeError: samesite: there is no such option/);
});

/** Names that are nearly those of device cookies. */
const OTHERS = ["__Host-device-short", `__Host-device-${"a".repeat(13)}`];

test("I12 a device that hundreds share sends at most twenty device cookies, the newest", () => {
  let jar: string[] = ["session", "__Host-other", ...OTHERS];
  for (let i = 0; i < 500; i++) {
    const cookie = deviceCookie(`user-${i}`);
    const gone = cookie.prune(jar);
    for (const { name, header, options } of gone) {
      assert.equal(options.maxAge, 0);
      assert.equal(header, `${name}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax`);
    }
    const names = gone.map(({ name }) => name);
    jar = [...jar.filter((name) => name !== cookie.name && !names.includes(name)), cookie.name];
  }
  const newest = Array.from({ length: 20 }, (_, i) => deviceCookie(`user-${480 + i}`).name);
  assert.deepEqual(jar, ["session", "__Host-other", ...OTHERS, ...newest]);
  assert.deepEqual(deviceCookie("user-499").prune(jar), [], "one's own takes no other's place");
  const bytes = newest.reduce((sum, name) => sum + `${name}=${device.token}; `.length, 0);
  assert.ok(bytes < 2_000, `${bytes} bytes of a header of 8,192`);
});

test("I12 with a secret, nobody else can try a list of addresses against the cookie's name", () => {
  const named = (secret?: string) => deviceCookie("ada@example.com", { secret }).name;
  assert.equal(named("s1"), named("s1"));
  assert.equal(new Set([named(), named("s1"), named("s2")]).size, 3);
  for (const name of [named(), named("s1")]) assert.match(name, /^__Host-device-[\w-]{12}$/);
});
