/** The owner's switch: whether this product requires a second factor of everybody, since when, with what grace. */

import type { Requirement } from "twinlock";
import type { Query } from "./database.ts";
import type { Product } from "./products.ts";

export interface PolicyState {
  requiredSince: number | null;
  graceSeconds: number;
}

export type Policy = ReturnType<typeof createPolicy>;

export function createPolicy(query: Query, { id: product, policy }: Product, clock: () => number) {
  const { methods } = policy || {};
  async function read(): Promise<PolicyState> {
    const [row] = await query("SELECT required_since, grace_seconds FROM policies WHERE product = $1", [
      product,
    ]);
    const since = row?.["required_since"] ?? null;
    return {
      requiredSince: since === null ? null : Number(since),
      graceSeconds: Number(row?.["grace_seconds"] ?? 0),
    };
  }
  return {
    read,

    async set(required: boolean, graceSeconds: number): Promise<void> {
      await query(
        `INSERT INTO policies (product, required_since, grace_seconds) VALUES ($1, $2, $3)
         ON CONFLICT (product) DO UPDATE SET required_since = excluded.required_since, grace_seconds = excluded.grace_seconds`,
        [product, required ? clock() : null, graceSeconds],
      );
    },

    /** Until when a password alone is enough; null where nothing is required. */
    async graceEndsAt(): Promise<number | null> {
      const { requiredSince, graceSeconds } = await read();
      return requiredSince === null ? null : requiredSince + graceSeconds * 1000;
    },

    /** What `createTwoFactor` asks at every sign-in. */
    async requirement(): Promise<Requirement> {
      const { requiredSince, graceSeconds } = await read();
      if (requiredSince === null) return { required: false };
      return { required: true, sinceAt: requiredSince, grace: graceSeconds, ...(methods && { methods }) };
    },

    /** The kind of code that counts as proof. */
    async proof(): Promise<"any" | "passkey"> {
      return methods && (await read()).requiredSince !== null ? "passkey" : "any";
    },
  };
}
