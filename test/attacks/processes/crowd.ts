/** Eight processes that start together, as eight servers behind one address would. */

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { bundle } from "../../support/bundle.ts";
import type { Target } from "../../support/open-store.ts";
import type { Order, Report } from "./orders.ts";
import type { Message } from "./worker.ts";

export interface Crowd {
  /** With `rolling`, every second process runs a later version, as a deployment that rolls. */
  open(target: Target, keys: string, rolling?: boolean): Promise<void>;
  /** Sends each process its orders, all to start at one instant; `at` is the time on their clocks. */
  race(at: number, orders: (process: number) => Order[]): Promise<Report[]>;
  close(): Promise<void>;
  end(): void;
}

export async function gather(count = 8): Promise<Crowd> {
  const script = await bundle("attacks/processes/worker.ts");
  const processes: ChildProcess[] = [];
  for (let i = 0; i < count; i++) processes.push(fork(script, { execArgv: [] }));
  await Promise.all(processes.map(answer));

  const tell = (process: ChildProcess, message: Message): Promise<Report[]> => {
    const answered = answer(process);
    process.send(message);
    return answered;
  };
  const tellAll = (message: Message): Promise<unknown> =>
    Promise.all(processes.map((process) => tell(process, message)));
  return {
    open: async (open, keys, rolling = false) => {
      const opened = processes.map((process, i) =>
        tell(process, { open, keys, later: rolling && i % 2 === 1 }),
      );
      await Promise.all(opened);
    },
    async race(at, orders) {
      const startAt = Date.now() + 20; // what it takes for every process to have its orders
      const reports = processes.map((process, i) => tell(process, { orders: orders(i), at, startAt }));
      return (await Promise.all(reports)).flat();
    },
    close: async () => void (await tellAll({ close: true })),
    end: () => processes.forEach((process) => void process.kill()),
  };
}

async function answer(process: ChildProcess): Promise<Report[]> {
  const [reports] = await once(process, "message");
  return reports as Report[];
}
