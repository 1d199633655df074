/**
 * scrypt in JavaScript. In a file of its own because @noble/hashes has it in one that is loaded at the first call: most
 * runtimes have a native scrypt and never need it.
 */

export interface ScryptCost {
  N: number;
  r: number;
  p: number;
  dkLen: number;
}

/** RFC 7914, portable; once loaded it blocks, for tens of milliseconds at N=2^14, r=8. */
export async function scrypt(password: Uint8Array, salt: Uint8Array, cost: ScryptCost): Promise<Uint8Array> {
  const portable = await import("@noble/hashes/scrypt.js");
  return portable.scrypt(password, salt, cost);
}
