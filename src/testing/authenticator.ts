/** A virtual phone with an authenticator app, a clock of its own, and backups. It can be lost. */

import { checkOptions } from "../internal/check.ts";
import { type KeyUri, parseKeyUri } from "../otp/key-uri.ts";
import { totp } from "../otp/totp.ts";
import type { MaybePromise } from "../two-factor/types.ts";

/** A phone with an authenticator app, for tests. */
export interface VirtualAuthenticator {
  /** Adds the account of a key URI. As in apps, another scan of the same issuer and account name replaces it. */
  scan(keyUri: string): void;
  /** Scans a picture with a decoder of yours, which returns the text of its QR code. */
  scanImage<T>(image: T, decode: (image: T) => MaybePromise<string | null | undefined>): Promise<void>;
  /** Returns the code that the app shows now for an account, named `"name"` or `"Issuer:name"`; by default the newest. */
  code(account?: string): string;
  /** Loses the phone: it shows no more codes and scans nothing. */
  lose(): void;
  /** Returns a backup of the app, as it is now. */
  backUp(): readonly string[];
  /** Restores a backup of another phone on this one. */
  restore(backup: readonly string[]): void;
}

const DAY_MS = 86_400_000;

/**
 * Makes a phone with an authenticator app.
 *
 * @throws TypeError if an option is of the wrong kind. `scan` throws a RangeError for text that is no key URI, and
 * `code` an Error if the phone is lost or has no such account.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { fakeClock, virtualAuthenticator } from "twinlock/testing";
 *
 * const clock = fakeClock(59_000);
 * const phone = virtualAuthenticator({ clock });
 * phone.scan("otpauth://totp/Acme:ada?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Acme&digits=8");
 * assert.equal(phone.code(), "94287082");
 *
 * const slow = virtualAuthenticator({ clock, skew: -30 });
 * slow.restore(phone.backUp());
 * phone.lose();
 * assert.equal(slow.code("ada"), "84755224");
 * ```
 */
export function virtualAuthenticator(
  options: {
    /** The true time in epoch milliseconds; `Date.now` by default. Give it the service's clock. */
    clock?: (() => number) | undefined;
    /** Seconds by which the phone's clock is wrong; positive is ahead. 0 by default. */
    skew?: number | undefined;
    /** Seconds that the phone's clock gains per day from now on; negative if it loses. 0 by default. */
    driftPerDay?: number | undefined;
  } = {},
): VirtualAuthenticator {
  checkOptions("options", options, ["clock", "skew", "driftPerDay"], "");
  const { clock = Date.now, skew = 0, driftPerDay = 0 } = options;
  if (typeof clock !== "function") throw new TypeError("clock: want a function");
  checkSeconds("skew", skew);
  checkSeconds("driftPerDay", driftPerDay);
  const startedAt = clock();
  let accounts: readonly { key: KeyUri; keyUri: string }[] = [];
  let lost = false;

  const phoneTime = () => {
    const at = clock();
    return at + skew * 1_000 + driftPerDay * 1_000 * ((at - startedAt) / DAY_MS);
  };
  const present = () => {
    if (lost) throw new Error("virtualAuthenticator: the phone is lost");
  };
  const isNamed = (key: KeyUri, name: string) =>
    key.accountName === name || `${key.issuer}:${key.accountName}` === name;
  const scan = (keyUri: string) => {
    present();
    const key = parseKeyUri(keyUri);
    const others = accounts.filter(
      (other) => other.key.issuer !== key.issuer || other.key.accountName !== key.accountName,
    );
    accounts = [...others, { key, keyUri }];
  };

  return {
    scan,
    async scanImage(image, decode) {
      const text = await decode(image);
      if (!text) throw new Error("virtualAuthenticator: the decoder found no QR code in the picture");
      scan(text);
    },
    code(account) {
      present();
      const found = accounts.filter(({ key }) => account === undefined || isNamed(key, account)).at(-1);
      if (!found) throw new Error("virtualAuthenticator: no such account was scanned");
      const { secret, digits, period, algorithm } = found.key;
      return totp(secret, { now: phoneTime(), digits, period, algorithm });
    },
    lose() {
      lost = true;
    },
    backUp() {
      present();
      return accounts.map(({ keyUri }) => keyUri);
    },
    restore(backup) {
      for (const keyUri of backup) scan(keyUri);
    },
  };
}

function checkSeconds(name: string, value: unknown): void {
  if (!Number.isFinite(value)) throw new TypeError(`${name}: want seconds`);
}
