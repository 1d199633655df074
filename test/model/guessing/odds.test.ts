import assert from "node:assert/strict";
import { test } from "node:test";
import { isFailure } from "../../../src/errors.ts";
import { guessRisk } from "../../../src/index.ts";
import { totp } from "../../../src/otp/totp.ts";
import { emptyRecord, type UserRecord } from "../../../src/record.ts";
import { evaluate } from "../../../src/rules/verification.ts";
import { resolveThrottle } from "../../../src/two-factor/settings.ts";
import { DAY, YEAR } from "./attackers.ts";

const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const NOW = 1_893_456_000_000;
const WINDOW = { past: 1, future: 1 };
const STATED = guessRisk({}).app;

/** Numbers in [0, 1) that are the same on every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function enrolledRecord(): UserRecord {
  const parameters = { algorithm: "SHA1", digits: 6, period: 30 } as const;
  const authenticator = { id: "id", label: null, secret: SECRET, acceptedSteps: [], enrolledAt: 0 };
  return {
    ...emptyRecord(),
    authenticators: [{ ...parameters, ...authenticator, lastUsedAt: null, offRun: 0 }],
  };
}

const policy = { window: WINDOW, throttle: resolveThrottle({}), backupCodes: null };
const submit = (record: UserRecord, code: string, now: number, challengeId = "attacker's") => {
  const challenge = { id: challengeId, expiresAt: now + 600_000 };
  return evaluate(record, { code, now, device: null, challenge, accepts: "any" }, policy);
};

test("H9 the share of all codes that a moment accepts is the stated odds of one guess", () => {
  const random = seeded(1);
  let accepted = 0;
  const moments = 500;
  for (let i = 0; i < moments; i++) {
    const now = NOW + Math.floor(random() * YEAR * 1_000);
    const candidates = [-3, -2, -1, 0, 1, 2, 3].map((offset) => totp(SECRET, { now: now + offset * 30_000 }));
    const good = candidates.filter((code) => !isFailure(submit(enrolledRecord(), code, now).outcome));
    accepted += new Set(good).size;
  }
  const measured = accepted / moments / 1_000_000;
  assert.ok(measured <= STATED.perGuess && measured >= STATED.perGuess * 0.999);
});

/**
 * A year of one account whose attacker guesses right with odds of one in a hundred, by knowing the code that often.
 * The owner signs in once a day after a typo of their own, which clears the row and forgives that typo (R18).
 */
function yearOfLuck(random: () => number, luck: number): boolean {
  let record = enrolledRecord();
  for (let day = 0; day < 365; day++) {
    const now = NOW + day * DAY * 1_000;
    for (let guess = 0; guess < 4; guess++) {
      const code = random() < luck ? totp(SECRET, { now }) : totp(SECRET, { now: now + DAY * 500 });
      const decision = submit(record, code, now);
      if (!isFailure(decision.outcome)) return true;
      record = decision.record;
    }
    const later = now + 60_000;
    for (const code of [totp(SECRET, { now: later + DAY * 500 }), totp(SECRET, { now: later })]) {
      record = submit(record, code, later, "owner's").record;
    }
  }
  return false;
}

test("H9 V24 R18 a lucky attacker gets in within a year as often as the guess count says", () => {
  const luck = 0.01;
  const guesses = Math.log1p(-STATED.perYear) / Math.log1p(-STATED.perGuess);
  const expected = 1 - (1 - luck) ** guesses;
  const random = seeded(2);
  const years = 400;
  let fallen = 0;
  for (let i = 0; i < years; i++) if (yearOfLuck(random, luck)) fallen++;
  const error = Math.sqrt((expected * (1 - expected)) / years);
  assert.ok(Math.abs(fallen / years - expected) < 3 * error, `${fallen / years} is not ${expected}`);
});
