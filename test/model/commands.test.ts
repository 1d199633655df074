/**
 * Random histories of two users, compared with a naive model call by call. TWINLOCK_MODEL_RUNS says how many;
 * a failure prints the seed and the shortest history that it found.
 */

import { test } from "node:test";
import fc from "fast-check";
import { createAdmin } from "../../src/admin.ts";
import { createTestTwoFactor } from "../../src/testing/index.ts";
import { commands, enroll } from "./commands.ts";
import { DEVICES, LIMITS } from "./model.ts";
import { OWN, type Own } from "./model-proof.ts";
import type { Real, World } from "./world.ts";

const RUNS = Number(process.env["TWINLOCK_MODEL_RUNS"] ?? 60);
const LENGTH = 60;

async function setup(acknowledge: boolean): Promise<{ model: World; real: Real }> {
  const first = createTestTwoFactor<Own>({
    throttle: LIMITS,
    trustedDevices: DEVICES,
    backupCodes: { count: 3, acknowledge },
    reauthentication: { enroll: "none", replace: "code", disable: "app", regenerate: "code", ...OWN },
  });
  const second = createTestTwoFactor(first.options);
  const model: World = { users: new Map(), pages: new Map(), lastCode: {}, acknowledge, elevations: [] };
  const real: Real = {
    instances: [first.twoFactor, second.twoFactor],
    admin: createAdmin(first.options),
    clock: first.clock,
  };
  await enroll({ user: "ada", browser: "laptop", instance: 0 }).run(model, real);
  return { model, real };
}

for (const acknowledge of [false, true]) {
  const how = acknowledge ? "with acknowledgement" : "without acknowledgement";
  test(`R3 R6 the service answers every call as the model does, ${how}`, async (context) => {
    const histories = fc.commands(commands, { maxCommands: LENGTH, size: "max" });
    await fc.assert(
      fc.asyncProperty(histories, (history) => fc.asyncModelRun(() => setup(acknowledge), history)),
      { numRuns: RUNS },
    );
    context.diagnostic(`${RUNS} histories of up to ${LENGTH} commands`);
  });
}
