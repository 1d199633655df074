/** Checks enrollments of another system, and brings them into the shape of a record. */

import { asBackupCode } from "../backup-codes.ts";
import { canonicalCode, MAX_CODE_LENGTH } from "../internal/canonical.ts";
import { checkInteger, checkOneOf, checkOptions, LAST_INSTANT } from "../internal/check.ts";
import { HASH_NAMES } from "../internal/hmac.ts";
import { decodeForeignBase32, encodeBase32 } from "../otp/base32.ts";
import { secretBytes } from "../otp/secret.ts";
import { copyBatch } from "../record/format.ts";
import { type Authenticator, type Batch, MAX_BATCH, MAX_SECRET_LENGTH } from "../record.ts";
import { labelText } from "../rules/label.ts";
import { stepAt } from "../rules/steps.ts";
import { authenticatorsAllowed } from "../rules/throttle.ts";
import type { Names } from "./call-options.ts";
import type { LegacyEnrollment } from "./options.ts";
import type { Settings } from "./settings.ts";

/** The longest name of an old backup code, which may be a digest with its salt, or the id of a row. */
export const MAX_CODE_NAME = 1_024;
/** The longest list of backup codes that is read. */
const MAX_LISTED = 256;
const MIN_PLAIN = 8;
/** The shortest backup code that is asked about in the old system. No known system has shorter ones. */
const MIN_LEGACY = 6;

/** A backup code that could not be taken over, by its place in the list. The code itself is never shown. */
export interface SkippedCode {
  /** The code's place in `backupCodes` or `legacyCodes`, counted through all enrollments. */
  index: number;
  /**
   * Why: it has as many digits as an app code, from which one field could not tell it; fewer than 8 or more than 64
   * characters (a name 1,024); it is in the list twice, or no text; or there are 16 already.
   */
  reason: "app_code_shape" | "too_short" | "too_long" | "duplicate" | "not_text" | "too_many";
}

/** Backup codes in plain text, as names that the old system gave them, or as digests of an export. */
type CarriedCodes =
  | { kind: "plain"; shape: Pick<Batch, "alphabet" | "length">; codes: readonly string[] }
  | { kind: "names"; minLength: number; names: readonly string[] }
  | { kind: "digests"; batch: Batch };

/** An enrollment that was checked and can be taken over. */
export interface Carried {
  authenticators: readonly Omit<Authenticator, "id">[];
  codes: CarriedCodes | null;
  skipped: readonly SkippedCode[];
}

const ENROLLMENT: Names<LegacyEnrollment> = {
  secret: 0,
  digits: 0,
  period: 0,
  algorithm: 0,
  lastStep: 0,
  enrolledAt: 0,
  label: 0,
  backupCodes: 0,
  legacyCodes: 0,
  backupDigests: 0,
};
const KINDS = ["backupCodes", "legacyCodes", "backupDigests"] as const;

/** Checks enrollments. Throws a TypeError or RangeError that names the field and shows nothing of it. */
export function checkEnrollments(
  settings: Settings,
  enrollments: readonly LegacyEnrollment[],
  now: number,
): Carried {
  const max = authenticatorsAllowed(settings.throttle);
  if (!Array.isArray(enrollments) || enrollments.length === 0 || enrollments.length > MAX_LISTED) {
    throw new TypeError("enrollments: want a list of at least one");
  }
  const authenticators = different(enrollments.map((one) => checkAuthenticator(settings, one, now)));
  if (authenticators.length > max) throw new RangeError(`enrollments: want at most ${max} authenticators`);
  const digits = authenticators.map((one) => one.digits);
  return { authenticators, ...checkCodes(enrollments, digits) };
}

function checkAuthenticator(
  settings: Settings,
  enrollment: LegacyEnrollment,
  now: number,
): Omit<Authenticator, "id"> {
  checkOptions("enrollment", enrollment, Object.keys(ENROLLMENT), "");
  const digits = checkInteger("digits", enrollment.digits ?? 6, 6, 8);
  const period = checkInteger("period", enrollment.period ?? 30, 15, 120);
  const algorithm = checkOneOf("algorithm", enrollment.algorithm ?? "SHA1", HASH_NAMES);
  if (settings.backupCodes?.length === digits) {
    throw new RangeError("digits: must differ from backupCodes.length, or one field cannot take both");
  }
  const secret = encodeBase32(secretBytes(enrollment.secret, decodeForeignBase32));
  if (secret.length > MAX_SECRET_LENGTH) throw new RangeError("secret: want at most 64 bytes");
  const lastStep = enrollment.lastStep ?? -1;
  checkLastStep(lastStep, stepAt(now, period) + settings.window.future, period);
  const enrolledAt = checkInteger("enrolledAt", enrollment.enrolledAt ?? now, 0, LAST_INSTANT);
  return {
    ...{ algorithm, digits, period, secret, label: labelText(enrollment.label) },
    acceptedSteps: lastStep < 0 ? [] : [lastStep],
    enrolledAt: Math.min(now, enrolledAt), // the other system's clock may be ahead
    lastUsedAt: null,
    offRun: 0,
  };
}

