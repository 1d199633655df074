/** The model of a form that is sent twice: which call would be told the same success again. */

import type { ModelBatch, ModelUser } from "./model.ts";

/** What was answered: a challenge, an enrollment or a batch, from the page that holds it, with a code if it takes one. */
export interface ModelAnswer {
  of: unknown;
  code: string | null;
  at: number;
  epoch: number;
  /** The backup codes that were shown. */
  batch: ModelBatch | null;
  /** The device token that was handed out. */
  token: string | null;
}

const fresh = (user: ModelUser, answer: ModelAnswer, now: number) =>
  Math.abs(now - answer.at) < 60_000 && answer.epoch === user.epoch;

export function remember(user: ModelUser, answer: Omit<ModelAnswer, "epoch">): void {
  const others = user.answers.filter((other) => other.of !== answer.of && fresh(user, other, answer.at));
  user.answers = [...others, { ...answer, epoch: user.epoch }].slice(-3);
}

/** The answer to the very same call; another code for the same thing ends the repeating. */
export function recall(user: ModelUser, of: unknown, code: string | null, now: number): ModelAnswer | null {
  const answer = user.answers.find((other) => other.of === of && fresh(user, other, now));
  if (!answer) return null;
  if (answer.code !== code) {
    user.answers = user.answers.filter((other) => other !== answer);
    return null;
  }
  const { batch } = answer;
  return batch && ![user.pending?.batch, user.batch].some((other) => other?.batchId === batch.batchId)
    ? null
    : answer;
}
