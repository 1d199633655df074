/** What a person keeps, authenticators and passkeys: their list, another one, and the page that takes one away. */

import type { AuthenticatorInfo } from "twinlock";
import type { PasskeyInfo } from "twinlock/passkeys";
import { wantsPasskeys } from "../products.ts";
import { type Asked, proofForm } from "./confirm.ts";
import { type Html, html, nothing } from "./html.ts";
import { layout, type Page, postForm } from "./layout.ts";
import { anotherPasskey } from "./passkeys.ts";
import type { Settings } from "./settings.ts";
import { day, moment } from "./time.ts";

export type KeptIn = "authenticators" | "passkeys";
type Kept = AuthenticatorInfo | PasskeyInfo;

export function nameOf(where: KeptIn, { label }: Kept): string {
  return label ?? { authenticators: "Authenticator app", passkeys: "Passkey" }[where];
}

/** The rows of the settings: each authenticator and passkey with what can be done to it, and then another one. */
export function keptRows(page: Page, { authenticators, passkeys, required }: Settings): Html {
  const several = authenticators.length + passkeys.length > 1;
  const bound = required && wantsPasskeys(page.product) && passkeys.length === 1; // the policy holds on to the last
  const row = (where: KeptIn, removable: boolean) => (one: Kept) =>
    keptRow(page, where, one, { several, removable });
  return html`${authenticators.map(row("authenticators", several))}
    ${anotherAuthenticator(page, authenticators.length === 0)}
    ${passkeys.map(row("passkeys", several && !bound))}
    ${page.product.passkeys ? anotherPasskey(page, passkeys.length === 0) : nothing}`;
}

function keptRow(
  page: Page,
  where: KeptIn,
  one: Kept,
  { several, removable }: { several: boolean; removable: boolean },
): Html {
  const name = nameOf(where, one);
  const which = several ? html`<span class="hidden"> ${name}</span>` : nothing;
  const at = `/two-factor/${where}/${one.id}`;
  return html`<li>
      <div><strong>${name}</strong> ${"synced" in one ? passkeyBadges(one) : nothing}
        <p class="hint">Added ${day(one.enrolledAt)}. ${one.lastUsedAt === null ? nothing : html`Last used ${moment(one.lastUsedAt)}.`}</p></div>
      ${where === "authenticators" ? replaceForm(page, one, which) : nothing}
      ${removable ? html`<a class="button quiet danger" href="${page.base}${at}/remove">Remove${which}</a>` : nothing}
      <details class="unfold">
        <summary>Rename${which}</summary>
        ${postForm(
          page,
          `${at}/rename`,
          html`${labelField(`label-${one.id}`, html`New name${which}`, one.label ?? "")}
            <p class="actions"><button class="quiet">Save the name</button></p>`,
        )}
      </details>
    </li>`;
}

function passkeyBadges({ synced }: PasskeyInfo): Html {
  return html`<span class="badge">Passkey</span> ${synced ? html`<span class="badge">Synced</span>` : nothing}`;
}

function anotherAuthenticator(page: Page, isFirst: boolean): Html {
  const [title, hint, label] = isFirst
    ? ["Authenticator app", "Its codes help where no passkey is at hand.", "Add an app"]
    : ["Another authenticator", "A second phone or a tablet: the code of either will do.", "Add another"];
  return html`<li>
    <div><strong>${title}</strong><p class="hint">${hint}</p></div>
    <details class="unfold">
      <summary>${label}</summary>
      ${postForm(
        page,
        "/two-factor/add",
        html`${labelField("label", html`Name`, "")} <p class="actions"><button class="quiet">Add it</button></p>`,
      )}
    </details>
  </li>`;
}

/** The old one works until the new one does, and the others go on working. */
export function replaceForm(page: Page, { id }: Kept, which: Html): Html {
  return postForm(
    page,
    "/two-factor/replace",
    html`<input type="hidden" name="id" value="${id}"><button class="quiet">Replace${which}</button>`,
  );
}

function labelField(id: string, text: Html, value: string): Html {
  return html`<div class="field"><label for="${id}">${text}</label>
    <input id="${id}" name="label" required maxlength="40" autocomplete="off" value="${value}" placeholder="Tablet"></div>`;
}

export function removePage(page: Page, where: KeptIn, one: Kept, asked: Asked): Html {
  const name = html`<strong>${nameOf(where, one)}</strong>`;
  return layout(
    page,
    where === "authenticators" ? "Remove an authenticator" : "Remove a passkey",
    html`<p>${
      where === "authenticators"
        ? html`The codes of ${name} will not be accepted any more.`
        : html`${name} will not be accepted any more. Delete it where it is kept, too: in your browser or password
            manager.`
    }
        You are signed out everywhere else.</p>
      ${proofForm(page, `/two-factor/${where}/${one.id}/remove`, asked, { label: "Remove", danger: true })}`,
  );
}
