// `twinlock check` on modules as hosts write them: in this process, and once as the program that the package installs.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, type TestContext, test } from "node:test";
import { createClient } from "@libsql/client";
import { run } from "../../../src/cli/run.ts";
import { createTwoFactor, generateKey } from "../../../src/index.ts";
import { sqliteStore } from "../../../src/stores/sqlite.ts";

const folder = mkdtempSync(join(tmpdir(), "twinlock-check-"));
after(() => rmSync(folder, { recursive: true }));

const KEY = generateKey();
let written = 0;

/** Writes a module of a host's. `~` stands for the folder of the sources. */
function write(code: string, ending = "mjs"): string {
  const path = join(folder, `${++written}.${ending}`);
  writeFileSync(path, code.replaceAll("~", resolve("src")));
  return path;
}

/** Checks a module of a host's, and gives what is said of it. */
async function check(code: string, ending?: string) {
  const [said, wrong]: [string[], string[]] = [[], []];
  const path = write(code, ending);
  const status = await run(["check", path], {
    log: (line) => said.push(line),
    error: (line) => wrong.push(line.replaceAll(path, "MODULE")),
  });
  return { status, said, wrong: wrong.join() };
}

const memory = (options = "") => `
  import { memoryStore } from "~/stores/memory.ts";
  const given = { issuer: "Acme", store: memoryStore(), keys: "${KEY}", verifyPassword: () => false };
  export const options = { ...given, ${options} };`;
const sqlite = (url: string, keys: string) => `
  import { createClient } from "${resolve("node_modules/@libsql/client/lib-esm/node.js")}";
  import { sqliteStore } from "~/stores/sqlite.ts";
  const store = sqliteStore(createClient({ url: "${url}" }));
  await store.migrate();
  export const options = { issuer: "Acme", store, keys: "${keys}", verifyPassword: () => false, onEvent() {} };`;
const GOOD = [
  "odds     whoever has a password guesses a code with at most 1 in 64,516 before a wait, 1 in 3,226 in a year",
  'store    checked on three rows of its own, "twinlock-check" in three spellings; no other is touched',
  "store    an unknown user reads as null",
  "store    a record comes back as written",
  "store    ids that look alike are different users",
  "store    a stale version is refused",
  "store    create refuses a user who has a row",
  "store    of ten writers at once one wins",
  "Nothing is wrong.",
];

test("a good module passes repeatedly, and leaves rows that rewrap can open", async () => {
  const url = `file:${join(folder, `${++written}.db`)}`;
  const good = { status: 0, said: GOOD, wrong: "" };
  for (let i = 0; i < 2; i++) assert.deepEqual(await check(sqlite(url, KEY)), good);
  const client = createClient({ url });
  const { rows } = await client.execute(
    "SELECT user_id, state, enrolled_at, backup_codes_active, length(data) > 10000 AS real FROM two_factor ORDER BY 1",
  );
  assert.deepEqual(
    rows.map((row) => ({ ...row })),
    ["Twinlock-check", "twinlock-check", "twinlock-check "].map((user_id) => ({
      ...{ user_id, state: "none", enrolled_at: null, backup_codes_active: 0, real: 1 },
    })),
  );
  const options = { issuer: "Acme", store: sqliteStore(client), keys: KEY, verifyPassword: () => false };
  for (const { user_id } of rows) assert.equal(await createTwoFactor(options).rewrap(String(user_id)), false);
  client.close();
  assert.match(
    (await check(sqlite(url, generateKey()))).wrong,
    /^wrong {4}keys: what an earlier check has sealed does not open \(.+\); put the earlier key back into `keys`, after the first\.$/,
  );
  assert.deepEqual(await check(sqlite(url, `${generateKey()} ${KEY}`)), good, "rotated");
});

test("warnings are printed by name, and are no failure", async () => {
  const warnings = [
    "warning  issuer: some apps cut or garble & ? # % + and what is not ASCII (issuer_characters)",
    "warning  store: everything is gone when the process ends (volatile_store)",
    "warning  onEvent: nobody is told of guesses, locks and changes (no_events)",
  ];
  const said = [...warnings, ...GOOD];
  assert.deepEqual(await check(memory(`issuer: "R & D"`)), { status: 0, said, wrong: "" });
});

test("options are found in CommonJS, in TypeScript, as the default, and from a function", async () => {
  const other = write(memory());
  for (const [code, ending] of [
    [`exports.options = require("${other}").options;`, "cjs"],
    [`module.exports = { ...require("${other}") };`, "cjs"],
    [`export { options as default } from "${other}";`],
    [`import { options } from "${other}"; export default async () => options;`],
    [memory().replace("options =", "options: Record<string, unknown> ="), "mts"],
  ] as const)
    assert.deepEqual((await check(code, ending)).wrong, "", code);
});

const stored = (row: string, more = "") =>
  memory(`store: { get: async () => (${row}), compareAndSet: async () => true }, ${more}`);
