/** What may happen, and how often: the arbitrary commands of a history. */

import assert from "node:assert/strict";
import fc from "fast-check";
import type { TwoFactor } from "../../src/two-factor/interface.ts";
import { type Ask, allow, allowCrowd, reauthenticate } from "./allowing.ts";
import {
  acknowledge,
  begin,
  complete,
  confirm,
  disable,
  plain,
  regenerate,
  signIn,
  verify,
} from "./compared-calls.ts";
import * as life from "./model-lifecycle.ts";
import { type About, OWN, type Own } from "./model-proof.ts";
import {
  answerOf,
  type Command,
  command,
  compareStatus,
  type Kind,
  type Run,
  userOf,
  type Who,
} from "./world.ts";

const by = { actor: "admin", reason: "asked" };
const administer = (who: Who, what: "reset" | "unlock"): Command => ({
  check: () => true,
  toString: () => `admin: ${what} ${who.user}`,
  async run(world, real) {
    const model = userOf(world, who.user);
    const expected = what === "unlock" || model.active ? "ok" : "not_enrolled";
    assert.equal(answerOf(await real.admin[what](who.user, by)), expected);
    if (what === "unlock") life.unlock(model);
    else if (model.active) life.remove(model);
    await compareStatus(real.instances[0] as TwoFactor<Own>, who.user, model, real.clock());
  },
});

const advance = (seconds: number): Command => ({
  check: () => true,
  toString: () => `${seconds} s pass`,
  run: async (_world, real) => real.clock.advance(seconds),
});

/** Signs up an authenticator in one go, as a person does who is not interrupted. */
export function enroll(who: Who): Command {
  return command("enrolls", who, async (context) => {
    await begin("right")(context);
    await confirm("right")(context);
    if (context.world.acknowledge) await acknowledge(context);
  });
}

/** Guesses again and again, at once or each time an hour and more later. */
const guess =
  (kind: Kind, times: number, patient: boolean): Run =>
  async (context) => {
    for (let i = 0; i < times; i++) {
      await verify(kind, false)({ ...context, now: context.clock() });
      if (patient) context.clock.advance(7_200);
    }
  };

const who = fc.record<Who>({
  user: fc.constantFrom("ada", "ada", "ada", "bob"),
  browser: fc.constantFrom("laptop", "laptop", "phone", "attacker's"),
  instance: fc.constantFrom(0, 1),
});
const wrongs = fc.constantFrom<Kind>("wrong", "wrong backup", "used backup");
const kinds = fc.constantFrom<Kind>(
  ...(["right", "right", "right", "early", "late", "again", "backup"] as const),
  ...(["used backup", "wrong", "wrong backup", "junk"] as const),
);
const maybe = fc.option(kinds, { nil: null, freq: 4 });
const trust = fc.boolean();
const times = fc.integer({ min: 2, max: 7 });
const pauses = fc.constantFrom(1, 30, 30, 30, 60, 90, 300, 700, 4_000, 90_000, 200_000);

const owns = fc.constantFrom<Own>("payout", ...(Object.keys(OWN) as Own[]));
const abouts = fc.record<About>({
  operation: fc.oneof(owns, owns, fc.constantFrom("replace", "disable")),
  transaction: fc.constantFrom(undefined, "EUR 90 to Ada", "EUR 90 to Eve"),
});
const ages = fc.constantFrom(null, null, 0, 100, 290, 310);
const own = fc.constant(null); // what the elevation was made for
const asks = fc.record<Ask>({
  operation: fc.oneof(own, own, owns),
  transaction: fc.oneof(own, own, fc.constantFrom("", "EUR 90 to Ada", "EUR 90 to Eve")),
  shows: fc.constantFrom<Ask["shows"]>("own", "own", "own", "own", "none", 0, 1, 2),
  kind: fc.option(kinds, { nil: null, freq: 1 }),
  age: ages,
});
const later = fc.array(fc.tuple(fc.constantFrom(0, 0, 0, 119, 120, 299), asks), {
  minLength: 1,
  maxLength: 3,
});
const said = (what: unknown) => JSON.stringify(what);
const proves = fc
  .tuple(who, maybe, ages, fc.option(abouts, { nil: null, freq: 4 }))
  .map(([w, kind, age, about]) =>
    command(`proves ${kind}, ${age}, for ${said(about)}`, w, reauthenticate(kind, age, about)),
  );
