/** What the host hands over: how its session is kept, how cookies come and go, and where ended visits are noted. */

import type { DeviceCookieParts } from "../device-cookie.ts";
import type { MaybePromise } from "../two-factor/types.ts";

/** The part of the host's session that the flow keeps. Plain JSON; what is in it is the flow's own affair. */
export interface FlowSession {
  /** What `write` was last given in this session; anything else where it was given nothing. */
  read(): MaybePromise<unknown>;
  /** Keeps a value in the session. */
  write(visit: object): MaybePromise<unknown>;
  /** Goes on in an empty session under a new id; the old one is gone. A sealed cookie is emptied. */
  renew(): MaybePromise<unknown>;
}

/** Visits that are over. A request that is still at work may write its session back: the note says that it is over. */
export interface EndedVisits {
  /** Notes that a visit is over, until an instant in epoch milliseconds. */
  add(visit: string, until: number): MaybePromise<unknown>;
  /** Whether it was noted. */
  has(visit: string): MaybePromise<boolean>;
}

/** One request, as the flow sees it. */
export interface FlowRequest {
  session: FlowSession;
  ended: EndedVisits;
  /** The `Cookie` header. */
  cookies: string | null | undefined;
  /** Sets the device cookie: `header` is the value of a `Set-Cookie` header, the rest is the same in parts. */
  setCookie(cookie: DeviceCookieParts): MaybePromise<unknown>;
}

/**
 * Notes ended visits in the memory of this process: for tests, and for an application that is one process and whose
 * sessions end with it.
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
