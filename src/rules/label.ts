/** The label of a device or an authenticator. */

import { utf8 } from "../internal/bytes.ts";
import { MAX_LABEL_BYTES } from "../record.ts";

/** Returns a label as one line of at most 64 bytes, or null where there is nothing to read. */
export function labelText(text: unknown): string | null {
  if (typeof text !== "string") return null;
  let label = "";
  let bytes = 0;
  for (const character of text
    .slice(0, 256)
    .replace(/[\p{C}\p{Zl}\p{Zp}"\\]+/gu, " ")
    .trim()) {
    bytes += utf8(character).length;
    if (bytes > MAX_LABEL_BYTES) break;
    label += character;
  }
  return label === "" ? null : label;
}
