// The service as a whole: one verification beside one HMAC, the bare primitives and better-auth; backup codes beside
// one derivation; and what fifty of them at once do to the event loop.

import * as crypto from "node:crypto";
import { readFile } from "node:fs/promises";
import { performance } from "node:perf_hooks";
import { promisify } from "node:util";
import { memoryAdapter } from "@better-auth/memory-adapter";
import { base32 } from "@better-auth/utils/base32";
import { createOTP } from "@better-auth/utils/otp";
import { betterAuth } from "better-auth";
import { twoFactor as betterTwoFactor } from "better-auth/plugins";
import { memoryStore } from "../../../dist/stores/memory.js";
import { primitives } from "./primitives.js";
import { awaited, calls, cpuTime, quartiles, race, ratio, wallTime } from "./rounds.js";
import { enrolledWorld, must } from "./world.js";

const scrypt = promisify(crypto.scrypt);
const SCRYPT = { N: 2 ** 14, r: 8, p: 1, maxmem: 64 * 2 ** 20 };
const THREADS = 2; // how many derivations the service runs at once

/** better-auth with its memory adapter: a person who is signed in and enrolled. It accepts the same code again. */
async function betterAuthVerify() {
  const database = { user: [], session: [], account: [], verification: [], twoFactor: [] };
  const auth = betterAuth({
    secret: crypto.randomBytes(32).toString("hex"),
    baseURL: "http://localhost:3000",
    database: memoryAdapter(database),
    emailAndPassword: { enabled: true },
    plugins: [betterTwoFactor({ issuer: "Acme" })],
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { disabled: true },
  });
  const cookies = (response) =>
    new Headers({
      cookie: response.headers
        .getSetCookie()
        .map((cookie) => cookie.split(";")[0])
        .join("; "),
    });
  const password = "correct horse battery staple";
  const body = { email: "alice@example.com", name: "Alice", password };
  const first = cookies(await auth.api.signUpEmail({ body, asResponse: true }));
  const { totpURI } = await auth.api.enableTwoFactor({ body: { password }, headers: first });
  const text = base32.decode(new URL(totpURI).searchParams.get("secret"));
  const otp = createOTP(new TextDecoder().decode(text));
  let code = await otp.totp();
  let madeAt = Date.now();
  const enabled = await auth.api.verifyTOTP({ body: { code }, headers: first, asResponse: true });
  const headers = cookies(enabled);
  return async () => {
    if (Date.now() - madeAt > 20_000) {
      code = await otp.totp();
      madeAt = Date.now();
    }
    const { token } = await auth.api.verifyTOTP({ body: { code }, headers });
    if (typeof token !== "string") throw new Error("better-auth refused a right code");
  };
}

/** Contestants of one verification, each a whole one. */
export async function verification(rounds) {
  const known = await enrolledWorld({}, 80_000);
  const unknown = await enrolledWorld({}, 80_000);
  const wrong = await enrolledWorld({ throttle: { free: 10 } });
  const key = crypto.randomBytes(20);
  const counter = Buffer.alloc(8);
  const { deviceToken } = known;
  const binding = null;
  return race(
    {
      "verify, a known device": awaited(async () =>
        must(await known.twoFactor.verify("alice", known.next(), { binding, deviceToken })),
      ),
      "verify, a new device": awaited(async () =>
        must(await unknown.twoFactor.verify("alice", unknown.next(), { binding })),
      ),
      "verify, locked": awaited(lockedOut(wrong)),
      "better-auth verifyTOTP": awaited(await betterAuthVerify()),
      "the primitives alone *": calls(primitives()),
      "createHmac *": calls(() => crypto.createHmac("sha1", key).update(counter).digest()),
    },
    { rounds, slice: 50, clock: cpuTime }, // long, or a round measures how the caches fill
  );
}

function lockedOut({ twoFactor, next }) {
  const code = next();
  const wrong = code === "000000" ? "000001" : "000000";
  return () => twoFactor.verify("alice", wrong, { binding: null });
}

