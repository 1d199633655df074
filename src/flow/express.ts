/** How Express keeps sessions and cookies, by shape: nothing of it is imported. */

import type { EndedVisits, FlowRequest, FlowSession } from "./host.ts";

/** A request with cookie-session. */
export interface CookieSessionRequest {
  headers: { cookie?: string | undefined };
  res?: { append(name: string, value: string): unknown } | undefined;
  session?: object | null | undefined;
}

/** A request with express-session. */
export interface ExpressSessionRequest extends CookieSessionRequest {
  session: { regenerate(done: (error?: unknown) => void): unknown };
  sessionStore: {
    get(id: string, done: (error: unknown, session?: object | null) => void): unknown;
    set(id: string, session: never, done?: (error?: unknown) => void): unknown;
  };
}

/**
 * Express with express-session, and whatever has its shape. Ended visits are noted in the session store itself, under an
 * id that no cookie carries.
 */
export function expressSession(request: ExpressSessionRequest): FlowRequest {
  const session = () => request.session as ExpressSessionRequest["session"] & { twoFactor?: object };
  return {
    ...cookiesOf(request),
    session: {
      read: () => session().twoFactor,
      write(visit) {
        session().twoFactor = visit;
      },
      renew: () => called((done) => session().regenerate(done)),
    },
    ended: endedIn(request.sessionStore),
  };
}

/**
 * Express with cookie-session. The cookie holds the session, so only a note ends an old copy of it: keep `ended` in your
 * database or cache.
 */
export function cookieSession(ended: EndedVisits): (request: CookieSessionRequest) => FlowRequest {
  return (request) => {
    const session: FlowSession = {
      read: () => (request.session as { twoFactor?: unknown } | null | undefined)?.twoFactor,
      write(visit) {
        request.session = { ...request.session, twoFactor: visit };
      },
      renew() {
        request.session = {};
      },
    };
    return { ...cookiesOf(request), session, ended };
  };
}

function cookiesOf({ headers, res }: CookieSessionRequest): Pick<FlowRequest, "cookies" | "setCookie"> {
  return {
    cookies: headers.cookie,
    setCookie({ header }) {
      res?.append("Set-Cookie", header); // what it gives is not awaited: Fastify's reply waits for its own end
    },
  };
}

/** The notes have the shape of a session, so that every store keeps them for as long as their cookie would last. */
function endedIn(store: ExpressSessionRequest["sessionStore"]): EndedVisits {
  const idOf = (visit: string) => `ended-${visit}`;
  return {
    add(visit, until) {
      const cookie = {
        expires: new Date(until),
        originalMaxAge: until - Date.now(),
        path: "/",
        httpOnly: true,
      };
      return called((done) => store.set(idOf(visit), { cookie, ended: true } as never, done));
    },
    has: (visit) =>
      new Promise((resolve, reject) => {
        store.get(idOf(visit), (error, note) => (error ? reject(error) : resolve(Boolean(note))));
      }),
  };
}

function called(run: (done: (error?: unknown) => void) => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    run((error) => (error ? reject(error) : resolve()));
  });
}
