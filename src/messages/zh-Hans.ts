/** Simplified Chinese text for each reason. */

import type { Reason } from "../errors.ts";

/**
 * Simplified Chinese text for each reason: what happened and what to do next.
 *
 * Addresses the person as 您. The words are 两步验证, 备用验证码, 身份验证器应用, 通行密钥.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { messages } from "twinlock/messages/zh-Hans";
 *
 * assert.equal(messages.already_enrolled, "两步验证已开启。");
 * ```
 */
export const messages: Readonly<Record<Reason, string>> = Object.freeze({
  invalid_code: "验证码不正确，请检查后重试。如果仍然失败，请将手机设置为自动设定时间。",
  invalid_passkey: "此通行密钥未被接受。请重试，或使用其他方式登录。",
  code_not_text: "收到的验证码与输入的不一致。请刷新页面后重试。",
  app_code_required: "此处不能使用备用验证码。请输入身份验证器应用中显示的验证码。",
  passkey_required: "此处不能使用验证码。请使用您的通行密钥。",
  already_used: "此验证码已使用过。请等待应用显示下一个验证码。",
  locked: "验证码或密码错误次数过多。请稍候再试，或使用其他方式登录。",
  invalid_password: "密码不正确，请重试。",
  reauthenticate: "请先确认是您本人，然后再进行更改。",
  enroll: "请先开启两步验证，然后重试。",
  expired: "操作已超时，或是在其他位置开始的。请重新开始。",
  already_enrolled: "两步验证已开启。",
  not_found: "列表中已没有此项。",
  too_many: "无法再添加。请移除一项后重试。",
  refused: "您的账号目前无法执行此操作。",
  busy: "操作未能完成，请稍后重试。",
});
