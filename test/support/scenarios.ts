/** Each detail of the design's table, with the columns of the table, and how it comes about. */

import type { Detail, Reason } from "../../src/errors.ts";
import type { Requirement } from "../../src/rules/policy.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import {
  createTestTwoFactor,
  faultyStore,
  type StoreCall,
  virtualAuthenticator,
} from "../../src/testing/index.ts";
import { type VirtualPasskey, virtualPasskey } from "../../src/testing/passkey.ts";
import type { TwoFactorOptions } from "../../src/two-factor/options.ts";
import { passkeysOf, registerPasskey, withPasskeys } from "./passkeys.ts";
import { codeFrom } from "./phone.ts";
import {
  binding,
  challengeOf,
  type Enrolled,
  enrolled,
  must,
  nextCode,
  PASSWORD,
  SECRET,
  USER,
  type World,
  withPassword,
  world,
  wrongCode,
} from "./world.ts";

export interface Scenario {
  reason: Reason;
  charged?: true;
  retryAt?: true;
  attemptsLeft?: number;
  /** A world of its own, and the call that fails in it. */
  scene(): Promise<{ w: World; happen: () => Promise<unknown> }>;
}

const accountName = USER;
export const verify = (w: World, code: string | undefined) => w.twoFactor.verify(USER, code, { binding });

/** A scene that begins with somebody who is enrolled. */
function enrolledThen(
  happen: (w: Enrolled) => Promise<unknown>,
  options: Partial<TwoFactorOptions> = {},
  before: (w: Enrolled) => Promise<unknown> = async () => undefined,
): Scenario["scene"] {
  return async () => {
    const w = await enrolled(options);
    await before(w);
    return { w, happen: () => happen(w) };
  };
}

/** A scene that begins with a sign-in that waits for its code. */
function challengedThen(between: (w: Enrolled, challenge: string) => unknown): Scenario["scene"] {
  return async () => {
    const w = await enrolled();
    const challenge = await challengeOf(w);
    await between(w, challenge);
    return { w, happen: () => w.twoFactor.signIn.complete(challenge, wrongCode(w), { binding }) };
  };
}

/** A scene that begins with an enrollment that waits for its first code. */
function begunThen(between: (w: World) => unknown, lostId = false): Scenario["scene"] {
  return async () => {
    const w = world();
    const begun = must(await w.twoFactor.enrollment.begin(USER, { accountName, binding }));
    await between(w);
    const enrollmentId = lostId ? undefined : begun.enrollmentId;
    const asked = { enrollmentId, code: "123456", binding };
    return { w, happen: () => w.twoFactor.enrollment.confirm(USER, asked) };
  };
}

async function guess(w: Enrolled, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await verify(w, wrongCode(w, i));
}

async function losingWrites(): ReturnType<Scenario["scene"]> {
  let losing = false;
  const plan = ({ method }: StoreCall) => (losing && method === "compareAndSet" ? "conflict" : undefined);
  const w = await enrolled({ store: faultyStore(memoryStore(), { plan }) });
  losing = true;
  return { w, happen: () => verify(w, wrongCode(w)) };
}

async function crowded(): ReturnType<Scenario["scene"]> {
  let held: Promise<undefined> | undefined;
  const plan = ({ method }: StoreCall) => (method === "get" ? held : undefined);
  const w = await enrolled({ store: faultyStore(memoryStore(), { plan }) });
  const happen = async () => {
    let release = (): void => undefined;
    held = new Promise((resolve) => {
      release = () => resolve(undefined);
    });
    const crowd = Array.from({ length: 33 }, () => verify(w, w.firstCode));
    const refused = await verify(w, wrongCode(w));
    release();
    await Promise.all(crowd);
    return refused;
  };
  return { w, happen };
}

const regenerate = (w: Enrolled) =>
  w.twoFactor.backupCodes.regenerate(USER, { elevation: w.signIn.elevation, binding });

/** Somebody with a passkey beside the app, who has just shown it or a copy of it. */
async function showing(page: { origin?: string } = {}, copies = false): ReturnType<Scenario["scene"]> {
  const w = await enrolled(withPasskeys);
  const key = await registerPasskey(w);
  const calls = passkeysOf(w);
  const copy = key.clone();
  const shown = async (by: VirtualPasskey) =>
    by.get(must(await calls.options(USER, { binding })).options, page) as unknown as string;
  if (copies) must(await verify(w, await shown(key)));
  const response = await shown(copy);
  return { w, happen: () => verify(w, response) };
}

