/** Attempts on one user take turns inside a process. Nothing rests on it but throughput. */

import type { Wait } from "./timer.ts";

/** Runs a task behind the others of the same name; null when too many wait already. */
export type Queue = <T>(name: string, task: () => Promise<T>) => Promise<T> | null;

export const MAX_WAITING = 32;
/** A waiter that has stood this long goes ahead alone: what it waits for may never settle. */
export const PATIENCE_MS = 2_000;

export function createQueue(wait: (ms: number) => Wait): Queue {
  const lines = new Map<string, { waiting: number; last: Promise<unknown> }>();
  return (name, task) => {
    const line = lines.get(name) ?? { waiting: 0, last: Promise.resolve() };
    if (line.waiting > MAX_WAITING) return null;
    lines.set(name, line);
    const before = line.last;
    const first = line.waiting === 0;
    line.waiting++;
    const run = (async () => {
      if (!first) {
        const patience = wait(PATIENCE_MS);
        await Promise.race([before, patience.done]);
        patience.cancel();
      }
      try {
        return await task();
      } finally {
        line.waiting--;
        if (line.waiting === 0) lines.delete(name);
      }
    })();
    line.last = run.catch(() => undefined);
    return run;
  };
}
