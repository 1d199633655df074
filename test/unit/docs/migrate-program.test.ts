import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Client, createClient } from "@libsql/client";
import { generateKey } from "../../../src/keyring.ts";
import { sqliteSchema } from "../../../src/stores/sqlite.ts";
import type { Migration } from "../../support/migrate-host.ts";

// examples/migrate runs as a program, over a database that notes each write of a row.
const PEOPLE = 400;
const BROKEN_EVERY = 40;

/** Whom the old system cannot deliver, and why, in turn; after six it begins anew. */
const REASONS = [
  "legacy_unavailable",
  "legacy_invalid: legacy.enrollment",
  "legacy_invalid: base32",
  "legacy_invalid: lastStep",
  "legacy_invalid: secret",
  "userId: must be well-formed Unicode without NUL",
];
const BROKEN = Array.from({ length: PEOPLE / BROKEN_EVERY }, (_, i): [number, string] => [
  BROKEN_EVERY * (i + 1) - 1,
  REASONS[i % REASONS.length] ?? "",
]);
/** Who comes along without one code, which stood there twice. */
const CUT = BROKEN.map(([n]): [number, string] => [n + 1 - BROKEN_EVERY, "backup codes left behind: 1"]);

const folder = mkdtempSync(join(tmpdir(), "twinlock-migrate-"));
const url = `file:${join(folder, "users.db")}`;
const keys = generateKey();
let database: Client;

before(async () => {
  database = createClient({ url, timeout: 5_000 });
  await database.execute("PRAGMA journal_mode = WAL");
});
after(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

/** Adds a table, and one that notes its writes. */
async function addTable(table: string): Promise<void> {
  const note = `BEGIN INSERT INTO ${table}_writes VALUES (NEW.user_id); END`;
  await database.executeMultiple(`${sqliteSchema(table)};
    CREATE TABLE ${table}_writes (user_id TEXT);
    CREATE TRIGGER ${table}_new AFTER INSERT ON ${table} ${note};
    CREATE TRIGGER ${table}_changed AFTER UPDATE ON ${table} ${note};`);
}

/** How many rows there are, and how many of them were written so many times. */
async function rowsOf(table: string, writes: number): Promise<[rows: number, written: number]> {
  const written = `SELECT user_id FROM ${table}_writes GROUP BY user_id HAVING count(*) = ${writes}`;
  const { rows } = await database.execute(
    `SELECT count(*) AS n, (SELECT count(*) FROM (${written})) AS m FROM ${table}`,
  );
  return [Number(rows[0]?.["n"]), Number(rows[0]?.["m"])];
}

/** Runs the program, sees that it shows nothing of what the old system said, and gives how it ended and its report. */
function run(table: string, args: readonly string[] = [], more: Partial<Migration> = {}) {
  const given: Migration = {
    ...{ target: { kind: "SQLite", url, table }, keys, people: PEOPLE, brokenEvery: BROKEN_EVERY },
    ...{ codes: "legacyCodes", events: join(folder, `${table}.events`), ...more },
  };
  const program = [
    "--import",
    "tsx",
    "examples/migrate/migrate.ts",
    "--host",
    "test/support/migrate-host.ts",
  ];
  const env = { ...process.env, MIGRATION: JSON.stringify(given) };
  const mark = ["--mark", join(folder, `${table}.mark`)];
  const ran = spawnSync(process.execPath, [...program, ...mark, ...args], { env, encoding: "utf8" });
  assert.doesNotMatch(ran.stdout + ran.stderr, /decrypt|no-base32|[0-9a-f]{20}|[A-Z2-7]{20}/);
  const lines = ran.stdout.split("\n").filter(Boolean);
  const report = lines.map((line): [number, string] => {
    const { id, reason } = JSON.parse(line);
    return [Number(id.slice(5, 12)), reason];
  });
  return { end: ran.signal ?? ran.status, report: report.sort(([a], [b]) => a - b), said: ran.stderr };
}

const inOrder = (...lists: [number, string][][]) => lists.flat().sort(([a], [b]) => a - b);
const files = (table: string) => readdirSync(folder).filter((file) => file.startsWith(`${table}.`));
const GOOD = PEOPLE - BROKEN.length;

test("a dry run reports what a run would, writes nothing and tells nobody", async () => {
  await addTable("dry");
  const { end, report } = run("dry", ["--dry-run"]);
  assert.deepEqual([end, report], [1, inOrder(BROKEN, CUT)]);
  assert.deepEqual([await rowsOf("dry", 1), files("dry")], [[0, 0], []]);
});

test("killed twice and run again, it moves each user once and reports who stayed behind", async () => {
  await addTable("killed");
  for (const killAt of [130, 301]) assert.equal(run("killed", [], { killAt }).end, "SIGKILL");
  const { end, report } = run("killed");
  assert.deepEqual([end, report], [1, inOrder(BROKEN, CUT)]);
  assert.deepEqual(await rowsOf("killed", 1), [GOOD, GOOD]);
  const events = readFileSync(join(folder, "killed.events"), "utf8").trim().split("\n");
  assert.equal(new Set(events).size, events.length);
  assert.deepEqual(run("killed").report, BROKEN); // everybody is looked at again, and nobody is written
  assert.deepEqual(await rowsOf("killed", 1), [GOOD, GOOD]);
});

test("the same loop seals all again under a new key, killed or not, and reports broken rows", async () => {
  await addTable("rotated");
  run("rotated");
  await database.execute("UPDATE rotated SET version = 'another' WHERE user_id = 'user-0000007'");
  const rotated = { keys: `${generateKey()} ${keys}` };
  assert.equal(run("rotated", ["--rewrap"], { ...rotated, killAt: 199 }).end, "SIGKILL");
  const { end, report } = run("rotated", ["--rewrap"], rotated);
  assert.deepEqual([end, report], [1, inOrder(BROKEN, [[7, "record_invalid"]])]);
  const { rows } = await database.execute("SELECT count(*) AS n FROM rotated GROUP BY key_id ORDER BY n");
  assert.deepEqual(
    rows.map(({ n }) => n),
    [1, GOOD - 1],
  );
  assert.deepEqual(await rowsOf("rotated", 2), [GOOD, GOOD]);
});

test("it ends with 0 when nobody was skipped, and with 2 when it stopped before the end", async () => {
  await addTable("ended");
  assert.equal(run("ended", [], { codes: "none", brokenEvery: PEOPLE + 1 }).end, 0);
  assert.equal(run("missing").end, 2);
  assert.equal(run("ended", ["--hots"]).end, 2);
  assert.equal(run("ended", ["--rewrap"], { keys: generateKey() }).report.length, PEOPLE); // key_unknown
});

test("an old system that fails ends the run, and the next run asks about the users it missed", async () => {
  await addTable("away");
  const { end, report } = run("away", [], { downFrom: 100 });
  assert.deepEqual([end, report, (await rowsOf("away", 1))[0]], [2, [], 98]);
  assert.match(run("away", ["--rewrap"]).said, /RangeError: --mark: .* another work/);
  assert.deepEqual(run("away").report, inOrder(BROKEN, CUT));
  assert.deepEqual(await rowsOf("away", 1), [GOOD, GOOD]);
});
