/** Italian text for each reason. */

import type { Reason } from "../errors.ts";

/**
 * Italian text for each reason: what happened and what to do next.
 *
 * Addresses the person as tu. The words are verifica in due passaggi, codice di backup, app di autenticazione,
 * passkey.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { messages } from "twinlock/messages/it";
 *
 * assert.equal(messages.already_enrolled, "La verifica in due passaggi è già attiva.");
 * ```
 */
export const messages: Readonly<Record<Reason, string>> = Object.freeze({
  invalid_code:
    "Il codice non è corretto. Controllalo e riprova. Se continua a non funzionare, imposta l’ora automatica sul telefono.",
  invalid_passkey: "Questa passkey non è stata accettata. Riprova o accedi in un altro modo.",
  code_not_text: "Il codice non è arrivato così come è stato digitato. Ricarica la pagina e riprova.",
  app_code_required:
    "Qui non si può usare un codice di backup. Inserisci il codice mostrato dalla tua app di autenticazione.",
  passkey_required: "Qui non si può usare un codice. Usa la tua passkey.",
  already_used: "Questo codice è già stato utilizzato. Attendi che l’app mostri quello successivo.",
  locked: "Troppi codici o password errati. Attendi prima di riprovare o accedi in un altro modo.",
  invalid_password: "La password non è corretta. Riprova.",
  reauthenticate: "Conferma la tua identità prima di apportare questa modifica.",
  enroll: "Attiva prima la verifica in due passaggi, poi riprova.",
  expired: "È passato troppo tempo o l’operazione è stata avviata altrove. Ricomincia da capo.",
  already_enrolled: "La verifica in due passaggi è già attiva.",
  not_found: "Questo elemento non è più nell’elenco.",
  too_many: "Non c’è posto per un altro elemento. Rimuovine uno e riprova.",
  refused: "Al momento questa operazione non è possibile per il tuo account.",
  busy: "L’operazione non è riuscita. Riprova tra qualche istante.",
});
