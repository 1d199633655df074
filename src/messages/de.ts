/** German text for each reason. */

import type { Reason } from "../errors.ts";

/**
 * German text for each reason: what happened and what to do next.
 *
 * Addresses the person as Sie. The words are Zwei-Faktor-Authentifizierung, Backup-Code, Authenticator-App, Passkey.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { messages } from "twinlock/messages/de";
 *
 * assert.equal(messages.already_enrolled, "Die Zwei-Faktor-Authentifizierung ist bereits aktiviert.");
 * ```
 */
export const messages: Readonly<Record<Reason, string>> = Object.freeze({
  invalid_code:
    "Der Code ist nicht richtig. Bitte versuchen Sie es noch einmal. Klappt es weiterhin nicht, stellen Sie die Uhrzeit Ihres Handys auf automatisch.",
  invalid_passkey:
    "Dieser Passkey wurde nicht akzeptiert. Bitte versuchen Sie es noch einmal oder melden Sie sich auf andere Weise an.",
  code_not_text:
    "Der Code ist nicht so angekommen, wie er eingegeben wurde. Bitte laden Sie die Seite neu und versuchen Sie es noch einmal.",
  app_code_required:
    "Ein Backup-Code ist hier nicht möglich. Bitte geben Sie den Code ein, den Ihre Authenticator-App anzeigt.",
  passkey_required: "Ein Code ist hier nicht möglich. Bitte verwenden Sie Ihren Passkey.",
  already_used: "Dieser Code wurde bereits verwendet. Bitte warten Sie auf den nächsten in Ihrer App.",
  locked:
    "Zu viele falsche Codes oder Passwörter. Bitte warten Sie, bevor Sie es wieder versuchen, oder melden Sie sich auf andere Weise an.",
  invalid_password: "Das Passwort ist nicht richtig. Bitte versuchen Sie es noch einmal.",
  reauthenticate: "Bitte bestätigen Sie, dass Sie es sind, bevor Sie das ändern.",
  enroll:
    "Bitte aktivieren Sie zuerst die Zwei-Faktor-Authentifizierung und versuchen Sie es dann noch einmal.",
  expired:
    "Das hat zu lange gedauert oder wurde an anderer Stelle begonnen. Bitte fangen Sie noch einmal von vorn an.",
  already_enrolled: "Die Zwei-Faktor-Authentifizierung ist bereits aktiviert.",
  not_found: "Das steht nicht mehr auf der Liste.",
  too_many:
    "Für einen weiteren Eintrag ist kein Platz. Bitte entfernen Sie einen und versuchen Sie es noch einmal.",
  refused: "Das ist für Ihr Konto zurzeit nicht möglich.",
  busy: "Das hat nicht geklappt. Bitte versuchen Sie es gleich noch einmal.",
});
