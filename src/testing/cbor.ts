/** The parts of CBOR (RFC 8949) and COSE (RFC 9052) that an attestation of type "none" needs. */

import { utf8 } from "../internal/bytes.ts";

/** A value of an attestation: integers, text, bytes, and maps of them in the given order. */
export type CborValue = number | string | Uint8Array | ReadonlyMap<number | string, CborValue>;

const INTEGER = 0;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const MAP = 5;

/** Encodes a value; integers and lengths up to 255, of which an attestation needs no more. */
export function encodeCbor(value: CborValue): Uint8Array {
  if (typeof value === "number") return value < 0 ? head(NEGATIVE, -1 - value) : head(INTEGER, value);
  if (typeof value === "string") return joined(head(TEXT, utf8(value).length), utf8(value));
  if (value instanceof Uint8Array) return joined(head(BYTES, value.length), value);
  const entries = [...value].flatMap(([key, item]) => [encodeCbor(key), encodeCbor(item)]);
  return joined(head(MAP, value.size), ...entries);
}

function head(type: number, argument: number): Uint8Array {
  const first = type << 5;
  return argument < 24 ? Uint8Array.of(first | argument) : Uint8Array.of(first | 24, argument);
}

/** Encodes a public key on P-256 for signatures with SHA-256 (RFC 9053 s.2.1 and s.7.1.1). */
export function coseKey(x: Uint8Array, y: Uint8Array): Uint8Array {
  return encodeCbor(
    new Map<number, CborValue>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, x],
      [-3, y],
    ]),
  );
}

/** Turns a signature of Web Crypto (r and s side by side) into a DER sequence of two integers, as in WebAuthn. */
export function derSignature(signature: Uint8Array): Uint8Array {
  const half = signature.length / 2;
  const parts = joined(derInteger(signature.subarray(0, half)), derInteger(signature.subarray(half)));
  return joined(Uint8Array.of(0x30, parts.length), parts);
}

function derInteger(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const digits = bytes.subarray(start);
  const sign = ((digits[0] ?? 0) & 0x80) === 0 ? [] : [0];
  return joined(Uint8Array.of(0x02, sign.length + digits.length, ...sign), digits);
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
