// `npx twinlock check` as a process, on modules as hosts write them.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { createClient } from "@libsql/client";
import { createTwoFactor, generateKey } from "twinlock";
import { sqliteStore } from "twinlock/stores/sqlite";

const folder = mkdtempSync(join(tmpdir(), "twinlock-check-"));
after(() => rmSync(folder, { recursive: true }));

const BUILT = resolve("dist");
const DATABASE = `file:${join(folder, "check.db")}`;
const KEY = generateKey();
const NODE_STRIPS_TYPES = Boolean((process.features as { typescript?: unknown }).typescript);

interface Run {
  status: number | null;
  said: string;
  wrong: string;
}

/** Writes a module of a host's and checks it. `~` stands for the folder of the built package. */
function check(name: string, code: string, env: Readonly<Record<string, string>> = {}): Run {
  writeFileSync(join(folder, name), code.replaceAll("~", BUILT));
  return run(["check", `./${name}`], env);
}

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Run {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(BUILT, "cli.js"), ...args], {
    cwd: folder,
    env: { PATH: process.env["PATH"], KEY, DATABASE, NODE_NO_WARNINGS: "1", ...env },
    encoding: "utf8",
  });
  return { status, said: stdout, wrong: stderr };
}

const SQLITE = `
  import { createClient } from "${resolve("node_modules/@libsql/client/lib-esm/node.js")}";
  import { sqliteStore } from "~/stores/sqlite.js";
  const store = sqliteStore(createClient({ url: process.env.DATABASE }));
  await store.migrate();
  export const options = {
    issuer: "Acme", store, keys: process.env.KEY, verifyPassword: () => false, onEvent: () => {},
  };`;
const memory = (options: string) => `
  import { memoryStore } from "~/stores/memory.js";
  const given = { issuer: "Acme", store: memoryStore(), keys: process.env.KEY, verifyPassword: () => false };
  export const options = { ...given, ${options} };`;

test("a good module passes repeatedly, and leaves rows that rewrap can open", async () => {
  for (let i = 0; i < 2; i++) {
    const { status, said, wrong } = check("good.mjs", SQLITE);
    assert.deepEqual([status, wrong], [0, ""]);
    assert.match(
      said,
      /^odds {5}whoever has a password guesses a code with at most 1 in 64,516 .* 1 in 3,226 /,
    );
    assert.match(said, /three rows of its own.+of ten writers at once one wins\nNothing is wrong\.\n$/s);
  }
  const client = createClient({ url: DATABASE });
  const { rows } = await client.execute("SELECT user_id, state FROM two_factor ORDER BY user_id");
  assert.deepEqual(
    rows.map(({ user_id, state }) => [user_id, state]),
    ["Twinlock-check", "twinlock-check", "twinlock-check "].map((userId) => [userId, "none"]),
  );
  const options = { issuer: "Acme", store: sqliteStore(client), keys: KEY, verifyPassword: () => false };
  for (const { user_id } of rows) assert.equal(await createTwoFactor(options).rewrap(String(user_id)), false);
  client.close();
});

test("a wrong key, which did not seal the stored rows, is reported", () => {
  assert.equal(check("sealed.mjs", SQLITE).status, 0);
  const { status, wrong } = check("sealed.mjs", SQLITE, { KEY: generateKey() });
  assert.equal(status, 1);
  assert.match(
    wrong,
    /^wrong {4}keys: what an earlier check has sealed does not open .*put the earlier key back/,
  );
  assert.equal(check("sealed.mjs", SQLITE, { KEY: `${generateKey()} ${KEY}` }).status, 0, "rotated");
});

test("warnings are printed by name, and are no failure", () => {
  const { status, said } = check("memory.mjs", memory(`issuer: "R & D"`));
  assert.equal(status, 0);
  for (const id of ["issuer_characters", "volatile_store", "no_events"])
    assert.match(said, new RegExp(`^warning {2}\\w+: .+ \\(${id}\\)$`, "m"));
});

const BROKEN_STORE = `store: { get: async () => null, compareAndSet: async () => true }`;
const POSTGRES = `
  import pg from "${resolve("node_modules/pg/esm/index.mjs")}";
  import { postgresStore } from "~/stores/postgres.js";
  const pool = new pg.Pool({ connectionString: "postgres://nobody@127.0.0.1:1/none" });
  export default () => ({ issuer: "Acme", store: postgresStore(pool), keys: process.env.KEY, verifyPassword: () => false });`;

for (const [what, code, says] of [
  [
    "a misspelled option",
    memory("issuers: 1"),
    /^wrong {4}The options are refused: issuers: there is no such/,
  ],
  [
    "no key",
    memory("keys: undefined"),
    /keys: want at least one key; `npx twinlock key` prints a new one\.$/,
  ],
  ["no key but a word", memory(`keys: "hunter2"`), /keys: number 1 is not a key(?!.*hunter2)/],
  ["a database that is away", POSTGRES, /^wrong {4}The store cannot be read: connect ECONNREFUSED 127/],
  ["a store that keeps nothing", memory(BROKEN_STORE), /^wrong {4}contract 1 .+To mend it: store data and/],
  [
    "a store that is silent",
    memory("store: { get: () => new Promise(() => {}), compareAndSet() {} }, storeTimeout: 1"),
    /cannot be read: no answer within 1 s\.$/,
  ],
  ["a module that fails", `throw new Error("no DATABASE_URL");`, /does not load: no DATABASE_URL\.$/],
  ["a module without options", "export const app = 1;", /exports no options: export `options = /],
  [
    "a function that fails",
    "export function options() { throw new Error('no config'); }",
    /options fails: no config\./,
  ],
  [
    "the service",
    `import { createTwoFactor } from "~/index.js"; ${memory("").replace("options", "o")}\nexport default createTwoFactor(given);`,
    /exports the service, and what is checked are its options/,
  ],
] as const) {
  test(`${what} is said in one sentence, and fails`, () => {
    const { status, wrong } = check("wrong.mjs", code);
    assert.equal(status, 1);
    assert.match(wrong.trimEnd(), says);
    assert.doesNotMatch(wrong.trimEnd(), /\n|\bat .*:\d+:\d+/, "one line, no stack");
  });
}

test("a missing file is reported, and a missing name prints the usage", () => {
  const { status, wrong } = run(["check", "./nowhere.mjs"]);
  assert.deepEqual([status, wrong], [1, "wrong    ./nowhere.mjs: there is no such file.\n"]);
  assert.deepEqual([run(["check"]).status, run(["check", "a", "b"]).status], [2, 2]);
});

test("CommonJS and TypeScript are read, with tsx where Node strips no types", () => {
  check("memory.mjs", memory(""));
  assert.equal(check("common.cjs", `exports.options = require("./memory.mjs").options;`).status, 0);
  const typed = memory("").replace("= {", ": Record<string, unknown> = {");
  const alone = check("typed.mts", typed);
  assert.equal(alone.status, NODE_STRIPS_TYPES ? 0 : 1);
  if (!NODE_STRIPS_TYPES)
    assert.match(alone.wrong, /NODE_OPTIONS="--import tsx" npx twinlock check \.\/typed/);
  const tsx = resolve("node_modules/tsx/dist/loader.mjs");
  assert.ok(existsSync(tsx));
  assert.equal(check("typed.mts", typed, { NODE_OPTIONS: `--import ${tsx}` }).status, 0);
});
