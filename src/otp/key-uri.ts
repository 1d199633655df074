/** Key URIs (`otpauth://totp/...`), which a QR code hands to an authenticator app. */

import { checkInteger, checkOneOf, checkOptions, checkText } from "../internal/check.ts";
import { HASH_NAMES, type HashName } from "../internal/hmac.ts";
import { encodeBase32, MAX_BASE32_LENGTH } from "./base32.ts";
import { codeCount, DIGITS } from "./hotp.ts";
import { secretBytes } from "./secret.ts";
import { MAX_PERIOD, PERIOD } from "./totp.ts";

const MAX_ISSUER_LENGTH = 64;
const MAX_ACCOUNT_LENGTH = 256; // an e-mail address has at most 254 characters
const MAX_URI_LENGTH = 8192; // more than the two above, percent-encoded, and the longest secret need
/**
 * The longest account name that a QR code has room for. Of its 2,331 bytes the longest issuer takes 576 twice, the
 * longest secret of an enrollment 103, and scheme and parameters 69, which leaves 1,007.
 */
const MAX_DRAWN_ACCOUNT = 1000;
const ELLIPSIS = "\u2026";
const KEY_URI_OPTIONS = ["secret", "issuer", "accountName", "digits", "period", "algorithm"];
const HIDDEN_PARAMETER = /[^&\w.-](?:secret|issuer|digits|period|algorithm)=/i;

/** The contents of a key URI: `secret` in Base32 without padding, `period` in seconds. */
export interface KeyUri {
  secret: string;
  issuer?: string | undefined;
  accountName: string;
  digits: number;
  period: number;
  algorithm: HashName;
}

/**
 * Writes the key URI of a secret in the form that most authenticator apps read.
 *
 * The issuer is in the label and in a parameter, spaces are `%20`, and parameters that have their default value are left
 * out: apps assume them, and the QR code stays small. Issuer and account name are trimmed. Some apps misread a colon in
 * any encoding, so it is refused in the issuer and becomes a space in the account name.
 *
 * @param options `secret` Base32, 10 to 640 bytes; `issuer` up to 64 characters, without a colon; `accountName` up to
 * 256; `digits` 6 to 8, by default 6; `period` in seconds, 1 to 120, by default 30; `algorithm`, by default `"SHA1"`.
 * Many apps ignore the last three and compute the defaults.
 * @throws TypeError or RangeError if an option is not as described, or unknown; the message never quotes the secret
 * @see https://github.com/google/google-authenticator/wiki/Key-Uri-Format
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { formatKeyUri } from "twinlock/otp";
 *
 * assert.equal(
 *   formatKeyUri({ secret: "JBSWY3DPEHPK3PXP", issuer: "Big Corp", accountName: "ada@example.com" }),
 *   "otpauth://totp/Big%20Corp:ada%40example.com?secret=JBSWY3DPEHPK3PXP&issuer=Big%20Corp",
 * );
 * ```
 */
export function formatKeyUri(
  options: Omit<KeyUri, "digits" | "period" | "algorithm"> & {
    [K in "digits" | "period" | "algorithm"]?: KeyUri[K] | undefined;
  },
): string {
  checkOptions("options", options, KEY_URI_OPTIONS, "");
  const { secret, issuer, accountName, digits, period, algorithm } = checked(options);
  const name = issuer === undefined ? undefined : encodeURIComponent(issuer);
  const label = (name === undefined ? "" : `${name}:`) + encodeURIComponent(accountName);
  let uri = `otpauth://totp/${label}?secret=${secret}`;
  if (name !== undefined) uri += `&issuer=${name}`;
  if (algorithm !== "SHA1") uri += `&algorithm=${algorithm}`;
  if (digits !== DIGITS) uri += `&digits=${digits}`;
  if (period !== PERIOD) uri += `&period=${period}`;
  return uri;
}

/**
 * Reads a key URI and fills in defaults.
 *
 * Accepts upper case in the scheme, in parameter names and in the algorithm, and ignores unknown parameters. Where label
 * and parameter name different issuers, the parameter's is returned. What apps read in different ways is refused:
 * a parameter that occurs twice, a fragment, a parameter hidden behind anything but `&` (`&amp;digits=8`), and the entry
 * of a Steam account, whose codes are letters. Whatever is returned, {@link formatKeyUri} accepts.
 *
 * @param uri 1 to 8,192 characters
 * @throws TypeError if `uri` is not a string
 * @throws RangeError if it is not the key URI of a TOTP secret; the message never quotes it
 * @see https://github.com/google/google-authenticator/wiki/Key-Uri-Format
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseKeyUri } from "twinlock/otp";
 *
 * const key = parseKeyUri("otpauth://totp/Acme:ada?secret=jbswy3dpehpk3pxp&issuer=Acme&digits=8");
 * assert.equal(key.secret, "JBSWY3DPEHPK3PXP");
 * assert.deepEqual([key.issuer, key.accountName, key.digits, key.period], ["Acme", "ada", 8, 30]);
 * ```
 */
