/** The names of the options of each call. Unknown names are refused. */

import { checkOptions } from "../internal/check.ts";
import type { TwoFactor } from "./interface.ts";
import type { BeginOptions, CodeOptions, Proof, SignInOptions } from "./types.ts";

/** The names of a type. The compiler asks for an option that is missing here. */
export type Names<T> = Readonly<Record<keyof T, true>>;

const CODE: Names<CodeOptions> = {
  binding: true,
  deviceToken: true,
  trustDevice: true,
  remember: true,
  context: true,
};
const PROOF: Names<Proof> = {
  binding: true,
  elevation: true,
  password: true,
  code: true,
  deviceToken: true,
  firstFactor: true,
  context: true,
};
const ALLOW: Names<Parameters<TwoFactor["allow"]>[2]> = { ...PROOF, transaction: true };
const ASK: Names<NonNullable<Parameters<TwoFactor["asks"]>[2]>> = {
  binding: true,
  elevation: true,
  firstFactor: true,
  transaction: true,
};
const REAUTHENTICATE: Names<Parameters<TwoFactor["reauthenticate"]>[1]> = {
  binding: true,
  password: true,
  code: true,
  deviceToken: true,
  firstFactor: true,
  context: true,
  for: true,
  transaction: true,
};
const BEGIN: Names<BeginOptions> = {
  accountName: true,
  issuer: true,
  replace: true,
  add: true,
  label: true,
};
const SIGN_IN: Names<SignInOptions> = {
  binding: true,
  deviceToken: true,
  enrolled: true,
  firstFactor: true,
  context: true,
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
