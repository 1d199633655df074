/** The figures of ../guessing.md, from the code that they describe. */

import { guessRisk } from "../../src/index.ts";
import { MAX_CODE_LENGTH } from "../../src/internal/canonical.ts";
import { platform } from "../../src/internal/platform.ts";
import { MAX_WAITING, PATIENCE_MS } from "../../src/internal/queue.ts";
import { emptyRecord, MAX_REGENERATIONS } from "../../src/record.ts";
import { type GuessRisk, MAX_YEARLY_RISK, riskOf } from "../../src/rules/risk.ts";
import type { ThrottlePolicy } from "../../src/rules/row.ts";
import { blockOf, charge, settle } from "../../src/rules/throttle.ts";
import { resolveFactors } from "../../src/two-factor/settings.ts";
import { daysLockedOut, type HonestPerson } from "./honest.ts";

const HOUR = 3_600;
const DAY = 24 * HOUR;
const DEFAULTS = resolveFactors({});
const APP = { factor: "app", device: null } as const;

const count = (value: number): string => value.toLocaleString("en-US");

/** Odds as people say them, to two digits: "3 in 10,000", and a percentage from one in a hundred on. */
export function spoken(odds: number): string {
  if (odds >= 0.0095) return `${Number((odds * 100).toPrecision(2))} %`;
  if (odds < 1e-12) return `less than 1 in ${count(1e12)}`;
  const [digits, exponent] = odds.toExponential(1).split("e-");
  return `${Number(digits)} in ${count(10 ** Number(exponent))}`;
}

/** A policy of the plot: its name, the yearly odds of guessing an app code, and whether construction accepts it. */
export interface Policy {
  name: string;
  perYear: number;
  kind: "accepted" | "refused" | "elsewhere";
}

function withLimits(name: string, kind: Policy["kind"], unknown: ThrottlePolicy["unknown"]): Policy {
  const throttle = { ...DEFAULTS.throttle, unknown };
  return { name, kind, perYear: riskOf({ ...DEFAULTS, throttle }).app.perYear };
}

const withWindow = (name: string, past: number, future: number): Policy => ({
  name,
  kind: "accepted",
  perYear: guessRisk({ totp: { window: { past, future } } }).app.perYear,
});

export const POLICIES: readonly Policy[] = [
  withWindow("window 0 (the ASVS preset)", 0, 0),
  withWindow("the defaults", 1, 1),
  withWindow("the widest window, 2 and 2", 2, 2),
  withLimits("20 failures in 30 days, no limit over a year", "accepted", [
    { failures: 20, within: 30 * DAY },
  ]),
  withLimits("4 guesses between daily sign-ins, for ever", "refused", [{ failures: 4, within: DAY }]),
  withLimits("one guess an hour, for ever", "refused", [{ failures: 1, within: HOUR }]),
  withLimits("10 guesses every 15 minutes, for ever", "elsewhere", [{ failures: 10, within: 900 }]),
  withLimits("5 guesses every 5 minutes, for ever", "elsewhere", [{ failures: 5, within: 300 }]),
];

export const LIMIT = MAX_YEARLY_RISK;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function oddsTable(): string {
  const { app, backup, leakedPassword, knownDevice } = guessRisk({});
  const row = (name: string, { perGuess, perBurst, perYear }: GuessRisk["app"]) => [
    name,
    ...[perGuess, perBurst, perYear].map(spoken),
  ];
  return table(
    ["", "one guess", "a burst", "a year"],
    [
      row("`app`: app codes from unknown devices", app),
      row("`backup`: backup codes from unknown devices", backup),
      row("`leakedPassword`: both", leakedPassword),
      row("`knownDevice`: with a stolen device token, on top", knownDevice),
    ],
  );
}

function windowTable(): string {
  const rows = [6, 7, 8].map((digits) => [
    `${digits}`,
    ...[0, 1, 2].map((steps) =>
      spoken(
        guessRisk({ totp: { digits, window: { past: steps, future: steps } }, backupCodes: false }).app
          .perYear,
      ),
    ),
  ]);
  return table(["digits", "window 0", "window 1 and 1 (default)", "window 2 and 2"], rows);
}