export function parseKeyUri(uri: string): KeyUri {
  const shape = /^otpauth:\/\/totp\/([^?#]*)\?([^#]*)$/i.exec(checkText("uri", uri, MAX_URI_LENGTH).trim());
  if (shape === null) throw new RangeError("uri: want otpauth://totp/label?secret=...");
  const [, rawLabel = "", query = ""] = shape;
  const label = percentDecoded(rawLabel);
  const colon = label.indexOf(":");
  const parameters = readParameters(query);
  const issuer = issuerOf(label.slice(0, Math.max(0, colon)).trim(), parameters.get("issuer")?.trim() ?? "");
  if (parameters.has("encoder") || issuer.toLowerCase() === "steam") {
    throw new RangeError("uri: the codes of this secret are letters, as those of Steam");
  }
  const secret = parameters.get("secret");
  if (secret === undefined) throw new RangeError("secret: missing");
  return checked({
    secret,
    ...(issuer === "" ? {} : { issuer }),
    accountName: label.slice(colon + 1),
    digits: readNumber("digits", parameters.get("digits")),
    period: readNumber("period", parameters.get("period")),
    algorithm: readAlgorithm(parameters.get("algorithm")),
  });
}

type Draft = { [K in keyof KeyUri]?: KeyUri[K] | undefined };

/** Checks a key URI in both directions, so that whatever is read can be written, and the other way around. */
function checked({ digits = DIGITS, period = PERIOD, algorithm = "SHA1", ...names }: Draft): KeyUri {
  codeCount(digits);
  checkInteger("period", period, 1, MAX_PERIOD);
  checkOneOf("algorithm", algorithm, HASH_NAMES);
  const secret = encodeBase32(secretBytes(checkText("secret", names.secret, MAX_BASE32_LENGTH)));
  const accountName = checkAccountName(names.accountName);
  if (names.issuer === undefined) return { secret, accountName, digits, period, algorithm };
  const issuer = cleaned("issuer", names.issuer, MAX_ISSUER_LENGTH);
  if (names.issuer.includes(":")) throw new RangeError("issuer: must not contain a colon");
  return { secret, issuer, accountName, digits, period, algorithm };
}

/** Returns the account name as the app will show it. */
export function checkAccountName(value: unknown): string {
  return cleaned("accountName", value, MAX_ACCOUNT_LENGTH);
}

/** Returns the account name for a QR code, cut where the code has no room for it. */
export function drawnAccountName(value: unknown): string {
  const name = checkAccountName(value);
  if (encodeURIComponent(name).length <= MAX_DRAWN_ACCOUNT) return name;
  let drawn = "";
  let left = MAX_DRAWN_ACCOUNT - encodeURIComponent(ELLIPSIS).length;
  for (const character of name) {
    left -= encodeURIComponent(character).length;
    if (left < 0) break;
    drawn += character;
  }
  return drawn.trimEnd() + ELLIPSIS;
}

/** Turns colons into spaces, and lone surrogates, which no URI can carry, into U+FFFD. */
function cleaned(name: string, value: unknown, maxLength: number): string {
  const text = checkText(name, value, maxLength)
    .replaceAll(":", " ")
    .replace(/\p{Surrogate}/gu, "\uFFFD");
  return checkText(name, text.trim(), maxLength);
}

function readParameters(query: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  if (HIDDEN_PARAMETER.test(query))
    throw new RangeError("uri: a parameter stands behind something else than an ampersand");
  for (const pair of query.split("&").filter((text) => text !== "")) {
    const [rawName = "", ...value] = pair.split("=");
    const name = percentDecoded(rawName).toLowerCase();
    if (!/^[\w.-]*$/.test(name)) throw new RangeError("uri: a parameter has a name that is broken");
    if (parameters.has(name)) throw new RangeError("uri: a parameter occurs twice");
    parameters.set(name, percentDecoded(value.join("=")));
  }
  return parameters;
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new RangeError("uri: broken percent-encoding");
  }
}

/** Returns the issuer from label and parameter, either of which may be empty. */
function issuerOf(prefix: string, parameter: string): string {
  if (parameter === "" || prefix === parameter.replaceAll("+", " ")) return prefix; // form encoders write a space as +
  return parameter;
}

function readNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9][0-9]{0,2}$/.test(text)) throw new RangeError(`${name}: want a small whole number`);
  return Number(text);
}

function readAlgorithm(text: string | undefined): HashName | undefined {
  if (text === undefined) return undefined;
  const name = text.toUpperCase().replace("-", "") as HashName; // some issuers write SHA-256 or sha256
  if (!HASH_NAMES.includes(name)) throw new RangeError(`algorithm: want one of ${HASH_NAMES.join(", ")}`);
  return name;
}
