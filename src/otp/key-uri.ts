/** Key URIs (`otpauth://totp/...`): what a QR code hands to an authenticator app. */

import { checkInteger, checkObject, checkOneOf, checkText } from "../internal/check.ts";
import { HASH_NAMES, type HashName } from "../internal/hmac.ts";
import { encodeBase32, MAX_BASE32_LENGTH } from "./base32.ts";
import { codeCount, DIGITS } from "./hotp.ts";
import { secretBytes } from "./secret.ts";
import { MAX_PERIOD, PERIOD } from "./totp.ts";

const MAX_ISSUER_LENGTH = 64;
const MAX_ACCOUNT_LENGTH = 256; // an e-mail address has at most 254 characters
const MAX_URI_LENGTH = 8192; // what the two above, percent-encoded, and the longest secret stay under

/** What a key URI says: `secret` in Base32 without padding, `period` in seconds. */
export interface KeyUri {
  secret: string;
  issuer?: string;
  accountName: string;
  digits: number;
  period: number;
  algorithm: HashName;
}

/**
 * Writes the key URI of a secret in the form that most authenticator apps read.
 *
 * The issuer stands in the label and in a parameter, spaces are `%20`, and parameters that have their default value
 * are left out: apps assume them, and the QR code stays small. Issuer and account name are trimmed. No encoding
 * carries a colon past all apps, so it is refused in the issuer and becomes a space in the account name.
 *
 * @param options `secret` Base32, 10 to 640 bytes; `issuer` up to 64 characters, without a colon; `accountName` up to
 * 256; `digits` 6 to 8, by default 6; `period` in seconds, 1 to 120, by default 30; `algorithm`, by default `"SHA1"`.
 * Many apps ignore the last three and compute the defaults.
 * @throws TypeError or RangeError if an option is not as described; the message never quotes the secret
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
  options: Omit<KeyUri, "digits" | "period" | "algorithm"> &
    Partial<Pick<KeyUri, "digits" | "period" | "algorithm">>,
): string {
  checkObject("options", options);
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
 * Reads a key URI, defaults filled in.
 *
 * Upper case in the scheme, in parameter names and in the algorithm is read, unknown parameters are passed over. What
 * apps read in different ways is refused: a parameter that occurs twice, an issuer that differs between label and
 * parameter, a fragment. Whatever is returned, {@link formatKeyUri} accepts.
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
  const issuer = agreed(label.slice(0, Math.max(0, colon)).trim(), parameters.get("issuer")?.trim() ?? "");
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

/** The one gate of both directions, so that what is read can be written and the other way around. */
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

/** The account name as the app will show it. */
export function checkAccountName(value: unknown): string {
  return cleaned("accountName", value, MAX_ACCOUNT_LENGTH);
}

/** Colons become spaces, and halves of surrogate pairs, which no URI can carry, U+FFFD. */
function cleaned(name: string, value: unknown, maxLength: number): string {
  const text = checkText(name, value, maxLength)
    .replaceAll(":", " ")
    .replace(/\p{Surrogate}/gu, "\uFFFD");
  return checkText(name, text.trim(), maxLength);
}

function readParameters(query: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of query.split("&").filter((text) => text !== "")) {
    const [rawName = "", ...value] = pair.split("=");
    const name = percentDecoded(rawName).toLowerCase();
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

/** The issuer of label and parameter, either of which may be empty. */
function agreed(prefix: string, parameter: string): string {
  if (prefix === "" || parameter === "" || prefix === parameter) return prefix || parameter;
  if (prefix === parameter.replaceAll("+", " ")) return prefix; // written by a form encoder
  throw new RangeError("issuer: label and parameter differ");
}

function readNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9][0-9]{0,2}$/.test(text)) throw new RangeError(`${name}: want a small whole number`);
  return Number(text);
}

function readAlgorithm(text: string | undefined): HashName | undefined {
  if (text === undefined) return undefined;
  const name = text.toUpperCase().replace("-", "") as HashName; // SHA-256 and sha256 occur
  if (!HASH_NAMES.includes(name)) throw new RangeError(`algorithm: want one of ${HASH_NAMES.join(", ")}`);
  return name;
}
