/**
 * Visits that are over, by their binding. The session store cannot say it: a request that is still at work when its
 * visitor signs out writes the old session back when it is done.
 */

import type { RequestHandler } from "express";
import type { Query } from "./database.ts";
import { renewSession, SIGNED_IN_FOR } from "./session.ts";
import type { Site } from "./site.ts";

/** Longer than a session that was written back can last. */
const KEPT = SIGNED_IN_FOR + 86_400_000;

export type EndedVisits = ReturnType<typeof createEndedVisits>;

export function createEndedVisits(query: Query) {
  return {
    async add(binding: string): Promise<void> {
      const sql = "INSERT INTO ended_visits (binding, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING";
      await query(sql, [binding, Date.now() + KEPT]);
    },

    async has(binding: string): Promise<boolean> {
      return (await query("SELECT 1 FROM ended_visits WHERE binding = $1", [binding])).length > 0;
    },
  };
}

/** Comes after the body has arrived and before any route: an ended visit's session is exchanged for an empty one. */
export function turnAwayEnded(site: Site): RequestHandler {
  return async (req, _res, next) => {
    const { binding } = req.session;
    if (binding !== undefined && (await site.endedVisits.has(binding)))
      await renewSession(site, req, { notice: "You are signed out." });
    next();
  };
}
