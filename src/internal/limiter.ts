/** A limiter for expensive work: it runs a few tasks at a time, and those that a person waits for go first. */

/** Runs a task when there is room; `urgent` tasks go before the others. */
export type Limiter = <T>(priority: "urgent" | "patient", task: () => Promise<T>) => Promise<T>;

export function createLimiter(slots: number): Limiter {
  const waiting = { urgent: [] as (() => void)[], patient: [] as (() => void)[] };
  let running = 0;
  const release = () => {
    const next = waiting.urgent.shift() ?? waiting.patient.shift();
    if (next) next();
    else running--;
  };
  return async (priority, task) => {
    if (running < slots) running++;
    else await new Promise<void>((resolve) => waiting[priority].push(resolve));
    try {
      return await task();
    } finally {
      release();
    }
  };
}
