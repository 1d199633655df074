/** Strict DER, because libraries accept several spellings of one signature. */

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const EC2 = 2;

/** Tells whether a signature has its one canonical spelling, if its kind of key has one. */
export function isCanonical(signature: Uint8Array, publicKey: Uint8Array): boolean {
  const isEc2 = publicKey[1] === 1 && publicKey[2] === EC2; // a COSE key begins with its type (CTAP 2 s.8)
  return !isEc2 || isEcdsaSignature(signature);
}

function isEcdsaSignature(bytes: Uint8Array): boolean {
  if (bytes[0] !== SEQUENCE || bytes[1] !== bytes.length - 2 || bytes.length > 0x7f) return false;
  return endOfInteger(bytes, endOfInteger(bytes, 2)) === bytes.length;
}

/** Returns where the positive integer at this place ends, or NaN if it is none or has leading zeros too many. */
function endOfInteger(bytes: Uint8Array, at: number): number {
  const [tag, length = 0, first = 0, second = 0] = bytes.subarray(at, at + 4);
  const padded = first === 0 && second < 0x80;
  return tag === INTEGER && length > 1 && first < 0x80 && !padded ? at + 2 + length : Number.NaN;
}
