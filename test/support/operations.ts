/** The operations that ask for proof while a factor is active. */

import type { Failure } from "../../src/errors.ts";
import type { Proof } from "../../src/two-factor/types.ts";
import { binding, type Enrolled, USER } from "./world.ts";

/** A proof without the session that gives it. */
export type Given = Omit<Proof, "binding">;

export const OPERATIONS = {
  replace: (w, proof) =>
    w.twoFactor.enrollment.begin(USER, { accountName: USER, replace: true, binding, ...proof }),
  regenerate: (w, proof) => w.twoFactor.backupCodes.regenerate(USER, { binding, ...proof }),
  disable: (w, proof) => w.twoFactor.disable(USER, { binding, ...proof }),
} satisfies Record<string, (w: Enrolled, proof: Given) => Promise<{ ok: true } | Failure>>;

export type Asking = keyof typeof OPERATIONS;
export const asking = Object.keys(OPERATIONS) as Asking[];
