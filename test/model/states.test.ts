/**
 * Every history of a few events, from nobody's record and from that of somebody who has just enrolled. States that
 * differ in the names of random things alone count as one. TWINLOCK_MODEL_DEPTH says how many events a history has:
 * each one more takes some five times as long.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createKeyring, generateKey } from "../../src/keyring.ts";
import { encodeRecord } from "../../src/record/format.ts";
import { emptyRecord, type UserRecord } from "../../src/record.ts";
import { isTrusted } from "../../src/rules/devices.ts";
import { createTestTwoFactor, fakeClock } from "../../src/testing/index.ts";
import { START } from "../support/records.ts";
import { checkEvent } from "./invariants.ts";
import { devicePolicy, EVENTS, type World } from "./transitions.ts";

const DEPTH = Number(process.env["TWINLOCK_MODEL_DEPTH"] ?? 4);

/** The same text for two states that differ only in what was drawn at random. */
function fingerprint({ record, now }: World): string {
  const names = new Map<string, number>();
  const text = encodeRecord(record).replace(/~\d+|SECRET[A-Z]{26}/g, (name) => {
    if (!names.has(name)) names.set(name, names.size);
    return `~${names.get(name)}`;
  });
  return `${now} ${text}`;
}

interface Search {
  worlds: readonly World[];
  transitions: number;
  /** Each event that happened, with what came of it. */
  happened: ReadonlySet<string>;
}

function search(start: World, depth: number): Search {
  const seen = new Set([fingerprint(start)]);
  const worlds = [start];
  const happened = new Set<string>();
  let transitions = 0;
  for (let level = 0, from = 0; level < depth; level++) {
    const to = worlds.length;
    for (const world of worlds.slice(from, to)) {
      for (const [name, event] of Object.entries(EVENTS)) {
        const next = event(world);
        transitions++;
        try {
          checkEvent(name, world, next);
        } catch (cause) {
          const at = `${(world.now - START) / 1_000} s after the start`;
          throw new Error(`${name}, ${at}, from ${JSON.stringify(world.record)}`, { cause });
        }
        happened.add(`${name}: ${resultOf(next.outcome)}`);
        if (next.world.record === world.record && next.world.now === world.now) continue;
        const print = fingerprint(next.world);
        if (!seen.has(print)) worlds.push(next.world);
        seen.add(print);
      }
    }
    from = to;
  }
  return { worlds, transitions, happened };
}

function resultOf(outcome: unknown): string {
  const { ok, kind, detail } = (outcome ?? {}) as { ok?: boolean; kind?: string; detail?: string };
  return detail ?? (kind === "verified" ? "ok" : kind) ?? (ok === true ? "ok" : "done");
}

function after(world: World, ...names: readonly string[]): World {
  return names.reduce((current, name) => EVENTS[name]?.(current).world ?? assert.fail(name), world);
}

const nobody: World = { record: emptyRecord(), now: START, made: 0 };
const enrolled = after(nobody, "A begins", "A confirms", "a step passes");
const guessed = ["wrong app code", "wrong app code", "wrong backup code", "a step passes", "wrong app code"];
const twoPhones = after(enrolled, "A begins another", "A confirms", "a step passes");
const STARTS: Readonly<Record<string, readonly [World, number]>> = {
  "nobody's record": [nobody, DEPTH],
  "an enrolled user": [enrolled, DEPTH],
  "a user with two authenticators": [twoPhones, DEPTH - 1],
  "a user whose codes were guessed at": [after(enrolled, ...guessed), DEPTH - 1],
};
const searches: Search[] = [];

for (const [name, [start, depth]] of Object.entries(STARTS)) {
  test(`every event keeps every promise, in every state that a few events lead to from ${name}`, (context) => {
    const found = search(start, depth);
    searches.push(found);
    const { worlds, transitions } = found;
    context.diagnostic(`${worlds.length} states, ${transitions} transitions, histories of ${depth} events`);
  });
}

test("the search reaches each event, and each reason for which one is refused", () => {
  const happened = new Set(searches.flatMap((search) => [...search.happened]));
  for (const wanted of [
    ...["A begins: done", "A confirms: active", "A confirms, with acknowledgement: awaiting_acknowledgement"],
    ...["A begins another: done", "code of the second authenticator: ok"],
    ...["the first authenticator is removed: done"],
    ...["A acknowledges: active", "A acknowledges: batch_not_found", "B acknowledges: batch_not_found"],
    ...[
      "A confirms: enrollment_superseded",
      "A confirms: enrollment_not_found",
      "A confirms: enrollment_expired",
    ],
    ...[
      "A confirms wrongly: wrong_code",
      "A confirms wrongly: locked",
      "code of the pending authenticator: wrong_code",
    ],
    ...[
      "app code: ok",
      "app code: exhausted",
      "app code: app_code_reused",
      "app code: not_enrolled",
      "app code: locked",
    ],
    ...["app code of the step before: ok", "app code of the step after: ok", "wrong app code: wrong_code"],
    ...[
      "wrong app code: locked",
      "app code from the laptop, trusted: ok",
      "wrong app code from the laptop: locked",
    ],
    ...[
      "backup code: ok",
      "backup code: backup_code_reused",
      "backup code: locked",
      "wrong backup code: wrong_code",
    ],
    ...[
      "backup code from the laptop: ok",
      "regenerate: done",
      "regenerated codes are saved: ok",
      "disable: done",
    ],
  ]) {
    assert.ok(happened.has(wanted), `never happened: ${wanted}`);
  }
});

/** What a sign-in looks at, so that each kind of state is tried once. */
function situation({ record, now }: World): string {
  const trusted = record.devices.some((device) => isTrusted(device, now, devicePolicy));
  const { pending } = record;
  return JSON.stringify([
    record.authenticators.length > 0,
    [trusted, record.devices.length],
    [pending?.purpose, pending && pending.expiresAt > now, pending?.verified !== null],
    [record.backupCodes?.codes.map((code) => code.usedAt !== null), record.nextBackupCodes !== null],
    [record.app.failures, record.backup.failures, record.enrollment.failures],
  ]);
}

test("V57 whoever is enrolled is challenged, whatever else the record holds and the policy says", async (context) => {
  const keys = generateKey();
  const clock = fakeClock(START);
  let stored: { version: string; data: string };
  const { twoFactor } = createTestTwoFactor({
    ...{ keys, clock, requirement: () => ({ required: false }) },
    store: { get: async () => stored, compareAndSet: async () => true },
  });
  const seal = createKeyring(keys).forUser("ada");
  const store = async (record: UserRecord) => {
    stored = { version: "v", data: await seal.seal("v", encodeRecord(record)) };
  };
  const situations = new Map(
    searches.flatMap(({ worlds }) => worlds.map((world) => [situation(world), world])),
  );
  for (const { record, now } of situations.values()) {
    await store(record);
    clock.set(now);
    const { step } = await twoFactor.signIn.begin("ada", { binding: null, deviceToken: "laptop" });
    assert.equal(step, record.authenticators[0] ? "code" : "done", JSON.stringify(record));
  }
  context.diagnostic(`${situations.size} kinds of state`);
});
