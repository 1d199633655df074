/** The one spelling of a typed code: evaluation and the replay check both see this and nothing else. */

/** Longer input is no code; it is refused before any work is done on it. In UTF-16 units. */
export const MAX_CODE_LENGTH = 64;

const PLAIN = /^[0-9]+$/;
// The last holds what is invisible: zero-width characters, direction marks, soft hyphens.
const NOISE = /[\p{White_Space}\p{Dash}\p{Default_Ignorable_Code_Point}]+/gu;
const ARABIC_INDIC = /[\u0660-\u0669\u06F0-\u06F9]/g; // NFKC folds full-width digits, but not these

/**
 * The canonical spelling of what a person typed as a code, an app code or a backup code: compatibility forms and
 * Arabic-Indic digits become ASCII, spaces, dashes and invisible marks go, letters are upper case. Undefined for
 * anything that is no code; never throws.
 */
export function canonicalCode(input: unknown): string | undefined {
  if (typeof input !== "string" || input.length > MAX_CODE_LENGTH) return undefined;
  if (PLAIN.test(input)) return input;
  const text = input
    .normalize("NFKC")
    .replace(ARABIC_INDIC, (digit) => String(digit.charCodeAt(0) & 15))
    .replace(NOISE, "")
    .toUpperCase();
  return text === "" || text.length > MAX_CODE_LENGTH ? undefined : text; // NFKC can make text longer
}
