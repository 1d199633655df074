/** Polish text for each reason. */

import type { Reason } from "../errors.ts";

/**
 * Polish text for each reason: what happened and what to do next.
 *
 * Addresses the person in the singular. The words are weryfikacja dwuetapowa, kod zapasowy, aplikacja
 * uwierzytelniająca, klucz dostępu.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { messages } from "twinlock/messages/pl";
 *
 * assert.equal(messages.already_enrolled, "Weryfikacja dwuetapowa jest już włączona.");
 * ```
 */
export const messages: Readonly<Record<Reason, string>> = Object.freeze({
  invalid_code:
    "Kod jest nieprawidłowy. Sprawdź go i spróbuj ponownie. Jeśli to nie pomoże, włącz w telefonie automatyczne ustawianie czasu.",
  invalid_passkey:
    "Ten klucz dostępu nie został zaakceptowany. Spróbuj ponownie lub zaloguj się w inny sposób.",
  code_not_text:
    "Kod nie dotarł w takiej postaci, w jakiej został wpisany. Odśwież stronę i spróbuj ponownie.",
  app_code_required:
    "Tutaj nie można użyć kodu zapasowego. Wpisz kod wyświetlany w aplikacji uwierzytelniającej.",
  passkey_required: "Tutaj nie można użyć kodu. Użyj klucza dostępu.",
  already_used: "Ten kod został już użyty. Poczekaj, aż w aplikacji pojawi się następny.",
  locked:
    "Zbyt wiele błędnych kodów lub haseł. Poczekaj, zanim spróbujesz ponownie, lub zaloguj się w inny sposób.",
  invalid_password: "Hasło jest nieprawidłowe. Spróbuj ponownie.",
  reauthenticate: "Zanim to zmienisz, potwierdź swoją tożsamość.",
  enroll: "Najpierw włącz weryfikację dwuetapową, a potem spróbuj ponownie.",
  expired: "Trwało to zbyt długo lub zostało rozpoczęte w innym miejscu. Zacznij od początku.",
  already_enrolled: "Weryfikacja dwuetapowa jest już włączona.",
  not_found: "Tej pozycji nie ma już na liście.",
  too_many: "Nie ma miejsca na kolejną pozycję. Usuń jedną z nich i spróbuj ponownie.",
  refused: "W tej chwili nie jest to możliwe na Twoim koncie.",
  busy: "Nie udało się tego zrobić. Spróbuj ponownie za chwilę.",
});
