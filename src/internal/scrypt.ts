/**
 * scrypt in JavaScript. It is loaded at its first call, because most runtimes have a native scrypt.
 */

export interface ScryptCost {
  N: number;
  r: number;
  p: number;
  dkLen: number;
}

/** Runs scrypt (RFC 7914) in JavaScript. It blocks, for tens of milliseconds at N=2^14, r=8. */
export async function scrypt(password: Uint8Array, salt: Uint8Array, cost: ScryptCost): Promise<Uint8Array> {
  const portable = await import("@noble/hashes/scrypt.js");
  return portable.scrypt(password, salt, cost);
}
