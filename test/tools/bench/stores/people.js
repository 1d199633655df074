// People who are all enrolled with one secret, each under a record of their own: so that a code is known for every
// step without computing it, and a million of them are made in seconds.

import { performance } from "node:perf_hooks";
import { tsImport } from "tsx/esm/api";
import { createTwoFactor } from "../../../../dist/index.js";
import { memoryStore } from "../../../../dist/stores/memory.js";
import { enrolledWorld } from "../world.js";

// What makes rows is no door of the package, and comes from the sources.
const source = (path) => tsImport(`../../../../src/${path}`, import.meta.url);
const { toBase64Url } = await source("internal/bytes.ts");
const { randomBytes } = await source("internal/hmac.ts");
const { createKeyring } = await source("keyring.ts");
const { decodeRecord, encodeRecord } = await source("record/format.ts");

/** One enrolled person, whose record the others get under their own ids. */
export async function people() {
  const rows = new Map();
  const inner = memoryStore();
  const store = {
    get: inner.get,
    async compareAndSet(userId, expected, next) {
      rows.set(userId, next);
      return inner.compareAndSet(userId, expected, next);
    },
  };
  const world = await enrolledWorld({ store }, 50_000);
  const keyring = createKeyring(world.options.keys);
  const row = rows.get("alice");
  const json = encodeRecord(decodeRecord(await keyring.forUser("alice").open(row.version, row.data)));
  const fillers = Array.from({ length: 64 }, () => ({
    ...row,
    version: toBase64Url(randomBytes(16)),
    data: toBase64Url(randomBytes(row.data.length)).slice(0, row.data.length),
  }));
  let filled = 0;
  return {
    ...world,
    /** A row as long as a real one, which opens for nobody. */
    filler: () => fillers[filled++ % fillers.length],
    /** The rows of some of `size` people, at random. */
    async some(size, count) {
      const chosen = new Set();
      while (chosen.size < Math.min(size, count)) chosen.add(Math.floor(Math.random() * size));
      const made = [];
      for (const n of chosen) {
        const version = toBase64Url(randomBytes(16));
        made.push({ n, version, data: await keyring.forUser(`user-${n}`).seal(version, json) });
      }
      return made;
    },
    service: (store) => createTwoFactor({ ...world.options, store }),
  };
}

/** Runs turns on so many clients at once, and gives microseconds a turn by the clock on the wall. */
export async function onClients(clients, turns, run) {
  let left = turns;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (left-- > 0) await run();
    }),
  );
  return ((performance.now() - start) * 1_000) / turns;
}
