/** The fields that the forms are made of. */

import { codeInputAttributes, type Method } from "twinlock";
import type { User } from "../users.ts";
import { attributes, type Html, html, nothing } from "./html.ts";
import type { Page, Problem } from "./layout.ts";
import { countdown, until } from "./time.ts";

export function passwordField(
  page: Page,
  problem: Problem | null,
  { label = "Password", autofocus = false } = {},
): Html {
  const wrong = problem?.field === "password";
  return html`${page.user ? forPasswordManagers(page.user) : nothing}<div class="field">
    <label for="password">${label}</label>
    ${wrong ? problemText(problem) : nothing}
    <input id="password" name="password" type="password" autocomplete="current-password" required
      ${autofocus || wrong ? html`autofocus` : nothing} ${wrong ? INVALID : nothing}>
  </div>`;
}

/** A password manager looks for the account beside the password; a person has seen it already. */
function forPasswordManagers({ email }: User): Html {
  return html`<input hidden name="account" type="email" autocomplete="username" value="${email}">`;
}

/** One field for every kind of code: a person pastes, types or has it filled in, with or without spaces. */
export function codeField(
  { product }: Page,
  methods: readonly Method[],
  problem: Problem | null,
  autofocus = true,
): Html {
  const wrong = problem?.field === "code";
  const { backupCodes } = product.twoFactor;
  const alphabet = (typeof backupCodes === "object" ? backupCodes.alphabet : undefined) ?? "digits";
  return html`<div class="field">
    <label for="code">${product.words.code}</label>
    ${methods.includes("app") ? nothing : html`<p class="hint">One of your ${product.words.codes}.</p>`}
    ${wrong ? problemText(problem) : nothing}
    <input class="code" id="code" name="code" required ${autofocus ? html`autofocus` : nothing}
      ${attributes(codeInputAttributes({ methods, alphabet }))} ${wrong ? INVALID : nothing}>
  </div>`;
}

export function textField(o: {
  name: "email" | "phone" | "password" | "new-password";
  label: string;
  type: "email" | "tel" | "new-password";
  value?: string;
  hint?: string;
  problem?: Problem | null;
}): Html {
  const wrong = o.problem?.field === o.name;
  const about = [o.hint ? `${o.name}-hint` : [], wrong ? "problem" : []].flat().join(" ");
  const password = o.type === "new-password";
  const autocomplete = o.type === "email" ? "username" : o.type;
  return html`<div class="field">
    <label for="${o.name}">${o.label}</label>
    ${o.hint ? html`<p class="hint" id="${o.name}-hint">${o.hint}</p>` : nothing}
    ${wrong && o.problem ? problemText(o.problem) : nothing}
    <input id="${o.name}" name="${o.name}" type="${password ? "password" : o.type}" autocomplete="${autocomplete}"
      required maxlength="200" ${password ? html`minlength="8"` : nothing} value="${o.value ?? ""}"
      ${wrong ? html`aria-invalid="true" autofocus` : nothing} ${about ? html`aria-describedby="${about}"` : nothing}>
  </div>`;
}

/** A problem that belongs to none of the form's fields: it is shown above them. */
export function formProblem(problem: Problem | null, fields: readonly Problem["field"][]): Html {
  return problem && !fields.includes(problem.field) ? problemText(problem) : nothing;
}

const INVALID = html`aria-invalid="true" aria-describedby="problem"`;

export function problemText({ text, lang, retryAt, now }: Problem): Html {
  return html`<p class="problem" id="problem" role="alert"><span lang="${lang}">${text}</span>
    ${
      retryAt && retryAt > now
        ? countdown(html`You can try again in ${until(retryAt, now)}.`, "You can try again now.")
        : nothing
    }</p>`;
}
