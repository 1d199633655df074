// What each contestant does for a line. Whatever a library lets its host keep between calls (a key, an object) is kept
// for the lines with a prepared key; the others start from the Base32 text that a database holds.

import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { createOTP } from "@better-auth/utils/otp";
import * as epic from "@epic-web/totp";
import * as oslo from "@oslojs/otp";
import twofa from "2fa";
import notp from "notp";
import * as otpauth from "otpauth";
import * as otplib from "otplib";
import QRCode from "qrcode";
import speakeasy from "speakeasy";
import base32 from "thirty-two";
import * as time2fa from "time2fa";
import { TOTP as TotpGenerator } from "totp-generator";
import * as twinlock from "../../../dist/otp/index.js";
import { qrSvg } from "../../../dist/qr.js";
import * as limit from "./limit.js";

export const NOW = 1_760_000_000_000;
const SECONDS = NOW / 1_000;
const STEP = Math.floor(SECONDS / 30);

const RFC_KEYS = { SHA1: 20, SHA256: 32, SHA512: 64 };
const node = { SHA1: "sha1", SHA256: "sha256", SHA512: "sha512" };
const web = { SHA1: "SHA-1", SHA256: "SHA-256", SHA512: "SHA-512" };

/** Some contestants read the clock themselves. It stands still for all of them, and costs them nothing. */
export function stopTheClock() {
  const Real = Date;
  globalThis.Date = class extends Real {
    constructor(...given) {
      super(...(given.length === 0 ? [NOW] : given));
    }
    static now() {
      return NOW;
    }
  };
}

function secretOf(algorithm) {
  const bytes = Buffer.alloc(RFC_KEYS[algorithm], "12345678901234567890");
  return { bytes, plain: new Uint8Array(bytes), text: twinlock.encodeBase32(new Uint8Array(bytes)) };
}

/** The plain use of node:crypto that a host would write itself. */
function byHand(key, step, algorithm) {
  const counter = Buffer.allocUnsafe(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac(algorithm, key).update(counter).digest();
  const offset = digest[digest.length - 1] & 15;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1e6).padStart(6, "0");
}

function verifyByHand(key, code, algorithm) {
  let valid = false;
  for (let step = STEP - 1; step <= STEP + 1; step++) valid = byHand(key, step, algorithm) === code || valid;
  return valid;
}

