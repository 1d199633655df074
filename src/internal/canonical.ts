/** The canonical spelling of a typed code, which evaluation and the replay check both use. */

/** The longest input that can be a code, in UTF-16 units. Longer input is refused before any work is done on it. */
export const MAX_CODE_LENGTH = 64;

const PLAIN = /^\d+$/; // \d matches ASCII digits only
// DI is Default_Ignorable_Code_Point, which no font shows: zero-width characters, direction marks, soft hyphens.
const NOISE = /[\s\x85\p{Dash}\p{DI}]+/gu;
const DIGIT = /\p{Nd}/gu;

/**
 * Returns the canonical spelling of an app code or a backup code as a person typed it, or undefined for anything that is
 * no code; it never throws. Compatibility forms and the digits of every script become ASCII, spaces, dashes and
 * invisible marks are removed, and letters become upper case.
 */
export function canonicalCode(input: unknown): string | undefined {
  if (typeof input !== "string" || input.length > MAX_CODE_LENGTH) return undefined;
  if (PLAIN.test(input)) return input;
  const text = input.normalize("NFKC").replace(NOISE, "").replace(DIGIT, asciiDigit).toUpperCase();
  return text && text.length <= MAX_CODE_LENGTH ? text : undefined; // NFKC may have made the text longer
}

/** Turns a decimal digit into ASCII. Unicode keeps those of a script together, from zero to nine (UAX 44). */
function asciiDigit(digit: string): string {
  let before = digit.codePointAt(0) as number;
  let value = -1;
  do value++;
  while (/\p{Nd}/u.test(String.fromCodePoint(--before)));
  return `${value % 10}`; // the digits of some scripts follow each other without a gap
}
