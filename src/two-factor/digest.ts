/** The stored digests of backup codes. */

import { toBase64Url } from "../internal/bytes.ts";
import type { Batch } from "../record.ts";
import type { Service } from "./service.ts";

/** A new batch, with its codes in plain text so that they can be shown. */
export interface FreshBatch {
  batch: Batch;
  codes: readonly string[];
}

/** Derives the digests of a batch. Codes that people are waiting to redeem go first. */
export async function digestBatch(
  service: Service,
  shape: Pick<Batch, "alphabet" | "length">,
  codes: readonly string[],
  now: number,
): Promise<FreshBatch> {
  const salt = toBase64Url(service.random(16));
  const digests = await Promise.all(codes.map((code) => service.derive(code, salt, "patient")));
  const batch: Batch = {
    id: service.id(),
    alphabet: shape.alphabet,
    length: shape.length,
    salt,
    createdAt: now,
    codes: digests.map((digest) => ({ digest, usedAt: null })),
  };
  return { batch, codes };
}
