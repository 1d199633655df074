/** "It is you, isn't it?": the pages that ask for the password or a code before something important. */

import type { Method, ProofNeed, Status } from "twinlock";
import { codeField, formProblem, passwordField } from "./forms.ts";
import { type Html, html, nothing } from "./html.ts";
import { layout, type Page, type Problem, postForm } from "./layout.ts";
import { noPasskeys, passkeyButton } from "./passkeys.ts";

/** What a form asks for, of whom, and what was wrong with it the last time. */
export interface Asked {
  asked: ProofNeed;
  status: Status;
  problem: Problem | null;
}

/** The form of an operation: the password, a code or a passkey in its place, and the way back. */
export function proofForm(
  page: Page,
  action: string,
  { asked, status, problem }: Asked,
  { label, danger = false }: { label: string; danger?: boolean },
): Html {
  const byApp = asked.code === "app" || asked.code === "any";
  const app: Method[] = byApp && status.authenticators > 0 ? ["app"] : [];
  const backup: Method[] = asked.code === "any" && (status.backupCodes?.active ?? 0) > 0 ? ["backup"] : [];
  const methods = [...app, ...backup];
  const passkey = asked.code && page.passkey;
  const typed = methods.length > 0 || !passkey;
  const fields = [
    asked.password ? ("password" as const) : [],
    methods.length > 0 ? ("code" as const) : [],
  ].flat();
  const look = danger ? "danger" : "";
  return postForm(
    page,
    action,
    html`${formProblem(problem, fields)}
      ${asked.password ? passwordField(page, problem, { autofocus: true }) : nothing}
      ${methods.length > 0 ? codeField(page, methods, problem, !asked.password) : nothing}
      ${typed ? nothing : noPasskeys}
      <p class="actions">${typed ? html`<button class="${look}">${label}</button>` : nothing}
        ${passkey ? passkeyButton({ get: passkey }, typed ? `${label} with a passkey` : label, typed ? "quiet" : look) : nothing}
        <a href="${page.base}/settings">Cancel</a></p>`,
  );
}

/** Before the QR code, before CloudMC's management page, and before the owner's. */
export function confirmPage(
  page: Page,
  { to, purpose }: { to: string; purpose: string },
  asked: Asked,
): Html {
  return layout(
    page,
    "Confirm that it is you",
    html`<p>This is needed ${purpose}.</p>
      ${proofForm(page, `/confirm?to=${to}`, asked, { label: "Confirm" })}`,
  );
}

/** A form that came twice is refused the second time, while the answer that showed the codes is gone. Milliseconds. */
const SENT_TWICE_WITHIN = 60_000;

export function newCodesPage(page: Page, asked: Asked): Html {
  const { words } = page.product;
  const { active = 0, createdAt = 0 } = asked.status.backupCodes ?? {};
  const twice = asked.problem && page.now - createdAt < SENT_TWICE_WITHIN;
  return layout(
    page,
    `Generate ${words.codes}`,
    html`${
      twice
        ? html`<p class="notice">New ${words.codes} were made a moment ago, and those of before do not work any more. If you
            have not seen the new ones, confirm once more to make others.</p>`
        : active > 0
          ? html`<p class="notice">This overwrites your ${active} unused ${words.codes}: they stop working.</p>`
          : html`<p>Ten codes, each good for one sign-in without your phone.</p>`
    }
      ${proofForm(page, "/two-factor/codes", asked, { label: "Generate" })}`,
  );
}

export function deleteAccountPage(page: Page, asked: Asked): Html {
  return layout(
    page,
    "Delete your account",
    html`<p>Everything in it is deleted, and nobody can bring it back.</p>
      ${proofForm(page, "/account/delete", asked, { label: "Delete my account", danger: true })}`,
  );
}

export function turnOffPage(page: Page, asked: Asked, required: boolean): Html {
  const { name, words } = page.product;
  const label = required ? "Reset 2FA" : words.turnOff;
  return layout(
    page,
    required ? "Reset two-factor authentication" : "Turn off two-factor authentication",
    html`<p>${
      required
        ? `${name} requires two-factor authentication. Your authenticator is removed, you are signed out, and you set it up again when you next sign in.`
        : "Your password alone will be enough to sign in. You can turn it on again at any time."
    }</p>
      ${proofForm(page, "/two-factor/turn-off", asked, { label, danger: true })}`,
  );
}
