/** An implementation that shares nothing with ours: the platform's HMAC, BigInt counters, string arithmetic. */

const WEB_CRYPTO_NAMES = { SHA1: "SHA-1", SHA256: "SHA-256", SHA512: "SHA-512" } as const;

export async function referenceHmac(
  algorithm: keyof typeof WEB_CRYPTO_NAMES,
  key: Uint8Array,
  counter: number,
): Promise<Uint8Array> {
  const message = new DataView(new ArrayBuffer(8));
  message.setBigUint64(0, BigInt(counter));
  const parameters = { name: "HMAC", hash: WEB_CRYPTO_NAMES[algorithm] };
  const imported = await crypto.subtle.importKey("raw", Uint8Array.from(key), parameters, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, message));
}

export async function referenceHotp(
  algorithm: keyof typeof WEB_CRYPTO_NAMES,
  key: Uint8Array,
  counter: number,
  digits: number,
): Promise<string> {
  const hmac = await referenceHmac(algorithm, key, counter);
  const at = Number.parseInt(hex(hmac).slice(-1), 16);
  const value = BigInt(`0x${hex(hmac.subarray(at, at + 4))}`) % 2n ** 31n;
  return String(value).padStart(digits, "0").slice(-digits);
}

export function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** The secret of RFC 4226 appendix D, and the seeds of RFC 6238 appendix B (erratum 2866): as many digits. */
export function seed(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => "1234567890".charCodeAt(i % 10));
}
