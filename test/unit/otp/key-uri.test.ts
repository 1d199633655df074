import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { formatKeyUri, type KeyUri, parseKeyUri } from "../../../src/otp/index.ts";
import { drawnAccountName } from "../../../src/otp/key-uri.ts";

const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const KEY = { secret: SECRET, issuer: "Acme", accountName: "ada@example.com" };
const DEFAULTS = { digits: 6, period: 30, algorithm: "SHA1" } as const;
const URI = `otpauth://totp/Acme:ada%40example.com?secret=${SECRET}&issuer=Acme`;

const format = (options: object) => () => formatKeyUri({ ...KEY, ...options } as typeof KEY);
const parse = (uri: unknown) => () => parseKeyUri(uri as string);

describe("formatKeyUri", () => {
  it("writes the form that the most apps read: U1 to U4", () => {
    assert.equal(formatKeyUri(KEY), URI);
    assert.equal(
      formatKeyUri({ ...KEY, issuer: "Big Corp & Söhne", accountName: "a/b?c#d+e%f" }),
      "otpauth://totp/Big%20Corp%20%26%20S%C3%B6hne:a%2Fb%3Fc%23d%2Be%25f" +
        `?secret=${SECRET}&issuer=Big%20Corp%20%26%20S%C3%B6hne`,
    );
    assert.equal(formatKeyUri({ secret: SECRET, accountName: "ada" }), `otpauth://totp/ada?secret=${SECRET}`);
  });

  it("leaves out what has its default value, and nothing else", () => {
    assert.equal(formatKeyUri({ ...KEY, ...DEFAULTS }), URI);
    assert.equal(
      formatKeyUri({ ...KEY, digits: 8, period: 60, algorithm: "SHA512" }),
      `${URI}&algorithm=SHA512&digits=8&period=60`,
    );
  });

  it("writes a secret in its one canonical spelling", () => {
    assert.equal(formatKeyUri({ ...KEY, secret: "gezd gnbv gy3t qojq-gezd gnbv gy3t qojq====" }), URI);
  });

  it("keeps an account name from adding a parameter, a line or another issuer (V75)", () => {
    const uri = formatKeyUri({ ...KEY, accountName: "eve&secret=AAAA&issuer=Bank\r\nX: y#z" });
    assert.match(uri, /^otpauth:\/\/totp\/Acme:[A-Za-z0-9%._~-]+\?secret=[A-Z2-7]{32}&issuer=Acme$/);
    assert.equal(parseKeyUri(uri).accountName, "eve&secret=AAAA&issuer=Bank\r\nX  y#z");
  });

  it("refuses a colon in the issuer and writes a space for one in the account name", () => {
    assert.throws(format({ issuer: "Acme:Evil" }), {
      name: "RangeError",
      message: "issuer: must not contain a colon",
    });
    assert.equal(parseKeyUri(formatKeyUri({ ...KEY, accountName: "DOMAIN:ada" })).accountName, "DOMAIN ada");
  });

  it("writes U+FFFD for half a surrogate pair, which no URI can carry", () => {
    const { issuer, accountName } = parseKeyUri(
      formatKeyUri({ ...KEY, issuer: "A\uD800", accountName: "\uDC00b😀" }),
    );
    assert.deepEqual([issuer, accountName], ["A\uFFFD", "\uFFFDb😀"]);
  });

  it("refuses names that are empty, blank or too long", () => {
    for (const name of ["issuer", "accountName"]) {
      for (const blank of ["", " ", "\u00A0\n"]) {
        assert.throws(format({ [name]: blank }), {
          name: "RangeError",
          message: `${name}: must not be empty`,
        });
      }
      for (const value of [null, 1, {}]) {
        assert.throws(format({ [name]: value }), { name: "TypeError", message: `${name}: want a string` });
      }
    }
    assert.throws(format({ accountName: ":" }), {
      name: "RangeError",
      message: "accountName: must not be empty",
    });
    format({ issuer: "x".repeat(64), accountName: "x".repeat(256) })();
    assert.throws(format({ issuer: "x".repeat(65) }), { name: "RangeError", message: /^issuer: / });
    assert.throws(format({ accountName: "x".repeat(257) }), {
      name: "RangeError",
      message: /^accountName: /,
    });
  });

  it("refuses numbers, algorithms and secrets that no app can use", () => {
    for (const digits of [5, 9, "6"]) assert.throws(format({ digits }), { message: /^digits: / });
    for (const period of [0, 121, "30"]) assert.throws(format({ period }), { message: /^period: / });
    for (const algorithm of ["sha1", "SHA-1", "MD5"])
      assert.throws(format({ algorithm }), { message: /^algorithm: want one of SHA1, SHA256, SHA512$/ });
    const parse = () => parseKeyUri(`${URI}&algorithm=MD5`);
    assert.throws(parse, { message: /^algorithm: want one of SHA1, SHA256, SHA512$/ });
    for (const secret of [undefined, new Uint8Array(20)]) {
      assert.throws(format({ secret }), { name: "TypeError", message: "secret: want a string" });
    }
    assert.throws(format({ secret: "MZXW6YTB" }), {
      name: "RangeError",
      message: "secret: want 10 to 640 bytes",
    });
    assert.throws(() => formatKeyUri(undefined as unknown as KeyUri), { message: "options: want an object" });
  });
});

