/** A person's phone with an authenticator app: it scans, shows codes, has a clock of its own, and can be lost. */

import { checkOptions } from "../internal/check.ts";
import { type KeyUri, parseKeyUri } from "../otp/key-uri.ts";
import { totp } from "../otp/totp.ts";
import type { MaybePromise } from "../two-factor/types.ts";

/** A phone for tests. */
export interface VirtualAuthenticator {
  /** Adds the account of a key URI. Another scan of the same issuer and account name takes its place, as in apps. */
  scan(keyUri: string): void;
  /** Scans a picture with a decoder of yours, which gives the text of the QR code in it. */
  scanImage<T>(image: T, decode: (image: T) => MaybePromise<string | null | undefined>): Promise<void>;
  /** The code that the app shows now for an account, by its name or `"Issuer:name"`; by default the newest one. */
  code(account?: string): string;
  /** The phone is gone: it shows no more codes and scans nothing. */
  lose(): void;
  /** What a cloud backup of the app holds at this moment. */
  backUp(): readonly string[];
  /** Puts a backup onto this phone: usually that of a lost one onto the next. */
  restore(backup: readonly string[]): void;
}

/** The phone's clock: what it follows, and how far it is off. */
export interface VirtualAuthenticatorOptions {
  /** The true time in epoch milliseconds; `Date.now` by default. Give it the service's clock. */
  clock?: (() => number) | undefined;
  /** Seconds by which the phone's clock is wrong; positive is ahead. 0 by default. */
  skew?: number | undefined;
  /** Seconds that the phone's clock gains a day from now on; negative loses. 0 by default. */
  driftPerDay?: number | undefined;
}

const DAY_MS = 86_400_000;

/**
 * Makes a phone with an authenticator app.
 *
 * @throws TypeError if an option is of the wrong kind; `scan` throws a RangeError for what is not a key URI, and
 * `code` an Error when the phone is lost or has no such account.
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
export function virtualAuthenticator(options: VirtualAuthenticatorOptions = {}): VirtualAuthenticator {
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
    key.accountName === name || `${key.issuer ?? ""}:${key.accountName}` === name;
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
  if (typeof value !== "number" || !Number.isFinite(value)) throw new TypeError(`${name}: want seconds`);
}
