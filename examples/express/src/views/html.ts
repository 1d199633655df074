/** The escaping template tag: everything put into a page through it is escaped, except what it made itself. */

import { raw, html as tag } from "hono/html";

export interface Html {
  toString(): string;
}

/** Hono's tag could wait for promises as well; no page here gives it one. */
export const html = tag as (parts: TemplateStringsArray, ...values: unknown[]) => Html;

export const safe: (markup: string) => Html = raw;

export const nothing: Html = html``;

/** Writes attributes from an object; the names come from code, the values are escaped. */
export function attributes(values: Readonly<Record<string, string>>): Html {
  return html`${Object.entries(values).map(([name, value]) => html` ${safe(name)}="${value}"`)}`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
