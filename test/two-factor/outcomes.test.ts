import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import type { Detail, Failure, Reason } from "../../src/errors.ts";
import { messages } from "../../src/page.ts";
import type { UserStore } from "../../src/store.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import {
  binding,
  challengeOf,
  type Enrolled,
  enrolled,
  must,
  PASSWORD,
  recordOf,
  USER,
  type World,
  withPassword,
  world,
  wrongBackupCode,
  wrongCode,
} from "./world.ts";

/** How a failure comes about, in a world of its own: `happen` is the call that fails. */
interface Scenario {
  reason: Reason;
  charged: boolean;
  retryAt?: "always";
  /** Which refusals tell how many attempts are left. */
  attemptsLeft?: number;
  world(): Promise<{ w: World; happen: () => Promise<unknown> }>;
}

const accountName = USER;
const verify = (w: World, code: string | undefined) => w.twoFactor.verify(USER, code, { binding });

async function guess(w: Enrolled, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await verify(w, wrongCode(w, i));
}

/** A store that a test can stop: calls wait, or writes lose every race. */
function stoppable(): UserStore & { stop?: "writes lose" | Promise<void> } {
  const inner = memoryStore();
  const store: ReturnType<typeof stoppable> = {
    async get(userId) {
      if (store.stop instanceof Promise) await store.stop;
      return inner.get(userId);
    },
    async compareAndSet(userId, expected, next) {
      return store.stop === "writes lose" ? false : inner.compareAndSet(userId, expected, next);
    },
  };
  return store;
}

async function begun(w: World, session = binding) {
  return must(await w.twoFactor.enrollment.begin(USER, { accountName, binding: session }));
}

/** Each detail of the design's table, with the columns of the table. */
const SCENARIOS: Record<Detail, Scenario> = {
  malformed_code: {
    reason: "invalid_code",
    charged: false,
    async world() {
      const w = await enrolled();
      return { w, happen: () => verify(w, "12345") };
    },
  },
  wrong_code: {
    reason: "invalid_code",
    charged: true,
    attemptsLeft: 4,
    async world() {
      const w = await enrolled();
      return { w, happen: () => verify(w, wrongCode(w)) };
    },
  },
  app_code_reused: {
    reason: "already_used",
    charged: false,
    async world() {
      const w = await enrolled();
      return { w, happen: () => verify(w, w.firstCode) };
    },
  },
  backup_code_reused: {
    reason: "invalid_code",
    charged: true,
    attemptsLeft: 4,
    async world() {
      const w = await enrolled();
      must(await verify(w, w.codes[0]));
      return { w, happen: () => verify(w, w.codes[0]) };
    },
  },
  not_enrolled: {
    reason: "invalid_code",
    charged: false,
    async world() {
      const w = world();
      await begun(w);
      return { w, happen: () => verify(w, "123456") };
    },
  },
  locked: {
    reason: "locked",
    charged: false,
    retryAt: "always",
    async world() {
      const w = await enrolled();
      await guess(w, 5);
      return { w, happen: () => verify(w, w.phone.code()) };
    },
  },
  exhausted: {
    reason: "locked",
    charged: false,
    async world() {
      const w = await enrolled({ throttle: { free: 0, hardStop: 1 } });
      await guess(w, 1);
      return { w, happen: () => verify(w, w.phone.code()) };
    },
  },
  wrong_password: {
    reason: "invalid_password",
    charged: true,
    attemptsLeft: 4,
    async world() {
      const w = await enrolled(withPassword);
      return { w, happen: () => w.twoFactor.reauthenticate(USER, { password: "guess", binding }) };
    },
  },
  reauthentication_required: {
    reason: "reauthenticate",
    charged: false,
    async world() {
      const w = await enrolled();
      return { w, happen: () => w.twoFactor.disable(USER, { binding }) };
    },
  },
  elevation_invalid: {
    reason: "reauthenticate",
    charged: false,
    async world() {
      const w = await enrolled();
      return { w, happen: () => w.twoFactor.disable(USER, { elevation: "junk", binding }) };
    },
  },
  elevation_expired: {
    reason: "reauthenticate",
    charged: false,
    async world() {
      const w = await enrolled();
      w.clock.advance(600);
      return { w, happen: () => w.twoFactor.disable(USER, { elevation: w.signIn.elevation, binding }) };
    },
  },
  challenge_invalid: {
    reason: "expired",
    charged: false,
    async world() {
      const w = await enrolled();
      return { w, happen: () => w.twoFactor.signIn.complete(undefined, wrongCode(w), { binding }) };
    },
  },
  challenge_expired: {
    reason: "expired",
    charged: false,
    async world() {
      const w = await enrolled();
      const challenge = await challengeOf(w);
      w.clock.advance(600);
      return { w, happen: () => w.twoFactor.signIn.complete(challenge, wrongCode(w), { binding }) };
    },
  },
  challenge_used: {
    reason: "expired",
    charged: false,
    async world() {
      const w = await enrolled();
      const challenge = await challengeOf(w);
      must(await w.twoFactor.signIn.complete(challenge, w.phone.code(), { binding }));
      return { w, happen: () => w.twoFactor.signIn.complete(challenge, wrongCode(w), { binding }) };
    },
  },
  enrollment_not_found: {
    reason: "expired",
    charged: false,
    async world() {
      const w = world();
      await begun(w);
      const confirm = { enrollmentId: undefined, code: "123456", binding };
      return { w, happen: () => w.twoFactor.enrollment.confirm(USER, confirm) };
    },
  },
  enrollment_expired: {
    reason: "expired",
    charged: false,
    async world() {
      const w = world();
      const { enrollmentId } = await begun(w);
      w.clock.advance(600);
      const confirm = { enrollmentId, code: "123456", binding };
      return { w, happen: () => w.twoFactor.enrollment.confirm(USER, confirm) };
    },
  },
  enrollment_superseded: {
    reason: "expired",
    charged: false,
    async world() {
      const w = world();
      const { enrollmentId } = await begun(w);
      await begun(w, "another session");
      const confirm = { enrollmentId, code: "123456", binding };
      return { w, happen: () => w.twoFactor.enrollment.confirm(USER, confirm) };
    },
  },
  batch_not_found: {
    reason: "expired",
    charged: false,
    async world() {
      const w = await enrolled();
      return { w, happen: () => w.twoFactor.backupCodes.acknowledge(USER, { batchId: undefined }) };
    },
  },
  already_enrolled: {
    reason: "already_enrolled",
    charged: false,
    async world() {
      const w = await enrolled(withPassword);
      const options = { accountName, password: PASSWORD, binding };
      return { w, happen: () => w.twoFactor.enrollment.begin(USER, options) };
    },
  },
  device_not_found: {
    reason: "not_found",
    charged: false,
    async world() {
      const w = await enrolled();
      return { w, happen: () => w.twoFactor.trustedDevices.revoke(USER, "nothing") };
    },
  },
  not_authorized: {
    reason: "refused",
    charged: false,
    async world() {
      const w = await enrolled({ authorize: (_user, operation) => operation !== "disable" });
      return { w, happen: () => w.twoFactor.disable(USER, { code: wrongCode(w), binding }) };
    },
  },
  conflict: {
    reason: "busy",
    charged: false,
    retryAt: "always",
    async world() {
      const store = stoppable();
      const w = await enrolled({ store });
      store.stop = "writes lose";
      return { w, happen: () => verify(w, wrongCode(w)) };
    },
  },
  queue_full: {
    reason: "busy",
    charged: false,
    retryAt: "always",
    async world() {
      const store = stoppable();
      const w = await enrolled({ store });
      const happen = async () => {
        let release = (): void => undefined;
        store.stop = new Promise((resolve) => {
          release = resolve;
        });
        const crowd = Array.from({ length: 33 }, () => verify(w, w.firstCode));
        const refused = await verify(w, wrongCode(w));
        release();
        await Promise.all(crowd);
        return refused;
      };
      return { w, happen };
    },
  },
  too_many_batches: {
    reason: "busy",
    charged: false,
    retryAt: "always",
    async world() {
      const w = await enrolled();
      const regenerate = (code?: string) =>
        w.twoFactor.backupCodes.regenerate(USER, { code, elevation: w.signIn.elevation, binding });
      for (let i = 0; i < 5; i++) must(await regenerate());
      return { w, happen: () => regenerate() };
    },
  },
};

