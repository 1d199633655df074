// Writes docs/performance.md, its pictures, and the history in which a regression is seen.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { lineChart, pointPanels } from "./charts.js";
import { slowestWithStore } from "./imports.js";
import { median, quartiles, ratio } from "./rounds.js";

const DOCS = new URL("../../../docs/", import.meta.url);
const HISTORY = new URL("history.json", import.meta.url);
const MAIN = [
  "generate, prepared key",
  "generate, Base32",
  "verify a wrong code, Base32",
  "verify a right code, Base32",
];

const number = (value) =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
const range = ({ low, median, high }) => `${number(median)} (${number(low)}–${number(high)})`;
const table = (head, rows) =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/** Microseconds, and how many times as long as ours, for everyone in a race. */
function raceTable(times, ours, unit = 1_000) {
  return table(
    ["", "µs", `times ${ours}`],
    inOrder(times).map((name) => [
      name === ours ? `**${name}**` : name,
      number(median(times[name]) / unit),
      name === ours ? "1" : range(ratio(times, name, ours)),
    ]),
  );
}

const inOrder = (times) => Object.keys(times).sort((a, b) => median(times[a]) - median(times[b]));

/** All races of codes in one table: our microseconds, and how many times as long everybody else takes. */
function codesTable(codes) {
  const titles = Object.keys(codes).filter((title) => /^(generate|verify)(?!.*SHA-256)/.test(title));
  const others = new Set(
    titles.flatMap((title) => inOrder(codes[title])).filter((name) => name !== "twinlock"),
  );
  const ours = titles.map((title) => `${number(median(codes[title].twinlock) / 1_000)} µs`);
  const rows = [...others].map((name) => [
    name,
    ...titles.map((title) =>
      codes[title][name] ? number(ratio(codes[title], name, "twinlock").median) : "",
    ),
  ]);
  return table(["times twinlock", ...titles], [["**twinlock**", ...ours], ...rows]);
}

/** What is neither made nor verified code, beside the fastest of the others. */
function restTable(codes) {
  const rest = Object.entries(codes).filter(([title]) => !/^(generate|verify)/.test(title));
  return table(
    ["", "µs", "the fastest other", "times twinlock"],
    rest.map(([title, times]) => {
      const [other] = inOrder(times).filter((name) => name !== "twinlock");
      return [title, number(median(times.twinlock) / 1_000), other, range(ratio(times, other, "twinlock"))];
    }),
  );
}

function barTable(bars) {
  return table(
    ["bar", "wanted", "measured (middle half)", ""],
    bars.map(([title, { want, got, holds }]) => [title, want, range(got), holds ? "holds" : "**missed**"]),
  );
}

function storeSection(stores) {
  const rows = stores.flatMap(({ name, runs }) =>
    runs
      .filter(isShown)
      .map((run) => [
        name,
        run.clients,
        Math.round(1e6 / run.verify).toLocaleString("en"),
        Math.round(1e6 / run.bare).toLocaleString("en"),
        range(run.share),
      ]),
  );
  const sizes = stores.map(({ name, bytes }) => `${Math.round(bytes).toLocaleString("en")} in ${name}`);
  return `## Stores

Verifications a second beside the bare read and conditional write of the same rows on the same connections, without
the library, among a thousand users. The share is what is left of the bare pair's speed. Every verification is of
another person.

${table(["store", "clients", "verifications/s", "bare pairs/s", "share"], rows)}

![Share of the bare pair's speed by number of clients](images/performance-stores.svg)

${crowdText(stores)}

Bytes that one record takes, indexes and all: ${sizes.join(", ")}.
`;
}

/** The chart has the other numbers of clients and users. */
const isShown = ({ users, clients }) => users === 1_000 && clients !== 4;

/** A hundred attempts on one person at once: what is the same on every store, and the slowest of them. */
function crowdText(stores) {
  const all = stores.flatMap(({ contention }) => Object.values(contention));
  const most = (pick) => Math.max(...all.map(pick));
  return `A hundred attempts on one person at once, with the same right code or with wrong ones, are over within ${number(
    most(({ ms }) => ms),
  )} ms on each of these stores, with at most ${most(({ calls }) => calls)} calls: one copy of a code is accepted, at most
33 are let in, one behind the other, and the rest is told to come back.`;
}

/** Everything as a page. */
function page(results) {
  const { codes, service, backup, crowd, stores, memory, bars } = results;
  const { times } = backup;
  return `# Performance

${whatItCosts(results)}

## Bars

${barTable(bars)}

${verdict(service)}

## Codes

![Generating and verifying codes, microseconds](images/performance-codes.svg)

Twinlock evaluates every step of the window, compares in constant time, and checks every argument. Most peers stop at
the first match, which is why a right code costs them less than a wrong one.

${codesTable(codes)}

${restTable(codes)}

SHA-512 is slow in JavaScript, which has no 64-bit integers of that speed: there \`node:crypto\` computes it where there is
one. The other two are faster without leaving JavaScript, and come from @noble/hashes on every runtime.

## The service

One \`verify\` on the memory store reads and opens the record, evaluates three steps, seals and stores the record, and
seals an elevation. *The primitives alone* do the same with node:crypto and JSON and nothing around them.

![One verification, microseconds](images/performance-service.svg)

${raceTable(service, "verify, a known device")}

| backup codes | ms |
| --- | --- |
| one derivation (scrypt, N = 2^14) | ${number(median(times.derivation))} |
| redeeming one code | ${number(median(times.redemption))} |
| ten derivations, two at a time | ${number(median(times.ten))} |
| a batch of ten | ${number(median(times.batch))} |

With fifty redemptions in flight the event loop stood still for at most ${number(crowd.stall.median)} derivations, and a
small file took at most ${number(crowd.read.median)} derivations to read: medians of ${crowd.count} crowds.

In this process's memory, a record of the memory store takes ${number(memory / 1_000)} kB.

${storeSection(stores)}
${method(results)}

## History

Every full run adds a line to [history.json](../test/tools/bench/history.json).

![Ratios by run](images/performance-history.svg)
`;
}

