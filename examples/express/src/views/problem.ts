/** When there is nothing else to show. */

import { type Html, html } from "./html.ts";
import { frame, layout, type Page } from "./layout.ts";

export function problemPage(page: Page, text: string, title = "That did not work"): Html {
  return layout(
    page,
    title,
    html`<p role="alert">${text}</p><p class="actions"><a class="button" href="${page.base}/">Continue</a></p>`,
  );
}

/** The same outside the products, and where not even the session can be read. */
export function outsidePage(text: string, title = "That did not work"): Html {
  return frame({
    title: `${title} – Twinlock`,
    accent: "home",
    demoPhone: false,
    header: html`<a class="wordmark" href="/">Twinlock</a>`,
    body: html`<h1>${title}</h1>
      <p role="alert">${text}</p><p class="actions"><a class="button" href="/">To the first page</a></p>`,
  });
}
