/** The parts that all calls share: settings, keys, randomness, derivation, the queue and the events. */

import type { Failure } from "../errors.ts";
import { failure } from "../errors.ts";
import { fromBase64Url, toBase64Url, utf8 } from "../internal/bytes.ts";
import { checkText, LAST_INSTANT, MAX_USER_ID_BYTES } from "../internal/check.ts";
import { randomBytes, sha256 } from "../internal/hmac.ts";
import { createLimiter } from "../internal/limiter.ts";
import { platform } from "../internal/platform.ts";
import { createQueue, type Queue } from "../internal/queue.ts";
import { atFirstUse } from "../internal/runtime.ts";
import { type After, after } from "../internal/timer.ts";
import { createKeyring, type Keyring, type RecordSeal } from "../keyring.ts";
import type { Random } from "../rules/decision.ts";
import type { UserStore } from "../store.ts";
import { createEmitter, type Emit } from "./events.ts";
import { type About, type HostQuestions, hostQuestions } from "./host-questions.ts";
import type { TwoFactorOptions } from "./options.ts";
import type { Passkeys } from "./passkey-types.ts";
import { resolveSettings, type Settings } from "./settings.ts";

/** The cost of scrypt, 16 MiB, which slows down a thief of the table and the key (NIST SP 800-63B-4 s.3.1.2.2). */
const SCRYPT = { N: 2 ** 14, r: 8, p: 1, dkLen: 16 };
const MAX_BINDING = 1_024;
const QUEUE_RETRY_MS = 1_000;

/** The parts that tests can replace, and applications cannot. */
export interface Seams {
  random?: Random;
  derive?: (code: Uint8Array, salt: Uint8Array) => Promise<Uint8Array>;
  after?: After;
}

export interface Service extends HostQuestions {
  settings: Settings;
  store: UserStore;
  keyring: Keyring;
  random: Random;
  after: After;
  emit: Emit;
  now(): number;
  /** Makes a new id or epoch: 16 random bytes. */
  id(): string;
  /** Derives the digest of a backup code; `urgent` when a person waits for it. */
  derive(code: string, salt: string, priority: "urgent" | "patient"): Promise<string>;
  /** Runs an attempt in its turn. A known device has a line of its own. */
  inTurn<T>(userId: string, task: () => Promise<T>, knownDevice?: string | null): Promise<T | Failure>;
  verifyPassword: TwoFactorOptions["verifyPassword"];
  legacy: NonNullable<TwoFactorOptions["legacy"]>;
  passkeys: Passkeys | undefined;
}

/** The context of one call; `now` was read once, when the call came in. */
export interface Call extends About {
  service: Service;
  /** The seal of the user's record, made once for the whole call, because it derives a key. */
  seal: RecordSeal;
}

// One limiter for the process, because all instances share the thread pool.
const limiter = /* @__PURE__ */ atFirstUse(() => createLimiter(platform().derivations));

export function createService(options: TwoFactorOptions<string>, seams: Seams = {}): Service {
  const settings = resolveSettings(options);
  const random = seams.random ?? randomBytes;
  const later = seams.after ?? after;
  const derive = seams.derive ?? ((code, salt) => platform().scrypt(code, salt, SCRYPT));
  const clock = options.clock ?? Date.now;
  const queue: Queue | null = settings.queue ? createQueue(later) : null;
  const now = () => {
    const at = clock();
    if (Number.isFinite(at) && at >= 0 && at <= LAST_INSTANT) return Math.floor(at);
    throw new TypeError("clock: want epoch milliseconds");
  };
  const emit = createEmitter(options);
  return {
    settings,
    store: options.store,
    keyring: createKeyring(options.keys, random),
    random,
    after: later,
    emit,
    now,
    id: () => toBase64Url(random(16)),
    verifyPassword: options.verifyPassword,
    legacy: options.legacy ?? {},
    passkeys: options.passkeys,

    async derive(code, salt, priority) {
      const bytes = fromBase64Url(salt) ?? new Uint8Array();
      return toBase64Url(await limiter()(priority, () => derive(utf8(code), bytes)));
    },

    async inTurn(userId, task, knownDevice = null) {
      if (!queue) return task();
      const line = `${knownDevice ?? ""}:${userId}`;
      return queue(line, task) ?? failure("queue_full", { retryAt: now() + QUEUE_RETRY_MS });
    },

    ...hostQuestions(options, settings.rows, emit),
  };
}

/** Checks a user id, which is used exactly as it is. */
export function checkUserId(userId: unknown): string {
  const id = checkText("userId", userId, MAX_USER_ID_BYTES);
  if (/[\0\p{Cs}]/u.test(id)) throw new RangeError("userId: must be well-formed Unicode without NUL");
  if (utf8(id).length > MAX_USER_ID_BYTES) throw new RangeError("userId: want at most 1,024 bytes of UTF-8");
  return id;
}

/** Returns the stored form of a binding: a hash of its bytes, or null. */
export function bindingHash(binding: unknown): string | null {
  if (binding === null) return null;
  if (binding === undefined) {
    throw new TypeError("binding: want null or a random value that you keep in the session");
  }
  return toBase64Url(sha256(utf8(checkText("binding", binding, MAX_BINDING))));
}

/** Returns the stored hash of a device token; null for anything that cannot be a token. */
export function deviceTokenHash(token: unknown): string | null {
  return typeof token === "string" && /^[\w-]{43}$/.test(token) ? toBase64Url(sha256(utf8(token))) : null;
}