function backupTable(): string {
  const shapes = [
    { alphabet: "digits", length: 8 },
    { alphabet: "digits", length: 10 },
    { alphabet: "base32", length: 10 },
    { alphabet: "base32", length: 16 },
  ] as const;
  return table(
    ["backup codes", "bits each", "one guess", "a year"],
    shapes.map((shape) => {
      const bits = shape.length * Math.log2(shape.alphabet === "digits" ? 10 : 32);
      const { perGuess, perYear } = guessRisk({ backupCodes: shape }).backup;
      const name = `ten, ${shape.length} ${shape.alphabet === "digits" ? "digits" : "letters and digits"}`;
      return [name, bits.toFixed(1), spoken(perGuess), spoken(perYear)];
    }),
  );
}

function policyTable(): string {
  const verdict = { accepted: "accepted", refused: "refused", elsewhere: "refused; common elsewhere" };
  return table(
    ["policy for app codes", "odds in a year", ""],
    POLICIES.map(({ name, perYear, kind }) => [name, spoken(perYear), verdict[kind]]),
  );
}

/** How many guesses an attacker gets within so many seconds, who never waits longer than told. */
function guessesWithin(seconds: number, ownerEvery: number): number {
  let record = emptyRecord();
  let guesses = 0;
  let owner = ownerEvery;
  for (let now = 0; now < seconds; ) {
    if (now >= owner) {
      record = settle(record, APP, null);
      owner += ownerEvery;
    }
    const block = blockOf(record, APP, now * 1_000, DEFAULTS.throttle);
    if (block?.detail === "exhausted") break;
    if (block) now = Math.min(owner, Math.ceil(block.retryAt / 1_000));
    else {
      record = charge(record, APP, now * 1_000, DEFAULTS.throttle).record;
      guesses++;
    }
  }
  return guesses;
}

function paceTable(): string {
  const spans = [1, 60, HOUR, DAY, 30 * DAY, 365 * DAY, 3_650 * DAY];
  const names = ["a second", "a minute", "an hour", "a day", "30 days", "a year", "ten years"];
  return table(
    ["guesses evaluated within", ...names],
    [
      ["the owner is away", ...spans.map((span) => `${guessesWithin(span, Number.POSITIVE_INFINITY)}`)],
      ["the owner signs in every hour", ...spans.map((span) => `${guessesWithin(span, HOUR)}`)],
    ],
  );
}

function honestTable(): string {
  const people: readonly Omit<HonestPerson, "typosADay">[] = [
    { cookie: true, again: "same sign-in" },
    { cookie: false, again: "same sign-in" },
    { cookie: true, again: "from the start" },
    { cookie: false, again: "from the start" },
  ];
  const head = people.map(({ cookie, again }) => `${cookie ? "cookie kept" : "no cookie"}, ${again}`);
  return table(
    ["typos a day", ...head],
    [0.3, 1, 2, 4, 8].map((typosADay) => [
      `${typosADay}`,
      ...people.map((person) => `${daysLockedOut({ typosADay, ...person })}`),
    ]),
  );
}

function boundsTable(): string {
  return table(
    ["what", "bound"],
    [
      [
        "attempts on one user that wait in one process",
        `${MAX_WAITING}, then \`busy\`; one that has waited ${PATIENCE_MS / 1_000} seconds goes ahead`,
      ],
      [
        "derivations of backup codes at a time",
        `${platform().derivations} natively, 1 in portable code; redemptions go before new batches`,
      ],
      ["new batches", `${MAX_REGENERATIONS} regenerations a day, counted before anything is derived`],
      [
        "a store call",
        "5 seconds (`storeTimeout`), then one look whether the write landed, and one more write to confirm it",
      ],
      [
        "what was typed",
        `${MAX_CODE_LENGTH} characters; anything that has not the shape of a code reaches no derivation`,
      ],
    ],
  );
}

/** Every table of the page by its name. */
export function tables(): Readonly<Record<string, string>> {
  return {
    odds: oddsTable(),
    pace: paceTable(),
    window: windowTable(),
    backup: backupTable(),
    policies: policyTable(),
    honest: honestTable(),
    bounds: boundsTable(),
  };
}

/** A page with its tables written anew, between `<!-- name -->` and `<!-- /name -->`. */
export function withTables(page: string): string {
  return Object.entries(tables()).reduce((text, [name, content]) => {
    const marks = new RegExp(`(<!-- ${name} -->\n).*?(<!-- /${name} -->)`, "s");
    if (!marks.test(text)) throw new Error(`the page has no place for the table ${name}`);
    return text.replace(marks, `$1${content}\n$2`);
  }, page);
}

/** What the picture was drawn from, as a comment inside it. */
export const plotted = (): string => `<!-- ${JSON.stringify({ limit: LIMIT, policies: POLICIES })} -->`;