describe("parseKeyUri", () => {
  it("reads what formatKeyUri wrote, for any Unicode issuer and account name (V75)", () => {
    const name = (maxLength: number) =>
      fc
        .string({ unit: "binary", minLength: 1, maxLength })
        .map((text) =>
          text
            .replaceAll(":", "")
            .slice(0, maxLength)
            .replace(/\p{Surrogate}/gu, "")
            .trim(),
        )
        .filter((text) => text !== "");
    const keys = fc.record(
      {
        secret: fc.constantFrom(SECRET, "JBSWY3DPEHPK3PXP", "A".repeat(1024)),
        issuer: name(64),
        accountName: name(256),
        digits: fc.integer({ min: 6, max: 8 }),
        period: fc.integer({ min: 1, max: 120 }),
        algorithm: fc.constantFrom("SHA1", "SHA256", "SHA512"),
      },
      { requiredKeys: ["secret", "accountName", "digits", "period", "algorithm"], noNullPrototype: true },
    );
    fc.assert(
      fc.property(keys, (key) => {
        const uri = formatKeyUri(key as KeyUri);
        assert.match(uri, /^otpauth:\/\/totp\/[!-~]+$/);
        assert.deepEqual(parseKeyUri(uri), key);
      }),
      { numRuns: 500 },
    );
  });

  it("fills in the defaults", () => {
    assert.deepEqual(parseKeyUri(URI), { ...KEY, ...DEFAULTS });
    assert.deepEqual(parseKeyUri(`otpauth://totp/ada?secret=${SECRET}`), {
      secret: SECRET,
      accountName: "ada",
      ...DEFAULTS,
    });
  });

  it("reads kindly what real issuers write", () => {
    for (const uri of [
      `OTPAUTH://TOTP/Acme:ada%40example.com?SECRET=${SECRET}&ISSUER=Acme`,
      ` ${URI}\n`,
      `otpauth://totp/Acme%3Aada%40example.com?secret=${SECRET}&issuer=Acme`,
      `otpauth://totp/Acme%3A%20ada@example.com?secret=${SECRET.toLowerCase()}&issuer=Acme`,
      `otpauth://totp/Acme: ada@example.com?issuer=Acme&secret=${SECRET}%3D%3D`,
      `otpauth://totp/Acme:ada@example.com?secret=GEZD%20GNBV%20GY3T%20QOJQ%20GEZD%20GNBV%20GY3T%20QOJQ`,
      `otpauth://totp/ada@example.com?secret=${SECRET}&issuer=%20Acme%20`,
      `otpauth://totp/:ada@example.com?secret=${SECRET}&issuer=Acme`,
      `${URI}&algorithm=sha1&digits=6&period=30`,
      `${URI}&&algorithm=SHA-1&&`,
      `otpauth://totp/Acme%20:%20ada@example.com?secret=${SECRET}&issuer=Acme`,
      `otpauth://totp/Acme:ada@example.com?secret=${SECRET}===&issuer=%20Acme%20`,
    ]) {
      assert.deepEqual(parseKeyUri(uri), { ...KEY, ...DEFAULTS }, uri);
    }
    assert.equal(parseKeyUri(`${URI}&algorithm=SHA-256`).algorithm, "SHA256");
    assert.equal(parseKeyUri(`otpauth://totp/A=B:ada?secret=${SECRET}&issuer=A=B`).issuer, "A=B");
    for (const blank of ["issuer", "issuer=%20"])
      assert.equal(parseKeyUri(`otpauth://totp/Acme:ada?secret=${SECRET}&${blank}`).issuer, "Acme");
  });

  it("passes over an image and parameters that it does not know (U6)", () => {
    const extra =
      "&image=https%3A%2F%2Fexample.com%2Flogo.png%3Fa%3D1&counter=5&__proto__=x&constructor=y&flag&a=b=c";
    assert.deepEqual(parseKeyUri(URI + extra), { ...KEY, ...DEFAULTS });
  });

  it("reads a plus as a plus, unless the label shows that a form encoder wrote a space", () => {
    const read = (label: string, issuer: string) =>
      parseKeyUri(`otpauth://totp/${label}?secret=${SECRET}&issuer=${issuer}`).issuer;
    assert.equal(read("Big%20Corp:ada", "Big+Corp"), "Big Corp");
    assert.equal(read("A%2BB:ada", "A%2BB"), "A+B");
    assert.equal(read("A+B:ada", "A+B"), "A+B");
    assert.equal(read("ada", "A+B"), "A+B");
  });

  it("takes the parameter where the label names another issuer, as Microsoft 365 does (I9, U5)", () => {
    for (const [label, parameter, issuer] of [
      ["Contoso:ada%40contoso.com", "Microsoft", "Microsoft"],
      ["Slack%20(acme):ada%40acme.com", "Slack", "Slack"],
      ["Acme:ada", "acme", "acme"],
      ["Acme%3Aada", "Bank", "Bank"],
    ]) {
      const key = parseKeyUri(`otpauth://totp/${label}?secret=${SECRET}&issuer=${parameter}`);
      assert.equal(key.issuer, issuer);
      assert.match(key.accountName, /^ada/);
      assert.equal(parseKeyUri(formatKeyUri(key)).issuer, issuer); // what is written has one issuer
    }
    assert.throws(parse(`otpauth://totp/ada?secret=${SECRET}&issuer=A%3AB`), {
      message: /^issuer: must not/,
    });
  });

  it("refuses parameters that only look like parameters, instead of the defaults (I8)", () => {
    for (const near of [
      "&amp;digits=8",
      "& digits=8",
      "&%20digits=8",
      "&+digits=8",
      "&digits%20=8",
      "&amp%3Bperiod=60",
      "&amp;amp;algorithm=SHA256",
      ";digits=8",
      "?digits=8",
      "&lock=false;period=60",
      "&x=1 digits=8",
      "&\u200Bdigits=8",
    ]) {
      assert.throws(parse(URI + near), { name: "RangeError", message: /^uri: a parameter / }, near);
    }
    assert.equal(parseKeyUri(`${URI}&image=https%3A%2F%2Facme.com%2F%3Fdigits%3D8`).digits, 6);
  });

  it("refuses the entry of a Steam account, whose codes are letters (I8)", () => {
    for (const uri of [
      `otpauth://totp/Steam:ada?secret=${SECRET}&issuer=Steam`,
      `otpauth://totp/%20Steam%20:ada?secret=${SECRET}`,
      `otpauth://totp/Steam:ada?secret=${SECRET}`,
      `otpauth://totp/ada?secret=${SECRET}&issuer=STEAM&digits=6`,
      `${URI}&encoder=steam`,
    ]) {
      assert.throws(parse(uri), { name: "RangeError", message: /^uri: .*letters/ }, uri);
    }
    assert.equal(parseKeyUri(`otpauth://totp/ada?secret=${SECRET}&issuer=Steamboat`).issuer, "Steamboat");
  });

  it("refuses a parameter that occurs twice, in any spelling", () => {
    for (const twice of [
      `secret=${SECRET}`,
      "secret=AAAAAAAAAAAAAAAA",
      "SECRET=A",
      "%73ecret=A",
      "secret",
      "issuer=Acme",
      "x=1&x=1",
    ]) {
      assert.throws(parse(`${URI}&${twice}`), {
        name: "RangeError",
        message: "uri: a parameter occurs twice",
      });
    }
  });

  it("refuses what is no TOTP key URI", () => {
    for (const uri of [
      "",
      "otpauth",
      URI.replace("otpauth", "https"),
      URI.replace("totp", "hotp"),
      URI.replace("totp", "steam"),
      URI.replace("//totp/", "//totp"),
      URI.replace("//totp/", "//user@totp/"),
      URI.replace("?", "&"),
      `${URI}#fragment`,
      `${URI}&x=#`,
      URI.replace("ada", "a#da"),
      `x${URI}`,
      `${URI}&x=${"x".repeat(8192)}`,
      `otpauth-migration://offline?data=${SECRET}`,
      `otpauth://totp/?secret=${SECRET}&issuer=Acme`,
      `otpauth://totp/Acme:?secret=${SECRET}&issuer=Acme`,
      URI.replace("Acme:", "%E0%A4%A:"),
      `${URI}&x=%`,
      `${URI}&%FF=1`,
      "otpauth://totp/Acme:ada?issuer=Acme",
      "otpauth://totp/Acme:ada?secret=&issuer=Acme",
      `otpauth://totp/Acme:ada?secret=${SECRET}8`,
      `otpauth://totp/Acme:ada?secret=+${SECRET}`,
      "otpauth://totp/Acme:ada?secret=MZXW6YTB",
    ]) {
      assert.throws(parse(uri), { name: "RangeError" }, uri);
    }
    for (const uri of [undefined, null, 1, {}, new URL(URI)]) {
      assert.throws(parse(uri), { name: "TypeError", message: "uri: want a string" });
    }
  });

  it("refuses hostile digits, periods and algorithms", () => {
    for (const value of [
      "",
      "0",
      "-6",
      "5",
      "9",
      "06",
      "6.0",
      "6e0",
      "0x6",
      " 6",
      "٦",
      "100000000",
      "NaN",
      "6&",
    ]) {
      if (value !== "6&")
        assert.throws(parse(`${URI}&digits=${value}`), { name: "RangeError", message: /^digits: / });
    }
    for (const value of ["", "0", "-30", "121", "030", "1e2", "30.0", "99999999999999999999", "Infinity"]) {
      assert.throws(parse(`${URI}&period=${value}`), { name: "RangeError", message: /^period: / });
    }
    for (const value of ["", "MD5", "SHA", "SHA224", "SHA--1", "toString", "__proto__", "SHA3-256"]) {
      assert.throws(parse(`${URI}&algorithm=${value}`), { name: "RangeError", message: /^algorithm: / });
    }
  });

  it("never quotes the secret, and never throws anything else, however the URI is broken", () => {
    const breaks = fc.array(
      fc.record({ at: fc.nat(URI.length), cut: fc.nat(3), put: fc.string({ unit: "binary", maxLength: 3 }) }),
      { minLength: 1, maxLength: 4 },
    );
    const check = (uri: string) => {
      try {
        const key = parseKeyUri(uri);
        assert.deepEqual(parseKeyUri(formatKeyUri(key)), key); // whatever is read can be written
      } catch (error) {
        assert.ok(error instanceof RangeError);
        assert.match(
          error.message,
          /^(uri|label|secret|base32|issuer|accountName|digits|period|algorithm): [a-zA-Z0-9 ,:/?=.-]+$/,
        );
        assert.equal(/GEZD|GNBV|GY3T|QOJQ/i.test(error.message), false);
      }
    };
    fc.assert(
      fc.property(breaks, (edits) => {
        let uri = `${URI}&digits=8&period=60&algorithm=SHA256`;
        for (const { at, cut, put } of edits) uri = uri.slice(0, at) + put + uri.slice(at + cut);
        check(uri);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("drawnAccountName", () => {
  it("cuts a name of more than 1,000 encoded characters, at a character and before a space (I3)", () => {
    for (const [name, drawn] of [
      [`${"я".repeat(166)}xxxx`, `${"я".repeat(166)}xxxx`],
      [`${"я".repeat(166)}xxxxx`, `${"я".repeat(165)}…`],
      [`x${"я".repeat(170)}`, `x${"я".repeat(165)}…`],
      [`x${"я".repeat(164)} ${"я".repeat(6)}`, `x${"я".repeat(164)}…`],
    ] as const) {
      assert.equal(drawnAccountName(name), drawn);
    }
  });
});
