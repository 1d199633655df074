/** The one spelling of a typed code: evaluation and the replay check both see this and nothing else. */

/** Longer input is no code; it is refused before any work is done on it. In UTF-16 units. */
export const MAX_CODE_LENGTH = 64;

const PLAIN = /^\d+$/; // ASCII alone
// The last holds what no font shows (Default_Ignorable_Code_Point): zero-width characters, direction marks, soft hyphens.
const NOISE = /[\s\x85\p{Dash}\p{DI}]+/gu;
const DIGIT = /\p{Nd}/gu;

/**
 * The canonical spelling of what a person typed as a code, an app code or a backup code: compatibility forms and the
 * digits of every script become ASCII, spaces, dashes and invisible marks go, letters are upper case. Undefined for
 * anything that is no code; never throws.
 */
export function canonicalCode(input: unknown): string | undefined {
  if (typeof input !== "string" || input.length > MAX_CODE_LENGTH) return undefined;
  if (PLAIN.test(input)) return input;
  const text = input.normalize("NFKC").replace(NOISE, "").replace(DIGIT, asciiDigit).toUpperCase();
  return text && text.length <= MAX_CODE_LENGTH ? text : undefined; // NFKC can make text longer
}

/** Unicode keeps the decimal digits of a script together, from zero to nine (UAX 44, Numeric_Type=Decimal). */
function asciiDigit(digit: string): string {
  let before = digit.codePointAt(0) as number;
  let value = -1;
  do value++;
  while (/\p{Nd}/u.test(String.fromCodePoint(--before)));
  return `${value % 10}`; // some scripts follow each other without a gap
}
