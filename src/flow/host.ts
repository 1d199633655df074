/** The interface to your application: its session, its cookies, and where ended visits are noted. */

import type { DeviceCookieParts } from "../device-cookie.ts";
import type { MaybePromise } from "../two-factor/types.ts";

/** The flow's part of your session. It is plain JSON, whose contents only the flow uses. */
export interface FlowSession {
  /** Returns what `write` last stored in this session, or any other value where it stored nothing. */
  read(): MaybePromise<unknown>;
  /** Stores a value in the session. */
  write(visit: object): MaybePromise<unknown>;
  /** Replaces the session by an empty one under a new id. A sealed cookie is emptied. */
  renew(): MaybePromise<unknown>;
}

/** Notes of visits that are over, because a request that is still at work may write its session back. */
export interface EndedVisits {
  /** Notes that a visit is over, until an instant in epoch milliseconds. */
  add(visit: string, until: number): MaybePromise<unknown>;
  /** Tells whether a visit was noted. */
  has(visit: string): MaybePromise<boolean>;
}

/** A request, as the flow sees it. */
export interface FlowRequest {
  session: FlowSession;
  ended: EndedVisits;
  /** The value of the `Cookie` header. */
  cookies: string | null | undefined;
  /** Sets the device cookie: `header` is the value of a `Set-Cookie` header, the other fields are the same in parts. */
  setCookie(cookie: DeviceCookieParts): MaybePromise<unknown>;
}

/**
 * Keeps notes of ended visits in the memory of this process. Use it for tests, and where sessions end with the process.
 */
export function memoryEndedVisits(): EndedVisits {
  const ended = new Map<string, number>();
  return {
    add(visit, until) {
      const now = Date.now();
      for (const [other, end] of ended) if (end < now) ended.delete(other);
      ended.set(visit, until);
    },
    has: (visit) => ended.has(visit),
  };
}
