/** The timers of node:test's `mock`: `setTimeout` and `clearTimeout` in a time that a test moves by `tick`. */

interface Timers {
  setTimeout: (run: () => void, ms?: number) => unknown;
  clearTimeout: (id: unknown) => void;
}
interface Due {
  at: number;
  run: () => void;
}
const platform = globalThis as unknown as Timers;
const { setTimeout, clearTimeout } = platform;
let now = 0;
let waiting = new Set<Due>();

const timers = {
  enable(): void {
    now = 0;
    waiting = new Set();
    platform.setTimeout = (run, ms = 0) => {
      const due = { at: now + ms, run };
      waiting.add(due);
      return due;
    };
    platform.clearTimeout = (due) => waiting.delete(due as Due);
  },
  tick(ms: number): void {
    now += ms;
    for (const due of [...waiting].filter(({ at }) => at <= now).sort((a, b) => a.at - b.at)) {
      waiting.delete(due);
      due.run();
    }
  },
  reset(): void {
    Object.assign(platform, { setTimeout, clearTimeout });
  },
};

export const mock: { timers: typeof timers } = { timers };