/** Refuses a last step that no phone can have reached: it would lock the owner out. */
function checkLastStep(lastStep: number, latest: number, period: number): void {
  checkInteger("lastStep", lastStep, -1, Number.MAX_SAFE_INTEGER);
  if (lastStep <= latest) return;
  throw new RangeError(
    `lastStep: ahead of the clock; want a step, which is the seconds since 1970 divided by ${period} (period)`,
  );
}

/** Keeps one of several enrollments with the same codes, with the latest step, or each code would be good twice. */
function different(all: readonly Omit<Authenticator, "id">[]): readonly Omit<Authenticator, "id">[] {
  const kept = new Map<string, Omit<Authenticator, "id">>();
  for (const one of all) {
    const key = [one.secret, one.algorithm, one.digits, one.period].join();
    const before = kept.get(key);
    const later = (one.acceptedSteps[0] ?? -1) > (before?.acceptedSteps[0] ?? -1);
    if (!before) kept.set(key, one);
    else if (later) kept.set(key, { ...before, acceptedSteps: one.acceptedSteps });
  }
  return [...kept.values()];
}

/** Collects the backup codes of a person from all enrollments. */
function checkCodes(
  enrollments: readonly LegacyEnrollment[],
  digits: readonly number[],
): Pick<Carried, "codes" | "skipped"> {
  const lists = {
    backupCodes: [] as unknown[],
    legacyCodes: [] as unknown[],
    backupDigests: [] as unknown[],
  };
  for (const enrollment of enrollments) {
    for (const kind of KINDS) {
      const given: unknown = enrollment[kind] ?? [];
      if (kind === "backupDigests") lists[kind].push(...(Array.isArray(given) ? [] : [given]));
      else lists[kind].push(...checkList(kind, given));
    }
  }
  const [kind, another] = KINDS.filter((name) => lists[name].length > 0);
  if (another) throw new TypeError(`${another}: want one kind of backup codes, not ${kind} too`);
  if (lists.backupDigests.length > 1) throw new TypeError("backupDigests: want them once");
  if (kind === "backupDigests") return { codes: checkDigests(lists.backupDigests[0]), skipped: [] };
  return kind === "legacyCodes" ? namesOf(lists.legacyCodes) : plainOf(lists.backupCodes, digits);
}

function checkList(name: string, list: unknown): readonly unknown[] {
  if (Array.isArray(list) && list.length <= MAX_LISTED) return list;
  throw new TypeError(`${name}: want a list`);
}

function checkDigests(given: unknown): CarriedCodes {
  try {
    return { kind: "digests", batch: copyBatch(given) };
  } catch {
    throw new TypeError("backupDigests: want what exportEnrollment gave");
  }
}

/** Sorts out codes that cannot be taken over, and returns the others in the spelling that `read` gives them. */
function sortOut(
  list: readonly unknown[],
  read: (value: unknown) => string | SkippedAs,
): { kept: readonly string[]; skipped: readonly SkippedCode[] } {
  const kept = new Set<string>();
  const skipped: SkippedCode[] = [];
  list.forEach((value, index) => {
    const spelled = read(value);
    if (typeof spelled !== "string") skipped.push({ index, reason: spelled.skip });
    else if (kept.has(spelled)) skipped.push({ index, reason: "duplicate" });
    else if (kept.size === MAX_BATCH) skipped.push({ index, reason: "too_many" });
    else kept.add(spelled);
  });
  return { kept: [...kept], skipped };
}

interface SkippedAs {
  skip: SkippedCode["reason"];
}

function namesOf(list: readonly unknown[]): Pick<Carried, "codes" | "skipped"> {
  const { kept, skipped } = sortOut(list, (name) => {
    if (typeof name !== "string" || name === "") return { skip: "not_text" };
    return name.length > MAX_CODE_NAME ? { skip: "too_long" } : name;
  });
  return { codes: kept.length === 0 ? null : { kind: "names", minLength: MIN_LEGACY, names: kept }, skipped };
}

/** Returns plain codes in their canonical spelling. None has the shape of an app code. */
function plainOf(list: readonly unknown[], digits: readonly number[]): Pick<Carried, "codes" | "skipped"> {
  const { kept, skipped } = sortOut(list, (code) => {
    if (typeof code !== "string" || code.trim() === "") return { skip: "not_text" };
    const spelled = canonicalCode(code);
    if (spelled === undefined) return { skip: code.length > MAX_CODE_LENGTH ? "too_long" : "not_text" };
    if (/^[0-9]+$/.test(spelled) && digits.includes(spelled.length)) return { skip: "app_code_shape" };
    return spelled.length < MIN_PLAIN ? { skip: "too_short" } : spelled;
  });
  return { codes: kept.length === 0 ? null : { kind: "plain", ...shapeOf(kept) }, skipped };
}

/** Returns the narrowest alphabet that all codes fit: digits, Crockford's Base32, or any text. */
function shapeOf(codes: readonly string[]): Omit<CarriedCodes & { kind: "plain" }, "kind"> {
  const length = Math.min(...codes.map((code) => code.length));
  for (const alphabet of length <= 32 ? (["digits", "base32"] as const) : []) {
    const spelled = codes.map((code) => asBackupCode(code, { alphabet, length }));
    const all = spelled.filter((code) => code !== undefined);
    if (new Set(all).size === codes.length) return { shape: { alphabet, length }, codes: all };
  }
  return { shape: { alphabet: "text", length }, codes };
}
