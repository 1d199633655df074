/** Every call of the service, made on it and on the model at once; the answers must agree. */

import assert from "node:assert/strict";
import type { SignedIn } from "../../src/two-factor/types.ts";
import * as m from "./model.ts";
import * as life from "./model-lifecycle.ts";
import { type ModelAnswer, recall, remember } from "./model-repeat.ts";
import { answerOf, batchOf, type Context, codeOf, type Kind, proofOf, type Run, succeed } from "./world.ts";

export const begin =
  (kind: Kind | null): Run =>
  async (context) => {
    const { twoFactor, user, binding, model, page, now } = context;
    const { proof, judge } = proofOf(context, kind, "replace");
    const expected = model.active ? judge() : "ok";
    const result = await twoFactor.enrollment.begin(user, { accountName: user, replace: true, ...proof });
    assert.equal(answerOf(result), expected);
    if (!result.ok) return;
    const again = life.shownAgain(model, binding, now);
    if (again) assert.deepEqual([result.enrollmentId, result.secret], [again.id, again.secret]);
    else life.begin(model, binding, { id: result.enrollmentId, secret: result.secret }, now);
    assert.equal(result.expiresAt, model.pending?.expiresAt);
    page.enrollmentId = result.enrollmentId;
  };

export const confirm =
  (kind: Kind): Run =>
  async (context) => {
    const { twoFactor, user, binding, model, page, world, now } = context;
    const code = codeOf(context, kind, model.pending?.secret);
    const id = page.enrollmentId ?? "none";
    const told = recall(model, id, code, now);
    const expected = told ? "ok" : life.confirm(model, binding, id, code, now, world.acknowledge);
    const result = await twoFactor.enrollment.confirm(user, {
      enrollmentId: page.enrollmentId ?? "none",
      code,
      binding,
    });
    assert.equal(answerOf(result), expected);
    if (!result.ok) return;
    assert.ok(result.backupCodes);
    if (told) {
      assert.deepEqual(result.backupCodes.codes, told.batch?.codes);
      if (result.state === "active") assertToldAgain(context, result.signIn, told);
      return;
    }
    page.batchId = result.backupCodes.batchId;
    world.lastCode[user] = code;
    page.confirmedBy = code;
    assert.equal(result.state, world.acknowledge ? "awaiting_acknowledgement" : "active");
    if (result.state === "active") {
      life.activate(model, batchOf(result.backupCodes), now);
      succeed(context, result.signIn, code, undefined, false);
    } else if (model.pending) model.pending.batch = batchOf(result.backupCodes);
    const token = result.state === "active" ? (result.signIn.device?.token ?? null) : null;
    remember(model, { of: id, code, at: now, batch: batchOf(result.backupCodes), token });
  };

export const acknowledge: Run = async (context) => {
  const { twoFactor, user, binding, model, page, now } = context;
  const batchId = page.batchId ?? "none";
  const told = recall(model, batchId, null, now);
  const expected = told || life.acknowledgeable(model, binding, batchId, now) ? "ok" : "batch_not_found";
  const result = await twoFactor.enrollment.acknowledge(user, { batchId, binding });
  assert.equal(answerOf(result), expected);
  if (!result.ok) return;
  if (told) return assertToldAgain(context, result.signIn, told);
  life.activate(model, model.pending?.batch ?? null, now);
  succeed(context, result.signIn, page.confirmedBy ?? "", undefined, false);
  const token = result.signIn.device?.token ?? null;
  remember(model, { of: batchId, code: null, at: now, batch: null, token });
};

/** The same success once more: the same token as long as its device is known, and nothing is booked. */
function assertToldAgain({ model, now }: Context, success: SignedIn, { token }: ModelAnswer): void {
  assert.equal(success.device?.token ?? null, token && m.liveDevice(model, token, now) ? token : null);
}

export const signIn: Run = async ({ twoFactor, user, binding, model, page, now }) => {
  const step = await twoFactor.signIn.begin(user, { binding, deviceToken: page.device });
  const device = m.liveDevice(model, page.device, now);
  if (!model.active || (device && device.trustedUntil > now)) {
    assert.equal(step.step, "done");
    assert.equal(step.step === "done" && step.reason, model.active ? "trusted_device" : "no_factor");
    assert.equal(step.step === "done" && step.assurance.aal, 1);
    if (device && now - device.lastUsed >= 86_400_000) device.lastUsed = now;
    return;
  }
  assert.ok(step.step === "code", "whoever is enrolled is challenged");
  const expiresAt = now + m.LIFETIME_MS;
  page.challenge = {
    text: step.challenge,
    epoch: model.epoch,
    expiresAt,
    used: false,
    device: device?.token,
    charged: [],
  };
};

