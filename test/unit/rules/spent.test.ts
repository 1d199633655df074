import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CLOCK_TOLERANCE_MS } from "../../../src/rules/lifetime.ts";
import { isListed, isOpen, isPastRemembering, lastToExpire, withSpent } from "../../../src/rules/spent.ts";

const token = (id: string, expiresAt: number) => ({ id, expiresAt });
const ids = (tokens: readonly { id: string }[]) => tokens.map(({ id }) => id).join("");

describe("lists of what has been spent", () => {
  test("a token is listed by its id", () => {
    assert.equal(isListed([token("a", 1)], token("a", 2)), true);
    assert.equal(isListed([token("a", 1)], token("b", 1)), false);
    assert.equal(isListed([], token("a", 1)), false);
  });

  test("only a full list refuses a token that expires before all on it", () => {
    const list = [token("a", 10), token("b", 20)];
    const past = (expiresAt: number, max: number) => isPastRemembering(list, token("c", expiresAt), max);
    assert.deepEqual([past(9, 2), past(10, 2), past(11, 2)], [true, true, false]);
    assert.deepEqual([past(9, 3), past(9, 1)], [false, true]);
    assert.equal(isPastRemembering([], token("c", 1), 0), false);
  });

  test("a token is open until its end and the tolerance of the clocks have passed", () => {
    const at = (now: number) => isOpen({ expiresAt: 1_000 }, now);
    assert.equal(at(1_000 + CLOCK_TOLERANCE_MS - 1), true);
    assert.equal(at(1_000 + CLOCK_TOLERANCE_MS), false);
  });

  test("of too many tokens, those that expire last are kept, in the order in which they expire", () => {
    const tokens = [token("c", 30), token("a", 10), token("d", 40), token("b", 20)];
    assert.equal(ids(lastToExpire(tokens, 3)), "bcd");
    assert.equal(ids(lastToExpire(tokens, 9)), "abcd");
    assert.equal(ids(tokens), "cadb", "and the list that was given is left as it was");
  });

  test("a spent token is noted, and what has expired is dropped", () => {
    const now = 1_000_000;
    const list = [token("a", now - CLOCK_TOLERANCE_MS), token("c", now + 30)];
    assert.deepEqual(withSpent(list, token("b", now + 20), now, 8), [
      token("b", now + 20),
      token("c", now + 30),
    ]);
    assert.equal(ids(withSpent(list, token("d", now + 40), now, 1)), "d");
  });
});
