/** Japanese text for each reason. */

import type { Reason } from "../errors.ts";

/**
 * Japanese text for each reason: what happened and what to do next.
 *
 * Polite, in です and ます. The words are 2 段階認証, バックアップ コード, 認証アプリ, パスキー.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { messages } from "twinlock/messages/ja";
 *
 * assert.equal(messages.already_enrolled, "2 段階認証はすでに有効になっています。");
 * ```
 */
export const messages: Readonly<Record<Reason, string>> = Object.freeze({
  invalid_code:
    "コードが正しくありません。ご確認のうえ、もう一度お試しください。解決しない場合は、スマートフォンの時刻を自動設定にしてください。",
  invalid_passkey: "このパスキーは受け付けられませんでした。もう一度試すか、別の方法でログインしてください。",
  code_not_text: "コードが入力どおりに届きませんでした。ページを再読み込みして、もう一度お試しください。",
  app_code_required:
    "ここではバックアップ コードは使用できません。認証アプリに表示されているコードを入力してください。",
  passkey_required: "ここではコードは使用できません。パスキーを使用してください。",
  already_used: "このコードはすでに使用されています。アプリに次のコードが表示されるまでお待ちください。",
  locked:
    "コードまたはパスワードの誤りが続きました。しばらく待ってからもう一度試すか、別の方法でログインしてください。",
  invalid_password: "パスワードが正しくありません。もう一度お試しください。",
  reauthenticate: "変更する前に、ご本人であることを確認してください。",
  enroll: "先に 2 段階認証を有効にしてから、もう一度お試しください。",
  expired: "時間がかかりすぎたか、別の場所で開始された操作です。最初からやり直してください。",
  already_enrolled: "2 段階認証はすでに有効になっています。",
  not_found: "この項目はすでに一覧にありません。",
  too_many: "これ以上追加できません。いずれかを削除してから、もう一度お試しください。",
  refused: "現在、お使いのアカウントではこの操作を行えません。",
  busy: "処理を完了できませんでした。少し待ってから、もう一度お試しください。",
});