export const complete =
  (kind: Kind, trust: boolean): Run =>
  async (context) => {
    const { twoFactor, binding, model, page, now } = context;
    const { challenge } = page;
    const code = codeOf(context, kind);
    let told: ModelAnswer | null = null;
    const judge = (): m.Answer => {
      if (!challenge) return "challenge_invalid";
      if (challenge.expiresAt <= now) return "challenge_expired";
      told = recall(model, challenge, code, now);
      if (told) return "ok";
      if (challenge.epoch !== model.epoch) return "challenge_invalid";
      if (challenge.used) return "challenge_used";
      return m.attempt(model, code, challenge.device, now, { challenge });
    };
    const expected = judge();
    const result = await twoFactor.signIn.complete(challenge?.text, code, { binding, trustDevice: trust });
    assert.equal(answerOf(result), expected);
    if (!result.ok || !challenge) return;
    if (told) return assertToldAgain(context, result, told);
    challenge.used = true;
    succeed(context, result, code, challenge.device, trust);
    const token = result.device?.token ?? null;
    remember(model, { of: challenge, code, at: now, batch: null, token });
  };

export const verify =
  (kind: Kind, trust: boolean): Run =>
  async (context) => {
    const { twoFactor, user, binding, model, page, now } = context;
    const code = codeOf(context, kind);
    const expected = m.attempt(model, code, page.device, now);
    const result = await twoFactor.verify(user, code, {
      binding,
      deviceToken: page.device,
      trustDevice: trust,
    });
    assert.equal(answerOf(result), expected);
    if (result.ok) succeed(context, result, code, page.device, trust);
  };

export const regenerate =
  (kind: Kind | null): Run =>
  async (context) => {
    const { twoFactor, user, binding, model, page, world, now } = context;
    const of = life.regenerable(model, binding, now);
    const { proof, judge } = proofOf(context, kind, "regenerate");
    const target = of === "pending" || of === "active";
    const expected = !target ? of : model.active ? judge() : "ok";
    const result = await twoFactor.backupCodes.regenerate(user, proof);
    assert.equal(answerOf(result), expected);
    if (!result.ok) return;
    life.regenerate(model, of, batchOf(result), now, world.acknowledge);
    page.batchId = result.batchId;
  };

export const saved: Run = async ({ twoFactor, user, model, page }) => {
  const batchId = page.batchId ?? "none";
  const newest = model.nextBatch ?? model.batch; // sent twice, it is told twice
  const expected = newest?.batchId === batchId ? "ok" : "batch_not_found";
  assert.equal(answerOf(await twoFactor.backupCodes.acknowledge(user, { batchId })), expected);
  if (expected === "ok" && model.nextBatch) life.install(model, model.nextBatch);
};

export const disable =
  (kind: Kind | null): Run =>
  async (context) => {
    const { twoFactor, user, model } = context;
    const { proof, judge } = proofOf(context, kind, "disable");
    const expected = model.active ? judge() : "not_enrolled";
    assert.equal(answerOf(await twoFactor.disable(user, proof)), expected);
    if (expected === "ok") life.remove(model);
  };

export const revoke: Run = async ({ twoFactor, user, model, now }) => {
  const [listed] = await twoFactor.devices.list(user);
  const live = model.devices.filter((device) => device.knownUntil > now);
  assert.equal(listed === undefined, live.length === 0);
  const result = await twoFactor.devices.revoke(user, listed?.id ?? "none");
  assert.equal(answerOf(result), listed ? "ok" : "device_not_found");
  if (listed) model.devices = model.devices.filter((device) => device !== live[0]);
};

export const plain: Record<string, Run> = {
  "enrollment canceled": async ({ twoFactor, user, model }) => {
    assert.ok((await twoFactor.enrollment.cancel(user, { binding: null })).ok);
    model.pending = null;
  },
  "all devices revoked": async ({ twoFactor, user, model }) => {
    assert.ok((await twoFactor.devices.revokeAll(user)).ok);
    model.devices = [];
  },
  "credential changed": async ({ twoFactor, user, model }) => {
    await twoFactor.credentialChanged(user, "password");
    life.credentialChanged(model);
  },
  rewrapped: async ({ twoFactor, user }) => assert.equal(await twoFactor.rewrap(user), false),
  ...{
    "codes saved": acknowledge,
    "new codes saved": saved,
    "device revoked": revoke,
    "sign-in begun": signIn,
  },
};
