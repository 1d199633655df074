/** How often a password may be tried: per account and per address, counted in the database, so for all instances. */

import type { Request, RequestHandler } from "express";
import { ipKeyGenerator, rateLimit, type Store } from "express-rate-limit";
import type { Query } from "./database.ts";

const WINDOW = 15 * 60 * 1000;

export interface PasswordLimits {
  /** Ten wrong passwords for one account in fifteen minutes, wherever they come from. */
  account: RequestHandler;
  /** Sixty requests from one address in fifteen minutes, right or wrong. */
  address: RequestHandler;
}

export function passwordLimits(query: Query, product: string, refuse: RequestHandler): PasswordLimits {
  const limit = (
    name: string,
    most: number,
    keyGenerator: (req: Request) => string,
    skipSuccessfulRequests = false,
  ) =>
    rateLimit({
      windowMs: WINDOW,
      limit: most,
      standardHeaders: "draft-8",
      legacyHeaders: false,
      store: sqlStore(query, `${product}:${name}:`),
      handler: refuse,
      keyGenerator,
      skipSuccessfulRequests,
    });
  return {
    account: limit(
      "account",
      10,
      (req) =>
        String(req.body?.email ?? "")
          .trim()
          .toLowerCase()
          .slice(0, 200),
      true,
    ),
    address: limit("address", 60, (req) => ipKeyGenerator(req.ip ?? "")),
  };
}

function sqlStore(query: Query, prefix: string): Store {
  return {
    localKeys: false,
    async increment(key) {
      const now = Date.now();
      const [row] = await query(
        `INSERT INTO rate_limits (id, hits, reset_at) VALUES ($1, 1, $2)
         ON CONFLICT (id) DO UPDATE SET
           hits = CASE WHEN rate_limits.reset_at <= $3 THEN 1 ELSE rate_limits.hits + 1 END,
           reset_at = CASE WHEN rate_limits.reset_at <= $3 THEN excluded.reset_at ELSE rate_limits.reset_at END
         RETURNING hits, reset_at`,
        [prefix + key, now + WINDOW, now],
      );
      return { totalHits: Number(row?.["hits"]), resetTime: new Date(Number(row?.["reset_at"])) };
    },
    async decrement(key) {
      await query("UPDATE rate_limits SET hits = hits - 1 WHERE id = $1 AND hits > 0", [prefix + key]);
    },
    async resetKey(key) {
      await query("DELETE FROM rate_limits WHERE id = $1", [prefix + key]);
    },
  };
}
