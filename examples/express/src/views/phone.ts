/** The demonstration phone. */

import { type Html, html } from "./html.ts";
import { frame } from "./layout.ts";

export interface Account {
  issuer: string;
  accountName: string;
  code: string;
  secondsLeft: number;
}

export function phonePage(accounts: readonly Account[]): Html {
  return frame({
    title: "Demo phone",
    accent: "phone",
    demoPhone: false,
    header: html`<span class="wordmark">Demo phone</span>`,
    body: html`<h1 class="hidden">Codes</h1>
      <p class="notice">For trying the example without a phone. A real authenticator stays on another device.</p>
      <div class="phone">
        ${
          accounts.length === 0
            ? html`<p>No accounts yet. Turn two-factor authentication on somewhere and scan its QR code with the
                button below it.</p>`
            : html`<ul class="rows">${accounts.map(account)}</ul>`
        }
      </div>
      <form method="post" action="/phone" class="actions">
        <a class="button quiet" href="/phone">Refresh</a>
        ${accounts.length > 0 ? html`<button class="quiet danger" name="lose" value="yes">Lose this phone</button>` : ""}
      </form>`,
  });
}

function account({ issuer, accountName, code, secondsLeft }: Account): Html {
  const half = Math.ceil(code.length / 2);
  return html`<li>
    <div><strong>${issuer}</strong><p class="hint">${accountName}</p></div>
    <p class="big"><output data-code="${code}">${code.slice(0, half)}&#8239;${code.slice(half)}</output>
      <span class="hint"><span data-seconds-left="${secondsLeft}" data-then="reload">${secondsLeft} seconds</span></span></p>
  </li>`;
}
