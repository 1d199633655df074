/** Short lists of what has been spent: sealed tokens of which each may serve once. */

import { CLOCK_TOLERANCE_MS } from "./lifetime.ts";

/** A token as the record knows it. */
export interface TokenId {
  id: string;
  expiresAt: number;
}

/** Whether a token is on a list. */
export function isListed(spent: readonly TokenId[], { id }: TokenId): boolean {
  return spent.some((other) => other.id === id);
}

/** Whether a full list cannot vouch for a token: it expires before all on the list, and may have been dropped from it. */
export function isPastRemembering(spent: readonly TokenId[], { expiresAt }: TokenId, max: number): boolean {
  const [oldest] = spent;
  return spent.length >= max && oldest !== undefined && expiresAt <= oldest.expiresAt;
}

/** A list with one token more, and without those that have expired. Of too many, those that expire last are kept. */
export function withSpent(
  spent: readonly TokenId[],
  { id, expiresAt }: TokenId,
  now: number,
  max: number,
): readonly TokenId[] {
  return lastToExpire([...spent.filter((other) => isOpen(other, now)), { id, expiresAt }], max);
}

/** Whether a token may still be open on any machine, whose clocks differ. */
export function isOpen({ expiresAt }: { expiresAt: number }, now: number): boolean {
  return expiresAt + CLOCK_TOLERANCE_MS > now;
}

/** So many of them at most, in the order in which they expire: the last. */
export function lastToExpire<T extends { expiresAt: number }>(
  tokens: readonly T[],
  max: number,
): readonly T[] {
  return [...tokens].sort((a, b) => a.expiresAt - b.expiresAt).slice(-max);
}
