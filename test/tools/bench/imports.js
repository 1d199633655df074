// The first import in a new process, as a serverless function has it at every cold start.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { quartiles, ratio } from "./rounds.js";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const { exports } = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8"));
const door = (subpath) => ROOT + exports[subpath].slice(2);
const stores = Object.keys(exports).filter((subpath) => subpath.startsWith("./stores/"));

export const DEPENDENCIES = "its dependencies alone *";

/** The doors, each by what a program with it imports. */
export const OURS = {
  [DEPENDENCIES]: [`${HERE}dependencies.js`],
  "twinlock/otp": [door("./otp")],
  twinlock: [door(".")],
  ...Object.fromEntries(
    stores.map((subpath) => [`twinlock and ${subpath.slice(2)}`, [door("."), door(subpath)]]),
  ),
};

/** Milliseconds of the first import, an array by name, a number by round: each in a process of its own. */
export function coldImports(programs, rounds) {
  const times = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, specifiers] of Object.entries(programs)) {
      const imports = specifiers.map((specifier) => `import(${JSON.stringify(specifier)})`).join(", ");
      const program = `const t = performance.now(); await Promise.all([${imports}]);
        process.stdout.write(String(performance.now() - t));`;
      const { stdout, stderr, status } = spawnSync(
        process.execPath,
        ["--no-deprecation", "--input-type=module", "-e", program],
        { cwd: HERE, encoding: "utf8" },
      );
      if (status !== 0) throw new Error(`${name} cannot be imported: ${stderr}`);
      times[name].push(Number(stdout));
    }
  }
  return times;
}

/** What the slowest store adds to `twinlock`, in milliseconds. */
export function slowestStore(times) {
  return slowest((name) => quartiles(times[name].map((time, round) => time - times.twinlock[round])));
}

/** What `twinlock` and the slowest store take, in milliseconds. */
export function slowestWithStore(times) {
  return slowest((name) => quartiles(times[name]));
}

/** How many times as long as `twinlock` alone it takes with the slowest store. */
export function withSlowestStore(times) {
  return slowest((name) => ratio(times, name, "twinlock"));
}

function slowest(measure) {
  const each = stores.map((subpath) => measure(`twinlock and ${subpath.slice(2)}`));
  return each.reduce((worst, one) => (one.median > worst.median ? one : worst));
}

/** How many times as long a door takes as its dependencies alone. */
export function beyondDependencies(times, name) {
  return ratio(times, name, DEPENDENCIES);
}
