/** What the server remembers of a visit. Nothing of it is in the browser but the session's id. */

import { randomBytes } from "node:crypto";
import type { Request } from "express";
import type { SessionData } from "express-session";
import type { Assurance, Lock, Method, SignInStep } from "twinlock";
import { type Sentence, sentence } from "./languages.ts";
import type { Site } from "./site.ts";

/** A visitor who never signs in is soon forgotten. Milliseconds. */
export const SIGNED_OUT_FOR = 3_600_000;
export const SIGNED_IN_FOR = 7 * 86_400_000;
/** As long as the library tells a success again. */
const ANSWERED_FOR = 60_000;

/** What a new authenticator app is to those that there are: in the place of one, or another one. */
export type BesideApps = { replace: true | string } | { add: true; label: string } | Record<string, never>;

export interface Visit {
  /**
   * A random value that challenges and elevations are sealed with. Unlike the session's id it stays the same when
   * the id is renewed, and what was sealed in one session is worthless in another.
   */
  binding: string;
  /** Set after the second factor, never before. */
  signedIn: {
    userId: string;
    /** The generation of the account's sessions that this one belongs to; all of an older one are over. */
    generation: number;
    /** The kind of code that was accepted, or why none was asked for. */
    by: Method | Extract<SignInStep, { step: "done" }>["reason"];
    assurance: Assurance;
  };
  /** The password was right, the second factor is still to come. */
  challenge: {
    step: "code" | "enroll";
    sealed: string;
    expiresAt: number;
    methods: readonly Method[];
    /** Which of these could not be tried when the sign-in began. */
    locks: readonly Lock[];
    email: string;
    /** From before the code: a session that something has ended meanwhile does not begin. */
    generation: number;
    /** Kept for a reload: until when codes are refused. */
    retryAt: number | null;
  };
  /** A recent proof of identity, for operations that ask for one. */
  elevation: string;
  /** Pages that open after a proof of their own, and until when they stay open. */
  confirmed: { pages: "manage" | "members"; until: number };
  /** `endsAt`: until when the codes can be acknowledged. */
  enrolling: { id: string | null; beside: BesideApps | "passkey"; endsAt: number | null };
  batchId: string;
  notice: string | Sentence;
  /** The form whose success renewed the session: it may come again, with the old id or with the new one. */
  answered: Form;
}

/** What a posted code or acknowledgement is about. */
export interface Form {
  challenge: Visit["challenge"] | undefined;
  enrolling: Visit["enrolling"] | undefined;
  batchId: string | undefined;
  userId: string | undefined;
}

declare module "express-session" {
  interface SessionData extends Visit {}
}

export function bindingOf(req: Request): string {
  req.session.binding ??= randomBytes(32).toString("base64url");
  return req.session.binding;
}

/**
 * Starts a session with a new id, and takes along only what is named: no one can plant a session on a visitor. Unless
 * the binding is among it, the visit so far is over.
 */
export async function renewSession(site: Site, req: Request, visit: Partial<Visit>): Promise<void> {
  const { binding } = req.session;
  if (binding !== undefined && visit.binding !== binding) await site.endedVisits.add(binding);
  await new Promise<void>((resolve, reject) => {
    req.session.regenerate((error) => (error ? reject(error) : resolve()));
  });
  Object.assign(req.session, visit);
}

/** What this session waits for or, where that is nothing, the form that was answered already. */
export function formIn(req: Request): Form {
  const { challenge, enrolling, batchId, signedIn, answered } = req.session;
  if (answered && isSentAgain(req)) return answered;
  return { challenge, enrolling, batchId, userId: signedIn?.userId };
}

export function isSentAgain({ session: { challenge, enrolling, answered } }: Request): boolean {
  return answered !== undefined && !challenge && !enrolling;
}

/**
 * Starts a session with a new id as `renewSession` does. The old id stays for a minute and signs nobody in: a form that
 * is sent twice finds there what it is about, and the library tells its success again.
 */
export async function succeedSession(req: Request, visit: () => Promise<Partial<Visit>>): Promise<void> {
  const { session, sessionID, sessionStore } = req;
  const { cookie, binding, csrfToken } = session;
  const again = { binding, csrfToken, answered: formIn(req) };
  cookie.maxAge = ANSWERED_FOR;
  await new Promise<void>((resolve, reject) => {
    const done = (error?: unknown) => (error ? reject(error) : resolve());
    sessionStore.set(sessionID, { ...again, cookie } as SessionData, done);
  });
  const next = await visit(); // what ends other sessions comes after that, or the second form would find its own ended
  sessionStore.generate(req);
  Object.assign(req.session, again, next);
}

/** The message for the next page, once. */
export function takeNotice(req: Request): Sentence | null {
  const { notice } = req.session;
  delete req.session.notice;
  return notice === undefined ? null : sentence(notice);
}
