/** Checks of clauses 2 and 4: a write happens only if the version is the expected one. */

import { type Check, create, freshId, holds, record, refused, replace, want } from "./bench.ts";

const CONDITIONAL =
  "one conditional statement, `UPDATE ... WHERE user_id = ? AND version = ?`, and true only if it changed a row";
const CREATE_ONLY =
  "with `expected: null` insert only: ON CONFLICT DO NOTHING, NX, or an error caught as false";
const ACCEPTED = "a version that the row does not have was accepted";
const CREATED = "create gave true over a row that was there";
const REPLACED = "create replaced a row that was there: counters start over";

export const writeChecks: readonly Check[] = [
  {
    clause: 2,
    name: "the current version is replaced",
    mend: CONDITIONAL,
    async run({ store, user }) {
      const userId = user();
      let held = await create(store, userId, record());
      for (let i = 0; i < 5; i++) {
        held = await replace(store, userId, held, record());
        want(await holds(store, userId, held), "true, but the new record does not read back");
      }
    },
  },
  {
    clause: 2,
    name: "a stale version is refused",
    mend: CONDITIONAL,
    async run({ store, user }) {
      const userId = user();
      const stale = await create(store, userId, record());
      const held = await replace(store, userId, stale, record());
      const accepted = "a write over a version that is gone gave true: an update was lost";
      await refused(store, userId, stale.version, held, accepted);
    },
  },
  {
    clause: 2,
    name: "a version that never was is refused",
    mend: CONDITIONAL,
    async run({ store, user }) {
      const userId = user();
      const held = await create(store, userId, record());
      for (const expected of [freshId(), "", held.version.slice(0, -1), `${held.version}A`, "%", "null"]) {
        await refused(store, userId, expected, held, ACCEPTED);
      }
    },
  },
  {
    clause: 2,
    name: "versions that differ in case are different",
    mend: "compare versions byte by byte: ascii_bin in MySQL, no citext, no COLLATE NOCASE",
    async run({ store, user }) {
      const userId = user();
      const held = await create(store, userId, { ...record(), version: "aBcDeFgHiJkLmNoPqRsTuV" });
      await refused(store, userId, "AbCdEfGhIjKlMnOpQrStUv", held, "a version in other case was accepted");
    },
  },
  {
    clause: 2,
    name: "equal data does not make an old version current again",
    mend: "compare the version, never the data or a counter that can return to an earlier value",
    async run({ store, user }) {
      const userId = user();
      const first = await create(store, userId, record("same"));
      const second = await replace(store, userId, first, record());
      const third = await replace(store, userId, second, record("same"));
      await refused(store, userId, first.version, third, "an old version with equal data was accepted");
    },
  },
  {
    clause: 2,
    name: "a write that changes nothing but the version is a write",
    mend: "count matched rows, and write the version with the data",
    async run({ store, user }) {
      const userId = user();
      const held = await create(store, userId, record());
      const next = await replace(store, userId, held, { ...held, version: freshId() });
      want(await holds(store, userId, next), "the version was not written");
    },
  },
  {
    clause: 2,
    name: "create refuses a user who has a row",
    mend: CREATE_ONLY,
    async run({ store, user }) {
      const userId = user();
      const held = await create(store, userId, record());
      await refused(store, userId, null, held, CREATED, REPLACED);
    },
  },
  {
    clause: 2,
    name: "create is refused after replacements too",
    mend: CREATE_ONLY,
    async run({ store, user }) {
      const userId = user();
      const held = await replace(store, userId, await create(store, userId, record()), record());
      await refused(store, userId, null, held, CREATED, REPLACED);
    },
  },
  {
    clause: 2,
    name: "replace refuses a user who has no row",
    mend: "update only: no upsert where `expected` is a version",
    async run({ store, user }) {
      const userId = user();
      const made = "a replacement made a row for a user who had none";
      await refused(store, userId, freshId(), null, "a replacement without a row gave true", made);
    },
  },
  {
    clause: 4,
    name: "a refused write does not spoil the next one",
    mend: "leave nothing behind after a refusal: no open transaction, no lock, no half-written column",
    async run({ store, user }) {
      const userId = user();
      const held = await create(store, userId, record());
      for (let i = 0; i < 12; i++) await refused(store, userId, freshId(), held, ACCEPTED);
      const next = await replace(store, userId, held, record());
      want(await holds(store, userId, next), "the write after a refusal does not read back");
    },
  },
];
