/** A visit, which is what the flow keeps in the session: reading, writing and ending it. */

import { type DeviceCookieOptions, deviceCookie } from "../device-cookie.ts";
import type { Method } from "../rules/decision.ts";
import type { DeviceGrant } from "../rules/devices.ts";
import type { Assurance } from "../two-factor/types.ts";
import type { FlowRequest } from "./host.ts";

/** The step that a sign-in waits for. Nobody is signed in yet. */
export interface PendingStep {
  step: "code" | "enroll";
  /** The kinds of code that the form takes, or the factors that may be enrolled. */
  methods: readonly Method[];
  /** When the step expires, in epoch milliseconds. */
  expiresAt: number;
}

/** The user who is signed in, with assurance, and since when (epoch milliseconds). */
export interface SignedInUser {
  userId: string;
  assurance: Assurance;
  since: number;
}

export interface Visit {
  /** A random value that stays the same when the session's id is renewed. Sealed values belong to it. */
  binding: string;
  startedAt: number;
  /** The sign-in that has begun. `userId` only names the device cookie; the user comes from the challenge. */
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
  /** Makes a random binding. */
  random: () => string;
}

/** The visit of a request, with the request and the settings. */
export interface OpenVisit {
  request: FlowRequest;
  settings: VisitSettings;
  /** The visit; null if none has begun, or it is over. */
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

/** Tells whether a visit is over. It ends with its lifetime at the latest, so notes need not be kept for longer. */
async function isOver({ ended }: FlowRequest, settings: VisitSettings, visit: Visit): Promise<boolean> {
  if (visit.startedAt + settings.lifetime <= settings.clock()) return true;
  return ended.has(visit.binding);
}

/** Ends the visit and begins another in a session with a new id, so that nobody can plant a session on a visitor. */
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

/** Writes a visit; false if it has ended since it was read. */
export async function keepVisit(open: OpenVisit, visit: Visit): Promise<boolean> {
  const { request, settings } = open;
  if (await isOver(request, settings, visit)) return false;
  open.visit = visit;
  await request.session.write(visit);
  return true;
}

/** Writes a visit with its user signed in to a session with a new id; false if the visit has ended meanwhile. */
export async function signInVisit(open: OpenVisit, visit: Visit): Promise<boolean> {
  if (await isOver(open.request, open.settings, visit)) return false;
  await open.request.session.renew();
  return keepVisit(open, visit);
}

/** Returns the value of the user's device cookie, if the request has one. */
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
