/** Waiting, as something that can be called off. */

export interface Wait {
  done: Promise<void>;
  cancel(): void;
}

interface Timers {
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}
const timers = globalThis as unknown as Timers;

export function wait(ms: number): Wait {
  let timer: unknown;
  const done = new Promise<void>((resolve) => {
    timer = timers.setTimeout(resolve, ms);
  });
  return { done, cancel: () => timers.clearTimeout(timer) };
}
