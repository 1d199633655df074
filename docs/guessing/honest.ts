/** A year of somebody honest who mistypes codes: on how many days nothing that the phone shows is let in. */

import { emptyRecord } from "../../src/record.ts";
import { forgiveChallenge, noteFailure } from "../../src/rules/challenges.ts";
import { admit, liveDevice } from "../../src/rules/devices.ts";
import { type Account, blockOf, charge, forgetFailing, settle } from "../../src/rules/throttle.ts";
import { resolveFactors } from "../../src/two-factor/settings.ts";

const DAY_MS = 86_400_000;
const CHALLENGE_MS = 600_000;
const TYPING_MS = 5_000;
const { throttle, devices } = resolveFactors({});

export interface HonestPerson {
  /** Wrong codes a day before the right one; a fraction comes up every few days. */
  typosADay: number;
  /** Whether the browser keeps the device cookie. */
  cookie: boolean;
  /** Whether a wrong code is followed by another in the same sign-in, or by a sign-in from the start. */
  again: "same sign-in" | "from the start";
}

/** On how many days of a year somebody who signs in once a day with the app is locked out until the day is over. */
export function daysLockedOut({ typosADay, cookie, again }: HonestPerson): number {
  let record = emptyRecord();
  let token: string | null = null;
  let made = 0;
  let typos = 0;
  let locked = 0;
  for (let day = 1; day <= 365; day++) {
    let now = day * DAY_MS;
    let challenge = { id: `${made++}`, expiresAt: now + CHALLENGE_MS };
    const startAgain = () => {
      challenge = { id: `${made++}`, expiresAt: now + CHALLENGE_MS };
    };
    for (typos += typosADay; ; now += TYPING_MS) {
      if (challenge.expiresAt <= now) startAgain();
      const device = liveDevice(record, token, now, devices)?.id ?? null;
      const account: Account = { factor: "app", device };
      const block = blockOf(record, account, now, throttle);
      const opensAt = block?.detail === "locked" ? block.retryAt : Number.POSITIVE_INFINITY;
      if (block && opensAt >= (day + 1) * DAY_MS) {
        locked++;
        typos %= 1;
        break;
      }
      if (block) now = opensAt;
      else if (typos >= 1) {
        typos--;
        const charged = charge(record, account, now, throttle).record;
        record = forgetFailing(noteFailure(charged, challenge, account, now), account, throttle).record;
        if (again === "from the start") startAgain();
      } else {
        record = forgiveChallenge(settle(record, account, null), challenge, account, throttle);
        if (!cookie) break;
        const fresh = { id: `d${made}`, token: `t${made}`, tokenHash: `t${made++}` };
        const asked = { tokenHash: token, token, trust: false, label: null };
        const admitted = admit(record, asked, now, () => fresh, devices);
        record = admitted.record;
        token = admitted.outcome?.token ?? token;
        break;
      }
    }
  }
  return locked;
}
