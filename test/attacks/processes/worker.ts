/** One attacked process: does what it is told over IPC, several calls at once, and reports what was revealed. */

import { sharedWithLater } from "../../support/later-version.ts";
import { openStore, type Target } from "../../support/open-store.ts";
import { calls, type Order, type Report } from "./orders.ts";
import { createInstance, type Instance } from "./service.ts";

let instance: Instance | undefined;
let close: (() => Promise<unknown>) | undefined;

export type Message =
  | { open: Target; keys: string; later: boolean }
  | { orders: Order[]; at: number; startAt: number }
  | { close: true };

process.on("message", async (message: Message) => {
  if ("open" in message) {
    const opened = await openStore(message.open);
    close = opened.close;
    const store = message.later ? sharedWithLater(opened.store, message.keys) : opened.store;
    instance = createInstance(store, message.keys);
    await opened.store.get("nobody"); // connected before the race
    process.send?.([]);
  } else if ("orders" in message && instance) {
    const { twoFactor, clock } = instance;
    clock.set(message.at);
    await new Promise((resolve) => setTimeout(resolve, message.startAt - Date.now()));
    const reports: Report[] = await Promise.all(message.orders.map((order) => calls(twoFactor, order)));
    process.send?.(reports);
  } else {
    await close?.();
    process.send?.([]);
  }
});
process.send?.([]);
