/** Spanish text for each reason. */

import type { Reason } from "../errors.ts";

/**
 * Spanish text for each reason: what happened and what to do next.
 *
 * Addresses the person as tú. The words are verificación en dos pasos, código de respaldo, aplicación de
 * autenticación, llave de acceso.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { messages } from "twinlock/messages/es";
 *
 * assert.equal(messages.already_enrolled, "La verificación en dos pasos ya está activada.");
 * ```
 */
export const messages: Readonly<Record<Reason, string>> = Object.freeze({
  invalid_code:
    "El código no es correcto. Compruébalo y vuelve a intentarlo. Si sigue fallando, activa la hora automática en tu teléfono.",
  invalid_passkey:
    "No se ha aceptado esta llave de acceso. Vuelve a intentarlo o inicia sesión de otra forma.",
  code_not_text:
    "El código no ha llegado tal como se escribió. Vuelve a cargar la página e inténtalo de nuevo.",
  app_code_required:
    "Aquí no se puede usar un código de respaldo. Introduce el código que muestra tu aplicación de autenticación.",
  passkey_required: "Aquí no se puede usar un código. Utiliza tu llave de acceso.",
  already_used: "Este código ya se ha utilizado. Espera a que tu aplicación muestre el siguiente.",
  locked:
    "Demasiados códigos o contraseñas incorrectos. Espera antes de volver a intentarlo o inicia sesión de otra forma.",
  invalid_password: "La contraseña no es correcta. Vuelve a intentarlo.",
  reauthenticate: "Confirma que eres tú antes de hacer este cambio.",
  enroll: "Activa primero la verificación en dos pasos y después vuelve a intentarlo.",
  expired: "El proceso ha tardado demasiado o se inició en otro lugar. Empieza de nuevo.",
  already_enrolled: "La verificación en dos pasos ya está activada.",
  not_found: "Este elemento ya no está en la lista.",
  too_many: "No hay espacio para añadir otro. Quita uno y vuelve a intentarlo.",
  refused: "En este momento, esto no es posible en tu cuenta.",
  busy: "No se ha podido completar la operación. Vuelve a intentarlo en un momento.",
});
