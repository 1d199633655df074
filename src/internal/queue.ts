/** Attempts on one user take turns inside a process. Nothing rests on it but throughput. */

import type { Wait } from "./timer.ts";

/** Runs a task behind the others of the same line; null when too many wait there already. */
export type Queue = <T>(line: string, task: () => Promise<T>) => Promise<T> | null;

export const MAX_WAITING = 32;
/** A waiter that has stood this long goes ahead alone: what it waits for may never settle. */
export const PATIENCE_MS = 2_000;

export function createQueue(wait: (ms: number) => Wait): Queue {
  const lines = new Map<string, { present: number; last: Promise<unknown> }>();
  return (name, task) => {
    const line = lines.get(name) ?? { present: 0, last: Promise.resolve() };
    if (line.present > MAX_WAITING) return null; // one more than wait: the first is at it
    lines.set(name, line);
    const isFirst = line.present === 0;
    const before = line.last;
    line.present++;
    const run = (async () => {
      try {
        if (!isFirst) {
          const patience = wait(PATIENCE_MS);
          await Promise.race([before, patience.done]);
          patience.cancel();
        }
        return await task();
      } finally {
        line.present--;
        if (line.present === 0) lines.delete(name);
      }
    })();
    line.last = run.catch(() => undefined);
    return run;
  };
}
