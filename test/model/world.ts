/** Two users, three browsers, two instances over one store: what a command sees, and what it leaves behind. */

import assert from "node:assert/strict";
import type fc from "fast-check";
import type { Admin } from "../../src/admin.ts";
import type { FakeClock } from "../../src/testing/index.ts";
import type { TwoFactor } from "../../src/two-factor/interface.ts";
import type { SignedIn } from "../../src/two-factor/types.ts";
import { codeFrom, uriOf } from "../support/phone.ts";
import * as m from "./model.ts";
import { livePending } from "./model-lifecycle.ts";
import { judge as judgeProof, type ModelElevation, type Operation, type Own, TABLE } from "./model-proof.ts";

/** What a browser remembers of a user: its cookie jar and the page that is open. */
interface Page {
  device?: string;
  enrollmentId?: string;
  batchId?: string;
  /** The code that confirmed the enrollment. */
  confirmedBy?: string;
  challenge?: m.ModelChallenge & { text: string; epoch: number; used: boolean; device: string | undefined };
  elevation?: ModelElevation;
}

export interface World {
  users: Map<string, m.ModelUser>;
  pages: Map<string, Page>;
  /** The last code that each user typed and that was right. */
  lastCode: Record<string, string>;
  acknowledge: boolean;
  /** Every elevation that was given, whoever has it. */
  elevations: ModelElevation[];
}

export interface Real {
  instances: readonly TwoFactor<Own>[];
  admin: Admin;
  clock: FakeClock;
}

export interface Who {
  user: string;
  browser: string;
  instance: number;
}

export type Kind =
  | "right"
  | "early"
  | "late"
  | "again"
  | "wrong"
  | "backup"
  | "used backup"
  | "wrong backup"
  | "junk";

export interface Context extends Who {
  twoFactor: TwoFactor<Own>;
  instances: readonly TwoFactor<Own>[];
  clock: FakeClock;
  model: m.ModelUser;
  page: Page;
  world: World;
  now: number;
  binding: string;
}

export type Run = (context: Context) => Promise<void>;
export type Command = fc.AsyncCommand<World, Real>;

export function userOf({ users }: World, name: string): m.ModelUser {
  const user = users.get(name) ?? m.newUser();
  users.set(name, user);
  return user;
}

/** A command; after each, the status of its user is compared with the model's. */
export function command(name: string, who: Who, run: Run): Command {
  return {
    check: () => true,
    toString: () => `${who.user}/${who.browser}@${who.instance}: ${name}`,
    async run(world, real) {
      const model = userOf(world, who.user);
      const page = world.pages.get(`${who.user} ${who.browser}`) ?? {};
      world.pages.set(`${who.user} ${who.browser}`, page);
      const { instances, clock } = real;
      const twoFactor = instances[who.instance] as TwoFactor<Own>;
      const now = clock();
      await run({ ...who, twoFactor, instances, clock, model, page, world, now, binding: who.browser });
      await compareStatus(twoFactor, who.user, model, real.clock());
    },
  };
}

export async function compareStatus(
  twoFactor: Pick<TwoFactor, "status">,
  user: string,
  model: m.ModelUser,
  now: number,
): Promise<void> {
  const { state, replacing, enrolledAt, backupCodes, devices, retryAt } = await twoFactor.status(user);
  const pending = livePending(model, now);
  const next = pending && (pending.verified === null ? "pending" : "awaiting_acknowledgement");
  assert.equal(state, model.active ? "active" : (next ?? "none"));
  assert.equal(replacing, model.active ? next : null);
  assert.equal(enrolledAt, model.active?.enrolledAt ?? null);
  assert.deepEqual(
    backupCodes && [backupCodes.total, backupCodes.used, backupCodes.active],
    model.batch && [
      model.batch.codes.length,
      model.batch.used.size,
      model.batch.codes.length - model.batch.used.size,
    ],
  );
  assert.equal(devices, model.devices.filter((device) => device.knownUntil > now).length);
  assert.equal(retryAt !== null, model.active !== null && m.isLocked(model, now));
}

export const answerOf = (result: { ok: boolean; detail?: string }): string =>
  result.ok ? "ok" : (result.detail ?? "");
export const batchOf = (batch: { batchId: string; codes: readonly string[] }): m.ModelBatch => ({
  ...batch,
  used: new Set(),
});

/** A code of a kind, for whatever secret and batch the user has now. */
export function codeOf(
  { model, world, user, now }: Context,
  kind: Kind,
  secret = model.active?.secret,
): string {
  const at = (steps: number) => (secret ? codeFrom(uriOf(secret), () => now, steps) : "123456");
  const near = [at(-1), at(0), at(1)];
  const wrong = ["000000", "111111", "222222", "333333"].find((code) => !near.includes(code)) ?? "";
  const codes = model.batch?.codes ?? [];
  const kinds: Record<Kind, () => string | undefined> = {
    right: () => at(0),
    early: () => at(1),
    late: () => at(-1),
    again: () => world.lastCode[user],
    wrong: () => wrong,
    backup: () => codes.find((code) => !model.batch?.used.has(code)),
    "used backup": () => codes.find((code) => model.batch?.used.has(code)),
    "wrong backup": () =>
      ["00000000", "11111111", "22222222", "33333333"].find((code) => !codes.includes(code)),
    junk: () => "12345",
  };
  return kinds[kind]() ?? "12345";
}

/** Books a success: the code is spent, the browser is known and holds an elevation. */
export function succeed(
  context: Context,
  success: SignedIn,
  code: string,
  had: string | undefined,
  trust: boolean,
): void {
  const { model, page, world, user, now } = context;
  world.lastCode[user] = code;
  const live = m.liveDevice(model, had, now);
  assert.equal(
    success.device === null,
    live !== undefined && !trust,
    "a token is handed out when there is need",
  );
  if (live && trust) assert.equal(success.device?.token, had);
  m.admit(model, had, success.device?.token ?? null, trust, now);
  if (success.device) page.device = success.device.token;
  const by = code.length === 6 ? "app" : "backup";
  page.elevation = {
    ...{ text: success.elevation, user, binding: context.binding, epoch: model.epoch, code: { by, at: now } },
    ...{ firstFactor: null, madeFor: null, spent: false },
  };
  world.elevations.push(page.elevation);
  assert.equal(success.backupCodesLeft, model.batch ? model.batch.codes.length - model.batch.used.size : 0);
  assert.equal(success.method, by);
}

/** An attempt with a code that is no sign-in; a right one is the last that was typed. */
export function attempt(context: Context, code: string, appOnly: boolean): m.Answer {
  const answer = m.attempt(context.model, code, undefined, context.now, { appOnly });
  if (answer === "ok") context.world.lastCode[context.user] = code;
  return answer;
}

/** The proof that a page can give, and whether the model finds it enough: "ok" or the detail. */
export function proofOf(context: Context, kind: Kind | null, operation: Operation) {
  const { page, model, user, binding, now } = context;
  const code = kind === null ? undefined : codeOf(context, kind);
  const proof = { binding, elevation: page.elevation?.text, code };
  const judge = (): m.Answer => {
    const about = { user, binding, operation, transaction: undefined, firstFactor: null, now };
    const held = judgeProof(model, page.elevation, about);
    if (!held.lacksCode) return "ok";
    return code === undefined ? held.refusal : attempt(context, code, TABLE[operation].code === "app");
  };
  return { proof, judge };
}
