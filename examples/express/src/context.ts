/** What a request says about the device that sent it. */

import { parseCookie } from "cookie";
import type { Request } from "express";
import { type Context, deviceCookie } from "twinlock";

/** What goes into events, for logs and mails; `device` becomes the name of a trusted device. */
export function contextOf(req: Request): Context {
  return { ip: req.ip ?? "", device: deviceName(req.get("user-agent") ?? "") };
}

// In this order: Edge calls itself Chrome and Safari as well, and Android calls itself Linux.
const BROWSERS = [
  ["Edg", "Edge"],
  ["Firefox", "Firefox"],
  ["Chrome", "Chrome"],
  ["Safari", "Safari"],
] as const;
const SYSTEMS = [
  ["Android", "Android"],
  ["iPhone", "iPhone"],
  ["iPad", "iPad"],
  ["Windows", "Windows"],
  ["Mac OS X", "Mac"],
  ["Linux", "Linux"],
] as const;

export function deviceName(userAgent: string): string {
  const said = ([mark]: readonly [string, string]) => userAgent.includes(mark);
  const [, browser] = BROWSERS.find(said) ?? ["", "Browser"];
  const [, system] = SYSTEMS.find(said) ?? ["", "another system"];
  return `${browser} on ${system}`;
}

/** Reads the token that this device got when it last passed the second factor for this account. */
export function deviceToken(req: Request, userId: string): string | undefined {
  return parseCookie(req.headers.cookie ?? "")[deviceCookie(userId).name];
}

/** A field of a posted form, as text. */
export function field(req: Request, name: string): string {
  const value: unknown = req.body?.[name];
  return typeof value === "string" ? value : "";
}
