/** Passkeys: the button that asks the browser for one, and the page that adds one. Both take scripts. */

import type { PasskeyCreationOptions, PasskeyRequestOptions } from "twinlock/passkeys";
import { formProblem } from "./forms.ts";
import { type Html, html, nothing } from "./html.ts";
import { layout, type Page, type Problem, postForm } from "./layout.ts";
import { countdown, until } from "./time.ts";

/** Sends what the browser's passkey has signed in the place of a code. Without scripts it is not there. */
export function passkeyButton(
  ask: { create: PasskeyCreationOptions } | { get: PasskeyRequestOptions },
  label: string,
  look = "",
): Html {
  return html`<button class="${look}" data-passkey="${JSON.stringify(ask)}" hidden>${label}</button>`;
}

/** Said where no script takes it away. */
export const noPasskeys: Html = html`<p class="hint" data-without-passkeys>Passkeys need JavaScript, and a browser that
  knows them.</p>`;

export function addPasskeyForm(page: Page, label: string, look: string): Html {
  return postForm(
    page,
    "/two-factor/passkeys",
    html`<p class="actions"><button class="${look}" data-with-passkeys hidden>${label}</button></p>`,
  );
}

/** The last row of the settings' list. */
export function anotherPasskey(page: Page, isFirst: boolean): Html {
  return html`<li>
    <div><strong>${isFirst ? "Passkey" : "Another passkey"}</strong>
      <p class="hint">Your fingerprint, face or PIN, or a security key: nothing that could be typed into a false page.</p>
      ${noPasskeys}</div>
    ${addPasskeyForm(page, "Add a passkey", "quiet")}
  </li>`;
}

export function newPasskeyPage(
  page: Page,
  { options, expiresAt, forced }: { options: PasskeyCreationOptions; expiresAt: number; forced: boolean },
  problem: Problem | null,
): Html {
  return layout(
    page,
    "Add a passkey",
    html`${forced ? html`<p>${page.product.name} requires a passkey of everybody. It takes a minute.</p>` : nothing}
      <p>Your browser asks where to keep it: on this device, on your phone, or on a security key. From then on it takes
        the place of a code.</p>
      ${noPasskeys}
      ${postForm(
        page,
        "/two-factor/passkeys/new",
        html`${formProblem(problem, [])}
          <p class="actions">${passkeyButton({ create: options }, "Create a passkey")}
            <button form="cancel" class="link">Cancel</button></p>`,
      )}
      <p class="hint">${countdown(
        html`This page is good for another ${until(expiresAt, page.now)}.`,
        "This took too long. Reload the page to start again.",
      )}</p>
      <form method="post" id="cancel" action="${page.base}/two-factor/cancel">
        <input type="hidden" name="_csrf" value="${page.csrf}"></form>`,
  );
}
