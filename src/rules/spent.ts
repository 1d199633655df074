/** Short lists of spent tokens, each of which may be used once. */

import { CLOCK_TOLERANCE_MS } from "./lifetime.ts";

/** A token as the record knows it: its id, and when it expires. */
export interface TokenId {
  id: string;
  expiresAt: number;
}

/** Tells whether a token is on a list. */
export function isListed(spent: readonly TokenId[], { id }: TokenId): boolean {
  return spent.some((other) => other.id === id);
}

/** Tells whether a token may have been dropped from a full list, because it expires before all that are on it. */
export function isPastRemembering(spent: readonly TokenId[], { expiresAt }: TokenId, max: number): boolean {
  const [oldest] = spent;
  return spent.length >= max && oldest !== undefined && expiresAt <= oldest.expiresAt;
}

/** Adds a token to a list and drops those that have expired. Of too many, those that expire last are kept. */
export function withSpent(
  spent: readonly TokenId[],
  { id, expiresAt }: TokenId,
  now: number,
  max: number,
): readonly TokenId[] {
  return lastToExpire([...spent.filter((other) => isOpen(other, now)), { id, expiresAt }], max);
}

/** Tells whether a token may still be valid on some machine, since clocks differ. */
export function isOpen({ expiresAt }: { expiresAt: number }, now: number): boolean {
  return expiresAt + CLOCK_TOLERANCE_MS > now;
}

/** Returns the items that expire last, at most so many, in the order in which they expire. */
export function lastToExpire<T extends { expiresAt: number }>(
  tokens: readonly T[],
  max: number,
): readonly T[] {
  return [...tokens].sort((a, b) => a.expiresAt - b.expiresAt).slice(-max);
}
