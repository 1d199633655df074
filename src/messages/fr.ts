/** French text for each reason. */

import type { Reason } from "../errors.ts";

/**
 * French text for each reason: what happened and what to do next.
 *
 * Addresses the person as vous. The words are validation en deux étapes, code de secours, application
 * d’authentification, clé d’accès.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { messages } from "twinlock/messages/fr";
 *
 * assert.equal(messages.already_enrolled, "La validation en deux étapes est déjà activée.");
 * ```
 */
export const messages: Readonly<Record<Reason, string>> = Object.freeze({
  invalid_code:
    "Ce code est incorrect. Vérifiez-le et réessayez. Si le problème persiste, activez le réglage automatique de l’heure sur votre téléphone.",
  invalid_passkey: "Cette clé d’accès n’a pas été acceptée. Réessayez ou connectez-vous d’une autre manière.",
  code_not_text: "Le code n’est pas arrivé tel qu’il a été saisi. Actualisez la page, puis réessayez.",
  app_code_required:
    "Les codes de secours ne sont pas acceptés ici. Saisissez le code affiché par votre application d’authentification.",
  passkey_required: "Les codes ne sont pas acceptés ici. Utilisez votre clé d’accès.",
  already_used: "Ce code a déjà été utilisé. Attendez que votre application affiche le suivant.",
  locked:
    "Trop de codes ou de mots de passe incorrects. Patientez avant de réessayer ou connectez-vous d’une autre manière.",
  invalid_password: "Ce mot de passe est incorrect. Veuillez réessayer.",
  reauthenticate: "Veuillez confirmer votre identité avant d’effectuer cette modification.",
  enroll: "Activez d’abord la validation en deux étapes, puis réessayez.",
  expired: "L’opération a pris trop de temps ou a été commencée ailleurs. Veuillez recommencer.",
  already_enrolled: "La validation en deux étapes est déjà activée.",
  not_found: "Cet élément ne figure plus dans la liste.",
  too_many: "Il n’y a plus de place pour un nouvel élément. Supprimez-en un, puis réessayez.",
  refused: "Cette opération n’est pas possible pour votre compte actuellement.",
  busy: "L’opération n’a pas abouti. Veuillez réessayer dans un instant.",
});
