// A page that turns the second factor on, as small as it can be: the application of the Playwright example.

import { createServer } from "node:http";
import { messages } from "twinlock";
import { qrSvg } from "twinlock/qr";

const field = '<input name="code" aria-label="Code" autocomplete="one-time-code"><button>Turn on</button>';
const html = (body) => `<!doctype html><meta charset="utf-8"><title>Settings</title>${body}`;

/** Serves the page for one user. @param {import("twinlock").TwoFactor} twoFactor */
export function settingsPage(twoFactor, userId) {
  let pending = null; // in your application: in the session
  return createServer(async (request, response) => {
    if (request.url !== "/") return response.writeHead(404).end();
    response.setHeader("content-type", "text/html");
    if (request.method === "POST") {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const code = new URLSearchParams(Buffer.concat(chunks).toString()).get("code") ?? undefined;
      const { enrollmentId } = pending;
      const result = await twoFactor.enrollment.confirm(userId, { enrollmentId, code, binding: null });
      const text = result.ok ? "Two-factor authentication is on." : messages[result.reason];
      return response.end(html(`<p>${text}</p>${result.ok ? "" : `<form method="post">${field}</form>`}`));
    }
    pending = await twoFactor.enrollment.begin(userId, { accountName: userId, binding: null });
    const picture = `<div id="qr" style="width:240px">${qrSvg(pending.keyUri)}</div>`;
    response.end(html(`${picture}<code>${pending.manualEntryKey}</code><form method="post">${field}</form>`));
  });
}
