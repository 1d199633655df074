/** Several authenticators: their list, another one, and the page that takes one of them away. */

import type { AuthenticatorInfo, ProofNeed, Status } from "twinlock";
import { proofFields } from "./confirm.ts";
import { type Html, html, nothing } from "./html.ts";
import { layout, type Page, type Problem, postForm } from "./layout.ts";
import { day, moment } from "./time.ts";

export function nameOf({ label }: AuthenticatorInfo): string {
  return label ?? "Authenticator app";
}

/** The rows of the settings: each authenticator with what can be done to it, and then another one. */
export function authenticatorRows(page: Page, list: readonly AuthenticatorInfo[]): Html {
  const several = list.length > 1;
  return html`${list.map((one) => {
    const which = several ? html`<span class="hidden"> ${nameOf(one)}</span>` : nothing;
    const removal = `${page.base}/two-factor/authenticators/${one.id}/remove`;
    return html`<li>
      <div><strong>${nameOf(one)}</strong>
        <p class="hint">Added ${day(one.enrolledAt)}. ${one.lastUsedAt === null ? nothing : html`Last used ${moment(one.lastUsedAt)}.`}</p></div>
      ${replaceForm(page, one, which)}
      ${several ? html`<a class="button quiet danger" href="${removal}">Remove${which}</a>` : nothing}
      <details class="unfold">
        <summary>Rename${which}</summary>
        ${postForm(
          page,
          `/two-factor/authenticators/${one.id}/rename`,
          html`${labelField(`label-${one.id}`, html`New name${which}`, one.label ?? "")}
            <p class="actions"><button class="quiet">Save the name</button></p>`,
        )}
      </details>
    </li>`;
  })}
  <li>
    <div><strong>Another authenticator</strong><p class="hint">A second phone or a tablet: the code of either will do.</p></div>
    <details class="unfold">
      <summary>Add another</summary>
      ${postForm(
        page,
        "/two-factor/add",
        html`${labelField("label", html`Name`, "")} <p class="actions"><button class="quiet">Add it</button></p>`,
      )}
    </details>
  </li>`;
}

/** The old one works until the new one does, and the others go on working. */
export function replaceForm(page: Page, { id }: AuthenticatorInfo, which: Html): Html {
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

export function removePage(
  page: Page,
  asked: ProofNeed,
  one: AuthenticatorInfo,
  status: Status,
  problem: Problem | null,
): Html {
  return layout(
    page,
    "Remove an authenticator",
    html`<p>The codes of <strong>${nameOf(one)}</strong> will not be accepted any more. You are signed out
        everywhere else.</p>
      ${postForm(
        page,
        `/two-factor/authenticators/${one.id}/remove`,
        html`${proofFields(page, asked, status, problem)}
          <p class="actions"><button class="danger">Remove</button> <a href="${page.base}/settings">Cancel</a></p>`,
      )}`,
  );
}