/** All failures in all rows, the known devices' included. */
async function charges(w: World): Promise<number> {
  const { app, backup, password, enrollment, devices } = await recordOf(w);
  return [app, backup, password, enrollment, ...devices].reduce((sum, { failures }) => sum + failures, 0);
}

for (const [detail, scenario] of Object.entries(SCENARIOS)) {
  test(`${detail} is shown as ${scenario.reason} and is ${scenario.charged ? "" : "not "}charged`, async () => {
    const { w, happen } = await scenario.world();
    const before = await charges(w);
    const row = await w.store.get(USER);
    const failure = (await happen()) as Failure;
    assert.equal(failure.ok, false);
    assert.equal(failure.detail, detail);
    assert.equal(failure.reason, scenario.reason);
    assert.equal((await charges(w)) - before, scenario.charged ? 1 : 0);
    if (!scenario.charged) assert.deepEqual(await w.store.get(USER), row, "and nothing was written");
    assert.equal(failure.attemptsLeft, scenario.attemptsLeft);
    if (scenario.retryAt) assert.ok((failure.retryAt ?? 0) > w.clock());
    else assert.equal(failure.retryAt, undefined);
  });

  test(`${detail} leaves the exact cause out of whatever is printed or sent`, async () => {
    const { happen } = await scenario.world();
    const failure = (await happen()) as Failure;
    assert.ok(!Object.keys(failure).includes("detail"));
    assert.ok(!("detail" in { ...failure }));
    assert.ok(!("detail" in JSON.parse(JSON.stringify(failure))));
    assert.ok(!inspect(failure).includes("detail"));
    assert.ok(Object.isFrozen(failure));
    assert.ok(messages[failure.reason].length > 0);
  });
}

test("between them they produce every reason there is", () => {
  const produced = new Set(Object.values(SCENARIOS).map(({ reason }) => reason));
  assert.deepEqual([...produced].sort(), Object.keys(messages).sort());
});

test("a wrong code says how many attempts are left, and the last one when to come back", async () => {
  const w = await enrolled();
  const told = [];
  for (let i = 0; i < 5; i++) {
    const failure = await verify(w, wrongCode(w, i));
    assert.ok(!failure.ok);
    told.push([failure.attemptsLeft, failure.retryAt]);
  }
  assert.deepEqual(told, [
    [4, undefined],
    [3, undefined],
    [2, undefined],
    [1, undefined],
    [0, w.clock() + 30_000],
  ]);
  const backup = await verify(w, wrongBackupCode(w));
  assert.ok(!backup.ok && backup.attemptsLeft === 4, "the other kind has attempts of its own");
});
