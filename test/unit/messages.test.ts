import assert from "node:assert/strict";
import { test } from "node:test";
import { messages as de } from "../../src/messages/de.ts";
import { messages as es } from "../../src/messages/es.ts";
import { messages as fr } from "../../src/messages/fr.ts";
import { messages as it } from "../../src/messages/it.ts";
import { messages as ja } from "../../src/messages/ja.ts";
import { messages as ko } from "../../src/messages/ko.ts";
import { messages as nl } from "../../src/messages/nl.ts";
import { messages as pl } from "../../src/messages/pl.ts";
import { messages as pt } from "../../src/messages/pt-BR.ts";
import { messages as zh } from "../../src/messages/zh-Hans.ts";
import { messages as english } from "../../src/page.ts";

const LANGUAGES = { de, fr, es, "pt-BR": pt, it, nl, pl, ja, "zh-Hans": zh, ko };

/** The words that each language keeps to: the second factor, a backup code, the app, and a passkey. */
const TERMS: Readonly<Record<keyof typeof LANGUAGES, readonly [string, string, string, string]>> = {
  de: ["Zwei-Faktor-Authentifizierung", "Backup-Code", "Authenticator-App", "Passkey"],
  fr: ["validation en deux étapes", "codes de secours", "application d’authentification", "clé d’accès"],
  es: ["verificación en dos pasos", "código de respaldo", "aplicación de autenticación", "llave de acceso"],
  "pt-BR": ["verificação em duas etapas", "código de backup", "app autenticador", "chave de acesso"],
  it: ["verifica in due passaggi", "codice di backup", "app di autenticazione", "passkey"],
  nl: ["verificatie in twee stappen", "back-upcode", "authenticator-app", "toegangssleutel"],
  pl: ["weryfikacj[aę] dwuetapow[aą]", "kodu zapasowego", "aplikacji uwierzytelniającej", "klucz dostępu"],
  ja: ["2 段階認証", "バックアップ コード", "認証アプリ", "パスキー"],
  "zh-Hans": ["两步验证", "备用验证码", "身份验证器应用", "通行密钥"],
  ko: ["2단계 인증", "백업 코드", "인증 앱", "패스키"],
};
const OWN_SCRIPT: Readonly<Record<string, RegExp>> = {
  ja: /[\p{Script=Hiragana}\p{Script=Katakana}]/u,
  "zh-Hans": /\p{Script=Han}/u,
  ko: /\p{Script=Hangul}/u,
};

for (const [language, messages] of Object.entries(LANGUAGES)) {
  test(`W7 ${language} has one whole sentence for every reason, in its own words`, () => {
    const [factor, backupCode, app, passkey] = TERMS[language as keyof typeof LANGUAGES];
    assert.deepEqual(Object.keys(messages), Object.keys(english));
    assert.equal(new Set(Object.values(messages)).size, Object.keys(english).length, "each says its own");
    for (const [reason, text] of Object.entries(messages)) {
      assert.match(text, /^[\p{Lu}\p{Lo}2].*[.。]$/u, reason);
      assert.ok(text.length <= 150, `${reason}: two lines on a phone, or three`);
      assert.equal(text, text.normalize("NFC"), reason);
      assert.doesNotMatch(text, /[{}<>%$']|\d{2}| {2}|\.\./, `${reason}: a placeholder, or a slip`);
      assert.doesNotMatch(
        text,
        /\b(the|that|please|your|again|right|was)\b|TOTP|OTP|2FA/i,
        `${reason}: English`,
      );
      const script = OWN_SCRIPT[language];
      if (script) assert.ok(script.test(text) && !/[A-Za-z]/.test(text), `${reason}: another script`);
    }
    const { already_enrolled, enroll, app_code_required, invalid_passkey } = messages;
    for (const text of [already_enrolled, enroll]) assert.match(text, new RegExp(factor, "i"));
    for (const term of [backupCode, app]) assert.match(app_code_required, new RegExp(term));
    assert.match(invalid_passkey, new RegExp(passkey));
    assert.ok(Object.isFrozen(messages));
  });
}
