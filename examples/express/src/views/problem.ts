/** When there is nothing else to show. */

import { type Html, html } from "./html.ts";
import { layout, type Page } from "./layout.ts";

export function problemPage(page: Page, text: string): Html {
  return layout(
    page,
    "That did not work",
    html`<p role="alert">${text}</p><p class="actions"><a class="button" href="${page.base}/">Continue</a></p>`,
  );
}
