/** A time limit for calls of the application's code. */

import type { Service } from "./service.ts";

/**
 * Runs a call and rejects with "`what` did not answer in time" after `storeTimeout`. `onLate` gets an answer that came
 * after it.
 */
export function inTime<T>(
  service: Pick<Service, "after" | "settings">,
  what: string,
  call: () => PromiseLike<T> | T,
  onLate?: (value: T) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let late = false;
    const giveUp = () => {
      late = true;
      reject(new Error(`${what} did not answer in time.`));
    };
    const cancel = service.after(service.settings.storeTimeout * 1_000, giveUp);
    const answer = (value: T) => (late ? onLate?.(value) : resolve(value));
    const settle =
      <V>(how: (value: V) => void) =>
      (value: V) => {
        cancel();
        how(value);
      };
    try {
      Promise.resolve(call()).then(settle(answer), settle(reject));
    } catch (cause) {
      settle(reject)(cause);
    }
  });
}
