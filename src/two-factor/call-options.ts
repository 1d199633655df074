/** The names of the options of each call. Unknown names are refused. */

import { checkOptions } from "../internal/check.ts";
import type { TwoFactor } from "./interface.ts";
import type { BeginOptions, CodeOptions, Proof, SignInOptions } from "./types.ts";

/** The names of a type. The compiler asks for an option that is missing here; the numbers say nothing. */
export type Names<T> = Readonly<Record<keyof T, 0>>;

const CODE: Names<CodeOptions> = {
  binding: 0,
  deviceToken: 0,
  trustDevice: 0,
  remember: 0,
  context: 0,
};
const PROOF: Names<Proof> = {
  binding: 0,
  elevation: 0,
  password: 0,
  code: 0,
  deviceToken: 0,
  firstFactor: 0,
  context: 0,
};
const ALLOW: Names<Parameters<TwoFactor["allow"]>[2]> = { ...PROOF, transaction: 0 };
const ASK: Names<NonNullable<Parameters<TwoFactor["asks"]>[2]>> = {
  binding: 0,
  elevation: 0,
  firstFactor: 0,
  transaction: 0,
};
const REAUTHENTICATE: Names<Parameters<TwoFactor["reauthenticate"]>[1]> = {
  binding: 0,
  password: 0,
  code: 0,
  deviceToken: 0,
  firstFactor: 0,
  context: 0,
  for: 0,
  transaction: 0,
};
const BEGIN: Names<BeginOptions> = {
  accountName: 0,
  issuer: 0,
  replace: 0,
  add: 0,
  label: 0,
};
const SIGN_IN: Names<SignInOptions> = {
  binding: 0,
  deviceToken: 0,
  enrolled: 0,
  firstFactor: 0,
  context: 0,
};
export type CallWithOptions =
  | "signIn.begin"
  | "signIn.complete"
  | "verify"
  | "reauthenticate"
  | "allow"
  | "asks"
  | `enrollment.${"begin" | "confirm" | "acknowledge" | "cancel"}`
  | `authenticators.${"rename" | "remove"}`
  | "backupCodes.acknowledge"
  | `devices.${"list" | "revoke" | "revokeAll"}`
  | "credentialChanged"
  | "proof";

/** The names by call; `proof` is for operations that take nothing else. A call with two forms knows those of both. */
const NAMES: Readonly<Record<CallWithOptions, readonly string[]>> = {
  "signIn.begin": Object.keys(SIGN_IN),
  "signIn.complete": Object.keys(CODE),
  verify: Object.keys(CODE),
  reauthenticate: Object.keys(REAUTHENTICATE),
  allow: Object.keys(ALLOW),
  asks: Object.keys(ASK),
  "enrollment.begin": Object.keys({ ...BEGIN, ...PROOF }),
  "enrollment.confirm": ["enrollmentId", "code", ...Object.keys(CODE)],
  "enrollment.acknowledge": ["batchId", ...Object.keys(CODE)],
  "enrollment.cancel": ["binding", "context"],
  "authenticators.rename": ["id", "label", "context"],
  "authenticators.remove": ["id", ...Object.keys(PROOF)],
  "backupCodes.acknowledge": ["batchId", "context"],
  "devices.list": ["deviceToken"],
  "devices.revoke": ["context"],
  "devices.revokeAll": ["context"],
  credentialChanged: ["context"],
  proof: Object.keys(PROOF),
};

/** Refuses options that are no object, and unknown names; `name` is the name of the argument. */
export function checkCallOptions(call: CallWithOptions, value: unknown, name = "options"): void {
  checkOptions(name, value, NAMES[call], "");
}