/** Every line: what its answer must be, and who takes part. A name with an asterisk is a reference, not a peer. */
export function lines() {
  const { bytes, plain, text } = secretOf("SHA1");
  const code = twinlock.totp(text, { now: NOW });
  const near = [-1, 0, 1].map((step) => twinlock.totp(text, { now: NOW + step * 30_000 }));
  const wrong = ["000000", "111111", "222222", "333333"].find((guess) => !near.includes(guess));
  const ascii = bytes.toString("ascii");

  const prepared = {
    twinlock: twinlock.prepareSecret(text),
    otpauth: new otpauth.TOTP({ secret: otpauth.Secret.fromBase32(text) }),
    limit: limit.key(bytes),
  };
  const out = {
    "generate, prepared key": {
      check: (answer) => answer === code,
      run: {
        twinlock: () => twinlock.totp(prepared.twinlock, { now: NOW }),
        otpauth: () => prepared.otpauth.generate({ timestamp: NOW }),
        otplib: () => otplib.generateSync({ secret: plain, epoch: SECONDS }),
        "@oslojs/otp": () => oslo.generateTOTP(plain, 30, 6),
        speakeasy: () => speakeasy.totp({ secret: ascii, encoding: "ascii", time: SECONDS }),
        notp: () => notp.totp.gen(ascii, { time: 30 }),
        "2fa": () => twofa.generateCode(bytes, STEP),
        "better-auth": { async: () => createOTP(ascii).totp() },
        "createHmac *": () => byHand(bytes, STEP, "sha1"),
        "limit *": () => limit.generate(prepared.limit, STEP),
      },
    },
    "generate, Base32": {
      check: (answer) => answer === code,
      run: {
        twinlock: () => twinlock.totp(text, { now: NOW }),
        otpauth: () => new otpauth.TOTP({ secret: text }).generate({ timestamp: NOW }),
        otplib: () => otplib.generateSync({ secret: text, epoch: SECONDS }),
        speakeasy: () => speakeasy.totp({ secret: text, encoding: "base32", time: SECONDS }),
        time2fa: () =>
          time2fa.Totp.generatePasscodes({ secret: text }, time2fa.generateConfig({ secretSize: 20 }))[0],
        "totp-generator": { async: async () => (await TotpGenerator.generate(text, { timestamp: NOW })).otp },
        "@epic-web/totp": {
          async: async () =>
            (await epic.generateTOTP({ secret: text, period: 30, digits: 6, algorithm: "SHA-1" })).otp,
        },
        notp: () => notp.totp.gen(base32.decode(text), { time: 30 }),
        "2fa": () => twofa.generateCode(base32.decode(text), STEP),
        "createHmac *": () => byHand(base32.decode(text), STEP, "sha1"),
        "limit *": () => limit.generateFromBase32(text, STEP),
      },
    },
  };
  const verifiers = (token) => ({
    twinlock: () => twinlock.matchTotp(text, token, { now: NOW }) !== undefined,
    otpauth: () => new otpauth.TOTP({ secret: text }).validate({ token, window: 1, timestamp: NOW }) !== null,
    otplib: () => otplib.verifySync({ secret: text, token, epoch: SECONDS, epochTolerance: 30 }).valid,
    speakeasy: () =>
      speakeasy.totp.verify({ secret: text, encoding: "base32", token, time: SECONDS, window: 1 }),
    "@oslojs/otp": () => oslo.verifyTOTPWithGracePeriod(base32.decode(text), 30, 6, token, 30),
    time2fa: () => time2fa.Totp.validate({ secret: text, passcode: token, drift: 1 }, { secretSize: 20 }),
    "@epic-web/totp": {
      async: async () =>
        (await epic.verifyTOTP({
          otp: token,
          secret: text,
          period: 30,
          digits: 6,
          algorithm: "SHA-1",
          window: 1,
        })) !== null,
    },
    notp: () => notp.totp.verify(token, base32.decode(text), { window: 1, time: 30 }) !== null,
    "2fa": () => twofa.verifyTOTP(base32.decode(text), token, { drift: 2 }),
    "better-auth": { async: () => createOTP(ascii).verify(token, { window: 1 }) },
    "createHmac *": () => verifyByHand(base32.decode(text), token, "sha1"),
    "limit *": () => limit.verifyFromBase32(text, token, STEP) !== undefined,
  });
  out["verify a wrong code, Base32"] = { check: (answer) => answer === false, run: verifiers(wrong) };
  out["verify a right code, Base32"] = { check: (answer) => answer === true, run: verifiers(code) };

  for (const algorithm of ["SHA256", "SHA512"]) {
    const { bytes, text } = secretOf(algorithm);
    const answers = [-1, 0, 1].map((step) => twinlock.totp(text, { now: NOW + step * 30_000, algorithm }));
    const token = ["000000", "111111", "222222", "333333"].find((guess) => !answers.includes(guess));
    const verifier = (token) => ({
      twinlock: () => twinlock.matchTotp(text, token, { now: NOW, algorithm }) !== undefined,
      otpauth: () =>
        new otpauth.TOTP({ secret: text, algorithm }).validate({ token, window: 1, timestamp: NOW }) !== null,
      otplib: () =>
        otplib.verifySync({
          secret: text,
          token,
          algorithm: node[algorithm],
          epoch: SECONDS,
          epochTolerance: 30,
        }).valid,
      speakeasy: () =>
        speakeasy.totp.verify({
          secret: text,
          encoding: "base32",
          algorithm: node[algorithm],
          token,
          time: SECONDS,
          window: 1,
        }),
      time2fa: () =>
        time2fa.Totp.validate(
          { secret: text, passcode: token, drift: 1 },
          { secretSize: bytes.length, algo: node[algorithm] },
        ),
      "@epic-web/totp": {
        async: async () =>
          (await epic.verifyTOTP({
            otp: token,
            secret: text,
            period: 30,
            digits: 6,
            algorithm: web[algorithm],
            window: 1,
          })) !== null,
      },
      "createHmac *": () => verifyByHand(base32.decode(text), token, node[algorithm]),
    });
    const name = algorithm.replace("SHA", "SHA-");
    out[`verify a wrong code, ${name}`] = { check: (answer) => answer === false, run: verifier(token) };
    out[`verify a right code, ${name}`] = { check: (answer) => answer === true, run: verifier(answers[1]) };
  }

  const account = "alice@example.com";
  const uri = twinlock.formatKeyUri({ secret: text, issuer: "Acme", accountName: account });
  const names = (answer) => answer.startsWith("otpauth://totp/") && answer.includes(text);
  out["build a key URI"] = {
    check: names,
    run: {
      twinlock: () => twinlock.formatKeyUri({ secret: text, issuer: "Acme", accountName: account }),
      otpauth: () => new otpauth.TOTP({ secret: text, issuer: "Acme", label: account }).toString(),
      otplib: () => otplib.generateURI({ secret: text, issuer: "Acme", label: account }),
      speakeasy: () =>
        speakeasy.otpauthURL({ secret: text, encoding: "base32", label: account, issuer: "Acme" }),
      "@oslojs/otp": () => oslo.createTOTPKeyURI("Acme", account, plain, 30, 6),
      time2fa: () =>
        time2fa.generateUrl({ secret: text, issuer: "Acme", user: account }, time2fa.generateConfig()),
      "@epic-web/totp": () =>
        epic.getTOTPAuthUri({
          secret: text,
          issuer: "Acme",
          accountName: account,
          period: 30,
          digits: 6,
          algorithm: "SHA-1",
        }),
      "2fa": () => twofa.generateUrl("Acme", account, bytes),
    },
  };
  out["parse a key URI"] = {
    check: (answer) => answer === text,
    run: {
      twinlock: () => twinlock.parseKeyUri(uri).secret,
      otpauth: () => otpauth.URI.parse(uri).secret.base32,
    },
  };
  out["make a secret"] = {
    check: (answer) => /^[A-Z2-7]{32}/.test(answer),
    run: {
      twinlock: () => twinlock.generateSecret(),
      otpauth: () => new otpauth.Secret({ size: 20 }).base32,
      otplib: () => otplib.generateSecret({ length: 20 }),
      speakeasy: () => speakeasy.generateSecret({ length: 20 }).base32,
      time2fa: () => time2fa.generateSecret(20),
    },
  };
  out["draw a QR code"] = {
    check: (answer) => answer.includes("<svg"),
    run: {
      twinlock: () => qrSvg(uri),
      "qrcode *": { async: () => QRCode.toString(uri, { type: "svg", errorCorrectionLevel: "M" }) },
    },
  };
  return out;
}
