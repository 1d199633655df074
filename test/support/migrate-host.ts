/** A host for examples/migrate, in the process of that program. Its old system makes up whoever it is asked about. */

import { createHash } from "node:crypto";
import { appendFileSync, writeFileSync } from "node:fs";
import type { Host } from "../../examples/migrate/migrate.ts";
import type { LegacyEnrollment } from "../../src/two-factor/options.ts";
import { openStore, type Target } from "./open-store.ts";

/** What the environment variable MIGRATION says, in JSON. */
export interface Migration {
  target: Target;
  keys: string;
  people: number;
  /** One of so many cannot be brought along, and one has a backup code that cannot. */
  brokenEvery: number;
  /** Ten backup codes of everybody: names of digests, or codes in plain text. */
  codes: "legacyCodes" | "backupCodes" | "none";
  /** The process dies when it is asked about this person. */
  killAt?: number;
  /** The old system is away from this person on. */
  downFrom?: number;
  /** Where the host notes what it hears. */
  events: string;
  /** Where it leaves how many seconds of a processor it took. */
  cpu?: string;
}

const given: Migration = JSON.parse(process.env["MIGRATION"] ?? "{}");
const opened = await openStore(given.target);

const idOf = (n: number): string => `user-${String(n).padStart(7, "0")}`;
const numberOf = (userId: string): number => Number(userId.slice(5, 12));
const hash = (text: string, length: number): Uint8Array =>
  createHash("sha256").update(text).digest().subarray(0, length);

/** What the old system says of those whom it cannot deliver, in turn; after them comes one whose id is none. */
const BROKEN: readonly ((secret: Uint8Array) => unknown)[] = [
  (secret) => {
    throw new Error(`cannot decrypt ${secret}`);
  },
  () => undefined,
  () => ({ secret: "no-base32-0189" }),
  (secret) => ({ secret, lastStep: 1_800_000_000 }),
  (secret) => ({ secret: secret.subarray(0, 9) }),
];

function leaveCpu(): void {
  const { user, system } = process.cpuUsage();
  if (given.cpu) writeFileSync(given.cpu, String((user + system) / 1e6));
}

function die(): void {
  leaveCpu();
  process.kill(process.pid, "SIGKILL");
}

function enrollment(userId: string): LegacyEnrollment {
  const n = numberOf(userId);
  if (n === given.killAt) die();
  if (given.downFrom !== undefined && n >= given.downFrom) throw new Error("down");
  const secret = hash(userId, 20);
  if (brokenIn(n)) return BROKEN[brokenIn(n) - 1]?.(secret) as LegacyEnrollment;
  if (given.codes === "none") return { secret };
  const codes = Array.from({ length: 10 }, (_, i) => Buffer.from(hash(`${userId}:${i}`, 16)).toString("hex"));
  return { secret, [given.codes]: n % given.brokenEvery === 0 ? [...codes, codes[0]] : codes };
}

/** Which of the ways to be broken, from one; 0 for none. */
function brokenIn(n: number): number {
  const turn = (n + 1) / given.brokenEvery;
  return Number.isInteger(turn) ? ((turn - 1) % (BROKEN.length + 1)) + 1 : 0;
}

export const options: Host["options"] = {
  issuer: "Moved",
  store: opened.store,
  keys: given.keys,
  reauthentication: { enroll: "none" },
  legacy: { enrollment },
  onEvent: ({ type, userId }) => appendFileSync(given.events, `${type} ${userId}\n`),
};
export const count = () => given.people;
export function* ids(after: string | null): Generator<string> {
  const first = after === null ? 0 : numberOf(after) + 1;
  for (let n = first; n < given.people; n++) yield brokenIn(n) > BROKEN.length ? `${idOf(n)}\0` : idOf(n);
}
export async function close(): Promise<void> {
  await opened.close();
  leaveCpu();
}
