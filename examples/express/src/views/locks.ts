/** What is closed after too many failures, and until when. */

import type { Lock } from "twinlock";
import { capital, type Html, html } from "./html.ts";
import type { Page } from "./layout.ts";
import { countdown, until } from "./time.ts";

/** One paragraph for each lock that still holds; `where` says on which devices codes are refused. */
export function lockNotes(page: Page, locks: readonly Lock[], where: string): Html {
  const names: Record<Lock["of"], string> = {
    app: `${where}, codes of your app`,
    backup: `${where}, ${page.product.words.codes}`,
    passkey: `${where}, passkeys`,
    password: "passwords",
    enrollment: "first codes of a new authenticator",
  };
  const holding = locks.filter(({ retryAt }) => retryAt === null || retryAt > page.now);
  return html`${holding.map(({ of, retryAt }) => html`<p class="problem">${lockNote(page, capital(names[of]), retryAt)}</p>`)}`;
}

function lockNote({ now }: Page, name: string, retryAt: number | null): Html {
  if (retryAt === null) return html`${name} are not accepted any more: too many were wrong.`;
  const closed = html`${name} are refused for ${until(retryAt, now)}: too many were wrong.`;
  return countdown(closed, `${name} are accepted again.`);
}
