/** Turning it on: the QR code, the first code, and the backup codes, shown once. */

import { type BackupCodeBatch, type EnrollmentStart, formatBackupCodes } from "twinlock";
import { qrSvg } from "twinlock/qr";
import { codeField, formProblem } from "./forms.ts";
import { type Html, html, nothing, safe } from "./html.ts";
import { layout, type Page, type Problem, postForm } from "./layout.ts";
import { until } from "./time.ts";

export interface Scan {
  start: EnrollmentStart;
  accountName: string;
  replace: boolean;
  /** Set up because the product requires it, before being signed in. */
  forced: boolean;
}

export function scanPage(page: Page, scan: Scan, problem: Problem | null): Html {
  const { product } = page;
  const { start } = scan;
  return layout(
    page,
    scan.replace ? "Set up a new authenticator" : product.words.scan,
    html`${
      scan.forced
        ? html`<p>Your administrator requires everybody to use two-factor authentication. It takes a minute.</p>`
        : nothing
    }
      <ol class="steps">
        <li>
          <h2>Scan this with your authenticator app</h2>
          <p>Any authenticator app will do. It will show <strong>${product.name}</strong> for
            <strong>${scan.accountName}</strong>.</p>
          <figure class="qr">
            ${safe(qrSvg(start.keyUri))}
            <figcaption class="hidden">A QR code with the key that is written below.</figcaption>
          </figure>
          ${demoPhone(page, start.keyUri)}
          <details class="key">
            <summary>${product.words.showKey}</summary>
            <p><code id="key">${start.manualEntryKey}</code>
              <button type="button" class="quiet" data-copy="${start.secret}" hidden>Copy the key</button></p>
            <p class="hint">Choose “time based” if the app asks. Spaces do not matter.</p>
            <p><a href="${start.keyUri}">Open in an authenticator app on this device</a></p>
          </details>
        </li>
        <li>
          <h2>Type the code that it shows</h2>
          ${postForm(
            page,
            "/two-factor/scan",
            html`${formProblem(problem, ["code"])} ${codeField(page, ["app"], problem, problem !== null)}
              <p class="actions"><button>${product.words.confirm}</button>
                <button form="cancel" class="link" formnovalidate>Cancel</button></p>`,
          )}
          <p class="hint">This QR code is good for another ${until(start.expiresAt, page.now)}.</p>
        </li>
      </ol>
      <form method="post" id="cancel" action="${page.base}/two-factor/cancel">
        <input type="hidden" name="_csrf" value="${page.csrf}"></form>`,
  );
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
  /** Where "I have saved them" goes; undefined where the codes are good already. */
  acknowledge?: string;
}

export function codesPage(page: Page, { batch, accountName, acknowledge }: Codes): Html {
  const { product } = page;
  const { words } = product;
  const file = formatBackupCodes({
    issuer: product.name,
    accountName,
    codes: batch.codes,
    createdAt: batch.createdAt,
  });
  return layout(
    page,
    `Save your ${words.codes}`,
    html`<p>Each of these lets you in once when you do not have your phone. They do not expire, and they are shown
        only now. Keep them where you would keep a spare key.</p>
      <div class="sheet">
        <p class="only-print">${product.name}, ${accountName}: ${words.codes}. Write the date beside a code when you
          use it.</p>
        <ol class="codes">${batch.codes.map((code) => html`<li><code>${code}</code></li>`)}</ol>
        <p class="actions no-print">
          <a class="button quiet" download="${file.filename}" href="${file.dataUrl}">Download</a>
          <button type="button" class="quiet" data-copy="${batch.codes.join("\n")}" hidden>Copy</button>
          <button type="button" class="quiet" data-print hidden>Print</button>
        </p>
      </div>
      ${
        acknowledge === undefined
          ? html`<p class="actions no-print"><a class="button" href="${page.base}/settings">${words.saved}</a></p>`
          : postForm(page, acknowledge, html`<p class="actions no-print"><button>${words.saved}</button></p>`)
      }`,
  );
}