/** Somebody who has both, under a policy by which only passkeys count. */
async function ruled(happen: (w: Enrolled) => Promise<unknown>): ReturnType<Scenario["scene"]> {
  let requirement: Requirement = { required: false };
  const w = await enrolled({ ...withPasskeys, requirement: () => requirement });
  await registerPasskey(w);
  requirement = { required: true, methods: ["passkey"] };
  return { w, happen: () => happen(w) };
}

async function tenPasskeys(): ReturnType<Scenario["scene"]> {
  const w = await enrolled(withPasskeys);
  const calls = passkeysOf(w);
  let { elevation } = w.signIn;
  for (let i = 0; i < 10; i++) {
    const begun = must(await calls.begin(USER, { accountName: USER, elevation, binding }));
    const response = await virtualPasskey().create(begun.options);
    const asked = { enrollmentId: begun.enrollmentId, response, binding };
    const confirmed = must(await calls.confirm(USER, asked));
    if (confirmed.state === "active") elevation = confirmed.signIn.elevation;
  }
  return { w, happen: () => calls.begin(USER, { accountName: USER, elevation, binding }) };
}

const added = { accountName: USER, add: true, binding };

export const SCENARIOS: Record<Detail, Scenario> = {
  malformed_code: { reason: "invalid_code", scene: enrolledThen((w) => verify(w, "12345")) },
  malformed_passkey: {
    reason: "invalid_passkey",
    scene: enrolledThen((w) => verify(w, "{}"), withPasskeys),
  },
  wrong_passkey: {
    reason: "invalid_passkey",
    charged: true,
    attemptsLeft: 4,
    scene: () => showing({ origin: "https://evil.test" }),
  },
  passkey_cloned: {
    reason: "invalid_passkey",
    charged: true,
    attemptsLeft: 4,
    scene: () => showing({}, true),
  },
  passkey_required: { reason: "passkey_required", scene: () => ruled((w) => verify(w, w.phone.code())) },
  required_by_policy: {
    reason: "refused",
    scene: () => ruled((w) => w.twoFactor.disable(USER, { code: wrongCode(w), binding })),
  },
  passkey_not_found: {
    reason: "not_found",
    scene: enrolledThen(async (w) => w.twoFactor.passkeys?.options(USER, { binding }), withPasskeys),
  },
  too_many_passkeys: { reason: "too_many", scene: tenPasskeys },
  code_not_text: {
    reason: "code_not_text",
    scene: enrolledThen((w) => verify(w, 123_456 as unknown as string)),
  },
  app_code_required: {
    reason: "app_code_required",
    scene: enrolledThen((w) => w.twoFactor.disable(USER, { code: w.codes[0], binding })),
  },
  factor_removed: {
    reason: "refused",
    scene: enrolledThen(
      (w) => w.admin.importEnrollment(USER, { actor: "job", reason: "moved", secret: SECRET }),
      {},
      async (w) => must(await w.admin.reset(USER, { actor: "support:7", reason: "lost phone" })),
    ),
  },
  factor_changed: {
    reason: "expired",
    scene: enrolledThen((w) =>
      w.admin.reset(USER, { actor: "support:7", reason: "lost phone", enrolledAt: w.clock() }),
    ),
  },
  wrong_code: {
    reason: "invalid_code",
    charged: true,
    attemptsLeft: 4,
    scene: enrolledThen((w) => verify(w, wrongCode(w))),
  },
  app_code_reused: { reason: "already_used", scene: enrolledThen((w) => verify(w, w.firstCode)) },
  backup_code_reused: {
    reason: "invalid_code",
    charged: true,
    attemptsLeft: 4,
    scene: enrolledThen(
      (w) => verify(w, w.codes[0]),
      {},
      async (w) => must(await verify(w, w.codes[0])),
    ),
  },
  not_enrolled: {
    reason: "invalid_code",
    async scene() {
      const { w } = await begunThen(() => undefined)();
      return { w, happen: () => verify(w, "123456") };
    },
  },
  locked: {
    reason: "locked",
    retryAt: true,
    scene: enrolledThen(
      (w) => verify(w, w.phone.code()),
      {},
      (w) => guess(w, 5),
    ),
  },
  exhausted: {
    reason: "locked",
    scene: enrolledThen(
      (w) => verify(w, w.phone.code()),
      { throttle: { free: 0, hardStop: 1 } },
      (w) => guess(w, 1),
    ),
  },
  wrong_password: {
    reason: "invalid_password",
    charged: true,
    attemptsLeft: 4,
    scene: enrolledThen(
      (w) => w.twoFactor.reauthenticate(USER, { password: "guess", binding }),
      withPassword,
    ),
  },
  reauthentication_required: {
    reason: "reauthenticate",
    scene: enrolledThen((w) => w.twoFactor.disable(USER, { binding })),
  },
  elevation_invalid: {
    reason: "reauthenticate",
    scene: enrolledThen((w) => w.twoFactor.disable(USER, { elevation: "junk", binding })),
  },
  elevation_expired: {
    reason: "reauthenticate",
    scene: enrolledThen(
      (w) => w.twoFactor.disable(USER, { elevation: w.signIn.elevation, binding }),
      {},
      async (w) => w.clock.advance(600),
    ),
  },
  elevation_used: {
    reason: "reauthenticate",
    scene: enrolledThen(
      (w) => w.twoFactor.disable(USER, { elevation: w.signIn.elevation, binding }),
      {
        reauthentication: {
          regenerate: { level: "code", once: true },
          disable: { level: "code", once: true },
        },
      },
      async (w) => must(await regenerate(w)),
    ),
  },
  enrollment_required: {
    reason: "enroll",
    async scene() {
      const made = createTestTwoFactor({ reauthentication: { payout: "app" } });
      const w = { ...made, phone: virtualAuthenticator({ clock: made.clock }) };
      must(await w.twoFactor.enrollment.begin(USER, { accountName, binding }));
      return { w, happen: () => made.twoFactor.allow(USER, "payout", { binding, code: "123456" }) };
    },
  },
  challenge_invalid: {
    reason: "expired",
    scene: enrolledThen((w) => w.twoFactor.signIn.complete(undefined, wrongCode(w), { binding })),
  },
  challenge_expired: { reason: "expired", scene: challengedThen((w) => w.clock.advance(600)) },
  challenge_used: {
    reason: "expired",
    scene: challengedThen(async (w, challenge) => {
      must(await w.twoFactor.signIn.complete(challenge, w.phone.code(), { binding }));
      w.clock.advance(60);
    }),
  },
  enrollment_not_found: { reason: "expired", scene: begunThen(() => undefined, true) },
  enrollment_expired: { reason: "expired", scene: begunThen((w) => w.clock.advance(600)) },
  enrollment_superseded: {
    reason: "expired",
    scene: begunThen((w) => w.twoFactor.enrollment.begin(USER, { accountName, binding: "another session" })),
  },
  batch_not_found: {
    reason: "expired",
    scene: enrolledThen((w) => w.twoFactor.backupCodes.acknowledge(USER, { batchId: undefined })),
  },
  already_enrolled: {
    reason: "already_enrolled",
    scene: enrolledThen(
      (w) => w.twoFactor.enrollment.begin(USER, { accountName, password: PASSWORD, binding }),
      withPassword,
    ),
  },
  device_not_found: {
    reason: "not_found",
    scene: enrolledThen((w) => w.twoFactor.devices.revoke(USER, "nothing")),
  },
  authenticator_not_found: {
    reason: "not_found",
    scene: enrolledThen((w) => w.twoFactor.authenticators.rename(USER, { id: "nothing", label: "x" })),
  },
  too_many_authenticators: {
    reason: "too_many",
    scene: enrolledThen(
      (w) => w.twoFactor.enrollment.begin(USER, added),
      {},
      async (w) => {
        for (let i = 0; i < 4; i++) {
          const begun = must(await w.twoFactor.enrollment.begin(USER, { ...added, code: nextCode(w) }));
          const { enrollmentId } = begun;
          const code = codeFrom(begun.keyUri, w.clock);
          must(await w.twoFactor.enrollment.confirm(USER, { enrollmentId, code, binding }));
        }
      },
    ),
  },
  not_authorized: {
    reason: "refused",
    scene: enrolledThen((w) => w.twoFactor.disable(USER, { code: wrongCode(w), binding }), {
      authorize: (_user, operation) => operation !== "disable",
    }),
  },
  conflict: { reason: "busy", retryAt: true, scene: losingWrites },
  queue_full: { reason: "busy", retryAt: true, scene: crowded },
  too_many_batches: {
    reason: "busy",
    retryAt: true,
    scene: enrolledThen(regenerate, {}, async (w) => {
      for (let i = 0; i < 5; i++) must(await regenerate(w));
    }),
  },
};
