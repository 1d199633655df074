/** Attempts on one user take turns inside a process. That affects throughput only. */

import type { After } from "./timer.ts";

/** Runs a task behind the others of the same line; null when too many wait there already. */
export type Queue = <T>(line: string, task: () => Promise<T>) => Promise<T> | null;

export const MAX_WAITING = 32;
/** How long a task waits before it runs anyway, because the task before it may never settle. */
export const PATIENCE_MS = 2_000;

export function createQueue(after: After): Queue {
  const lines = new Map<string, { present: number; last: Promise<unknown> }>();
  const patiently = (before: Promise<unknown>) =>
    new Promise<void>((proceed) => {
      const cancel = after(PATIENCE_MS, proceed);
      void before.then(cancel).then(proceed);
    });
  return (name, task) => {
    const line = lines.get(name) ?? { present: 0, last: Promise.resolve() };
    if (line.present > MAX_WAITING) return null; // `present` counts the running task, too
    lines.set(name, line);
    const isFirst = line.present === 0;
    const before = line.last;
    line.present++;
    const run = (async () => {
      try {
        if (!isFirst) await patiently(before);
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
