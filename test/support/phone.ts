/** Codes as a phone shows them that has scanned a key URI. */

import { formatKeyUri } from "../../src/otp/key-uri.ts";
import { virtualAuthenticator } from "../../src/testing/index.ts";

/** The code of a phone whose clock is as many steps of 30 seconds ahead. */
export function codeFrom(keyUri: string, clock: () => number, steps = 0): string {
  const phone = virtualAuthenticator({ clock, skew: steps * 30 });
  phone.scan(keyUri);
  return phone.code();
}

/** The key URI of a secret that never was on a page. */
export const uriOf = (secret: string): string => formatKeyUri({ secret, accountName: "ada" });
