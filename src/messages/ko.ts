/** Korean text for each reason. */

import type { Reason } from "../errors.ts";

/**
 * Korean text for each reason: what happened and what to do next.
 *
 * Polite, in 합니다 and 해 주세요. The words are 2단계 인증, 백업 코드, 인증 앱, 패스키.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { messages } from "twinlock/messages/ko";
 *
 * assert.equal(messages.already_enrolled, "2단계 인증이 이미 사용 설정되어 있습니다.");
 * ```
 */
export const messages: Readonly<Record<Reason, string>> = Object.freeze({
  invalid_code:
    "코드가 올바르지 않습니다. 확인한 후 다시 시도해 주세요. 계속 실패하면 휴대전화의 시간을 자동으로 설정해 주세요.",
  invalid_passkey: "이 패스키로 인증하지 못했습니다. 다시 시도하거나 다른 방법으로 로그인해 주세요.",
  code_not_text: "코드가 입력한 대로 전달되지 않았습니다. 페이지를 새로고침한 후 다시 시도해 주세요.",
  app_code_required: "여기에서는 백업 코드를 사용할 수 없습니다. 인증 앱에 표시된 코드를 입력해 주세요.",
  passkey_required: "여기에서는 코드를 사용할 수 없습니다. 패스키를 사용해 주세요.",
  already_used: "이미 사용한 코드입니다. 앱에 다음 코드가 표시될 때까지 기다려 주세요.",
  locked:
    "잘못된 코드나 비밀번호를 너무 많이 입력했습니다. 잠시 기다렸다가 다시 시도하거나 다른 방법으로 로그인해 주세요.",
  invalid_password: "비밀번호가 올바르지 않습니다. 다시 시도해 주세요.",
  reauthenticate: "변경하기 전에 본인임을 확인해 주세요.",
  enroll: "먼저 2단계 인증을 사용 설정한 후 다시 시도해 주세요.",
  expired: "시간이 너무 오래 걸렸거나 다른 곳에서 시작된 작업입니다. 처음부터 다시 시작해 주세요.",
  already_enrolled: "2단계 인증이 이미 사용 설정되어 있습니다.",
  not_found: "더 이상 목록에 없는 항목입니다.",
  too_many: "더 이상 추가할 수 없습니다. 하나를 삭제한 후 다시 시도해 주세요.",
  refused: "현재 이 계정에서는 할 수 없는 작업입니다.",
  busy: "요청을 완료하지 못했습니다. 잠시 후 다시 시도해 주세요.",
});
