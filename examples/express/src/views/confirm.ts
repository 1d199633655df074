/** "It is you, isn't it?": the pages that ask for the password or a code before something important. */

import type { Method, ProofNeed, Status } from "twinlock";
import { codeField, formProblem, passwordField } from "./forms.ts";
import { type Html, html, nothing } from "./html.ts";
import { layout, type Page, type Problem, postForm } from "./layout.ts";
import type { Settings } from "./settings.ts";

export function proofFields(page: Page, asked: ProofNeed, status: Status, problem: Problem | null): Html {
  const backup: Method[] = asked.code === "any" && (status.backupCodes?.active ?? 0) > 0 ? ["backup"] : [];
  const fields = [asked.password ? ("password" as const) : [], asked.code ? ("code" as const) : []].flat();
  return html`${formProblem(problem, fields)}
    ${asked.password ? passwordField(page, problem, { autofocus: true }) : nothing}
    ${asked.code ? codeField(page, ["app", ...backup], problem, !asked.password) : nothing}`;
}

/** Before the QR code, before CloudMC's management page, and before the owner's. */
export function confirmPage(
  page: Page,
  { to, purpose }: { to: string; purpose: string },
  asked: ProofNeed,
  status: Status,
  problem: Problem | null,
): Html {
  return layout(
    page,
    "Confirm that it is you",
    html`<p>This is needed ${purpose}.</p>
      ${postForm(
        page,
        `/confirm?to=${to}`,
        html`${proofFields(page, asked, status, problem)}
          <p class="actions"><button>Confirm</button> <a href="${page.base}/settings">Cancel</a></p>`,
      )}`,
  );
}

export function newCodesPage(page: Page, asked: ProofNeed, status: Status, problem: Problem | null): Html {
  const { words } = page.product;
  const active = status.backupCodes?.active ?? 0;
  return layout(
    page,
    `Generate ${words.codes}`,
    html`${
      active > 0
        ? html`<p class="notice">This overwrites your ${active} unused ${words.codes}: they stop working.</p>`
        : html`<p>Ten codes, each good for one sign-in without your phone.</p>`
    }
      ${postForm(
        page,
        "/two-factor/codes",
        html`${proofFields(page, asked, status, problem)}
          <p class="actions"><button>Generate</button> <a href="${page.base}/settings">Cancel</a></p>`,
      )}`,
  );
}

export function deleteAccountPage(
  page: Page,
  asked: ProofNeed,
  status: Status,
  problem: Problem | null,
): Html {
  return layout(
    page,
    "Delete your account",
    html`<p>Everything in it is deleted, and nobody can bring it back.</p>
      ${postForm(
        page,
        "/account/delete",
        html`${proofFields(page, asked, status, problem)}
          <p class="actions"><button class="danger">Delete my account</button>
            <a href="${page.base}/settings">Cancel</a></p>`,
      )}`,
  );
}

export function turnOffPage(
  page: Page,
  asked: ProofNeed,
  { status, required }: Settings,
  problem: Problem | null,
): Html {
  const { name, words } = page.product;
  return layout(
    page,
    required ? "Reset two-factor authentication" : "Turn off two-factor authentication",
    html`<p>${
      required
        ? `${name} requires two-factor authentication. Your authenticator is removed, you are signed out, and you set it up again when you next sign in.`
        : "Your password alone will be enough to sign in. You can turn it on again at any time."
    }</p>
      ${postForm(
        page,
        "/two-factor/turn-off",
        html`${proofFields(page, asked, status, problem)}
          <p class="actions"><button class="danger">${required ? "Reset 2FA" : words.turnOff}</button>
            <a href="${page.base}/settings">Cancel</a></p>`,
      )}`,
  );
}
