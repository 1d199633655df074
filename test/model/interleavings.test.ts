/**
 * Several calls at once over a store that answers in any order, between several instances without a queue. fast-check
 * chooses the order of every single store call; a failure prints the seed and the shortest bad order.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { TwoFactor } from "../../src/two-factor/interface.ts";
import { codeFrom, uriOf } from "../support/phone.ts";
import { challengeOf, USER } from "../support/world.ts";
import { type Call, inAnyOrder } from "./any-order.ts";
import { enrolled, type Person, storedRecord } from "./person.ts";
import { proof } from "./writes.ts";

interface Result {
  ok: boolean;
  detail?: string;
}
const copies = <T>(count: number, call: T): T[] => Array<T>(count).fill(call);
const details = (results: readonly Result[]) => results.map((result) => result.detail ?? "ok").sort();
const successes = (results: readonly Result[]) => results.filter((result) => result.ok).length;

function onlyAmong(results: readonly Result[], allowed: readonly string[]): void {
  for (const detail of details(results))
    assert.ok(allowed.includes(detail), `unexpected: ${details(results)}`);
}

test("V04 of many copies of one code in different operations, one is accepted", async () => {
  await inAnyOrder<Result>(
    async () => {
      const person = await enrolled();
      const code = person.code();
      const challenge = await challengeOf(person);
      const verify: Call<Result> = (service) => service.verify(USER, code, proof);
      return {
        person,
        calls: [
          ...copies(3, verify),
          (service) => service.signIn.complete(challenge, code, proof),
          (service) => service.reauthenticate(USER, { code, ...proof }),
        ],
      };
    },
    (results) => {
      assert.equal(successes(results), 1);
      onlyAmong(results, ["ok", "app_code_reused", "conflict"]);
    },
  );
});

test("V04 of copies of the codes of two phones each is accepted once, while one is taken away", async () => {
  await inAnyOrder<Result>(
    async () => {
      const person = await enrolled();
      const { elevation, clock } = person;
      const asked = { accountName: USER, add: true, elevation, ...proof };
      const begun = await person.twoFactor.enrollment.begin(USER, asked);
      assert.ok(begun.ok);
      const { enrollmentId, keyUri } = begun;
      const first = { enrollmentId, code: codeFrom(keyUri, clock, -1), ...proof };
      const added = await person.twoFactor.enrollment.confirm(USER, first);
      assert.ok(added.ok && added.state === "active");
      const [id] = (await person.twoFactor.authenticators.list(USER)).map((each) => each.id);
      const [one, other] = [person.code(), codeFrom(keyUri, clock)];
      const take = { id, elevation: added.signIn.elevation, ...proof };
      return {
        person,
        calls: [
          ...copies(2, (service: TwoFactor) => service.verify(USER, one, proof)),
          ...copies(2, (service: TwoFactor) => service.verify(USER, other, proof)),
          (service) => service.authenticators.remove(USER, take),
        ],
      };
    },
    async (results, { twoFactor }) => {
      const [ofOne, ofOther, [removed]] = [results.slice(0, 2), results.slice(2, 4), results.slice(4)];
      assert.ok(successes(ofOne) <= 1);
      assert.equal(successes(ofOther), 1);
      onlyAmong(ofOne, ["ok", "app_code_reused", "wrong_code", "conflict"]);
      onlyAmong(ofOther, ["ok", "app_code_reused", "conflict"]);
      assert.equal((await twoFactor.authenticators.list(USER)).length, removed?.ok ? 1 : 2);
    },
  );
});

test("V39 of many copies of one backup code, one is accepted", async () => {
  await inAnyOrder<Result>(
    async () => {
      const person = await enrolled();
      const [code] = person.codes;
      return { person, calls: copies(4, (service) => service.verify(USER, code, proof)) };
    },
    async (results, person) => {
      assert.equal(successes(results), 1);
      onlyAmong(results, ["ok", "backup_code_reused", "conflict"]);
      assert.equal((await person.twoFactor.status(USER)).backupCodes?.used, 1);
    },
  );
});

test("V39 V79 different backup codes at once are all accepted, and each once", async () => {
  await inAnyOrder<Result>(
    async () => {
      const person = await enrolled();
      const codes = person.codes.slice(0, 3);
      return { person, calls: codes.map((code) => (service) => service.verify(USER, code, proof)) };
    },
    async (results, person) => {
      assert.equal(successes(results), 3, String(details(results)));
      assert.equal((await person.twoFactor.status(USER)).backupCodes?.used, 3);
      assert.equal((await storedRecord(person))?.backup.failures, 0);
      assert.equal(person.events.filter(({ type }) => type === "backup_code_used").length, 3);
    },
  );
});

test("noting that a device was used takes no failure back", async () => {
  await inAnyOrder<unknown>(
    async () => {
      const person = await enrolled();
      const seen = { ...proof, deviceToken: person.deviceToken };
      person.clock.advance(2 * 86_400);
      const begin: Call<unknown> = (service) => service.signIn.begin(USER, seen);
      const guess: Call<unknown> = (service) => service.verify(USER, "000000", seen);
      return { person, calls: [begin, begin, guess, guess] };
    },
    async (results, person) => {
      const told = results.filter((result) => (result as Result).detail === "wrong_code").length;
      const device = (await storedRecord(person))?.devices[0];
      assert.ok(device && device.failures >= told && device.totalFailures === device.failures);
    },
  );
});

test("V51 one challenge leads to one success, whichever of its valid codes comes first", async () => {
  await inAnyOrder<Result>(
    async () => {
      const person = await enrolled();
      const challenge = await challengeOf(person);
      const next = codeFrom(uriOf(person.secret), person.clock, 1);
      const codes = [person.code(), next, ...person.codes.slice(0, 2)];
      return {
        person,
        calls: codes.map((code) => (service) => service.signIn.complete(challenge, code, proof)),
      };
    },
    (results) => {
      assert.equal(successes(results), 1);
      onlyAmong(results, ["ok", "challenge_used", "app_code_reused", "conflict"]);
    },
  );
});

for (const kind of ["app", "backup"] as const) {
  test(`R3 copies of one sign-in by ${kind} code all succeed, with one device, and nobody else`, async () => {
    await inAnyOrder<Result & { device?: { token: string } | null }>(
      async () => {
        const person = await enrolled();
        const [challenge, another] = [await challengeOf(person), await challengeOf(person)];
        const code = kind === "app" ? person.code() : (person.codes[0] ?? "");
        return {
          person,
          calls: [
            ...copies(3, (service: TwoFactor) => service.signIn.complete(challenge, code, proof)),
            (service) => service.signIn.complete(another, code, proof),
          ],
        };
      },
      async (results, person) => {
        const [same, other] = [results.slice(0, 3), results.slice(3)];
        const tokens = (of: typeof results) => of.flatMap(({ ok, device }) => (ok ? [device?.token] : []));
        assert.equal(new Set(tokens(results)).size, 1, "one device");
        assert.equal(tokens(same).length * tokens(other).length, 0, "one challenge");
        onlyAmong(results, ["ok", "app_code_reused", "backup_code_reused", "challenge_used", "conflict"]);
        const record = await storedRecord(person);
        assert.equal(record?.devices.length, 2);
        assert.ok(
          (record?.backup.failures ?? 0) <= details(results).filter((detail) => detail !== "ok").length,
        );
      },
    );
  });
}

test("V26 of many wrong codes at once, as many are evaluated as one after the other", async () => {
  await inAnyOrder<Result>(
    async () => {
      const person = await enrolled();
      const app: Call<Result> = (service) => service.verify(USER, "000000", proof);
      const backup: Call<Result> = (service) => service.verify(USER, "00000000", proof);
      return { person, calls: [...copies(6, app), ...copies(2, backup)] };
    },
    async (results, person) => {
      onlyAmong(results, ["wrong_code", "locked", "conflict"]);
      const record = await storedRecord(person);
      const charged = (record?.app.failures ?? 0) + (record?.backup.failures ?? 0);
      const evaluated = details(results).filter((detail) => detail === "wrong_code").length;
      assert.ok(evaluated <= charged && charged <= 5 + 2, `${evaluated} evaluated, ${charged} charged`);
    },
  );
});

for (const sameStart of [true, false]) {
  const how = sameStart ? "that saw the same batch, one caller gets codes" : "the last caller's codes stay";
  test(`V41 of many regenerations ${how}, and they work`, async () => {
    await inAnyOrder(
      async () => {
        const person = await enrolled();
        const { elevation } = person;
        const regenerate = (service: TwoFactor) =>
          service.backupCodes.regenerate(USER, { elevation, ...proof });
        return { person, calls: copies(3, regenerate), sameStart };
      },
      async (results, person) => {
        onlyAmong(results, ["ok", "conflict"]);
        const winners = results.filter((result) => result.ok);
        if (sameStart) assert.equal(winners.length, 1);
        const standing = (await storedRecord(person))?.backupCodes?.id;
        const winner = winners.find((result) => result.batchId === standing);
        assert.ok(winner, "what stands was shown to somebody");
        assert.ok((await person.twoFactor.verify(USER, winner.codes[0], proof)).ok);
      },
    );
  });
}

test("of many calls with an elevation that serves once, one is allowed", async () => {
  await inAnyOrder<Result>(
    async () => {
      const person = await enrolled();
      const { elevation } = person;
      return {
        person,
        calls: copies(4, (service) => service.allow(USER, "payout", { elevation, ...proof })),
      };
    },
    (results) => {
      assert.equal(successes(results), 1);
      onlyAmong(results, ["ok", "elevation_used", "conflict"]);
    },
  );
});

for (const acknowledge of [false, true]) {
  test(`R3 of many confirmations one wins, all show its codes, and they work${acknowledge ? ", once acknowledged" : ""}`, async () => {
    await inAnyOrder(
      async () => {
        const person = await enrolled({ backupCodes: { acknowledge } });
        const { twoFactor, elevation, clock } = person;
        const asked = { accountName: USER, replace: true, elevation, ...proof };
        const begun = await twoFactor.enrollment.begin(USER, asked);
        assert.ok(begun.ok);
        const { enrollmentId, keyUri } = begun;
        const code = codeFrom(keyUri, clock);
        return {
          person,
          calls: copies(3, (service: TwoFactor) =>
            service.enrollment.confirm(USER, { enrollmentId, code, ...proof }),
          ),
        };
      },
      async (results, person) => {
        const [winner, ...others] = results.filter((result) => result.ok);
        assert.ok(winner);
        for (const other of others) assert.deepEqual(other.backupCodes, winner.backupCodes);
        onlyAmong(results, ["ok", "conflict"]);
        const { batchId = "", codes = [] } = winner.backupCodes ?? {};
        if (acknowledge) {
          assert.ok((await person.twoFactor.enrollment.acknowledge(USER, { batchId, ...proof })).ok);
        }
        assert.ok((await person.twoFactor.verify(USER, codes[0], proof)).ok);
      },
    );
  });
}

const ENDS: Readonly<Record<string, (person: Person) => Call<unknown>>> = {
  "a changed credential": () => (service) => service.credentialChanged(USER, "password"),
  "turning it off":
    ({ elevation }) =>
    (service) =>
      service.disable(USER, { elevation, ...proof }),
};
for (const [name, end] of Object.entries(ENDS)) {
  test(`V59 V60 ${name} leaves nothing alive of a sign-in that came at the same moment`, async () => {
    await inAnyOrder<unknown>(
      async () => {
        const person = await enrolled();
        const challenge = await challengeOf(person);
        const seen = { ...proof, trustDevice: true };
        const signIn: Call<unknown> = (service) => service.signIn.complete(challenge, person.code(), seen);
        return { person, calls: [signIn, end(person)] };
      },
      async ([signedIn], { twoFactor }) => {
        const { elevation = "", device } = signedIn as { elevation?: string; device?: { token: string } };
        const regenerated = await twoFactor.backupCodes.regenerate(USER, { elevation, ...proof });
        assert.equal(regenerated.ok, false, "its elevation is dead");
        assert.deepEqual(await twoFactor.devices.list(USER), []);
        const step = await twoFactor.signIn.begin(USER, { deviceToken: device?.token, ...proof });
        assert.ok(!("reason" in step) || step.reason === "no_factor", "its browser is not trusted");
      },
    );
  });
}

test("an enrollment canceled, superseded and confirmed at once ends in exactly one of them", async () => {
  await inAnyOrder<Result>(
    async () => {
      const person = await enrolled();
      const { twoFactor, elevation, clock } = person;
      const asked = { accountName: USER, replace: true, elevation };
      const begun = await twoFactor.enrollment.begin(USER, { ...asked, ...proof });
      assert.ok(begun.ok);
      const { enrollmentId, keyUri } = begun;
      const code = codeFrom(keyUri, clock);
      return {
        person,
        calls: [
          (service) => service.enrollment.confirm(USER, { enrollmentId, code, ...proof }),
          (service) => service.enrollment.cancel(USER, { binding: null }),
          (service) =>
            service.enrollment.begin(USER, {
              ...asked,
              binding: null,
              elevation: undefined,
              code: person.code(),
            }),
        ],
      };
    },
    async ([confirmed, , begun], person) => {
      onlyAmong(
        [confirmed, begun].filter((result) => result !== undefined),
        [
          "ok",
          "enrollment_not_found",
          "enrollment_superseded",
          "elevation_invalid",
          "wrong_code",
          "conflict",
        ],
      );
      const record = await storedRecord(person);
      const replaced = record?.authenticators[0]?.secret !== person.secret;
      assert.equal(replaced, confirmed?.ok, "replaced exactly if somebody was told so");
    },
  );
});
