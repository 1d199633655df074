/**
 * What a verification costs with a million users beside what it costs with a thousand, in the same run:
 *
 *     node --import tsx test/tools/scale.ts [users]
 *
 * Fills tables and Redis servers of its own with records of a kilobyte, verifies codes of fifty enrolled users in
 * turn among either, and prints the ratio of the medians. Removes what it made.
 */

import { Redis } from "ioredis";
import pg from "pg";
import { generateKey } from "../../src/index.ts";
import { BINDING as binding, createInstance } from "../attacks/processes/service.ts";
import { type OpenStore, openStore } from "../support/open-store.ts";
import { type OwnServer, startServer } from "../support/own-server.ts";
import { codeFrom } from "../support/phone.ts";
import { POSTGRES_URL } from "../support/servers.ts";

const MANY = Number(process.argv[2] ?? 1_000_000);
const FEW = 1_000;
const ENROLLED = 50;
const ROUNDS = 20;
const START = 1_800_000_000_000;

type Verify = (round: number) => Promise<number>;

/** Enrolls fifty users, and gives a function that verifies each once and takes the mean time in microseconds. */
async function people({ store }: OpenStore): Promise<Verify> {
  const { twoFactor, clock } = createInstance(store, generateKey());
  clock.set(START);
  const keyUris: string[] = [];
  for (let i = 0; i < ENROLLED; i++) {
    const begun = await twoFactor.enrollment.begin(`enrolled-${i}`, { accountName: "ada", binding });
    if (!begun.ok) throw new Error(begun.detail);
    const { enrollmentId, keyUri } = begun;
    const code = codeFrom(keyUri, clock);
    await twoFactor.enrollment.confirm(`enrolled-${i}`, { enrollmentId, code, binding });
    keyUris.push(keyUri);
  }
  return async (round) => {
    clock.set(START + (round + 1) * 30_000);
    const codes = keyUris.map((keyUri) => codeFrom(keyUri, clock));
    const before = process.hrtime.bigint();
    for (const [i, code] of codes.entries()) {
      const result = await twoFactor.verify(`enrolled-${i}`, code, { binding });
      if (!result.ok) throw new Error(result.detail);
    }
    return Number(process.hrtime.bigint() - before) / 1_000 / ENROLLED;
  };
}

async function compare(name: string, few: Verify, many: Verify): Promise<void> {
  const ratios: number[] = [];
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [first, second] = round % 2 ? [few, many] : [many, few]; // neither always goes first
    const [a, b] = [await first(round), await second(round)];
    const [ofFew, ofMany] = round % 2 ? [a, b] : [b, a];
    ratios.push(ofMany / ofFew);
    times.push(ofMany);
  }
  console.log(
    `${name}: a verification among ${MANY.toLocaleString("en")} users takes ${median(times).toFixed(0)} us, ` +
      `${median(ratios).toFixed(2)} times what it takes among ${FEW.toLocaleString("en")}`,
  );
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function postgres(): Promise<void> {
  const admin = new pg.Client({ connectionString: POSTGRES_URL });
  await admin.connect();
  const filled = async (table: string, users: number): Promise<OpenStore> => {
    const opened = await openStore({ kind: "PostgreSQL", url: POSTGRES_URL, table });
    await admin.query(`DROP TABLE IF EXISTS ${table}`);
    await opened.migrate();
    await admin.query(
      `INSERT INTO ${table} SELECT 'user-' || n, md5(n::text), repeat(md5(n::text), 32), 'active', 0, 10, 'AAAAAAAAAAA'
       FROM generate_series(1, ${users}) AS n`,
    );
    await admin.query(`VACUUM ANALYZE ${table}`);
    return opened;
  };
  const [few, many] = [await filled("scale_few", FEW), await filled("scale_many", MANY)];
  await compare("PostgreSQL", await people(few), await people(many));
  await Promise.all([few.close(), many.close()]);
  await admin.query("DROP TABLE scale_few, scale_many");
  await admin.end();
}

/** Two servers, since one keyspace serves every prefix. */
async function redis(): Promise<void> {
  const fill = `for n = ARGV[1], ARGV[2] do
    redis.call("HSET", KEYS[1] .. n, "version", "v" .. n, "data", string.rep(redis.sha1hex(n), 25), "state", "active")
  end`;
  const filled = async (users: number): Promise<{ server: OwnServer; opened: OpenStore }> => {
    const server = await startServer("Redis", "--appendonly", "no");
    const client = new Redis(server.url);
    for (let n = 1; n <= users; n += 10_000) {
      await client.eval(fill, 1, "scale:user-", n, Math.min(n + 9_999, users));
    }
    await client.quit();
    return { server, opened: await openStore({ kind: "Redis", url: server.url, table: "scale" }) };
  };
  const [few, many] = [await filled(FEW), await filled(MANY)];
  await compare("Redis", await people(few.opened), await people(many.opened));
  for (const { server, opened } of [few, many]) {
    await opened.close();
    await server.stop();
  }
}

await postgres();
await redis();
