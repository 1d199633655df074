/** The service as each attacked process runs it: the same keys everywhere, and a clock that the test moves. */

import { scrypt } from "node:crypto";
import { promisify } from "node:util";
import { passkeys } from "../../../src/passkeys/index.ts";
import type { UserStore } from "../../../src/store.ts";
import { type FakeClock, fakeClock } from "../../../src/testing/index.ts";
import { createTwoFactorWith } from "../../../src/two-factor/create.ts";
import type { TwoFactor } from "../../../src/two-factor/interface.ts";
import { LIBRARY, SITE } from "../../support/passkeys.ts";

export const BINDING = "a-random-value-of-the-session";

/** The real derivation at a sixteenth of its cost, so that races and kills meet the store more often. */
const derive = async (code: Uint8Array, salt: Uint8Array): Promise<Uint8Array> =>
  await promisify<Uint8Array, Uint8Array, number, object, Buffer>(scrypt)(code, salt, 16, { N: 2 ** 10 });

/** The operation of the host's own that is asked for again. */
export type Own = "payout";

export interface Instance {
  twoFactor: TwoFactor<Own>;
  clock: FakeClock;
}

export function createInstance(store: UserStore, keys: string): Instance {
  const clock = fakeClock(0);
  const twoFactor = createTwoFactorWith<Own>(
    {
      issuer: "Attack",
      store,
      keys,
      reauthentication: {
        ...{ enroll: "none", replace: "code", disable: "app", regenerate: "code" },
        payout: { level: "app", once: true },
      },
      backupCodes: { count: 3 },
      passkeys: passkeys({ ...SITE, ...LIBRARY }),
      clock,
    },
    { derive },
  );
  return { twoFactor, clock };
}
