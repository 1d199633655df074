import assert from "node:assert/strict";
import { test } from "node:test";
import type { Failure } from "../../../src/errors.ts";
import type { Operation } from "../../../src/two-factor/options.ts";
import { binding, type Enrolled, enrolled, must, outcome, recordOf, USER } from "../../support/world.ts";

const accountName = USER;
const proofOf = (w: Enrolled) => ({ elevation: w.signIn.elevation, binding });

interface Asked {
  operation: Operation;
  before?(w: Enrolled): Promise<object>;
  run(w: Enrolled, before: object): Promise<{ ok: true } | Failure>;
}

const begin = async (w: Enrolled) =>
  must(await w.twoFactor.enrollment.begin(USER, { accountName, replace: true, ...proofOf(w) }));

/** Confirms the replacement, whose codes then wait for "I have saved them". */
async function confirmed(w: Enrolled): Promise<object> {
  const { enrollmentId, keyUri } = await begin(w);
  w.phone.scan(keyUri);
  const code = w.phone.code();
  const result = must(await w.twoFactor.enrollment.confirm(USER, { enrollmentId, code, binding }));
  return { batchId: result.backupCodes?.batchId };
}

const ASKED: Readonly<Record<string, Asked>> = {
  "regenerating backup codes": {
    operation: "regenerate",
    run: (w) => w.twoFactor.backupCodes.regenerate(USER, proofOf(w)),
  },
  "turning the second factor off": {
    operation: "disable",
    run: (w) => w.twoFactor.disable(USER, proofOf(w)),
  },
  "beginning a replacement": {
    operation: "replace",
    run: (w) => w.twoFactor.enrollment.begin(USER, { accountName, replace: true, ...proofOf(w) }),
  },
  "confirming a replacement": {
    operation: "replace",
    before: begin,
    run: (w, begun) => {
      const { enrollmentId, keyUri } = begun as Awaited<ReturnType<typeof begin>>;
      w.phone.scan(keyUri);
      return w.twoFactor.enrollment.confirm(USER, { enrollmentId, code: w.phone.code(), binding });
    },
  },
  "saying that the codes of a replacement are saved": {
    operation: "replace",
    before: confirmed,
    run: (w, batch) =>
      w.twoFactor.enrollment.acknowledge(USER, { ...(batch as { batchId: string }), binding }),
  },
};

for (const [name, { operation, before, run }] of Object.entries(ASKED)) {
  test(`V21 V46 ${name} is asked for as "${operation}", and a refusal changes nothing`, async () => {
    let allowed = true;
    const w = await enrolled({
      backupCodes: { acknowledge: true },
      authorize: (_userId, asked) => asked !== operation || allowed,
    });
    const begun = before ? await before(w) : {};
    const [held, heard] = [await recordOf(w), w.events.length];
    allowed = false;
    assert.equal(outcome(await run(w, begun)), "not_authorized");
    assert.deepEqual(await recordOf(w), held);
    assert.equal(w.events.length, heard);
    allowed = true;
    must(await run(w, begun));
  });
}
