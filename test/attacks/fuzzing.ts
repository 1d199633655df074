/** A fuzzer: text that is almost right, text that is not, and values that are no text, for a bounded time. */

import type { TestContext } from "node:test";
import fc from "fast-check";

const SECONDS = Number(process.env["FUZZ_SECONDS"] ?? 0.3);
const SEED = Number(process.env["FUZZ_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

/** Text from every corner of Unicode, half surrogate pairs and null characters included. */
const wild = fc.string({ unit: "binary", maxLength: 200 });
const LONG = [63, 64, 65, 1_024, 1_025, 4_097, 8_193, 100_000];
const long = fc
  .tuple(fc.constantFrom(...LONG), fc.constantFrom("0", "=", "A", ".", "%", " ", "\u200b", "\ufdfa"))
  .map(([length, character]) => character.repeat(length));

type Edit = { at: number; take: number; put: string };

function edited(text: string, edits: readonly Edit[]): string {
  return edits.reduce((before, { at, take, put }) => {
    const from = at % (before.length + 1);
    return before.slice(0, from) + put + before.slice(from + take);
  }, text);
}

/** Valid texts with a few characters taken out, put in or exchanged, and texts that were never valid. */
export function nearly(...valid: readonly string[]): fc.Arbitrary<string> {
  const puts = fc.oneof(
    fc.string({ maxLength: 3 }),
    wild,
    fc.constantFrom("", "..", "v1", "=", "%", "%00", "&secret=", "\u0000", "\ud800", "\uff10", "-1", "1e9"),
  );
  const edit = fc.record({ at: fc.nat(10_000), take: fc.nat(8), put: puts });
  const edits = fc.array(edit, { minLength: 1, maxLength: 4 });
  return fc.oneof(
    {
      weight: 6,
      arbitrary: fc.tuple(fc.constantFrom(...valid), edits).map(([text, all]) => edited(text, all)),
    },
    { weight: 2, arbitrary: wild },
    { weight: 1, arbitrary: long },
  );
}

/** Nearly valid text, or what a JSON body or a careless caller may hold in its place. */
export function anythingLike(...valid: readonly string[]): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 4, arbitrary: nearly(...valid) as fc.Arbitrary<unknown> },
    { weight: 1, arbitrary: fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true }) },
    { weight: 1, arbitrary: fc.constantFrom<unknown>(undefined, null, "", Symbol("code"), () => "123456") },
  );
}

/** Runs a property on a few inputs and then on as many as the time allows. `FUZZ_SEED` repeats what was printed. */
export async function fuzz<T>(
  context: TestContext,
  inputs: fc.Arbitrary<T>,
  property: (input: T) => void | Promise<void>,
): Promise<void> {
  let runs = 0;
  const counted = fc.asyncProperty(inputs, async (input) => {
    runs++;
    await property(input);
  });
  context.diagnostic(`FUZZ_SEED=${SEED}`);
  await fc.assert(counted, { seed: SEED, numRuns: 100 });
  const limit = { interruptAfterTimeLimit: SECONDS * 1_000, markInterruptAsFailure: false };
  await fc.assert(counted, { seed: SEED, numRuns: 10_000_000, ...limit });
  context.diagnostic(`${runs} inputs`);
}
