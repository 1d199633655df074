/** Every operation that writes, as a test may run it: with whatever the person needs in hand. */

import assert from "node:assert/strict";
import type { TwoFactor } from "../../src/two-factor/interface.ts";
import type { TwoFactorOptions } from "../../src/two-factor/options.ts";
import { codeFrom } from "../support/phone.ts";
import { BINDING, challengeOf, PASSWORD, USER } from "../support/world.ts";
import type { Own, Person } from "./person.ts";

export interface Write {
  /** Whether the person comes with nothing; by default enrolled. */
  isNew?: boolean;
  options?: Partial<TwoFactorOptions<Own>>;
  /** What the person has in hand before the operation. */
  prepare?: (person: Person) => Promise<string>;
  run: (service: TwoFactor<Own>, person: Person, prepared: string) => Promise<unknown>;
}

const later = { backupCodes: { acknowledge: true } } as const;
export const proof = { binding: BINDING };
const beginReplacement = async ({ twoFactor, elevation }: Person) => {
  const begun = await twoFactor.enrollment.begin(USER, {
    accountName: USER,
    replace: true,
    elevation,
    ...proof,
  });
  assert.ok(begun.ok);
  return `${begun.enrollmentId} ${begun.keyUri}`;
};
const confirmReplacement = (service: TwoFactor, { clock }: Person, prepared: string) => {
  const [enrollmentId = "", keyUri = ""] = prepared.split(" ");
  return service.enrollment.confirm(USER, { enrollmentId, code: codeFrom(keyUri, clock), ...proof });
};

export const WRITES: Readonly<Record<string, Write>> = {
  "the first enrollment": {
    isNew: true,
    async run(service, { clock }) {
      const begun = await service.enrollment.begin(USER, { accountName: USER, ...proof });
      assert.ok(begun.ok);
      const { enrollmentId, keyUri } = begun;
      return service.enrollment.confirm(USER, {
        enrollmentId,
        code: codeFrom(keyUri, clock),
        ...proof,
      });
    },
  },
  "a wrong app code": { run: (service) => service.verify(USER, "000000", proof) },
  "a right app code": { run: (service, person) => service.verify(USER, person.code(), proof) },
  "a right app code to a challenge": {
    prepare: challengeOf,
    run: (service, person, challenge) => service.signIn.complete(challenge, person.code(), proof),
  },
  "a right app code to a challenge, sent twice": {
    prepare: async (person) => {
      const challenge = await challengeOf(person);
      assert.ok((await person.twoFactor.signIn.complete(challenge, person.code(), proof)).ok);
      return challenge;
    },
    run: (service, person, challenge) => service.signIn.complete(challenge, person.code(), proof),
  },
  "a right backup code to a challenge, sent twice": {
    prepare: async (person) => {
      const challenge = await challengeOf(person);
      assert.ok((await person.twoFactor.signIn.complete(challenge, person.codes[0], proof)).ok);
      return challenge;
    },
    run: (service, person, challenge) => service.signIn.complete(challenge, person.codes[0], proof),
  },
  "a wrong app code from a known device": {
    run: (service, { deviceToken }) => service.verify(USER, "000000", { ...proof, deviceToken }),
  },
  "a wrong backup code": { run: (service) => service.verify(USER, "00000000", proof) },
  "a right backup code": { run: (service, person) => service.verify(USER, person.codes[0], proof) },
  "beginning to replace the authenticator": {
    run: (service, { elevation }) =>
      service.enrollment.begin(USER, { accountName: USER, replace: true, elevation, ...proof }),
  },
  "confirming the replacement": { prepare: beginReplacement, run: confirmReplacement },
  "confirming the replacement, to be acknowledged": {
    ...{ options: later, prepare: beginReplacement, run: confirmReplacement },
  },
  "acknowledging the replacement": {
    options: later,
    prepare: async (person) => {
      const result = await confirmReplacement(person.twoFactor, person, await beginReplacement(person));
      assert.ok(result.ok && result.state === "awaiting_acknowledgement");
      return result.backupCodes.batchId;
    },
    run: (service, _person, batchId) => service.enrollment.acknowledge(USER, { batchId, ...proof }),
  },
  "new backup codes": {
    run: (service, { elevation }) => service.backupCodes.regenerate(USER, { elevation, ...proof }),
  },
  "new backup codes, proved with an old one": {
    run: (service, { codes }) => service.backupCodes.regenerate(USER, { code: codes[0], ...proof }),
  },
  "turning it off": { run: (service, person) => service.disable(USER, { code: person.code(), ...proof }) },
  "what an elevation allows once": {
    run: (service, { elevation }) => service.allow(USER, "payout", { elevation, ...proof }),
  },
  "a changed credential": { run: (service) => service.credentialChanged(USER, "password") },
  "a wrong password": { run: (service) => service.reauthenticate(USER, { password: "x", ...proof }) },
  "the right password and a code": {
    run: (service, person) =>
      service.reauthenticate(USER, { password: PASSWORD, code: person.code(), ...proof }),
  },
  "a sign-in from a trusted device, which is noted once a day": {
    prepare: async ({ clock }) => {
      clock.advance(86_400);
      return "";
    },
    run: (service, { deviceToken }) => service.signIn.begin(USER, { deviceToken, ...proof }),
  },
};