const asksOnce = fc.tuple(who, asks).map(([w, ask]) => command(`asks with ${said(ask)}`, w, allow(ask)));
const asksFiftyTimes = fc
  .tuple(who, asks)
  .map(([w, ask]) => command(`asks fifty times with ${said(ask)}`, w, allowCrowd(ask)));

/** Confirms a transaction a step later, and asks at once, or after a while, or with another one. */
const stepUp = fc
  .tuple(who, fc.constantFrom<Kind>("right", "right", "early", "backup"), ages, abouts, later)
  .map(([w, kind, age, about, asked]) =>
    command(`confirms ${said(about)} with ${kind}, ${age}, then ${said(asked)}`, w, async (context) => {
      context.clock.advance(30);
      await reauthenticate(kind, age, about)({ ...context, now: context.clock() });
      for (const [pause, ask] of asked) {
        context.clock.advance(pause);
        await allow(ask)({ ...context, now: context.clock() });
      }
    }),
  );

/** Sends the form of a sign-in again and again: the same code, mostly, at once or near the end of the minute. */
const sentAgain = fc.array(
  fc.tuple(
    fc.constantFrom(0, 0, 29, 31, 59, 60),
    fc.constantFrom<Kind>("again", "again", "again", "wrong", "backup"),
  ),
  { minLength: 1, maxLength: 4 },
);
const sendsAgain = fc.tuple(who, kinds, trust, sentAgain).map(([w, kind, trusted, again]) =>
  command(`signs in with ${kind}, and sends again ${said(again)}`, w, async (context) => {
    await signIn(context);
    await complete(kind, trusted)(context);
    for (const [pause, next] of again) {
      context.clock.advance(pause);
      await complete(next, trusted)({ ...context, now: context.clock() });
    }
  }),
);

const often = [
  pauses.map(advance),
  fc.tuple(who, kinds, trust).map(([w, kind, trusted]) =>
    command(`signs in with ${kind}${trusted ? ", to be trusted" : ""}`, w, async (context) => {
      await signIn(context);
      await complete(kind, trusted)(context);
    }),
  ),
];
const seldom = [
  who.map(enroll),
  fc.tuple(who, maybe).map(([w, kind]) => command(`begins to enroll, proof: ${kind}`, w, begin(kind))),
  fc.tuple(who, kinds).map(([w, kind]) => command(`confirms with ${kind}`, w, confirm(kind))),
  fc.tuple(who, kinds, trust).map(([w, kind, t]) => command(`completes with ${kind}`, w, complete(kind, t))),
  fc.tuple(who, kinds, trust).map(([w, kind, t]) => command(`verifies ${kind}`, w, verify(kind, t))),
  fc.tuple(who, wrongs, times, trust).map(([w, kind, n, patient]) => {
    const pace = patient ? "every two hours" : "at once";
    return command(`guesses ${n} times ${pace}: ${kind}`, w, guess(kind, n, patient));
  }),
  fc.tuple(who, maybe).map(([w, kind]) => command(`regenerates, proof: ${kind}`, w, regenerate(kind))),
  fc.tuple(who, fc.constantFrom(...Object.entries(plain))).map(([w, [name, run]]) => command(name, w, run)),
];
const rarely = fc.oneof(
  fc.tuple(who, maybe).map(([w, kind]) => command(`turns it off, proof: ${kind}`, w, disable(kind))),
  fc.tuple(who, fc.constantFrom("reset" as const, "unlock" as const)).map(([w, what]) => administer(w, what)),
);

/** A command that is listed twice comes twice as often. */
export const commands: fc.Arbitrary<Command>[] = [
  ...[...often, ...often, ...often],
  ...[stepUp, stepUp, stepUp, proves, asksOnce, asksFiftyTimes],
  ...[...seldom, rarely, sendsAgain, sendsAgain],
];
