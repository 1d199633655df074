/**
 * How long it takes to bring many people along from an old system, killed on the way:
 *
 *     npm run tool -- migration [people]
 *
 * Runs examples/migrate over PostgreSQL, each run a process that dies at a third and at two thirds of the way, checks
 * that each person came along once, seals all of them again under another key, and measures a sample with plain backup
 * codes. Removes what it made.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import pg from "pg";
import { generateKey } from "../../src/keyring.ts";
import { postgresSchema } from "../../src/stores/postgres.ts";
import type { Migration } from "../support/migrate-host.ts";
import { POSTGRES_URL } from "../support/servers.ts";

const PEOPLE = Number(process.argv[2] ?? 200_000);
const BROKEN = 10;
const SAMPLE = 100;
const keys = generateKey();
const folder = mkdtempSync(join(tmpdir(), "twinlock-migration-"));
const database = new pg.Client({ connectionString: POSTGRES_URL });

async function dropTable(table: string): Promise<void> {
  await database.query(
    `DROP TABLE IF EXISTS ${table}, ${table}_writes; DROP FUNCTION IF EXISTS ${table}_note`,
  );
}

/** Adds a table that notes each write of a row. */
async function addTable(table: string): Promise<void> {
  await dropTable(table);
  await database.query(`${postgresSchema(table)}; CREATE TABLE ${table}_writes (user_id text);
    CREATE FUNCTION ${table}_note() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN INSERT INTO ${table}_writes VALUES (NEW.user_id); RETURN NULL; END $$;
    CREATE TRIGGER note AFTER INSERT OR UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION ${table}_note();`);
}

interface Ran {
  end: string | number;
  seconds: number;
  /** Seconds of a processor, of this process alone. */
  cpu: number;
  report: string[];
}

async function run(table: string, more: Partial<Migration>, ...args: string[]): Promise<Ran> {
  const people = more.people ?? PEOPLE;
  const target = { kind: "PostgreSQL", url: POSTGRES_URL, table } as const;
  const [events, cpu] = [join(folder, table), join(folder, "cpu")];
  const brokenEvery = Math.floor(people / BROKEN);
  const given = {
    target,
    keys,
    people,
    brokenEvery,
    codes: "legacyCodes",
    events,
    cpu,
    ...more,
  } satisfies Migration;
  const program = [
    "--import",
    "tsx",
    "examples/migrate/migrate.ts",
    "--host",
    "test/support/migrate-host.ts",
  ];
  const mark = ["--mark", join(folder, `${table}.mark`)];
  const env = { ...process.env, MIGRATION: JSON.stringify(given) };
  const from = performance.now();
  const child = spawn(process.execPath, [...program, ...mark, ...args], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [said, [status, signal]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  const seconds = (performance.now() - from) / 1_000;
  const end = signal ?? status;
  console.log(
    `${table} ${args.join(" ")}: ${end} after ${seconds.toFixed(1)} s, load ${loadavg()[0]?.toFixed(1)}`,
  );
  return { end, seconds, cpu: Number(readFileSync(cpu, "utf8")), report: said.split("\n") };
}

/** Sees that so many people have a row, and that each row was written so many times. */
async function check(table: string, people: number, writes: number): Promise<void> {
  const { rows } = await database.query(
    `SELECT n, count(*)::int AS people FROM (SELECT count(*)::int AS n FROM ${table}_writes GROUP BY user_id) AS w GROUP BY n`,
  );
  assert.deepEqual(rows, [{ n: writes, people }]);
  const { rowCount } = await database.query(`SELECT FROM ${table}`);
  assert.equal(rowCount, people);
}

function tell(what: string, runs: readonly Ran[], people: number): void {
  const [seconds, cpu] = [
    runs.reduce((sum, one) => sum + one.seconds, 0),
    runs.reduce((sum, one) => sum + one.cpu, 0),
  ];
  const million = (of: number) => `${((of / people) * (1e6 / 3_600)).toFixed(1)} h`;
  console.log(
    `${what}: ${people.toLocaleString("en")} in ${seconds.toFixed(0)} s, of which ${cpu.toFixed(0)} s on a processor; ` +
      `a million would take ${million(seconds)} and ${million(cpu)}`,
  );
}

await database.connect();
console.log(`${cpus().length} cores, ${cpus()[0]?.model}, Node ${process.versions.node}`);
const tables = ["migration", "migration_plain"];
for (const table of tables) await addTable(table);
try {
  const runs: Ran[] = [];
  for (const killAt of [Math.floor(PEOPLE / 3), Math.floor((PEOPLE * 2) / 3), PEOPLE]) {
    runs.push(await run("migration", { killAt }));
  }
  assert.deepEqual(
    runs.map(({ end }) => end),
    ["SIGKILL", "SIGKILL", 1],
  );
  assert.equal(runs.at(-1)?.report.filter((line) => /legacy_|userId/.test(line)).length, BROKEN);
  await check("migration", PEOPLE - BROKEN, 1);
  tell(`killed twice, each once, ${BROKEN} reported`, runs, PEOPLE);
  const rotated = await run("migration", { keys: `${generateKey()} ${keys}` }, "--rewrap");
  await check("migration", PEOPLE - BROKEN, 2);
  tell("sealed again", [rotated], PEOPLE);
  const plain = await run("migration_plain", { people: SAMPLE, codes: "backupCodes" });
  await check("migration_plain", SAMPLE - BROKEN, 1);
  tell("with ten plain codes", [plain], SAMPLE);
} finally {
  for (const table of tables) await dropTable(table);
  await database.end();
  rmSync(folder, { recursive: true });
}
