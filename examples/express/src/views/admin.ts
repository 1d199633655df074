/** The owner's page: who has a second factor, who must have one, and what to do for a person who lost theirs. */

import type { Status } from "twinlock";
import type { PolicyState } from "../policy.ts";
import { wantsPasskeys } from "../products.ts";
import type { User } from "../users.ts";
import { formProblem } from "./forms.ts";
import { type Html, html, nothing } from "./html.ts";
import { layout, type Page, type Problem, postForm } from "./layout.ts";
import { day, until } from "./time.ts";

export interface Member {
  user: User;
  status: Status;
  /** Whether they have what the owner's switch asks for. */
  counts: boolean;
}

export function adminPage(
  page: Page,
  members: readonly Member[],
  policy: PolicyState | null,
  problem: Problem | null,
): Html {
  return layout(
    page,
    "Members",
    html`${formProblem(problem, [])} ${policy ? policySection(page, members, policy) : nothing}
      <section aria-labelledby="members">
        <h2 id="members">Everybody</h2>
        <ul class="rows">${members.map((member) => memberRow(page, member))}</ul>
      </section>`,
  );
}

function policySection(page: Page, members: readonly Member[], policy: PolicyState): Html {
  const { product } = page;
  const without = members.filter(({ counts }) => !counts);
  const what = wantsPasskeys(product) ? "a passkey" : "2FA";
  const grace = product.policy ? product.policy.graceDays : [];
  const required = policy.requiredSince !== null;
  const graceEndsAt = (policy.requiredSince ?? 0) + policy.graceSeconds * 1000;
  return html`<section aria-labelledby="policy">
    <h2 id="policy">Require ${what} for all users <span class="badge ${required ? "on" : ""}">${required ? "On" : "Off"}</span></h2>
    <p>${members.length - without.length} of ${members.length} members use it.
      ${
        without.length === 0
          ? "Nobody would be blocked."
          : html`${required ? "Still without it" : `Would have to set it up ${grace.length > 1 ? "by the end of the grace period" : "when they next sign in"}`}:
            <strong>${without.map(({ user }) => user.email).join(", ")}</strong>.`
      }</p>
    ${
      required
        ? html`<p>Required since ${day(policy.requiredSince ?? 0)}.
            ${graceEndsAt > page.now ? html`The grace period ends in ${until(graceEndsAt, page.now)}.` : nothing}</p>`
        : nothing
    }
    ${postForm(
      page,
      "/admin/policy",
      html`<input type="hidden" name="required" value="${required ? "no" : "yes"}">
        ${
          !required && grace.length > 1
            ? html`<div class="field"><label for="grace">Grace period</label>
              <select id="grace" name="grace">${grace.map(
                (days) =>
                  html`<option value="${days}">${days === 0 ? "None" : `${days} day${days === 1 ? "" : "s"}`}</option>`,
              )}</select></div>`
            : nothing
        }
        <p class="hint">${required ? "Nobody’s second factor is turned off by this." : membersOut(page)}</p>
        <p class="actions"><button class="${required ? "quiet" : ""}">${required ? "Stop requiring it" : `Require ${what} for all users`}</button></p>`,
    )}
  </section>`;
}

function membersOut({ product, user }: Page): string {
  if (wantsPasskeys(product))
    return "Whoever has not signed in with a passkey is signed out, also where it is you.";
  return `Members without a second factor are signed out${user?.enrolled ? "" : ", you included"}.`;
}

function memberRow(page: Page, { user, status }: Member): Html {
  const active = status.state === "active";
  const lock = status.locks.find(({ of }) => of === "app");
  return html`<li>
    <div><strong>${user.email}</strong>
      <p class="hint">${user.role === "owner" ? "Owner. " : nothing}${active ? html`On since ${day(status.enrolledAt ?? page.now)}.` : "Off."}
        ${lock ? html`Locked${lock.retryAt === null ? nothing : html` for ${until(lock.retryAt, page.now)}`}.` : nothing}</p></div>
    ${page.product.support && active && user.id !== page.user?.id ? supportForm(page, user) : nothing}
  </li>`;
}

function supportForm(page: Page, user: User): Html {
  return html`<details class="support">
    <summary>Help<span class="hidden"> ${user.email}</span></summary>
    ${postForm(
      page,
      `/admin/members/${user.id}`,
      html`<div class="field"><label for="reason-${user.id}">Reason, for the record</label>
          <input id="reason-${user.id}" name="reason" required maxlength="200" autocomplete="off"
            placeholder="Lost phone, identity checked"></div>
        <p class="actions"><button class="quiet" name="action" value="unlock">Unlock</button>
          <button class="quiet danger" name="action" value="reset">Reset the second factor</button></p>`,
    )}
  </details>`;
}
