/** Telling the host what happened: after it was stored, at most once, and without any say in the outcome. */

import type { EventType, RuleEvent } from "../rules/decision.ts";
import type { TwoFactorEvent } from "./event.ts";
import type { TwoFactorOptions } from "./options.ts";
import type { Context } from "./types.ts";

/** Who did it and from where, for the events of one call. */
export interface Trace {
  actor?: string | undefined;
  reason?: string | undefined;
  context?: Context | undefined;
}

/** An event of a rule, or of the shell, which alone knows what a callback has thrown. */
export type ShellEvent = RuleEvent & { cause?: unknown };
export type Emit = (userId: string, at: number, events: readonly ShellEvent[], trace: Trace) => void;

/** What a person should hear of by another channel: changes, and signs that somebody else is trying. */
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
  const lastTold = new Map<string, number>();

  /** A reused code writes nothing, and a clock that is off is off for all: neither must become a flood of events. */
  const isFlood = (type: EventType, userId: string, at: number) => {
    if (!ONCE_A_MINUTE.has(type)) return false;
    const key = `${type}:${userId}`;
    const last = lastTold.get(key);
    if (last !== undefined && Math.abs(at - last) < SILENCE_MS) return true;
    lastTold.delete(key);
    lastTold.set(key, at);
    const oldest = lastTold.keys().next().value;
    if (lastTold.size > MAX_REMEMBERED && oldest !== undefined) lastTold.delete(oldest);
    return false;
  };

  const deliver = async (event: TwoFactorEvent) => {
    try {
      await onEvent(event);
    } catch (cause) {
      await onEventError?.(cause, event); // the outcome stands: it was stored before the host heard of it
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
      if (cause !== undefined) Object.defineProperty(told, "cause", { value: cause }); // in no JSON, as with Error
      void deliver(told).catch(() => {}); // whoever hears of failures has failed, too
    }
  };
}
