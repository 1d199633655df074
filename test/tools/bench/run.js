// The whole benchmark: `npm run bench`. Measures, judges, and writes docs/performance.md.

import { codeBars, importBars, serviceBars, storeBars } from "./bars.js";
import { coldImports, OURS } from "./imports.js";
import { lines, stopTheClock } from "./peers.js";
import { writeReport } from "./report.js";
import { awaited, calls, race } from "./rounds.js";
import { backupCodes, crowd, memoryPerRecord, verification } from "./service.js";
import { bundleSizes } from "./size.js";
import { measureStores } from "./stores/run.js";

const [rounds = 31, large = 1_000_000, turns = 100] = process.argv.slice(2).map(Number);

const date = new Date().toISOString().slice(0, 10); // before the clock stands still
const say = (text) => process.stderr.write(`${text}\n`);

const PEERS = Object.fromEntries(
  [
    ...[
      "otplib",
      "otpauth",
      "speakeasy",
      "@oslojs/otp",
      "@epic-web/totp",
      "totp-generator",
      "time2fa",
      "notp",
    ],
    ...["2fa", "better-auth/plugins/two-factor"],
  ].map((specifier) => [specifier, [specifier]]),
);

/** Every contestant gives the right answer, or there is no race. */
async function raceOfCodes() {
  const results = {};
  for (const [title, { check, run }] of Object.entries(lines())) {
    say(title);
    const jobs = {};
    for (const [name, job] of Object.entries(run)) {
      const answer = await (job.async ?? job)();
      if (!check(answer)) throw new Error(`${title}: ${name} is wrong`);
      jobs[name] = job.async ? awaited(job.async) : calls(job);
    }
    results[title] = await race(jobs, { rounds });
  }
  return results;
}

say("the service");
const service = await verification(rounds);
const memory = await memoryPerRecord();
say("backup codes");
const backup = await backupCodes(rounds);
const crowded = await crowd();
say("sizes");
const sizes = await bundleSizes();
const imports = coldImports({ ...OURS, ...PEERS }, 15);
say("stores");
const stores = await measureStores({ rounds, large, turns, say });
stopTheClock();
const codes = await raceOfCodes();

const bars = [
  ...codeBars(codes),
  ...importBars(imports),
  ...serviceBars(service, backup, crowded),
  ...storeBars(stores),
];
const node = process.version;
writeReport({
  codes,
  service,
  backup,
  crowd: crowded,
  sizes,
  imports,
  stores,
  memory,
  bars,
  rounds,
  node,
  date,
});
for (const [title, { want, got, holds }] of bars) {
  say(`${holds ? "holds" : "DOES NOT HOLD"}  ${title}: ${got.median.toFixed(2)}, wanted ${want}`);
}