/**
 * One derivation beside one redemption, and ten bare derivations on the threads that a batch may use beside a batch of
 * ten: milliseconds on the wall, by round.
 */
export async function backupCodes(rounds) {
  const world = await enrolledWorld({}, 0);
  const { twoFactor } = world;
  let codes = [...world.backupCodes];
  const derive = async () => scrypt("12345678", Buffer.alloc(16), 16, SCRYPT);
  const redeem = async () => must(await twoFactor.verify("alice", codes.pop(), { binding: null }));
  const regenerate = async () => {
    world.advance(86_400); // five batches a day
    codes = [...must(await twoFactor.backupCodes.regenerate("alice", { binding: null })).codes];
  };
  const ten = async () => {
    let left = 10;
    const thread = async () => {
      while (left-- > 0) await derive();
    };
    await Promise.all(Array.from({ length: THREADS }, thread));
  };
  for (const warm of [derive, redeem, regenerate, ten]) await warm();
  const times = { derivation: [], redemption: [], batch: [], ten: [] };
  const timed = async (run) => {
    const start = wallTime();
    await run();
    return (wallTime() - start) / 1e6;
  };
  for (let round = 0; round < rounds; round++) {
    const order = [
      ["derivation", derive],
      ["redemption", redeem],
      ["batch", regenerate],
      ["ten", ten],
    ];
    for (const [name, run] of round % 2 === 0 ? order : order.reverse()) times[name].push(await timed(run));
  }
  return { times, redemption: ratio(times, "redemption", "derivation"), batch: ratio(times, "batch", "ten") };
}

/**
 * Fifty redemptions by fifty people at once: the longest time that the event loop stood still, and the longest that a
 * small file took to read meanwhile, both as multiples of one derivation. The median of several crowds.
 */
export async function crowd(crowds = 7, people = 50) {
  const worlds = [];
  for (let i = 0; i < people; i++) worlds.push(await enrolledWorld({}, 0));
  const stalls = [];
  const reads = [];
  for (let round = 0; round < crowds; round++) {
    const start = wallTime();
    await scrypt("12345678", Buffer.alloc(16), 16, SCRYPT);
    const derivation = (wallTime() - start) / 1e6;
    let running = true;
    let longestStall = 0;
    let longestRead = 0;
    const watch = (async () => {
      for (let last = performance.now(); running; ) {
        await new Promise((resolve) => setImmediate(resolve));
        const now = performance.now();
        longestStall = Math.max(longestStall, now - last);
        last = now;
      }
    })();
    const reader = (async () => {
      while (running) {
        const from = performance.now();
        await readFile(new URL(import.meta.url));
        longestRead = Math.max(longestRead, performance.now() - from);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    await Promise.all(
      worlds.map(async ({ twoFactor, backupCodes }) =>
        must(await twoFactor.verify("alice", backupCodes[round], { binding: null })),
      ),
    );
    running = false;
    await Promise.all([watch, reader]);
    stalls.push(longestStall / derivation);
    reads.push(longestRead / derivation);
  }
  return { count: crowds, stall: quartiles(stalls), read: quartiles(reads) };
}

/** Bytes of this process's heap that one record of the memory store takes. */
export async function memoryPerRecord(records = 20_000) {
  const store = memoryStore();
  const { options } = await enrolledWorld({ store }, 0);
  const { version, data } = await options.store.get("alice");
  const summary = { state: "active", enrolledAt: 0, backupCodesActive: 10, keyId: data.slice(3, 14) };
  const used = () => {
    globalThis.gc?.();
    return process.memoryUsage().heapUsed;
  };
  const before = used();
  for (let i = 0; i < records; i++) {
    const own = `${data.slice(0, -8)}${String(i).padStart(8, "0")}`; // a text of its own, as a store would give it
    await store.compareAndSet(`user-${i}`, null, {
      version: version + i,
      data: Buffer.from(own).toString(),
      summary,
    });
  }
  return (used() - before) / records;
}