const silent = (calls: string, more = "") => memory(`store: { get: async () => null, ${calls} }, ${more}`);
const POSTGRES = `
  import pg from "${resolve("node_modules/pg/esm/index.mjs")}";
  import { postgresStore } from "~/stores/postgres.ts";
  const pool = new pg.Pool({ connectionString: "postgres://nobody@127.0.0.1:1/none" });
  export default () => ({ issuer: "Acme", store: postgresStore(pool), keys: "${KEY}", verifyPassword: () => false });`;
const HOW =
  "export `options = { issuer, store, keys, ... }`, or a function of this name that gives them, and hand the same to createTwoFactor.";
const HINT = ' If it is for its TypeScript: NODE_OPTIONS="--import tsx" npx twinlock check MODULE';

/** Lets time limits of this length be over at once. */
function expireAtOnce(t: TestContext, limit: number): void {
  const { setTimeout: real } = globalThis;
  const early = (end: () => void, ms: number) => (ms === limit ? setImmediate(end) : real(end, ms));
  t.mock.method(globalThis, "setTimeout", early as typeof real);
}

for (const [what, code, says, ending] of [
  ["a misspelled option", memory("issuers: 1"), /^The options are refused: issuers: there is no such/],
  [
    "no key",
    memory("keys: undefined"),
    /keys: want at least one key; `npx twinlock key` prints a new one\.$/,
  ],
  ["no key but a word", memory(`keys: "hunter2"`), /keys: number 1 is not a key(?!.*hunter2)/],
  ["a database that is away", POSTGRES, /^The store cannot be read: connect ECONNREFUSED 127[^\n]+1\.$/],
  ["a store that keeps nothing", stored("null"), /^contract 1 .+To mend it: store data and/],
  ["a store that gives undefined", stored("undefined"), /^contract 1 .+gave undefined/],
  ["a store of numbers", stored(`{ version: 1, data: "x" }`), /^contract 1 .+gave a row/],
  ["a store without data", stored(`{ version: "x", data: 1 }`), /^contract 1 .+gave a row/],
  [
    "a store that is silent",
    silent("get: () => new Promise(() => {}), compareAndSet() {}"),
    /^The store cannot be read: no answer within 5 s\.$/,
  ],
  [
    "a store that writes silently",
    silent("compareAndSet: () => new Promise(() => {})", "storeTimeout: 7"),
    /the store failed: no answer within 7 s/,
  ],
  ["a module that fails", `throw new Error("no DATABASE_URL");`, "MODULE does not load: no DATABASE_URL."],
  ["TypeScript that fails", `throw new Error("no TS");`, `MODULE does not load: no TS.${HINT}`, "mts"],
  [
    "TypeScript of Node's that fails",
    `throw new Error("no TS");`,
    `MODULE does not load: no TS.${HINT}`,
    "ts",
  ],
  ["a name like TypeScript's", `throw new Error("no");`, "MODULE does not load: no.", "ts.mjs"],
  [
    "a module that never loads",
    "await new Promise(() => {});",
    "MODULE does not load: no answer within 30 s.",
  ],
  ["a module without options", "export const app = 1;", `MODULE exports no options: ${HOW}`],
  ["a function that gives null", "export default () => null;", `MODULE exports no options: ${HOW}`],
  [
    "a function that fails",
    "export function options() { throw new Error('no config'); }",
    "MODULE: the function that gives the options fails: no config.",
  ],
  [
    "the service",
    `import { createTwoFactor } from "~/index.ts"; ${memory().replace("options", "o")}\nexport default createTwoFactor(given);`,
    `MODULE exports the service, and what is checked are its options: ${HOW}`,
  ],
] as const) {
  test(`${what} is said in one sentence, and fails`, async (t) => {
    const limit = /no answer within (\d+) s/.exec(String(says))?.[1];
    if (limit) expireAtOnce(t, Number(limit) * 1_000);
    const { status, wrong } = await check(code, ending);
    assert.equal(status, 1);
    const said = wrong.replace(/^wrong {4}/, "");
    if (typeof says === "string") assert.equal(said, says);
    else assert.match(said, says);
    assert.doesNotMatch(wrong, /\n|\bat .*:\d+:\d+/, "one line, no stack");
  });
}

test("a missing file is reported", async () => {
  const wrong: string[] = [];
  assert.equal(await run(["check", "./nowhere.mjs"], { log() {}, error: (line) => wrong.push(line) }), 1);
  assert.deepEqual(wrong, ["wrong    ./nowhere.mjs: there is no such file."]);
});

test("the program ends with the code of its command, whatever its module keeps open", () => {
  const program = resolve("dist/cli.js");
  assert.match(readFileSync(program, "utf8"), /^#!\/usr\/bin\/env node\n/);
  const twinlock = (...args: string[]) =>
    spawnSync(process.execPath, [program, ...args], { cwd: folder, encoding: "utf8" });
  const built = memory().replace("~/stores/memory.ts", resolve("dist/stores/memory.js"));
  const { status, stdout, stderr } = twinlock("check", write(`setInterval(() => {}, 1_000); ${built}`));
  assert.deepEqual([status, stderr], [0, ""]);
  assert.match(stdout, /^warning {2}store: .+\nNothing is wrong\.\n$/s);
  assert.equal(twinlock("check").status, 2);
});
