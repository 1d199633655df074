/** What the server remembers of a visit. Nothing of it is in the browser but the session's id. */

import { randomBytes } from "node:crypto";
import type { Request } from "express";
import type { Assurance, Method } from "twinlock";

export interface Visit {
  /**
   * A random value that challenges and elevations are sealed with. Unlike the session's id it stays the same when
   * the id is renewed, and what was sealed in one browser is worthless in another.
   */
  binding: string;
  /** Set after the second factor, never before. */
  signedIn: {
    userId: string;
    at: number;
    assurance: Assurance;
    method: Method | null;
    graceEndsAt: number | null;
  };
  /** The password was right, the second factor is still to come. */
  challenge: {
    step: "code" | "enroll";
    sealed: string;
    expiresAt: number;
    methods: readonly Method[];
    email: string;
  };
  /** A recent proof of identity, for operations that ask for one. */
  elevation: string;
  enrolling: { id: string | null; replace: boolean };
  batchId: string;
  notice: string;
}

declare module "express-session" {
  interface SessionData extends Visit {}
}

export function bindingOf(req: Request): string {
  req.session.binding ??= randomBytes(32).toString("base64url");
  return req.session.binding;
}

/** Starts a session with a new id, and takes along only what is named: no one can plant a session on a visitor. */
export async function renewSession(req: Request, visit: Partial<Visit>): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    req.session.regenerate((error) => (error ? reject(error) : resolve()));
  });
  Object.assign(req.session, visit);
}

/** The message for the next page, once. */
export function takeNotice(req: Request): string | null {
  const { notice } = req.session;
  delete req.session.notice;
  return notice ?? null;
}
