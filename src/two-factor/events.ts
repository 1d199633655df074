/** Sends events to `onEvent`: after what happened was stored, at most once, and without changing the outcome. */

import type { EventType, RuleEvent } from "../rules/decision.ts";
import type { TwoFactorEvent } from "./event.ts";
import type { TwoFactorOptions } from "./options.ts";
import type { Context } from "./types.ts";

/** Actor, reason and context, for the events of one call. */
export interface Trace {
  actor?: string | undefined;
  reason?: string | undefined;
  context?: Context | undefined;
}

/** An event of a rule, with what a callback has thrown. */
export type ShellEvent = RuleEvent & { cause?: unknown };
export type Emit = (userId: string, at: number, events: readonly ShellEvent[], trace: Trace) => void;

/** The events that a person should hear of by another channel: changes, and signs of an attack. */
const NOTIFY: ReadonlySet<EventType> = new Set<EventType>([
  "enrolled",
  "replaced",
  "authenticator_added",
  "authenticator_removed",
  "passkey_added",
  "passkey_removed",
  "passkey_cloned",
  "disabled",
  "reset",
  "imported",
  "exported",
  "record_replaced",
  "locked",
  "unlocked",
  "unknown_device_failures",
  "backup_code_used",
  "backup_codes_low",
  "backup_codes_regenerated",
  "device_trusted",
]);

const ONCE_A_MINUTE: ReadonlySet<EventType> = new Set<EventType>(["code_reused", "code_outside_window"]);
const SILENCE_MS = 60_000;
const MAX_REMEMBERED = 1_000;

export function createEmitter({ onEvent, onEventError }: TwoFactorOptions): Emit {
  if (!onEvent) return () => {};
  const lastTold = new Map<unknown, number>();

  /** Tells whether an event would come too often: reused codes cost nothing, and a wrong clock concerns all users. */
  const isFlood = (type: EventType, userId: string, at: number) => {
    if (!ONCE_A_MINUTE.has(type)) return false;
    const key = `${type}:${userId}`;
    const last = lastTold.get(key) ?? Number.NEGATIVE_INFINITY;
    if (Math.abs(at - last) < SILENCE_MS) return true;
    lastTold.delete(key);
    lastTold.set(key, at);
    if (lastTold.size > MAX_REMEMBERED) lastTold.delete(lastTold.keys().next().value);
    return false;
  };

  const deliver = async (event: TwoFactorEvent) => {
    try {
      await onEvent(event);
    } catch (cause) {
      await onEventError?.(cause, event); // the outcome was stored before, so it stands
    }
  };

  return (userId, at, events, { actor, reason, context }) => {
    for (const { cause, ...event } of events) {
      if (isFlood(event.type, userId, at)) continue;
      const told: TwoFactorEvent = {
        ...event,
        userId,
        at,
        notify: NOTIFY.has(event.type),
        ...(actor === undefined ? {} : { actor }),
        ...(reason === undefined ? {} : { reason }),
        ...(context === undefined ? {} : { context }),
      };
      if (cause !== undefined) Object.defineProperty(told, "cause", { value: cause }); // not enumerable, as in Error
      void deliver(told).catch(() => {}); // `onEventError` has failed, too
    }
  };
}
