/** A later version of the library, as an older one meets it: two more fields in each structure of a record. */

import assert from "node:assert/strict";
import { createKeyring } from "../../src/keyring.ts";
import type { StoredRecord, UserStore } from "../../src/store.ts";

const LATER: readonly unknown[] = ["from a later version", [7, null]];

/** A structure: where its name stands, if it has one, and where the structures and the lists of them stand in it. */
interface Shape {
  name?: number;
  inner?: Readonly<Record<number, Shape>>;
  lists?: Readonly<Record<number, Shape>>;
}

const batch: Shape = { name: 0, lists: { 5: { name: 0 } } };
const record: Shape = {
  lists: { 2: { name: 3 }, 9: { name: 2 }, 14: { name: 0 }, 15: { name: 0 }, 16: { name: 0 } },
  inner: {
    4: { name: 3, inner: { 7: {}, 8: batch } },
    ...{ 5: batch, 6: batch },
    ...{ 10: {}, 11: {}, 12: {}, 13: {} },
  },
};

const marked = (wire: readonly unknown[]) =>
  JSON.stringify(wire.slice(-LATER.length)) === JSON.stringify(LATER);

/** Gives every structure of a record the fields of a later version. */
export function later(wire: unknown, shape: Shape = record): unknown {
  if (!Array.isArray(wire)) return wire;
  const grown = wire.map((value, i) => {
    const [inner, list] = [shape.inner?.[i], shape.lists?.[i]];
    if (list) return (value as unknown[]).map((item) => later(item, list));
    return inner ? later(value, inner) : value;
  });
  return marked(wire) ? grown : [...grown, ...LATER];
}

/** The structures of a record by their place and name, and whether each has the fields of a later version. */
function* structures(wire: unknown, shape: Shape = record, place = "record"): Iterable<[string, boolean]> {
  if (!Array.isArray(wire)) return;
  const name = shape.name === undefined ? place : `${place} ${wire[shape.name]}`;
  yield [name, marked(wire)];
  for (const [i, inner] of Object.entries(shape.inner ?? {})) {
    yield* structures(wire[Number(i)], inner, `${name}.${i}`);
  }
  for (const [i, list] of Object.entries(shape.lists ?? {})) {
    for (const item of wire[Number(i)] as unknown[]) yield* structures(item, list, `${name}.${i}`);
  }
}

/**
 * A store that the later version shares: whatever is read has its fields in every structure, and whatever is written
 * must have kept them, or it throws.
 */
export function sharedWithLater(inner: UserStore, keys: string): UserStore & { checked(): number } {
  const { forUser } = createKeyring(keys);
  let checked = 0;
  const read = async (userId: string) => {
    const row = await inner.get(userId);
    return row && { ...row, wire: later(JSON.parse(await forUser(userId).open(row.version, row.data))) };
  };
  return {
    checked: () => checked,
    async get(userId) {
      const row = await read(userId);
      if (!row) return null;
      const { version, wire } = row;
      return { version, data: await forUser(userId).seal(version, JSON.stringify(wire)) };
    },
    async compareAndSet(userId, expected, next: StoredRecord) {
      const before = await read(userId);
      const written = new Map(structures(JSON.parse(await forUser(userId).open(next.version, next.data))));
      for (const [name] of structures(before?.wire)) {
        assert.notEqual(written.get(name), false, `${name} lost the fields of a later version`);
        checked++;
      }
      return inner.compareAndSet(userId, expected, next);
    },
  };
}
