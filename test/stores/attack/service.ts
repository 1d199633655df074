/** The service as each attacked process runs it: the same keys everywhere, and a clock that the test sets. */

import { createTwoFactor, type TwoFactor } from "../../../src/index.ts";
import type { UserStore } from "../../../src/store.ts";

export const BINDING = "a-random-value-of-the-session";

export interface Instance {
  twoFactor: TwoFactor;
  /** Sets the time, in epoch milliseconds. */
  setTime(at: number): void;
}

export function createInstance(store: UserStore, keys: string): Instance {
  let now = 0;
  const twoFactor = createTwoFactor({
    issuer: "Attack",
    store,
    keys,
    reauthentication: { enroll: "none", replace: "code", disable: "app", regenerate: "code" },
    backupCodes: { count: 3 }, // derivations are most of the time that these tests take
    clock: () => now,
  });
  return {
    twoFactor,
    setTime(at) {
      now = at;
    },
  };
}
