/** Turning it on: the QR code, the first code, and the backup codes, shown once. */

import { type BackupCodeBatch, type EnrollmentStart, formatBackupCodes } from "twinlock";
import { qrSvg } from "twinlock/qr";
import { codeField, formProblem } from "./forms.ts";
import { type Html, html, nothing, safe } from "./html.ts";
import { layout, type Page, type Problem, postForm } from "./layout.ts";
import { countdown, day, until } from "./time.ts";

export interface Scan {
  start: EnrollmentStart;
  accountName: string;
  kind: "enroll" | "replace" | "add";
  /** Set up because the product requires it, before being signed in. */
  forced: boolean;
}

export function scanPage(page: Page, scan: Scan, problem: Problem | null): Html {
  const { product } = page;
  const { start } = scan;
  return layout(
    page,
    { enroll: product.words.scan, replace: "Set up a new authenticator", add: "Add another authenticator" }[
      scan.kind
    ],
    html`${
      scan.forced
        ? html`<p>Your administrator requires everybody to use two-factor authentication. It takes a minute.</p>`
        : nothing
    }
      ${start.state === "awaiting_acknowledgement" ? scannedBefore(page, start, problem) : toScan(page, scan, problem)}
      <form method="post" id="cancel" action="${page.base}/two-factor/cancel">
        <input type="hidden" name="_csrf" value="${page.csrf}"></form>`,
  );
}

/** Back from the codes: the app is right already, and another QR code would only make a second entry in it. */
function scannedBefore(page: Page, { expiresAt }: EnrollmentStart, problem: Problem | null): Html {
  const { codes, saved } = page.product.words;
  return html`<p>Your authenticator app is ready: there is nothing to scan any more. If you have saved the ${codes} that you
      were shown, you are done.</p>
    ${postForm(page, "/two-factor/acknowledge", html`<p class="actions"><button>${saved}</button></p>`)}
    <h2>Not saved?</h2>
    <p>Type the next code that your app shows, and you get new ${codes}. Those from before will not work.</p>
    ${codeForm(page, problem, `Show new ${codes}`)}
    <p class="hint">${countdown(
      html`You have another ${until(expiresAt, page.now)} to save them.`,
      "The time to save them is over. Please start again in the settings.",
    )}</p>`;
}

function codeForm(page: Page, problem: Problem | null, label: string): Html {
  return postForm(
    page,
    "/two-factor/scan",
    html`${formProblem(problem, ["code"])} ${codeField(page, ["app"], problem, problem !== null)}
      <p class="actions"><button>${label}</button>
        <button form="cancel" class="link" formnovalidate>Cancel</button></p>`,
  );
}

function toScan(page: Page, { start, accountName }: Scan, problem: Problem | null): Html {
  const { product } = page;
  return html`<ol class="steps">
        <li>
          <h2>Scan this with your authenticator app</h2>
          <p>Any authenticator app will do. It will show <strong>${product.name}</strong> for
            <strong class="${product.accountName === "phone" ? "nowrap" : ""}">${accountName}</strong>.</p>
          <figure class="qr">
            ${safe(qrSvg(start.keyUri))}
            <figcaption class="hidden">A QR code with the key that is written below.</figcaption>
          </figure>
          ${demoPhone(page, start.keyUri)}
          <details class="key">
            <summary>${product.words.showKey}</summary>
            <p><code id="key">${start.manualEntryKey}</code>
              <button type="button" class="quiet" data-copy="${start.secret}" data-shown="#key" hidden>Copy the key</button></p>
            <p class="hint">Choose “time based” if the app asks. Spaces do not matter.</p>
            <p><a href="${start.keyUri}">Open in an authenticator app on this device</a></p>
          </details>
        </li>
        <li>
          <h2>Type the code that it shows</h2>
          ${codeForm(page, problem, product.words.confirm)}
          <p class="hint">${countdown(
            html`This QR code is good for another ${until(start.expiresAt, page.now)}.`,
            "This QR code has expired. Reload the page for another one.",
          )}</p>
        </li>
      </ol>`;
}

