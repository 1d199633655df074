/** Brings everybody along from an old system, or seals every record again: see README.md beside this file. */

import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { createTwoFactor, TwoFactorError, type TwoFactorOptions } from "twinlock";
import { memoryStore } from "twinlock/stores/memory";

/** What the module named by `--host` exports. */
interface Host {
  options: TwoFactorOptions;
  /** User ids in ascending order, from after the given one, or from the first. */
  ids(after: string | null): AsyncIterable<string> | Iterable<string>;
}

const AT_ONCE = 32;

const { values } = parseArgs({
  options: {
    host: { type: "string" },
    mark: { type: "string", default: "migrate.mark" },
    "dry-run": { type: "boolean", default: false },
    rewrap: { type: "boolean", default: false },
  },
});

/** Why somebody could not come along: a code and, of what the old system said, the name of the field. */
function reasonOf(error: unknown): string {
  if (!(error instanceof TwoFactorError)) throw error;
  if (error.code === "store_unavailable" || error.code === "legacy_unavailable") throw error; // not this person's fault
  const field = error.cause instanceof Error ? error.cause.message.split(":")[0] : undefined;
  return error.code === "legacy_invalid" && field ? `${error.code}: ${field}` : error.code;
}

const skippedFile = `${values.mark}.skipped`;

/** Who was skipped by runs that were stopped. A line that was cut off is looked at again: the mark had not moved yet. */
function skippedBefore(): [string, string][] {
  if (values["dry-run"] || !existsSync(skippedFile)) return [];
  const lines = readFileSync(skippedFile, "utf8").split("\n");
  return lines.filter((line) => line.endsWith("]")).map((line) => JSON.parse(line));
}

async function migrate(host: Host): Promise<number> {
  const store = values["dry-run"] ? memoryStore() : host.options.store;
  const twoFactor = createTwoFactor({ ...host.options, store });
  const one = values.rewrap ? twoFactor.rewrap : twoFactor.status;
  const skipped = new Map(skippedBefore());
  const mark = values["dry-run"] || !existsSync(values.mark) ? null : readFileSync(values.mark, "utf8");
  let seen = 0;

  async function lookAt(batch: readonly string[]): Promise<void> {
    await Promise.all(
      batch.map(async (id) => {
        try {
          await one(id);
        } catch (error) {
          const reason = reasonOf(error);
          skipped.set(id, reason);
          if (!values["dry-run"]) appendFileSync(skippedFile, `${JSON.stringify([id, reason])}\n`); // before the mark moves
        }
      }),
    );
    seen += batch.length;
    process.stderr.write(`\r${seen} looked at, ${skipped.size} skipped`);
    const last = batch.at(-1);
    if (last === undefined || values["dry-run"]) return;
    writeFileSync(`${values.mark}.new`, last);
    renameSync(`${values.mark}.new`, values.mark); // at once, or not at all
  }

  let batch: string[] = [];
  for await (const id of host.ids(mark)) {
    if (batch.push(id) < AT_ONCE) continue;
    await lookAt(batch);
    batch = [];
  }
  await lookAt(batch);
  process.stderr.write("\n");
  for (const [id, reason] of skipped) console.log(JSON.stringify({ id, reason }));
  if (!values["dry-run"]) rmSync(skippedFile, { force: true });
  return skipped.size === 0 ? 0 : 1;
}

if (!values.host) throw new TypeError("--host: want a module that exports options and ids");
const host: Host = await import(pathToFileURL(resolve(values.host)).href);
try {
  process.exitCode = await migrate(host);
} catch (error) {
  console.error(error instanceof TwoFactorError ? `stopped: ${error.code}` : error);
  process.exitCode = 2;
}
