/** Signing up, the password, and the code that follows it. */

import type { AuthenticatorInfo, Lock, Method } from "twinlock";
import { nameOf, replaceForm } from "./authenticators.ts";
import { codeField, formProblem, passwordField, textField } from "./forms.ts";
import { type Html, html, nothing } from "./html.ts";
import { layout, type Page, type Problem, postForm } from "./layout.ts";
import { lockNotes } from "./locks.ts";
import { countdown, until } from "./time.ts";

export interface Details {
  email: string;
  phone: string;
}

export function signUpPage(page: Page, details: Details, problem: Problem | null): Html {
  const byPhone = page.product.accountName === "phone";
  return layout(
    page,
    "Create an account",
    postForm(
      page,
      "/sign-up",
      html`${textField({ name: "email", label: "E-mail", type: "email", value: details.email, problem })}
        ${byPhone ? textField({ name: "phone", label: "Phone number", type: "tel", value: details.phone, problem }) : nothing}
        ${textField({ name: "password", label: "Password", type: "new-password", hint: "At least 8 characters", problem })}
        <p class="actions"><button>Create account</button> <a href="${page.base}/sign-in">I have one already</a></p>`,
    ),
  );
}

export function signInPage(page: Page, email: string, problem: Problem | null): Html {
  return layout(
    page,
    "Sign in",
    postForm(
      page,
      "/sign-in",
      html`${formProblem(problem, ["password"])}
        ${textField({ name: "email", label: "E-mail", type: "email", value: email })}
        ${passwordField(page, problem)}
        <p class="actions"><button>Sign in</button> <a href="${page.base}/sign-up">Create an account</a></p>`,
    ),
  );
}

export function codePage(
  page: Page,
  challenge: { email: string; methods: readonly Method[]; locks: readonly Lock[]; expiresAt: number },
  problem: Problem | null,
): Html {
  const { product } = page;
  const backup = challenge.methods.includes("backup");
  return layout(
    page,
    "Enter your code",
    html`<p>Signing in as <strong>${challenge.email}</strong>. Open your authenticator app, look for
        ${product.name}, and type the number it shows before its timer runs out.</p>
      ${postForm(
        page,
        "/sign-in/code",
        html`${problem ? formProblem(problem, ["code"]) : lockNotes(page, challenge.locks, "on this device")}
          ${codeField(page, challenge.methods, problem)}
          ${backup ? html`<p class="hint">This field also accepts ${product.words.codes}.</p>` : nothing}
          ${
            product.twoFactor.trustedDevices
              ? html`<p class="check"><input type="checkbox" id="trust" name="trust" value="yes">
                  <label for="trust">Trust this device for 30 days</label></p>`
              : nothing
          }
          <p class="actions"><button>Sign in</button> <a href="${page.base}/sign-in">Start again</a></p>`,
      )}
      <p class="hint">${countdown(
        html`This step is open for another ${until(challenge.expiresAt, page.now)}.`,
        "This step is over. Please start again.",
      )}</p>
      ${lostPhone(page, backup)}`,
  );
}

function lostPhone({ product }: Page, backup: boolean): Html {
  const { codes } = product.words;
  return html`<details>
    <summary>Lost your phone?</summary>
    ${
      backup
        ? html`<p>Enter one of your ${codes} above. You can then set up a new authenticator straight away.</p>`
        : nothing
    }
    ${
      product.support
        ? html`<p>${backup ? html`No ${codes} left? ` : nothing}An administrator of ${product.name} can reset your
            second factor after checking that it is you.</p>`
        : html`<p>${product.name} cannot reset or remove two-factor authentication from your account.</p>`
    }
  </details>`;
}

/** After a backup code: the phone is probably gone. */
export function lostPhonePage(page: Page, left: number, list: readonly AuthenticatorInfo[]): Html {
  const { words } = page.product;
  return layout(
    page,
    "Did you lose your phone?",
    html`<p>You signed in with one of your ${words.codes}. ${left} of them ${left === 1 ? "is" : "are"} left.</p>
      <p>If the phone is gone, set up a new authenticator now. The old one keeps working until the new one has
        shown its first code, and stops the moment it has.</p>
      ${list.length > 1 ? whichIsGone(page, list) : theOneIsGone(page)}`,
  );
}

function theOneIsGone(page: Page): Html {
  return postForm(
    page,
    "/two-factor/replace",
    html`<p class="actions"><button>Set up a new authenticator</button>
      <a href="${page.base}/settings">I still have it</a></p>`,
  );
}

function whichIsGone(page: Page, list: readonly AuthenticatorInfo[]): Html {
  const rows = list.map(
    (one) => html`<li><div><strong>${nameOf(one)}</strong></div>
      ${replaceForm(page, one, html`<span class="hidden"> ${nameOf(one)}</span>`)}</li>`,
  );
  return html`<ul class="rows">${rows}</ul>
    <p class="actions"><a href="${page.base}/settings">I still have them</a></p>`;
}
