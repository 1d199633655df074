/**
 * A phone for demonstrations: an authenticator app as a web page. The keys stay in a cookie of the browser, so the
 * server that checks codes still keeps no key in the clear. It is not mounted in production.
 */

import { parseCookie } from "cookie";
import express, { type Request, Router } from "express";
import { parseKeyUri, secondsRemaining, totp } from "twinlock/otp";
import { type Account, phonePage } from "../views/phone.ts";

const COOKIE = "demo-phone";
const MOST = 12;

export function phoneRoutes(clock: () => number): Router {
  const router = Router();
  const accounts = (keys: readonly string[]): Account[] =>
    keys.map((key) => {
      const { secret, issuer = "", accountName, digits, period, algorithm } = parseKeyUri(key);
      const now = clock();
      return {
        issuer,
        accountName,
        code: totp(secret, { now, digits, period, algorithm }),
        secondsLeft: secondsRemaining({ now, period }),
      };
    });

  router.get("/", (req, res) => {
    res.send(String(phonePage(accounts(keysOf(req)))));
  });

  router.post("/", express.urlencoded({ extended: false, limit: "4kb" }), (req, res): unknown => {
    if (req.get("sec-fetch-site") === "cross-site") return res.sendStatus(403);
    const key = readable(req.body?.key);
    if (req.body?.lose) res.clearCookie(COOKIE, { path: "/phone" });
    else if (key) {
      const keys = [key, ...keysOf(req).filter((other) => !sameAccount(other, key))].slice(0, MOST);
      res.cookie(COOKIE, JSON.stringify(keys), { path: "/phone", httpOnly: true, sameSite: "strict" });
    }
    return res.redirect(303, "/phone");
  });

  return router;
}

function keysOf(req: Request): string[] {
  try {
    const keys: unknown = JSON.parse(parseCookie(req.headers.cookie ?? "")[COOKIE] ?? "[]");
    return Array.isArray(keys) ? keys.flatMap((key) => readable(key) ?? []) : [];
  } catch {
    return [];
  }
}

function readable(key: unknown): string | null {
  try {
    parseKeyUri(String(key));
    return String(key);
  } catch {
    return null;
  }
}

/** A phone that scans an account again replaces it. */
function sameAccount(a: string, b: string): boolean {
  const [one, other] = [parseKeyUri(a), parseKeyUri(b)];
  return one.issuer === other.issuer && one.accountName === other.accountName;
}
