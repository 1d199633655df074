// Verifications through every store beside the bare read and conditional write on the same connections.

import { median, quartiles } from "../rounds.js";
import { openMysql, openPostgres, openRedis, openSqlite } from "./databases.js";
import { onClients, people } from "./people.js";

const CLIENTS = [1, 4, 16];
const SMALL = 1_000;

/** One store: by number of clients and of users, how many times as long a verification takes as the bare pair. */
export async function measureStore(open, { rounds, turns, large, clients = CLIENTS }) {
  const database = await open(Math.max(...clients));
  const crew = await people();
  const { deviceToken } = crew;
  try {
    const sizes = large > SMALL ? [SMALL, large] : [SMALL];
    const sets = [];
    for (const size of sizes) {
      const table = database.table(size);
      const asked = await crew.some(size, 2 * (rounds + 1) * turns * clients.length);
      await database.fill(table, size, asked, crew.filler());
      const ids = asked.map((row) => `user-${row.n}`);
      const half = ids.length / 2; // what the bare write leaves behind opens for nobody
      sets.push({
        size,
        table,
        verify: ring(ids.slice(half)),
        bare: ring(ids.slice(0, half)),
        pair: database.bare(table),
        twoFactor: crew.service(database.store(table)),
        bytes: await database.bytesPerRecord(table, size),
      });
    }
    const result = { name: database.name, runs: [], bytes: sets.at(-1).bytes };
    for (const count of clients) {
      const times = sets.map(() => ({ verify: [], bare: [] }));
      for (let round = -1; round < rounds; round++) {
        if (round % 8 === 0) for (const { table } of sets) await database.tidy(table);
        for (const i of shuffled(sets.keys())) {
          for (const what of shuffled(["verify", "bare"])) {
            const time = await onClients(count, turns, turnOf(sets[i], what));
            if (round >= 0) times[i][what].push(time); // the first is for warming up
          }
        }
      }
      for (const [i, { size }] of sets.entries()) {
        const { verify, bare } = times[i];
        result.runs.push({
          clients: count,
          users: size,
          verify: median(verify),
          bare: median(bare),
          share: quartiles(verify.map((time, round) => bare[round] / time)),
          growth: quartiles(verify.map((time, round) => time / times[0].verify[round])),
        });
      }
    }
    result.contention = await contention(database.store(sets[0].table), crew, sets[0].verify());
    return result;
  } finally {
    await database.close();
  }

  function turnOf({ verify, bare, pair, twoFactor }, what) {
    if (what === "bare") return () => pair(bare(), crew.filler());
    return async () => {
      const outcome = await twoFactor.verify(verify(), crew.next(), { binding: null, deviceToken });
      if (!outcome.ok) throw new Error(`a right code was refused: ${outcome.detail}`);
    };
  }
}

/** One after the other, and again from the start: nobody twice at a time. */
function ring(list) {
  let at = 0;
  return () => list[at++ % list.length];
}

/** A hundred attempts on one person at once: how long they take, and how many calls of the store. */
async function contention(store, crew, userId) {
  const out = {};
  for (const what of ["the same right code", "wrong codes"]) {
    let calls = 0;
    const counted = {
      get(...given) {
        calls++;
        return store.get(...given);
      },
      compareAndSet(...given) {
        calls++;
        return store.compareAndSet(...given);
      },
    };
    const twoFactor = crew.service(counted);
    const code = crew.next();
    const wrong = code === "000000" ? "000001" : "000000";
    const start = performance.now();
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, () =>
        twoFactor.verify(userId, what === "wrong codes" ? wrong : code, { binding: null }),
      ),
    );
    const tally = {};
    for (const outcome of outcomes) {
      const name = outcome.ok ? "ok" : outcome.detail;
      tally[name] = (tally[name] ?? 0) + 1;
    }
    out[what] = { ms: performance.now() - start, calls, outcomes: tally };
  }
  return out;
}

function shuffled(list) {
  return [...list]
    .map((value) => [Math.random(), value])
    .sort(([a], [b]) => a - b)
    .map(([, value]) => value);
}

/** Every store that is there. */
export async function measureStores({ rounds = 31, turns = 100, large = 1_000_000, say = () => {} } = {}) {
  const results = [];
  for (const [open, users] of [
    [openPostgres, large],
    [openRedis, large],
    [openMysql, SMALL],
    [openSqlite, SMALL],
  ]) {
    say(open.name.replace("open", "  "));
    const clients = open === openSqlite ? [1] : CLIENTS; // its calls block: clients take turns
    results.push(await measureStore(open, { rounds, turns, large: users, clients }));
  }
  return results;
}
