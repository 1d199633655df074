/** A visit: what the flow keeps in the session, and when it may be believed, written and ended. */

import { type DeviceCookieOptions, deviceCookie } from "../device-cookie.ts";
import type { Method } from "../rules/decision.ts";
import type { DeviceGrant } from "../rules/devices.ts";
import type { Assurance } from "../two-factor/types.ts";
import type { FlowRequest } from "./host.ts";

/** Between the password and the session: nobody is signed in yet. */
export interface PendingStep {
  step: "code" | "enroll";
  /** Which kinds of code the form takes, or which factors may be enrolled. */
  methods: readonly Method[];
  /** Epoch milliseconds. */
  expiresAt: number;
}

/** Who is signed in, what that proves, and since when (epoch milliseconds). */
export interface SignedInUser {
  userId: string;
  assurance: Assurance;
  since: number;
}

export interface Visit {
  /** Random; stays the same when the session's id is renewed, and everything sealed belongs to it. */
  binding: string;
  startedAt: number;
  /** Without `user`, only names the device cookie: who signs in comes from the challenge. */
  pending?: PendingStep & { userId: string; challenge: string };
  user?: SignedInUser;
  elevation?: string;
  enrollmentId?: string;
  batchId?: string;
}

export interface VisitSettings {
  lifetime: number;
  deviceCookie: DeviceCookieOptions;
  clock: () => number;
  /** Makes a binding. */
  random: () => string;
}

/** The visit of a request, with what may happen to it. */
export interface OpenVisit {
  request: FlowRequest;
  settings: VisitSettings;
  /** Null: none has begun, or it is over. */
  visit: Visit | null;
}

export async function openVisit(request: FlowRequest, settings: VisitSettings): Promise<OpenVisit> {
  const kept = await request.session.read();
  const visit = isVisit(kept) && !(await isOver(request, settings, kept)) ? kept : null;
  return { request, settings, visit };
}

function isVisit(kept: unknown): kept is Visit {
  if (typeof kept !== "object" || kept === null) return false;
  const { binding, startedAt } = kept as Partial<Visit>;
  return typeof binding === "string" && binding !== "" && Number.isSafeInteger(startedAt);
}

/** Every visit ends with its lifetime at the latest, so that a note of an ended one need not be kept for longer. */
async function isOver({ ended }: FlowRequest, settings: VisitSettings, visit: Visit): Promise<boolean> {
  if (visit.startedAt + settings.lifetime <= settings.clock()) return true;
  return ended.has(visit.binding);
}

/** Ends the visit so far and begins the next, in a session with a new id: nobody can plant one on a visitor. */
export async function startVisit(open: OpenVisit): Promise<Visit> {
  await endVisit(open);
  open.visit = { binding: open.settings.random(), startedAt: open.settings.clock() };
  return open.visit;
}

export async function endVisit(open: OpenVisit): Promise<void> {
  const { request, settings, visit } = open;
  if (visit) await request.ended.add(visit.binding, visit.startedAt + settings.lifetime);
  open.visit = null;
  await request.session.renew();
}

/** Writes a visit, unless it has ended since it was read; false where it has. */
export async function keepVisit(open: OpenVisit, visit: Visit): Promise<boolean> {
  const { request, settings } = open;
  if (await isOver(request, settings, visit)) return false;
  open.visit = visit;
  await request.session.write(visit);
  return true;
}

/** The same visit in a session with a new id, with the user signed in; false where it has ended meanwhile. */
export async function signInVisit(open: OpenVisit, visit: Visit): Promise<boolean> {
  if (await isOver(open.request, open.settings, visit)) return false;
  await open.request.session.renew();
  return keepVisit(open, visit);
}

/** The value of the user's device cookie, if the request has it. */
export function deviceTokenOf({ request, settings }: OpenVisit, userId: string): string | undefined {
  const { name } = deviceCookie(userId, settings.deviceCookie);
  const pair = pairsOf(request.cookies).find((each) => each.startsWith(`${name}=`));
  return pair?.slice(name.length + 1);
}

export async function rememberDevice(open: OpenVisit, userId: string, device: DeviceGrant): Promise<void> {
  const { request, settings } = open;
  const cookie = deviceCookie(userId, settings.deviceCookie);
  const names = pairsOf(request.cookies).map((pair) => pair.split("=", 1)[0] ?? "");
  for (const parts of [...cookie.prune(names), cookie.parts(device)]) await request.setCookie(parts);
}

function pairsOf(header: string | null | undefined): string[] {
  return (header ?? "").split(";").map((pair) => pair.trim());
}
