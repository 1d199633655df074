/** Helpers of the commands: a time limit, and an error as a line for the terminal. */

import { after } from "../internal/timer.ts";

/** Runs a call, and rejects if it takes longer than so many seconds. */
export async function within<T>(seconds: number, call: () => T | PromiseLike<T>): Promise<T> {
  let cancel = (): void => {};
  const late = new Promise<never>((_, reject) => {
    cancel = after(seconds * 1_000, () => reject(new Error(`no answer within ${seconds} s`)));
  });
  return Promise.race([Promise.resolve().then(call), late]).finally(() => cancel());
}

/** Returns the first line of an error's message. Some drivers leave it empty and put several errors into one. */
export function messageOf(error: unknown): string {
  const { message, code, errors } = (error ?? {}) as { message?: string; code?: string; errors?: unknown[] };
  const said = message || (errors?.length ? messageOf(errors[0]) : "") || code || String(error);
  return said.replace(/\n.*/s, "").replace(/\.$/, "");
}
