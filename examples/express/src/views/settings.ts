/** The settings of an account, and the page that manages its second factor. */

import type { AuthenticatorInfo, Device, ProofNeed, Status } from "twinlock";
import type { PasskeyInfo } from "twinlock/passkeys";
import type { Activity } from "../activity.ts";
import { wantsPasskeys } from "../products.ts";
import type { User } from "../users.ts";
import { formProblem, passwordField, textField } from "./forms.ts";
import { capital, type Html, html, nothing } from "./html.ts";
import { keptRows } from "./kept.ts";
import { layout, type Page, type Problem, postForm } from "./layout.ts";
import { lockNotes } from "./locks.ts";
import { addPasskeyForm, noPasskeys } from "./passkeys.ts";
import { day, moment } from "./time.ts";

const FEW = 3; // as many as the library warns of

export interface Settings {
  user: User;
  status: Status;
  authenticators: readonly AuthenticatorInfo[];
  passkeys: readonly PasskeyInfo[];
  /** What these two ask for, with nothing shown yet. */
  asked: Readonly<Record<"regenerate" | "disable", ProofNeed>>;
  devices: readonly Device[];
  activity: readonly Activity[];
  required: boolean;
}

export function settingsPage(page: Page, settings: Settings, problem: Problem | null): Html {
  const { words } = page.product;
  return layout(
    page,
    "Settings",
    html`<p class="lead">${settings.user.email}</p>
      <section aria-labelledby="two-factor">
        <h2 id="two-factor">${words.section} ${badge(settings.status)}</h2>
        ${lockNotes(page, settings.status.locks, "on unknown devices")}
        ${settings.status.state === "active" ? on(page, settings) : off(page, settings, problem)}
      </section>
      ${page.product.twoFactor.trustedDevices ? devices(page, settings.devices) : nothing}
      <section aria-labelledby="change-password">
        <h2 id="change-password">Password and sessions</h2>
        <details ${problem && problem.field !== "phone" ? html`open` : nothing}>
          <summary>Change your password</summary>
          ${postForm(
            page,
            "/password",
            html`${formProblem(problem, ["password", "new-password", "phone"])} ${passwordField(page, problem, { label: "Current password" })}
              ${textField({ name: "new-password", label: "New password", type: "new-password", hint: "At least 8 characters", problem })}
              <p class="actions"><button class="quiet">Change password</button></p>`,
          )}
        </details>
      ${postForm(
        page,
        "/sign-out-elsewhere",
        html`<p class="actions"><button class="quiet">Sign out everywhere else</button></p>`,
      )}
      </section>
      ${page.product.twoFactor.reauthentication.deleteAccount ? deletion(page, settings) : nothing}
      ${recent(settings.activity)}`,
  );
}

/** CloudMC's way: the password once, then everything on one page. */
export function managePage(page: Page, settings: Settings): Html {
  return layout(
    page,
    "Manage two-factor authentication",
    html`${operations(page, settings)}
      <p class="actions"><a href="${page.base}/settings">Back to the settings</a></p>`,
  );
}

function badge({ state }: Status): Html {
  const text = state === "active" ? "On" : state === "awaiting_acknowledgement" ? "Almost on" : "Off";
  return html`<span class="badge ${state === "active" ? "on" : ""}">${text}</span>`;
}

function off(page: Page, { user, status, required }: Settings, problem: Problem | null): Html {
  const { product } = page;
  const { words } = product;
  return html`<p>With your password alone, anybody who learns it can sign in. With a second factor they would need
      ${product.passkeys ? "your phone or your passkey" : "your phone"} as well.</p>
    ${required ? html`<p>${product.name} requires it of everybody.</p>` : nothing}
    ${
      status.state === "awaiting_acknowledgement"
        ? html`<p>You have not confirmed that you saved your ${words.codes}, so it is not on yet. They were shown
            once: start again to get new ones.</p>`
        : nothing
    }
    ${
      product.passkeys
        ? html`<div class="ways">${addPasskeyForm(page, "Use a passkey", "")} ${setUpForm(page, user, problem)}</div>
          ${noPasskeys}`
        : setUpForm(page, user, problem)
    }`;
}

function setUpForm(page: Page, { phone }: User, problem: Problem | null): Html {
  const { accountName, passkeys, words } = page.product;
  const double = "Double-check it: it is the name of this account in your authenticator app.";
  const name = { name: "phone", label: "Phone number", type: "tel", value: phone, hint: double } as const;
  return postForm(
    page,
    "/two-factor/set-up",
    html`${accountName === "phone" ? textField({ ...name, problem }) : nothing}
      <p class="actions"><button class="${passkeys ? "quiet" : ""}">${words.turnOn}</button></p>`,
  );
}

