/** What the broken stores are built from: right ones, to break in one place. */

import type { StoredRecord, UserStore } from "../../../../src/store.ts";
import { memoryStore } from "../../../../src/stores/memory.ts";

export interface Planted {
  readonly make: () => UserStore | { store: UserStore; second: () => UserStore };
  /** A check that must fail, by its name, and what its text must say. */
  readonly caughtBy: string;
  readonly says: RegExp;
  /** Other checks that must fail, and what they say. */
  readonly also?: Readonly<Record<string, RegExp>>;
}

export type Row = { version: string; data: string };

/** A correct store over a Map, to break in one place. `key` may fold ids, `pause` lets others run in between. */
export function mapStore(
  rows = new Map<string, Row>(),
  key: (userId: string) => string = (id) => id,
): UserStore {
  return {
    async get(userId) {
      const row = rows.get(key(userId));
      return row ? { ...row } : null;
    },
    async compareAndSet(userId, expected, { version, data }) {
      if ((rows.get(key(userId))?.version ?? null) !== expected) return false;
      rows.set(key(userId), { version, data });
      return true;
    },
  };
}

export const keyed = (key: (userId: string) => string) => (): UserStore => mapStore(new Map(), key);

/** A store whose records are changed on the way in. */
export function changing(change: (next: StoredRecord) => Partial<Row>): () => UserStore {
  return () => {
    const inner = memoryStore();
    return {
      ...inner,
      compareAndSet: (id, expected, next) => inner.compareAndSet(id, expected, { ...next, ...change(next) }),
    };
  };
}

/** A store that sees its rows through a hole in the contract. */
export function over(
  build: (rows: Map<string, Row>, right: UserStore) => Partial<UserStore>,
): () => UserStore {
  return () => {
    const rows = new Map<string, Row>();
    const right = mapStore(rows);
    return { ...right, ...build(rows, right) };
  };
}

export const put = (rows: Map<string, Row>, id: string, { version, data }: Row): true => {
  rows.set(id, { version, data });
  return true;
};

/** Two stores, each with its own state, over one shared right one. */
export function twoConnections(connect: (shared: UserStore) => UserStore): {
  store: UserStore;
  second: () => UserStore;
} {
  const shared = memoryStore();
  return { store: connect(shared), second: () => connect(shared) };
}
