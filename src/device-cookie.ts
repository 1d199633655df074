/** The cookie that makes a device known, for any framework. */

import { toBase64Url, utf8 } from "./internal/bytes.ts";
import {
  checkInteger,
  checkObject,
  checkOneOf,
  checkOptions,
  checkText,
  LAST_INSTANT,
  MAX_USER_ID_BYTES,
} from "./internal/check.ts";
import { hkdfExtract, sha256 } from "./internal/hmac.ts";
import type { DeviceGrant } from "./rules/devices.ts";

/** Twenty cookies take 1.5 kB, and servers refuse headers of more than 8 kB. */
const MAX_COOKIES = 20;
const SAME_SITE = { lax: "Lax", strict: "Strict", none: "None" } as const;

/** The cookie's name and attributes; the defaults suit an application on one host. */
export interface DeviceCookieOptions {
  /** A part of the cookie's name: 1 to 32 letters, digits and `_`; `"device"` by default. */
  name?: string | undefined;
  /** `"lax"` by default; `"none"` for an application inside another site's frame. */
  sameSite?: "lax" | "strict" | "none" | undefined;
  /** A host whose subdomains get the cookie, too. The prefix is then `__Secure-`, and any subdomain can set it. */
  domain?: string | undefined;
  /** A secret text that keys the name. Use it where user ids can be guessed, such as e-mail addresses. */
  secret?: string | undefined;
}

/** A cookie in the parts that `cookies().set`, `setCookie` and `res.cookie` of most frameworks take. */
export interface DeviceCookieParts {
  name: string;
  /** The device token, or an empty text that clears the cookie. */
  value: string;
  options: {
    path: "/";
    secure: true;
    httpOnly: true;
    sameSite: "lax" | "strict" | "none";
    domain?: string;
    /** The time when the device stops being known. */
    expires?: Date;
    /** 0 where the cookie is cleared. */
    maxAge?: number;
  };
  /** The whole cookie as the value of a `Set-Cookie` header. */
  header: string;
}

/** The cookie of one user on this device. */
export interface DeviceCookie {
  /** The name under which the request carries the device token. */
  name: string;
  /** The `Set-Cookie` value that makes the device known. */
  set(device: DeviceGrant): string;
  /** The `Set-Cookie` value that removes the cookie. */
  clear(): string;
  /** The same cookie in parts; null removes it. */
  parts(device: DeviceGrant | null): DeviceCookieParts;
  /** Returns cookies that remove the oldest ones of other users. Pass the names of all cookies of the request. */
  prune(names: Iterable<string>): readonly DeviceCookieParts[];
}

/**
 * Returns the cookie that makes this device known for one user.
 *
 * The name carries a suffix made from the user id, so two accounts on one device do not overwrite each other, and the
 * `__Host-` prefix, so no subdomain can set it. `set` and `clear` return `Set-Cookie` values: Secure, HttpOnly,
 * SameSite=Lax, for the whole site, until the device stops being known. `parts` gives the same for `cookies().set`.
 *
 * On a shared device every account leaves a cookie of 72 bytes. Where there can be many, also send what `prune` returns:
 * it keeps twenty cookies, and users who lose theirs are asked for a code.
 *
 * @throws TypeError or RangeError that names the option
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { deviceCookie } from "twinlock";
 *
 * const cookie = deviceCookie("alice");
 * const token = "t".repeat(43); // from a success: signedIn.device
 * const device = { token, knownUntilAt: Date.UTC(2027, 0, 1), trustedUntilAt: null };
 * assert.ok(cookie.set(device).startsWith(`${cookie.name}=${token}; `));
 * assert.notEqual(cookie.name, deviceCookie("bob").name);
 *
 * const { name, value, options } = cookie.parts(device); // (await cookies()).set(name, value, options)
 * assert.deepEqual([name, value, options.sameSite], [cookie.name, token, "lax"]);
 * ```
 */
export function deviceCookie(userId: string, options: DeviceCookieOptions = {}): DeviceCookie {
  checkText("userId", userId, MAX_USER_ID_BYTES);
  const { prefix, attributes } = resolve(options);
  const cookie = (
    name: string,
    value: string,
    until: { expires: Date } | { maxAge: 0 },
  ): DeviceCookieParts => {
    const parts = { ...attributes, ...until };
    return { name, value, options: parts, header: `${name}=${value}; ${headerAttributes(parts)}` };
  };
  const name = prefix + suffix(userId, options.secret);
  const parts = (device: DeviceGrant | null) =>
    device === null
      ? cookie(name, "", { maxAge: 0 })
      : cookie(name, checkDevice(device).token, { expires: new Date(device.knownUntilAt) });
  return {
    name,
    set: (device) => parts(checkDevice(device)).header,
    clear: () => parts(null).header,
    parts,
    prune(names) {
      const others = [...names].filter((other) => other !== name && isOfPrefix(other, prefix));
      // browsers send the oldest cookie first (RFC 6265 section 5.4)
      return others
        .slice(0, Math.max(0, others.length + 1 - MAX_COOKIES))
        .map((other) => cookie(other, "", { maxAge: 0 }));
    },
  };
}

function resolve(options: DeviceCookieOptions): {
  prefix: string;
  attributes: Omit<DeviceCookieParts["options"], "expires" | "maxAge">;
} {
  checkOptions("options", options, ["name", "sameSite", "domain", "secret"], "");
  const { name = "device", sameSite = "lax", domain, secret } = options;
  if (!/^\w{1,32}$/.test(checkText("name", name, 32)))
    throw new RangeError("name: want letters, digits and _");
  checkOneOf("sameSite", sameSite, ["lax", "strict", "none"]);
  if (secret !== undefined) checkText("secret", secret, 1_024);
  if (domain !== undefined && !/^[a-z0-9.-]+$/i.test(checkText("domain", domain, 253)))
    throw new RangeError("domain: want the name of a host");
  const attributes = { path: "/", secure: true, httpOnly: true, sameSite } as const;
  return domain === undefined
    ? { prefix: `__Host-${name}-`, attributes }
    : { prefix: `__Secure-${name}-`, attributes: { ...attributes, domain } };
}

/** Returns 72 bits of a hash of the user id. With a secret, nobody else can compute it. */
function suffix(userId: string, secret: string | undefined): string {
  const id = utf8(userId);
  const hash = secret === undefined ? sha256(id) : hkdfExtract(id, utf8(secret));
  return toBase64Url(hash.subarray(0, 9));
}

function isOfPrefix(name: string, prefix: string): boolean {
  return name.startsWith(prefix) && /^[\w-]{12}$/.test(name.slice(prefix.length));
}

function checkDevice(device: DeviceGrant): DeviceGrant {
  checkObject("device", device);
  if (!/^[\w-]{43}$/.test(device.token)) {
    throw new RangeError("device.token: want what a success by code returned");
  }
  checkInteger("device.knownUntilAt", device.knownUntilAt, 0, LAST_INSTANT);
  return device;
}

function headerAttributes({ expires, sameSite, domain }: DeviceCookieParts["options"]): string {
  const until = expires ? `Expires=${expires.toUTCString()}` : "Max-Age=0";
  const host = domain === undefined ? "" : `; Domain=${domain}`;
  return `${until}; Path=/; Secure; HttpOnly; SameSite=${SAME_SITE[sameSite]}${host}`;
}
