/** The option `reauthentication`, checked and completed: what each operation asks for. */

import { checkBoolean, checkInteger, checkObject, checkOneOf, checkOptions } from "../internal/check.ts";
import {
  defaultRow,
  MAX_OPERATION,
  PROOF_LEVELS,
  PROOF_OPERATIONS,
  type ProofLevel,
  type ProofOperation,
  type ProofRow,
} from "../rules/proof.ts";
import type { MaybePromise } from "./types.ts";

/** A rule: what an operation asks for, in full. */
export interface ProofRule {
  level: ProofLevel;
  /** Seconds for which a proof counts, 1 to `lifetimes.elevation`, which is the default. */
  maxAge?: number | undefined;
  /** Whether an elevation allows the operation once; false by default. A code is always spent. */
  once?: boolean | undefined;
  /** Whether a first factor of your own, no older than `maxAge`, takes the password's place; false by default. */
  firstFactor?: boolean | undefined;
}

/** What an operation asks for: a level, a rule, or a function that gives either for a user. */
export type ProofRequirement =
  | ProofLevel
  | ProofRule
  | ((userId: string) => MaybePromise<ProofLevel | ProofRule>);

/** The rows by operation: those of the library, and your own. A function returns the row of one user. */
export type ProofRows = ReadonlyMap<string, ProofRow | ((userId: string) => Promise<ProofRow>)>;

/** The options that a row depends on. */
export interface ProofGround {
  canCheckPassword: boolean;
  /** `lifetimes.elevation`, in seconds. */
  lifetime: number;
}

/** Names of other operations that `authorize` is asked about. */
const TAKEN = ["sign_in", "reset", "unlock", "import", "export", "rename"];
const MAX_OPERATIONS = 64;

/** Checks the option, and fills in the rows of the library. */
export function resolveRows(
  asked: Readonly<Record<string, ProofRequirement | undefined>>,
  ground: ProofGround,
): ProofRows {
  checkObject("reauthentication", asked);
  const written = Object.entries(asked).filter(([, requirement]) => requirement !== undefined);
  if (written.length > MAX_OPERATIONS)
    throw new RangeError(`reauthentication: want at most ${MAX_OPERATIONS} operations`);
  if (asked["enroll"] === undefined && !ground.canCheckPassword) {
    throw new TypeError(
      'reauthentication.enroll: without verifyPassword, write "none" if enrolling takes no proof',
    );
  }
  const rows = new Map<string, ProofRow | ((userId: string) => Promise<ProofRow>)>();
  for (const operation of PROOF_OPERATIONS) {
    rows.set(
      operation,
      defaultRow(operation, { canCheckPassword: ground.canCheckPassword, maxAge: ground.lifetime }),
    );
  }
  for (const [operation, requirement] of written) {
    checkOperation(operation);
    rows.set(
      operation,
      typeof requirement === "function"
        ? async (userId) => rowOf(operation, await requirement(userId), ground)
        : rowOf(operation, requirement, ground),
    );
  }
  return rows;
}

/** Turns a requirement into a row. Throws a TypeError or RangeError that names the option first. */
function rowOf(
  operation: string,
  requirement: unknown,
  { canCheckPassword, lifetime }: ProofGround,
): ProofRow {
  const name = `reauthentication.${operation}`;
  const isLevel = typeof requirement === "string";
  if (!isLevel) checkOptions(name, requirement, ["level", "maxAge", "once", "firstFactor"]);
  const rule = (isLevel ? { level: requirement } : requirement) as ProofRule;
  const row: ProofRow = {
    level: checkOneOf(isLevel ? name : `${name}.level`, rule.level, PROOF_LEVELS),
    maxAge: checkInteger(`${name}.maxAge`, rule.maxAge ?? lifetime, 1, lifetime),
    once: checkBoolean(`${name}.once`, rule.once ?? false),
    firstFactor: checkBoolean(`${name}.firstFactor`, rule.firstFactor ?? false),
  };
  const asksPassword = row.level.startsWith("password");
  if (asksPassword && !canCheckPassword && !row.firstFactor) {
    throw new TypeError(`${name}: asks for the password, but there is no verifyPassword`);
  }
  if (row.firstFactor && !asksPassword) {
    throw new RangeError(`${name}.firstFactor: takes the password's place, and the level asks for none`);
  }
  if (row.firstFactor && row.once && row.level === "password") {
    throw new RangeError(`${name}.once: a first factor of the host's cannot be spent; ask for a code, too`);
  }
  if (operation === "enroll" && row.level !== "none" && row.level !== "password") {
    throw new RangeError(`${name}: want "none" or "password"; there is no factor yet that could give a code`);
  }
  return row;
}

/** Checks the name of an operation of your own. One that nearly equals a name of the library is misspelled. */
function checkOperation(operation: string): void {
  if ((PROOF_OPERATIONS as readonly string[]).includes(operation)) return;
  const name = `reauthentication.${operation.slice(0, MAX_OPERATION)}`;
  const meant = PROOF_OPERATIONS.find((own: ProofOperation) => isMisspelled(operation, own));
  if (meant) throw new TypeError(`${name}: there is no such option; ${meant} has nearly the same name`);
  if (TAKEN.includes(operation))
    throw new RangeError(`${name}: authorize hears of another operation by this name`);
  if (!/^[\w.:-]+$/.test(operation) || operation.length > MAX_OPERATION) {
    throw new RangeError(`${name}: want at most ${MAX_OPERATION} letters, digits, and . : _ -`);
  }
}

/** Tells whether two names differ only by case, by one letter, or by two swapped letters. */
function isMisspelled(name: string, meant: string): boolean {
  const [a, b] = [name.toLowerCase(), meant];
  if (a === b) return true;
  let start = 0;
  while (a[start] === b[start]) start++;
  const rest = (text: string, from: number) => text.slice(start + from);
  const swapped = a[start] === b[start + 1] && a[start + 1] === b[start] && rest(a, 2) === rest(b, 2);
  return swapped || rest(a, 1) === rest(b, 1) || rest(a, 1) === rest(b, 0) || rest(a, 0) === rest(b, 1);
}
