/** Brazilian Portuguese text for each reason. */

import type { Reason } from "../errors.ts";

/**
 * Brazilian Portuguese text for each reason: what happened and what to do next.
 *
 * Addresses the person as você. The words are verificação em duas etapas, código de backup, app autenticador, chave
 * de acesso.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { messages } from "twinlock/messages/pt-BR";
 *
 * assert.equal(messages.already_enrolled, "A verificação em duas etapas já está ativada.");
 * ```
 */
export const messages: Readonly<Record<Reason, string>> = Object.freeze({
  invalid_code:
    "O código está incorreto. Confira e tente de novo. Se o erro continuar, ative o horário automático no seu celular.",
  invalid_passkey: "Essa chave de acesso não foi aceita. Tente de novo ou faça login de outra forma.",
  code_not_text: "O código não chegou como foi digitado. Recarregue a página e tente de novo.",
  app_code_required:
    "Não é possível usar um código de backup aqui. Digite o código que aparece no seu app autenticador.",
  passkey_required: "Não é possível usar um código aqui. Use a sua chave de acesso.",
  already_used: "Esse código já foi usado. Aguarde o próximo aparecer no seu app.",
  locked:
    "Muitos códigos ou senhas incorretos. Aguarde antes de tentar de novo ou faça login de outra forma.",
  invalid_password: "A senha está incorreta. Tente de novo.",
  reauthenticate: "Confirme que é você antes de fazer essa alteração.",
  enroll: "Ative primeiro a verificação em duas etapas e depois tente de novo.",
  expired: "Isso demorou demais ou foi iniciado em outro lugar. Comece de novo.",
  already_enrolled: "A verificação em duas etapas já está ativada.",
  not_found: "Esse item não está mais na lista.",
  too_many: "Não há espaço para mais um item. Remova um e tente de novo.",
  refused: "No momento, isso não é possível na sua conta.",
  busy: "Não foi possível concluir a operação. Tente de novo em instantes.",
});
