/** Backup codes: drawing them, reading what was typed, comparing digests, and the file to keep the codes in. */

import { equalBytes, utf8 } from "./internal/bytes.ts";
import { checkInteger, checkOptions, LAST_INSTANT } from "./internal/check.ts";

/** The characters of backup codes; `base32` is Crockford's Base32. */
export type BackupCodeAlphabet = "digits" | "base32";

// Crockford's Base32 leaves out I, L, O and U, which people misread in handwriting.
const ALPHABETS: Readonly<Record<BackupCodeAlphabet, string>> = {
  digits: "0123456789",
  base32: "0123456789ABCDEFGHJKMNPQRSTVWXYZ",
};

/**
 * Draws one code whose characters are uniformly random. Bytes beyond the last whole multiple of the alphabet are thrown
 * away, because folding them would favor the first characters.
 */
function drawCode(alphabet: string, length: number, random: (length: number) => Uint8Array): string {
  const limit = 256 - (256 % alphabet.length);
  let code = "";
  while (code.length < length) {
    for (const byte of random(length - code.length)) {
      if (byte < limit) code += alphabet.charAt(byte % alphabet.length);
    }
  }
  return code;
}

/** Draws a batch of different codes. */
export function generateBackupCodes(
  shape: { count: number; alphabet: BackupCodeAlphabet; length: number },
  random: (length: number) => Uint8Array,
): readonly string[] {
  const codes = new Set<string>();
  while (codes.size < shape.count) codes.add(drawCode(ALPHABETS[shape.alphabet], shape.length, random));
  return [...codes];
}

/**
 * Returns the spelling that a backup code was hashed in, from the canonical spelling of what was typed; undefined if it
 * does not have the shape of a code of this batch.
 */
export function asBackupCode(
  code: string,
  shape: { alphabet: BackupCodeAlphabet | "text" | "legacy"; length: number },
): string | undefined {
  if (shape.alphabet === "text" || shape.alphabet === "legacy") {
    return code.length >= shape.length ? code : undefined;
  }
  if (code.length !== shape.length) return undefined;
  const spelled = shape.alphabet === "digits" ? code : code.replace(/[IL]/g, "1").replace(/O/g, "0");
  for (const character of spelled) {
    if (!ALPHABETS[shape.alphabet].includes(character)) return undefined;
  }
  return spelled;
}

/** Finds a digest among those of a batch, or gives -1. It compares all of them, each in constant time. */
export function indexOfDigest(digest: string, digests: readonly string[]): number {
  const wanted = utf8(digest);
  let found = -1;
  digests.forEach((candidate, i) => {
    if (equalBytes(wanted, utf8(candidate))) found = i;
  });
  return found;
}

const MAX_LINE = 128; // holds the longest code with its spaces, the number before it and a date after it

/** Removes the number and the date around a code where a whole line of the backup codes file was pasted. */
export function withoutLine(typed: unknown): unknown {
  if (typeof typed !== "string" || typed.length > MAX_LINE) return typed;
  return typed.replace(/^\s*\p{Nd}{1,2}[.)]\s|\sused on:.*/gisu, "");
}

/** Groups a code for reading: by five characters where that comes out even, else by four. */
function readable(code: string): string {
  const size = code.length % 5 === 0 ? 5 : 4;
  return (code.match(new RegExp(`.{1,${size}}`, "gu")) ?? []).join(" ");
}

/** Removes line breaks, other control characters and lone surrogates, so that the text fits one line of the file. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+/gu, " ").trim();
}

function filePart(text: string): string {
  const safe = text.normalize("NFKD").replace(/[^A-Za-z0-9]+/g, "-");
  return safe.slice(0, 40).replace(/^-|-$/g, "").toLowerCase();
}

/**
 * Makes the text file in which a person keeps backup codes.
 *
 * The file names the issuer and the account and numbers the codes, each with room for the date of its use. Dates are
 * UTC. `filename` holds ASCII letters, digits, hyphens and `.txt` only, so it is safe in a `Content-Disposition`
 * header; `dataUrl` is for a plain download link, without a second request and without storing the codes. A line of
 * the file, pasted whole into the code field, is read as its code.
 *
 * @throws TypeError or RangeError that names the option
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { formatBackupCodes } from "twinlock";
 *
 * const file = formatBackupCodes({
 *   issuer: "Acme",
 *   accountName: "alice@example.com",
 *   codes: ["12345678", "00112233"],
 *   createdAt: Date.UTC(2026, 0, 31),
 * });
 * assert.equal(file.filename, "acme-backup-codes-2026-01-31.txt");
 * assert.match(file.text, /1234 5678/);
 * ```
 */
export function formatBackupCodes(options: {
  issuer: string;
  accountName: string;
  codes: readonly string[];
  createdAt: number;
}): { filename: string; text: string; dataUrl: string } {
  checkOptions("options", options, ["issuer", "accountName", "codes", "createdAt"], "");
  for (const name of ["issuer", "accountName"] as const) {
    if (typeof options[name] !== "string") throw new TypeError(`${name}: want a string`);
  }
  const { codes } = options;
  if (!Array.isArray(codes) || codes.some((code) => typeof code !== "string")) {
    throw new TypeError("codes: want a list of strings");
  }
  checkInteger("createdAt", options.createdAt, 0, LAST_INSTANT);
  const date = new Date(options.createdAt).toISOString().slice(0, 10);
  const prefix = filePart(options.issuer);
  const lines = codes.map(
    (code, i) => `${String(i + 1).padStart(2)}.  ${readable(code)}    used on: ____________`,
  );
  const text = [
    `${oneLine(options.issuer)}: backup codes for ${oneLine(options.accountName)}`,
    `Created on ${date}. Each code works once, in place of a code from your authenticator app.`,
    "Keep this file where nobody else can read it, and note the date beside a code that you use.",
    "",
    ...lines,
    "",
  ].join("\r\n");
  return {
    filename: `${prefix === "" ? "" : `${prefix}-`}backup-codes-${date}.txt`,
    text,
    dataUrl: `data:text/plain;charset=utf-8,${encodeURIComponent(text)}`,
  };
}
