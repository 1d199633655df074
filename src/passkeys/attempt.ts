/** One attempt with a passkey's response: verified, checked against the record, and stored before it is revealed. */

import { type Failure, failure, isFailure } from "../errors.ts";
import type { Passkey, UserRecord } from "../record.ts";
import { spendChallenge } from "../rules/challenges.ts";
import { type Decision, followedBy, unchanged } from "../rules/decision.ts";
import { liveDevice } from "../rules/devices.ts";
import { chargePasskey, refusalOfPasskeys, type Use, usePasskey } from "../rules/passkey-use.ts";
import { type Call, change, loadRecord } from "../two-factor/call.ts";
import type { Purpose, Typed } from "../two-factor/purpose.ts";
import { passkeyShown } from "../two-factor/success.ts";
import { stale } from "../two-factor/tokens.ts";
import { challengeOfSignIn, openProofChallenge } from "./challenge.ts";
import { type PasskeySettings, verifyAuthentication } from "./library.ts";
import { readAuthentication } from "./response.ts";

/** Verifies a response of the call's user. */
export async function attemptPasskey<T>(
  settings: PasskeySettings,
  call: Call,
  { code, bindingHash, challenge: signIn, tokenHash }: Typed,
  purpose: Purpose<T>,
): Promise<T | Failure> {
  const { now, service } = call;
  const { throttle, devices } = service.settings;
  const isKnown = (record: UserRecord) => liveDevice(record, tokenHash, now, devices) !== undefined;
  const read = readAuthentication(code);
  if (!read) return failure("malformed_passkey");
  const challenge = signIn ?? (await openProofChallenge(call, read.challenge, bindingHash));
  if (isFailure(challenge)) return challenge;
  const guard = (record: UserRecord) => purpose.guard?.(record) ?? stale(challenge, record);
  const from = await loadRecord(call);
  const { record: first } = from;
  const refused = guard(first) ?? refusalOfPasskeys(first, now, throttle, isKnown(first));
  if (refused) return refused;
  const passkey = passkeyOf(first, read.response);
  const expected = signIn ? challengeOfSignIn(signIn) : read.challenge;
  const verified = passkey && (await verifyAuthentication(settings, read, expected, passkey));
  if (!passkey || !verified) {
    const fail = (record: UserRecord) => chargePasskey(record, "wrong_passkey", now, throttle, passkey);
    return (await change<never>(call, fail, { guard, from })).outcome;
  }
  const { userVerified, ...seen } = verified;
  const { id, publicKey } = passkey;
  const decide = (record: UserRecord): Decision<T | Failure> => {
    const use: Use = { id, publicKey, ...seen, isKnown: isKnown(record) };
    return followedBy<Passkey | Failure, T | Failure>(
      usePasskey(record, use, now, throttle),
      (after, used) => {
        if (isFailure(used)) return unchanged<T | Failure>(after, used);
        const { method, amr } = passkeyShown(used);
        const names = userVerified ? [...amr, "mfa"] : amr; // `mfa`: it asked its user for a PIN, a finger or a face
        const spent = signIn ? after : spendChallenge(after, challenge, now);
        return purpose.accept(spent, { kind: "verified", method, stepOffset: 0, amr: names });
      },
    );
  };
  return (await change<T>(call, decide, { guard, from })).outcome;
}

/** Finds the passkey of this user that a response names. A user handle, if there is one, has to be theirs. */
function passkeyOf(
  { passkeys, userHandle: own }: UserRecord,
  { id, response: { userHandle } }: { id: string; response: { userHandle?: string } },
): Passkey | undefined {
  const isTheirs = userHandle === undefined || userHandle === own;
  return isTheirs ? passkeys.find((passkey) => passkey.id === id) : undefined;
}
