/** Signing up, the password, and the code that follows it. */

import type { AuthenticatorInfo, Lock, Method } from "twinlock";
import type { PasskeyRequestOptions } from "twinlock/passkeys";
import { codeField, formProblem, passwordField, textField } from "./forms.ts";
import { type Html, html, nothing } from "./html.ts";
import { nameOf, replaceForm } from "./kept.ts";
import { layout, type Page, type Problem, postForm } from "./layout.ts";
import { lockNotes } from "./locks.ts";
import { addPasskeyForm, noPasskeys, passkeyButton } from "./passkeys.ts";
import type { Settings } from "./settings.ts";
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

interface Step {
  email: string;
  methods: readonly Method[];
  locks: readonly Lock[];
  expiresAt: number;
}

export function codePage(page: Page, step: Step, problem: Problem | null): Html {
  return layout(
    page,
    page.passkey ? "Use your passkey" : "Enter your code",
    html`<p>Signing in as <strong>${step.email}</strong>. ${
      page.passkey
        ? nothing
        : html`Open your authenticator app, look for
        ${page.product.name}, and type the number it shows before its timer runs out.`
    }</p>
      ${page.passkey ? passkeyOrCode(page, page.passkey, step, problem) : codeForm(page, step, problem)}
      <p class="hint">${countdown(
        html`This step is open for another ${until(step.expiresAt, page.now)}.`,
        "This step is over. Please start again.",
      )}</p>
      ${lostPhone(page, step.methods.includes("backup"))}`,
  );
}

function codeForm(page: Page, { methods, locks }: Step, problem: Problem | null): Html {
  const { product } = page;
  return postForm(
    page,
    "/sign-in/code",
    html`${problem ? formProblem(problem, ["code"]) : lockNotes(page, locks, "on this device")}
      ${codeField(page, methods, problem, !page.passkey)}
      ${methods.includes("app") && methods.includes("backup") ? html`<p class="hint">This field also accepts ${product.words.codes}.</p>` : nothing}
      ${
        product.twoFactor.trustedDevices
          ? html`<p class="check"><input type="checkbox" id="trust" name="trust" value="yes">
              <label for="trust">Trust this device for 30 days</label></p>`
          : nothing
      }
      <p class="actions"><button>Sign in</button> <a href="${page.base}/sign-in">Start again</a></p>`,
  );
}

/** The passkey first: it cannot be given away. The code of an app, where there is one, is not far. */
function passkeyOrCode(
  page: Page,
  passkey: PasskeyRequestOptions,
  step: Step,
  problem: Problem | null,
): Html {
  const app = step.methods.includes("app");
  const code = app || step.methods.includes("backup");
  const ofCode = code && problem?.field === "code" && problem.retryAt === null; // a wait may be that of the passkey
  return html`${postForm(
    page,
    "/sign-in/code",
    html`${problem ? nothing : lockNotes(page, step.locks, "on this device")} ${ofCode ? nothing : formProblem(problem, [])}
      <p class="actions">${passkeyButton({ get: passkey }, "Sign in with your passkey")}</p>
      ${noPasskeys}`,
  )}
  ${
    code
      ? html`<details ${app || ofCode ? html`open` : nothing}>
          <summary>${app ? "Use a code instead" : `Use one of your ${page.product.words.codes}`}</summary>
          ${codeForm(page, { ...step, locks: [] }, ofCode ? problem : null)}
        </details>`
      : nothing
  }`;
}

function lostPhone({ product }: Page, backup: boolean): Html {
  const { codes } = product.words;
  return html`<details>
    <summary>${product.passkeys ? "Lost your phone or your passkey?" : "Lost your phone?"}</summary>
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

/** After a backup code: what it stood in for is probably gone. */
export function lostPhonePage(page: Page, { status, authenticators }: Settings): Html {
  const { passkeys, words } = page.product;
  const left = status.backupCodes?.active ?? 0;
  return layout(
    page,
    passkeys ? "Did you lose your phone or your passkey?" : "Did you lose your phone?",
    html`<p>You signed in with one of your ${words.codes}. ${left} of them ${left === 1 ? "is" : "are"} left.</p>
      ${passkeys ? anotherWay(page) : theAppIsGone(page, authenticators)}`,
  );
}

/** Whatever is gone: something new first, since the last factor is not removed without turning it all off. */
function anotherWay(page: Page): Html {
  return html`<p>If it is gone, add a new passkey or another authenticator app now. Then remove what you lost in the
      settings, so that nobody else can use it.</p>
    ${addPasskeyForm(page, "Add a passkey", "")} ${noPasskeys}
    <p class="actions"><a href="${page.base}/settings">To the settings</a></p>`;
}

function theAppIsGone(page: Page, list: readonly AuthenticatorInfo[]): Html {
  return html`<p>If the phone is gone, set up a new authenticator now. The old one keeps working until the new one has
      shown its first code, and stops the moment it has.</p>
    ${list.length > 1 ? whichIsGone(page, list) : theOneIsGone(page)}`;
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
    (one) => html`<li><div><strong>${nameOf("authenticators", one)}</strong></div>
      ${replaceForm(page, one, html`<span class="hidden"> ${nameOf("authenticators", one)}</span>`)}</li>`,
  );
  return html`<ul class="rows">${rows}</ul>
    <p class="actions"><a href="${page.base}/settings">I still have them</a></p>`;
}
