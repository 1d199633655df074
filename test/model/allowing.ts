/** Step-up on the service and on the model at once: a proof is given, and an operation of the host asks for it. */

import assert from "node:assert/strict";
import { type Answer, LIFETIME_MS } from "./model.ts";
import { type About, judge, OWN, type Own, TABLE } from "./model-proof.ts";
import { answerOf, attempt, type Context, codeOf, type Kind, type Run } from "./world.ts";

/** Seconds since the host's first factor succeeded, as the host says it; null: it says nothing. */
export type FirstFactorAge = number | null;

const said = (age: FirstFactorAge, now: number) =>
  age === null ? undefined : { amr: ["pwd"], authenticatedAt: now - age * 1_000 };

const isOwn = (operation: string | undefined): operation is Own =>
  operation !== undefined && operation in OWN;

/** Asks again, for one operation and one transaction, or for whatever comes. */
export const reauthenticate =
  (kind: Kind | null, age: FirstFactorAge, about: About | null): Run =>
  async (context) => {
    const { twoFactor, user, binding, model, page, world, now } = context;
    const code = kind === null ? undefined : codeOf(context, kind);
    const row = about && TABLE[about.operation];
    const firstFactor = said(age, now);
    const lifetime = row?.maxAgeMs ?? LIFETIME_MS;
    const shown = firstFactor && age !== null && age * 1_000 < lifetime ? firstFactor.authenticatedAt : null;
    const expect = (): Answer => {
      if (isOwn(about?.operation) && !model.active) return "enrollment_required";
      if (code === undefined) return shown === null ? "reauthentication_required" : "ok";
      return attempt(context, code, row?.code === "app");
    };
    const expected = expect();
    const scope = about ? { for: about.operation, transaction: about.transaction } : {};
    const result = await twoFactor.reauthenticate(user, { binding, code, firstFactor, ...scope });
    assert.equal(answerOf(result), expected);
    if (!result.ok) return;
    const proven =
      code === undefined ? null : ({ by: code.length === 6 ? "app" : "backup", at: now } as const);
    assert.equal(result.expiresAt, (proven?.at ?? shown ?? 0) + lifetime);
    page.elevation = {
      ...{ text: result.elevation, user, binding, epoch: model.epoch, code: proven, firstFactor: shown },
      ...{ madeFor: about, spent: false },
    };
    world.elevations.push(page.elevation);
  };

export interface Ask {
  /** Null: the one that the elevation was made for. */
  operation: Own | null;
  /** Null: the one that the elevation was made for. */
  transaction: string | null;
  /** Which elevation is shown: that of the page, none, or one of anybody's, by its place from the newest. */
  shows: "own" | "none" | number;
  kind: Kind | null;
  age: FirstFactorAge;
}

function asked({ page, world, user, binding, model, now }: Context, ask: Ask) {
  const { shows } = ask;
  const newest = typeof shows === "number" ? world.elevations.at(-1 - shows) : undefined;
  const elevation = shows === "own" ? page.elevation : newest;
  const { operation: made, transaction: confirmed } = elevation?.madeFor ?? {};
  const operation = ask.operation ?? (isOwn(made) ? made : "payout");
  const transaction = ask.transaction === null ? confirmed : ask.transaction || undefined;
  const firstFactor = said(ask.age, now);
  const about = {
    user,
    binding,
    operation,
    transaction,
    firstFactor: firstFactor?.authenticatedAt ?? null,
    now,
  };
  const proof = { binding, elevation: elevation?.text, firstFactor, transaction };
  return { operation, elevation, proof, held: judge(model, elevation, about), ...TABLE[operation] };
}

/** Asks whether an operation of the host may go ahead. */
export const allow =
  (ask: Ask): Run =>
  async (context) => {
    const { operation, elevation, proof, held, code: wanted, once } = asked(context, ask);
    const code = ask.kind === null ? undefined : codeOf(context, ask.kind);
    const expect = (): Answer => {
      if (!context.model.active) return "enrollment_required";
      if (held.lacksFirstFactor || (held.lacksCode && code === undefined)) return held.refusal;
      return held.lacksCode ? attempt(context, code ?? "", wanted === "app") : "ok";
    };
    const expected = expect();
    const result = await context.twoFactor.allow(context.user, operation, { ...proof, code });
    assert.equal(answerOf(result), expected);
    if (!result.ok) return;
    assert.equal(result.assurance.aal, held.firstFactor === null ? 1 : 2);
    if (once && held.counts && elevation) elevation.spent = true;
  };

/** Fifty calls at once, on both instances, with the same elevation and no code: what serves once allows one of them. */
export const allowCrowd =
  (ask: Ask): Run =>
  async (context) => {
    const { operation, elevation, proof, held, once } = asked(context, ask);
    const { instances, model, user } = context;
    const refusal = model.active ? held.refusal : "enrollment_required";
    const isEnough = model.active && !held.lacksCode && !held.lacksFirstFactor;
    const calls = Array.from({ length: 50 }, (_, i) => instances[i % 2]?.allow(user, operation, proof));
    const answers = (await Promise.all(calls)).map((result) => result && answerOf(result));
    const wanted = isEnough
      ? ["ok", ...(once ? ["elevation_used", "conflict", "queue_full"] : [])]
      : [refusal];
    assert.deepEqual(
      answers.filter((answer) => !wanted.includes(answer ?? "")),
      [],
    );
    if (!isEnough || !once) return;
    assert.equal(answers.filter((answer) => answer === "ok").length, 1);
    if (elevation) elevation.spent = true;
  };
