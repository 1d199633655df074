/** The frame around every page. */

import type { PasskeyRequestOptions } from "twinlock/passkeys";
import type { Sentence } from "../languages.ts";
import type { Product } from "../products.ts";
import type { User } from "../users.ts";
import { type Html, html, nothing } from "./html.ts";
import { until } from "./time.ts";

export interface Page {
  product: Product;
  base: string;
  csrf: string;
  user: User | null;
  notice: Sentence | null;
  now: number;
  demoPhone: boolean;
  /** Whether there are no other products to go to. */
  alone: boolean;
  graceEndsAt: number | null;
  /** What a passkey signs in the place of a code, on pages that ask for one. */
  passkey: PasskeyRequestOptions | null;
}

/** What went wrong, beside which field, and when it is worth trying again. */
export interface Problem {
  text: string;
  /** The page is in English, and what the library says may not be. */
  lang: string;
  field: "code" | "email" | "password" | "phone" | "new-password" | null;
  retryAt: number | null;
  now: number;
  status: number;
}

const NO_BREAK = "\u2011"; // a hyphen; a balanced title would rather break there than anywhere else

export function layout(page: Page, title: string, body: Html): Html {
  const { product, base, user } = page;
  const tools = product.support || product.policy;
  return frame({
    title: `${title} – ${product.name}`,
    accent: product.id,
    header: html`
      <a class="wordmark" href="${base}/">${product.name}</a>
      ${
        user
          ? html`<nav aria-label="Account">
              <a href="${base}/settings">Settings</a>
              ${user.role === "owner" && tools ? html`<a href="${base}/admin">Members</a>` : nothing}
              ${postForm(page, "/sign-out", html`<button class="link">Sign out</button>`)}
            </nav>`
          : nothing
      }`,
    body: html`
      ${page.notice ? html`<p class="notice" role="status" lang="${page.notice.lang}">${page.notice.text}</p>` : nothing}
      ${
        page.graceEndsAt && user && !user.enrolled
          ? html`<p class="notice">${product.name} requires two-factor authentication. Set it up within
              ${until(page.graceEndsAt, page.now)}: after that, it is the first thing that you are asked to do.
              <a href="${base}/settings">Set it up now</a></p>`
          : nothing
      }
      <h1>${title.replaceAll("-", NO_BREAK)}</h1>
      ${body}`,
    demoPhone: page.demoPhone,
    passkeys: product.passkeys,
    alone: page.alone,
  });
}

/** The bare frame, which the pages outside the products use as well. */
export function frame(o: {
  title: string;
  accent: string;
  header: Html;
  body: Html;
  demoPhone: boolean;
  alone?: boolean;
  passkeys?: boolean;
}): Html {
  return html`<!doctype html>
<html lang="en" data-accent="${o.accent}">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${o.title}</title>
  <link rel="stylesheet" href="/style.css">
  <link rel="icon" href="/icon.svg" type="image/svg+xml">
  <script src="/app.js" type="module"></script>
  ${o.passkeys ? html`<script src="/passkeys.js" type="module"></script>` : nothing}
</head>
<body>
  <header class="top">${o.header}</header>
  <main>${o.body}</main>
  <footer>
    ${o.alone ? nothing : html`<a href="/">All six products</a>`}
    ${o.demoPhone ? html`<a href="/phone" target="demo-phone">Demo phone</a>` : nothing}
    <span>A Twinlock example: the flow is the product’s, the page is not.</span>
  </footer>
</body>
</html>`;
}

/** A form that changes something: always POST, always with the CSRF token. */
export function postForm(page: Page, action: string, body: Html, className = ""): Html {
  return html`<form method="post" action="${page.base}${action}" class="${className}">
    <input type="hidden" name="_csrf" value="${page.csrf}">
    ${body}
  </form>`;
}