/** The key goes to the phone page in the form's body: never in an address, which ends up in logs. */
function demoPhone(page: Page, keyUri: string): Html {
  if (!page.demoPhone) return nothing;
  return html`<form method="post" action="/phone" target="demo-phone">
    <input type="hidden" name="key" value="${keyUri}">
    <button class="quiet">Scan with the demo phone</button>
  </form>`;
}

export interface Codes {
  batch: BackupCodeBatch;
  accountName: string;
  /** What these codes come with, which the page says first. The last three work only after "I have saved them". */
  state: "turned_on" | "replaced" | "regenerated" | "turning_on" | "replacing" | "to_acknowledge";
  /** Until when "I have saved them" is accepted. */
  endsAt?: number | undefined;
}

function stateText({ product }: Page, state: Codes["state"]): string {
  const { codes, saved } = product.words;
  switch (state) {
    case "turned_on":
      return "Two-factor authentication is on.";
    case "replaced":
      return `Your new authenticator works. The old one and the old ${codes} do not any more.`;
    case "regenerated":
      return `These ${codes} work from now on, and no others.`;
    case "turning_on":
      return `Two-factor authentication is not on yet: it is when you press “${saved}”.`;
    case "replacing":
      return `Your old authenticator and ${codes} work until you press “${saved}”.`;
    case "to_acknowledge":
      return `Your old ${codes} work until you press “${saved}”.`;
  }
}

/** Where "I have saved them" goes, if it has to be said. */
function acknowledgement(state: Codes["state"]): string | null {
  if (state === "to_acknowledge") return "/two-factor/codes/acknowledge";
  return state === "turning_on" || state === "replacing" ? "/two-factor/acknowledge" : null;
}

export function codesPage(page: Page, { batch, accountName, state, endsAt }: Codes): Html {
  const { product } = page;
  const acknowledge = acknowledgement(state);
  const { words } = product;
  const file = formatBackupCodes({
    issuer: product.name,
    accountName,
    codes: batch.codes,
    createdAt: batch.createdAt,
  });
  return layout(
    page,
    `Your ${words.codes}`,
    html`<p class="notice">${stateText(page, state)}</p>
      <p>Save them now: they are not shown again. Each lets you in once when you do not have your phone, and none
        expires. Keep them where you would keep a spare key.</p>
      <div class="sheet">
        <p class="only-print">${product.name}, ${accountName}: ${words.codes}, made on ${day(batch.createdAt)}. Write the date beside a
          code when you use it.</p>
        <ol class="codes">${batch.codes.map((code) => html`<li><code>${inGroups(code)}</code></li>`)}</ol>
        <p class="actions no-print">
          <a class="button quiet" download="${file.filename}" href="${file.dataUrl}">Download</a>
          <button type="button" class="quiet" data-copy="${batch.codes.join("\n")}" data-shown=".codes" hidden>Copy</button>
          <button type="button" class="quiet" data-print hidden>Print</button>
        </p>
      </div>
      ${
        acknowledge === null
          ? html`<p class="actions no-print"><a class="button" href="${page.base}/settings">${words.saved}</a></p>`
          : postForm(page, acknowledge, html`<p class="actions no-print"><button>${words.saved}</button></p>`)
      }
      ${
        endsAt === undefined
          ? nothing
          : html`<p class="hint no-print">${countdown(
              html`You have another ${until(endsAt, page.now)} to save them.`,
              "The time to save them is over. Please start again in the settings.",
            )}</p>`
      }`,
  );
}

/** In fives where they come out even, else in fours, as in the file. The gap is not part of what is copied. */
function inGroups(code: string): Html {
  const size = code.length % 5 === 0 ? 5 : 4;
  const groups = code.match(new RegExp(`.{1,${size}}`, "g")) ?? [];
  return html`${groups.map((group) => html`<span>${group}</span>`)}`;
}
