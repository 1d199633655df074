/** The model of step-up: what an elevation holds, for whom it was made, and what an operation takes of it. */

import type { Answer, ModelUser } from "./model.ts";

export type Own = "payout" | "close" | "download" | "bury";

/** The operations of the host: what each asks for, as the options say it. */
export const OWN = {
  payout: { level: "app", maxAge: 120, once: true },
  close: "app",
  download: { level: "code", maxAge: 300 },
  bury: { level: "password+code", maxAge: 300, firstFactor: true },
} as const;

/** The same, and the library's operations that ask for a proof, as the model reads it. */
export interface Row {
  code: "any" | "app";
  firstFactor: boolean;
  maxAgeMs: number;
  once: boolean;
}
const row = (code: Row["code"], maxAge = 600, rest: Partial<Row> = {}): Row => ({
  ...{ code, maxAgeMs: maxAge * 1_000, firstFactor: false, once: false },
  ...rest,
});
export const TABLE = {
  payout: row("app", 120, { once: true }),
  close: row("app"),
  download: row("any", 300),
  bury: row("any", 300, { firstFactor: true }),
  replace: row("any"),
  regenerate: row("any"),
  disable: row("app"),
} satisfies Record<string, Row>;
export type Operation = keyof typeof TABLE;

/** What an operation is about; whatever the person was shown and has confirmed. */
export interface About {
  operation: Operation;
  transaction: string | undefined;
}

export interface ModelElevation {
  text: string;
  user: string;
  binding: string;
  epoch: number;
  code: { by: "app" | "backup"; at: number } | null;
  /** When the host's first factor succeeded. */
  firstFactor: number | null;
  madeFor: About | null;
  spent: boolean;
}

/** What is asked: by whom, of which session, about what, and what the host says of the first factor. */
export interface Asked extends About {
  user: string;
  binding: string;
  firstFactor: number | null;
  now: number;
}

/** What is still missing of a proof, why an elevation does not give it, and what it gives. */
export interface Judged {
  firstFactor: number | null;
  code: ModelElevation["code"];
  lacksFirstFactor: boolean;
  lacksCode: boolean;
  refusal: Answer;
  /** Whether the elevation counts, so that it is spent where it serves once. */
  counts: boolean;
}

export function judge(model: ModelUser, elevation: ModelElevation | undefined, asked: Asked): Judged {
  const { code: wanted, firstFactor: wantsFirst, maxAgeMs } = TABLE[asked.operation];
  const young = (at: number | null) => at !== null && asked.now - at < maxAgeMs;
  const refusal = refusalOf(model, elevation, asked, young);
  const counts = elevation !== undefined && refusal === "reauthentication_required";
  const code = counts && elevation.code && young(elevation.code.at) ? elevation.code : null;
  const held = counts && young(elevation.firstFactor) ? elevation.firstFactor : null;
  const firstFactor = wantsFirst && young(asked.firstFactor) ? asked.firstFactor : held;
  const lacksFirstFactor = wantsFirst && firstFactor === null;
  const lacksCode = !(wanted === "any" ? code : code?.by === "app");
  return { firstFactor, code, lacksFirstFactor, lacksCode, refusal, counts };
}

function refusalOf(
  model: ModelUser,
  elevation: ModelElevation | undefined,
  { user, binding, operation, transaction }: Asked,
  young: (at: number | null) => boolean,
): Answer {
  if (!elevation) return "reauthentication_required";
  if (elevation.user !== user || elevation.binding !== binding) return "elevation_invalid";
  if (!young(elevation.firstFactor) && !young(elevation.code?.at ?? null)) return "elevation_expired";
  if (elevation.epoch !== model.epoch) return "elevation_invalid";
  const { madeFor } = elevation;
  const fits = madeFor
    ? madeFor.operation === operation && madeFor.transaction === transaction
    : transaction === undefined;
  if (!fits) return "elevation_invalid";
  return TABLE[operation].once && elevation.spent ? "elevation_used" : "reauthentication_required";
}
