/** Accounts of the example for tests that need no browser: signing up, turning it on, signing in. */

import assert from "node:assert/strict";
import type { Example } from "./example.ts";
import { authenticator, readQrFromPage } from "./scan.ts";
import { type Seen, type Visitor, visitor } from "./visitor.ts";

export const password = "correct horse battery";

export type Phone = ReturnType<typeof authenticator>;

export interface Account extends Visitor {
  readonly email: string;
  /** The path of a product's page. */
  at(path: string): string;
  signIn(): Promise<Seen>;
  /** Whether this browser is signed in. */
  isIn(): Promise<boolean>;
}

/** A browser that is about to use an account of a product. */
export function account(example: Example, product: string, email = "ada@example.org"): Account {
  const one = visitor(example.origin);
  const at = (path: string) => `/${product}${path}`;
  return {
    ...one,
    email,
    at,
    async signIn() {
      await one.get(at("/sign-in"));
      return one.post(at("/sign-in"), { email, password });
    },
    isIn: async () => (await one.get(at("/settings"))).url === at("/settings"),
  };
}

export async function signUp(example: Example, product: string, email?: string): Promise<Account> {
  const one = account(example, product, email);
  await one.get(one.at("/sign-up"));
  const seen = await one.post(one.at("/sign-up"), { email: one.email, phone: "+49 1512345678", password });
  assert.notEqual(seen.status, 422);
  return one;
}

/** Goes from the settings, or from a forced enrollment, to the page that follows the first code. */
export async function toTheCodes(example: Example, one: Account): Promise<{ phone: Phone; seen: Seen }> {
  let scan = await one.get(one.at("/two-factor/scan"));
  if (scan.url === one.at("/settings"))
    scan = await one.post(one.at("/two-factor/set-up"), { phone: "+49 151 23" });
  if (scan.url === one.at("/confirm")) scan = await one.post(one.at("/confirm?to=enroll"), { password });
  const phone = authenticator(readQrFromPage(scan.html));
  const seen = await one.post(one.at("/two-factor/scan"), { code: phone.code(example.now()) });
  assert.equal(seen.status, 200);
  example.advance(30);
  return { phone, seen };
}

/** Turns it on, in whichever way the product does. The next code of the phone is a fresh one. */
export async function turnOn(example: Example, one: Account): Promise<{ phone: Phone; codes: string[] }> {
  const { phone, seen } = await toTheCodes(example, one);
  if (seen.html.includes(one.at("/two-factor/acknowledge")))
    await one.post(one.at("/two-factor/acknowledge"));
  return { phone, codes: codesOn(seen) };
}

/** The backup codes that a page shows. */
export function codesOn({ html }: Seen): string[] {
  return [...html.matchAll(/<li><code>(.*?)<\/code>/g)].map(([, code = ""]) =>
    code.replaceAll(/<[^>]*>/g, ""),
  );
}