/** What somebody wants to know who chooses: what a sign-in, a cold start and a page cost, and beside whom. */
function whatItCosts({ service, backup, stores, sizes, imports }) {
  const ours = "verify, a known device";
  const [postgres] = stores;
  const one = postgres.runs.find((run) => run.clients === 1);
  return `| what a sign-in costs | ms |
| --- | --- |
| the second factor, computing alone | ${number(median(service[ours]) / 1e6)} |
| the same with its two round trips to ${postgres.name} | ${number(one.verify / 1_000)} |
| the two round trips without it | ${number(one.bare / 1_000)} |
| one hash of scrypt, N = 2^14, as a password or a backup code takes | ${number(median(backup.times.derivation))} |
| better-auth's verifyTOTP, computing alone | ${number(median(service["better-auth verifyTOTP"]) / 1e6)} |

better-auth's verifyTOTP records nothing and accepts the same code again.

${table(
  ["first import in a new process", "ms"],
  [
    ...Object.entries(imports)
      .filter(([name]) => !name.startsWith("twinlock and "))
      .map(([name, times]) => [name, quartiles(times)]),
    ["twinlock and its slowest store", slowestWithStore(imports)],
  ]
    .sort(([, a], [, b]) => a.median - b.median)
    .map(([name, times]) => [name, range(times)]),
)}

${table(
  ["codes in a browser, minified, gzip", "kB"],
  Object.entries(sizes)
    .sort(([, a], [, b]) => a - b)
    .map(([name, size]) => [name, number(size)]),
)}`;
}

function method({ rounds, node }) {
  return `## How it is measured

\`npm run bench\` takes some three minutes and writes this page; \`npm run tool -- smoke\` holds the ratios to wide margins
in seconds. Contestants run side by side in one process, in ${rounds} short rounds, each round in a new random order. A
figure is the median of the ratios within the rounds, with the middle half of them in parentheses: whatever else the
machine does falls on all alike. Answers are checked before they are timed. Work that waits for nothing is measured
in processor time, work that waits for a database by the clock on the wall. References, marked with an asterisk, are no
peers: *createHmac* is node:crypto used by hand, and *limit* is a hash with its rounds written out that checks nothing.
Store calls and derivations are counted by an ordinary test, [counters](../test/unit/two-factor/counters.test.ts).

This run: Node.js ${node}, ${availableParallelism()} cores.`;
}

/** Which bars there are no more. */
function verdict(service) {
  const floor = ratio(service, "the primitives alone *", "createHmac *");
  return `There is no bar beside one createHmac, since the primitives alone take ${range(floor)} times as long; and none
for SQLite, whose bare pair inside the process takes less time than the primitives. The bare pair of PostgreSQL goes out
without names, since [the store has none](decisions.md#26-every-statement-asks-whether-it-is-inside-a-transaction).`;
}

const renamed = ({ "verify, locked": locked, ...others }) => ({ "twinlock, locked": locked, ...others });

function history(bars, node, date) {
  const past = JSON.parse(readFileSync(HISTORY, "utf8"));
  const ratios = Object.fromEntries(
    bars.map(([title, { got }]) => [title, Number(got.median.toPrecision(3))]),
  );
  const next = [...past, { date, node, ratios }];
  writeFileSync(HISTORY, `${JSON.stringify(next, null, 2)}\n`);
  return next;
}

export function writeReport(results) {
  const images = new URL("images/", DOCS);
  mkdirSync(images, { recursive: true });
  const image = (name, text) => writeFileSync(new URL(`performance-${name}.svg`, images), text);
  const inMicroseconds = (times) =>
    Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all) / 1_000]));
  image("codes", pointPanels(MAIN.map((title) => ({ title, values: inMicroseconds(results.codes[title]) }))));
  const {
    "verify, a known device": known,
    "verify, a new device": fresh,
    ...others
  } = inMicroseconds(results.service);
  const ours = { "twinlock, a known device": known, "twinlock, a new device": fresh };
  image("service", pointPanels([{ title: "One verification", values: { ...ours, ...renamed(others) } }]));
  const clients = [1, 4, 16];
  const shares = Object.fromEntries(
    results.stores.flatMap(({ name, runs }) =>
      [...new Set(runs.map((run) => run.users))].map((users) => [
        `${name}, ${users.toLocaleString("en")} users`,
        clients.map(
          (count) => runs.find((run) => run.clients === count && run.users === users)?.share.median,
        ),
      ]),
    ),
  );
  image(
    "stores",
    lineChart({
      title: "Share of the bare pair's speed",
      categories: clients.map((count) => (count === 1 ? "one client" : `${count} clients`)),
      series: shares,
    }),
  );
  const runs = history(results.bars, results.node, results.date);
  const followed = results.bars
    .map(([title]) => title)
    .filter((title) => /prepared key: times as|Verify: times|primitives|derivation:/.test(title));
  image(
    "history",
    lineChart({
      title: "Ratios by run",
      log: true,
      categories: runs.map(({ date }, i) => `${i + 1}: ${date}`),
      series: Object.fromEntries(
        followed.map((title) => [title, runs.map(({ ratios }) => ratios[title] ?? null)]),
      ),
    }),
  );
  writeFileSync(new URL("performance.md", DOCS), page(results));
}
