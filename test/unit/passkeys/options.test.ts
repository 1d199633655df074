/** The options of `passkeys`, which name the site and its pages. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { passkeys } from "../../../src/passkeys/index.ts";
import { LIBRARY, passkeyWorld, SITE } from "../../support/passkeys.ts";

test("options of passkeys are refused by name if they can never work", () => {
  const make = (given: unknown) => () => passkeys({ ...SITE, ...LIBRARY, ...(given as object) });
  const list = new TypeError("origins: want a list of 1 to 16");
  for (const [given, refusal] of [
    [{ rpId: "https://example.com" }, new RangeError("rpId: want a domain in lower case, without port")],
    [{ rpId: 1 }, new TypeError("rpId: want a string")],
    [{ rpName: "" }, new RangeError("rpName: must not be empty")],
    [{ origins: "https://example.com" }, list],
    [{ origins: [] }, list],
    [{ origins: Array(17).fill("https://example.com") }, list],
    [{ origins: [1] }, new TypeError("origins: want a string")],
    [{ verifyRegistration: undefined }, new TypeError("verifyRegistration: want a function")],
    [{ verifyAuthentication: 1 }, new TypeError("verifyAuthentication: want a function")],
    [
      { userVerification: "no" },
      new TypeError("userVerification: want one of required, preferred, discouraged"),
    ],
    [{ userVerfication: "required" }, new TypeError("userVerfication: there is no such option")],
  ] as const)
    assert.throws(make(given), refusal);
  assert.throws(() => passkeys(null as never), new TypeError("options: want an object"));
  const refusal = new RangeError("origins: want https://host of the domain rpId, without a path");
  for (const origin of [
    ...["https://other.test", "https://example.com/", "xhttps://example.com", "https://xexample.com"],
    ...["https://example.com:123456", "https://example.com:x", "https://.example.com.evil.test"],
    ...["xios:bundle-id:a", "ios:bundle-id:", "ios:bundle-id:a b", "android:a"],
  ])
    assert.throws(make({ origins: [origin] }), refusal, origin);
  const good = [
    "https://example.com:65535",
    "http://example.com",
    "https://a.example.com",
    "ios:bundle-id:a.b",
  ];
  make({ origins: [...good, ...Array(12).fill("android:apk-key-hash:aB-_")] })();
  assert.throws(
    () => passkeyWorld({ passkeys: { rpId: "example.com" } } as never, { rpName: 1 as never }),
    TypeError,
  );
});