function on(page: Page, settings: Settings): Html {
  const { product } = page;
  if (product.manage === "inline") return operations(page, settings);
  return html`${facts(settings.status)}
    <p class="actions"><a class="button" href="${page.base}/manage">${product.words.manage}</a></p>`;
}

function facts({ enrolledAt, lastUsedAt }: Status): Html {
  return html`<p>${enrolledAt === null ? nothing : html`On since ${day(enrolledAt)}.`}
    ${lastUsedAt === null ? nothing : html`Last used ${moment(lastUsedAt)}.`}</p>`;
}

function operations(page: Page, settings: Settings): Html {
  const { status, asked, required } = settings;
  const { product } = page;
  const { words } = product;
  const codes = status.backupCodes;
  return html`${facts(status)}
    <ul class="rows">
      ${
        product.several
          ? keptRows(page, settings)
          : html`<li>
            <div><strong>Authenticator app</strong><p class="hint">New phone? The old one works until the new one does.</p></div>
            ${postForm(page, "/two-factor/replace", html`<button class="quiet">Replace</button>`)}
          </li>`
      }
      ${
        product.twoFactor.backupCodes === false
          ? nothing
          : html`<li>
            <div><strong>${capital(words.codes)}</strong>
              <p class="hint">${codes ? `${codes.active} of ${codes.total} left` : "None yet: they help when you lose your phone"}</p>
              ${codes && codes.active <= FEW ? html`<p class="problem">Make new ones before you run out.</p>` : nothing}</div>
            ${action(page, "/two-factor/codes", asked.regenerate, codes ? `Regenerate ${words.codes}` : `Generate ${words.codes}`)}
          </li>`
      }
      ${required && wantsPasskeys(product) ? nothing : turnOffRow(page, settings)}
    </ul>`;
}

function turnOffRow(page: Page, { asked, required }: Settings): Html {
  const { turnOff } = page.product.words;
  return html`<li>
        <div><strong>${required ? "Reset" : "Turn off"}</strong>
          <p class="hint">${required ? "You will set it up again when you next sign in" : "Your password alone will be enough again"}</p></div>
        ${action(page, "/two-factor/turn-off", asked.disable, required ? "Reset 2FA" : turnOff, true)}
      </li>`;
}

/** A button where the product does it at once, a link to the page that asks where it does not. */
function action(
  page: Page,
  path: string,
  { password, code }: ProofNeed,
  label: string,
  danger = false,
): Html {
  const look = danger ? "quiet danger" : "quiet";
  if (password || code) {
    return html`<a class="button ${look}" href="${page.base}${path}">${label}</a>`;
  }
  return postForm(page, path, html`<button class="${look}">${label}</button>`);
}

function devices(page: Page, list: readonly Device[]): Html {
  const trusted = list.filter((device) => device.trustedUntilAt !== null && device.trustedUntilAt > page.now);
  return html`<section aria-labelledby="devices">
    <h2 id="devices">Trusted devices</h2>
    ${
      trusted.length === 0
        ? html`<p>None. When you sign in with a code you can choose to trust the device you are using.</p>`
        : html`<ul class="rows">${trusted.map(
            (device) => html`<li>
              <div><strong>${device.label}</strong> ${device.current ? html`<span class="badge">This device</span>` : nothing}
                <p class="hint">Last used ${moment(device.lastUsedAt)}, trusted until ${day(device.trustedUntilAt ?? 0)}</p></div>
              ${postForm(page, device.current ? "/devices/this/revoke" : `/devices/${device.id}/revoke`, html`<button class="quiet">Revoke</button>`)}
            </li>`,
          )}</ul>
          ${postForm(page, "/devices/revoke-all", html`<p class="actions"><button class="quiet">Revoke all</button></p>`)}`
    }
  </section>`;
}

/** The account itself. It takes a code, so whoever has no second factor is told to turn it on. */
function deletion(page: Page, { user, status }: Settings): Html {
  if (user.role === "owner") return nothing; // somebody has to look after the members
  return html`<section aria-labelledby="delete-account">
    <h2 id="delete-account">Your account</h2>
    ${
      status.state === "active"
        ? html`<p class="actions"><a class="button quiet danger" href="${page.base}/account/delete">Delete your account</a></p>`
        : html`<p>To delete your account, turn two-factor authentication on first: it takes a code.</p>`
    }
  </section>`;
}

function recent(activity: readonly Activity[]): Html {
  if (activity.length === 0) return nothing;
  return html`<section aria-labelledby="activity">
    <h2 id="activity">Recent activity</h2>
    <ul class="activity">${activity.map(
      ({ at, text, about }) =>
        html`<li><span>${text}${about ? ` (${about})` : ""}</span> <span class="hint">${moment(at)}</span></li>`,
    )}</ul>
  </section>`;
}
