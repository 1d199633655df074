/** The result of confirming and acknowledging: the factor is active, or its backup codes are to be saved first. */

import type { Failure } from "../errors.ts";
import { type Decision, followedBy, unchanged } from "../rules/decision.ts";
import type { Confirmed, NeedsBatch } from "../rules/enrollment.ts";
import type { Sent, Source } from "../rules/repeat.ts";
import type { Repeat } from "./call.ts";
import type { Enrollee } from "./enrollee.ts";
import { codesAgain, freshSource, kept, sentBy, successAgain } from "./repeat.ts";
import { admitDevice, passkeyShown, type Success, signedIn } from "./success.ts";
import type { BackupCodeBatch, CodeOptions, SignedIn, Who } from "./types.ts";

/** The result of confirming or acknowledging, with the backup codes that are shown. */
export type Activation = { codes: BackupCodeBatch | null } & (
  | { kind: "awaiting_acknowledgement" }
  | { kind: "active"; success: Success }
);

/** What a call has sent, and the random source of what it hands out; null where it cannot be sent twice. */
export interface Form {
  sent: Sent | null;
  source: Source | null;
}

/** The form of a call that counts once, however often it is sent: the response of a passkey. */
export const SENT_ONCE: Form = { sent: null, source: null };

export function formOf(
  { call }: Enrollee,
  of: string,
  { who, binding, code }: { who: Who; binding: string | null; code: string | Failure | null },
): Form {
  const holder = typeof who === "string" ? who : who.challenge;
  const parts = code === null ? [holder, binding] : [holder, binding, code];
  const sent = sentBy(of, parts);
  return { sent, source: freshSource(call, sent) };
}

/** Adds the device to an activation, from which the code or the acknowledgement came. */
export function activation<F extends NeedsBatch | Failure>(
  { call }: Enrollee,
  { trustDevice, remember, context }: CodeOptions,
  { form, codes }: { form: Form; codes: BackupCodeBatch | null },
  decision: Decision<Confirmed | F>,
): Decision<Activation | F> {
  const random = form.source?.random("device");
  const device = { deviceToken: undefined, tokenHash: null, trustDevice, remember, context, random };
  const batchId = codes?.batchId ?? null;
  return followedBy<Confirmed | F, Activation | F>(decision, (record, outcome) => {
    if (!isConfirmed(outcome)) return unchanged<Activation | F>(record, outcome);
    if (outcome.kind === "awaiting_acknowledgement") {
      const waiting = kept(call, record, form, { method: "app", stepOffset: 0 }, batchId);
      return unchanged<Activation | F>(waiting, { kind: outcome.kind, codes });
    }
    const { passkey, offset: stepOffset, verifiedAt } = outcome;
    const shown = passkey ? passkeyShown(passkey) : ({ method: "app" } as const);
    const verified = { ...shown, stepOffset, verifiedAt };
    const { outcome: success, ...admitted } = admitDevice(call, record, verified, device);
    const next = kept(call, admitted.record, passkey ? SENT_ONCE : form, verified, batchId);
    return { ...admitted, record: next, outcome: { kind: "active", success, codes } };
  });
}

function isConfirmed(outcome: Confirmed | NeedsBatch | Failure): outcome is Confirmed {
  return "kind" in outcome && outcome.kind !== "needs_batch";
}

/** Returns the result of the same call before, or null; also null if its backup codes are no longer there. */
export function activationAgain({ call }: Enrollee, { sent }: Form): Repeat<Activation> | null {
  return (
    sent && {
      sent,
      tell(record, told) {
        const codes = codesAgain(record, told);
        if (told.answer.batchId !== null && !codes) return null;
        if (codes && record.pending?.batch?.id === codes.batchId)
          return { kind: "awaiting_acknowledgement", codes };
        return { kind: "active", success: successAgain(call, record, told), codes };
      },
    }
  );
}

export function signInOf({ call, bindingHash, challenge }: Enrollee, success: Success): Promise<SignedIn> {
  return signedIn(call, success, { bindingHash, firstFactor: challenge?.firstFactor ?? null });
}
