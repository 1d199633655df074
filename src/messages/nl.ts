/** Dutch text for each reason. */

import type { Reason } from "../errors.ts";

/**
 * Dutch text for each reason: what happened and what to do next.
 *
 * Addresses the person as je. The words are verificatie in twee stappen, back-upcode, authenticator-app,
 * toegangssleutel.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { messages } from "twinlock/messages/nl";
 *
 * assert.equal(messages.already_enrolled, "Verificatie in twee stappen staat al aan.");
 * ```
 */
export const messages: Readonly<Record<Reason, string>> = Object.freeze({
  invalid_code:
    "Deze code klopt niet. Controleer de code en probeer het opnieuw. Blijft het misgaan, zet dan de tijd van je telefoon op automatisch.",
  invalid_passkey:
    "Deze toegangssleutel is niet geaccepteerd. Probeer het opnieuw of log op een andere manier in.",
  code_not_text:
    "De code is niet aangekomen zoals die is getypt. Laad de pagina opnieuw en probeer het nog een keer.",
  app_code_required:
    "Hier kun je geen back-upcode gebruiken. Vul de code in die je authenticator-app laat zien.",
  passkey_required: "Hier kun je geen code gebruiken. Gebruik je toegangssleutel.",
  already_used: "Deze code is al gebruikt. Wacht op de volgende code in je app.",
  locked:
    "Te veel onjuiste codes of wachtwoorden. Wacht voordat je het opnieuw probeert of log op een andere manier in.",
  invalid_password: "Dit wachtwoord klopt niet. Probeer het opnieuw.",
  reauthenticate: "Bevestig dat jij het bent voordat je dit wijzigt.",
  enroll: "Zet eerst verificatie in twee stappen aan en probeer het daarna opnieuw.",
  expired: "Dit duurde te lang of is ergens anders gestart. Begin opnieuw.",
  already_enrolled: "Verificatie in twee stappen staat al aan.",
  not_found: "Dit staat niet meer in de lijst.",
  too_many: "Er is geen plaats voor nog een. Verwijder er eerst een en probeer het opnieuw.",
  refused: "Dit is op dit moment niet mogelijk voor je account.",
  busy: "Dat is niet gelukt. Probeer het zo meteen opnieuw.",
});
