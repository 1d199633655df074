/** The transports of a passkey: hints for the browser, kept as bits so that ten passkeys fit into a record. */

/** The names of WebAuthn Level 3 s.5.8.4, and `cable`, the old name of `hybrid`. Each one's place is its bit: only append. */
const TRANSPORTS = ["usb", "nfc", "ble", "smart-card", "hybrid", "internal", "cable"];

/** Returns the known names among these. Unknown ones may be left out, since they are hints. */
export function knownTransports(names: unknown): string[] {
  return Array.isArray(names) ? TRANSPORTS.filter((name) => names.includes(name)) : [];
}

export function transportBits(names: readonly string[]): number {
  return TRANSPORTS.reduce((bits, name, i) => (names.includes(name) ? bits | (1 << i) : bits), 0);
}

export function transportNames(bits: number): readonly string[] {
  return TRANSPORTS.filter((_, i) => (bits >> i) & 1);
}
