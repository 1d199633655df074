/** Six products, one router: everything in which they differ is in these six objects. */

import type { ProofLevel, ProofOperation, ProofRequirement, TwoFactorOptions } from "twinlock";

/** What the example asks anew for beside the library's own operations. */
export type OwnOperation = "deleteAccount";

type Rules = Pick<TwoFactorOptions, "issuer" | "trustedDevices" | "lifetimes"> & {
  backupCodes?: Exclude<TwoFactorOptions["backupCodes"], undefined>;
  reauthentication: Partial<Record<ProofOperation, ProofLevel> & Record<OwnOperation, ProofRequirement>>;
};

export interface Product {
  id: string;
  name: string;
  about: string;
  tour: readonly string[];
  /** Goes to `createTwoFactor` as it is. */
  twoFactor: Rules;
  /** What the authenticator app shows under the issuer. */
  accountName: "email" | "phone";
  /** "page": the password opens a page with every operation on it. "inline": each operation asks for itself. */
  manage: "inline" | "page";
  /** Whether the settings list the authenticators, and let a person add another one. */
  several: boolean;
  /** Whether passkeys and security keys stand beside the app. */
  passkeys: boolean;
  /** The owner's switch "require 2FA for all users": days of grace to choose from, or no such switch. */
  policy: false | { graceDays: readonly number[]; methods?: readonly ["passkey"] };
  /** Whether an administrator may reset and unlock a factor. Without it that code is never even loaded. */
  support: boolean;
  words: {
    section: string;
    turnOn: string;
    scan: string;
    showKey: string;
    code: string;
    confirm: string;
    codes: string;
    saved: string;
    turnOff: string;
    manage: string;
  };
}

/** Whether the owner's switch is about passkeys, which resist phishing, and nothing else counts once it is on. */
export function wantsPasskeys({ policy }: Product): boolean {
  return policy !== false && policy.methods !== undefined;
}

const words: Product["words"] = {
  section: "Two-factor authentication",
  turnOn: "Enable 2FA",
  scan: "Set up your authenticator app",
  showKey: "Can’t scan it? Type this key instead",
  code: "Code",
  confirm: "Verify",
  codes: "backup codes",
  saved: "Done",
  turnOff: "Disable 2FA",
  manage: "Manage",
};

export const products: readonly Product[] = [
  {
    id: "northstack",
    name: "NorthStack",
    about: "The account in the authenticator app is a phone number, double-checked before anything is shown.",
    tour: [
      "Check the phone number, enable 2FA, scan, verify.",
      "No backup codes: a lost phone is a matter for an administrator.",
    ],
    twoFactor: {
      issuer: "NorthStack",
      backupCodes: false, // the product has none: a lost phone takes an administrator
      trustedDevices: false,
      // "none": the product shows the QR code to whoever holds the session, who may then lock the person out
      reauthentication: { enroll: "none", replace: "code", disable: "app" },
    },
    accountName: "phone",
    manage: "inline",
    several: false,
    passkeys: false,
    policy: false,
    support: true,
    words: { ...words, section: "Manage Multi-Factor Authentication", code: "Verification Code" },
  },
  {
    id: "sparkpost",
    name: "SparkPost",
    about: "Backup codes come later, after the password, and nobody can reset a lost factor.",
    tour: [
      "Enable 2FA, then generate backup codes: copy, print or download them.",
      "Add another authenticator, such as a tablet: then either of them will do.",
      "The owner can require 2FA of everybody. “Disable” then becomes “Reset”.",
    ],
    twoFactor: {
      issuer: "SparkPost",
      trustedDevices: false,
      backupCodes: { atEnrollment: false, count: 10, alphabet: "digits", length: 8 },
      reauthentication: {
        enroll: "none", // as in the product: it asks for the password only later
        replace: "password+code",
        disable: "password",
        regenerate: "password",
      },
    },
    accountName: "email",
    manage: "inline",
    several: true, // nobody can reset a lost factor, so a second one is what helps
    passkeys: false,
    policy: { graceDays: [0] },
    support: false,
    words: { ...words, code: "2FA passcode", confirm: "Enable 2FA" },
  },
  {
    id: "emnify",
    name: "emnify",
    about: "The password comes before the QR code, and a device can be trusted for 30 days.",
    tour: [
      "Enable it with your password, sign out, sign in, and trust this device.",
      "Revoke the device in the settings, and you are asked again.",
      "As a member, delete your account: that takes the password and a code, neither older than two minutes.",
    ],
    twoFactor: {
      issuer: "emnify",
      backupCodes: false, // the product has none: a lost phone takes an administrator
      trustedDevices: { trustedFor: 2_592_000 },
      reauthentication: {
        enroll: "password",
        replace: "password+code",
        disable: "none", // the product turns it off at once, for whoever holds the session
        deleteAccount: { level: "password+app", maxAge: 120, once: true }, // an operation of the example's own
      },
    },
    accountName: "email",
    manage: "inline",
    several: false,
    passkeys: false,
    policy: false,
    support: true,
    words: {
      ...words,
      section: "Two-Factor Authentication",
      turnOn: "Enable",
      code: "6-digit token",
      confirm: "Confirm",
      turnOff: "Disable",
    },
  },
  {
    id: "cloudmc",
    name: "CloudMC",
    about: "Password, QR code, backup codes at once; later one password opens the whole management page.",
    tour: [
      "Enable it, lose the phone, sign in with a backup code and enable a new token generator.",
      "Manage: the password once, then regenerate or disable.",
    ],
    twoFactor: {
      issuer: "CloudMC",
      trustedDevices: false,
      // The password alone opens the whole page, which is weaker than the library's default: password and code.
      reauthentication: {
        enroll: "password",
        replace: "password",
        disable: "password",
        regenerate: "password",
      },
    },
    accountName: "email",
    manage: "page",
    several: false,
    passkeys: false,
    policy: false,
    support: true,
    words: {
      ...words,
      turnOn: "Enable two-factor authentication (2FA)",
      code: "One-time token",
      confirm: "Enable",
      turnOff: "Disable two-factor authentication",
      manage: "Manage two-factor authentication (2FA)",
    },
  },
  {
    id: "bytebase",
    name: "Bytebase",
    about:
      "2FA is on only after “I have saved my recovery codes”; the workspace owner can require it of all.",
    tour: [
      "Scan, verify, download the recovery codes, acknowledge: only now is it on.",
      "As the owner, require 2FA for all users, with or without a grace period.",
    ],
    twoFactor: {
      issuer: "Bytebase",
      trustedDevices: false,
      lifetimes: { challenge: 300, enrollment: 300 },
      backupCodes: { count: 10, alphabet: "base32", length: 10, acknowledge: true },
      // "none": the product asks for nothing more than the session. It says nothing of a new phone, and there the
      // one who has stolen a session could stay for good: hence the code.
      reauthentication: { enroll: "none", disable: "none", regenerate: "none", replace: "code" },
    },
    accountName: "email",
    manage: "inline",
    several: false,
    passkeys: false,
    policy: { graceDays: [0, 1, 7, 14] },
    support: true,
    words: {
      ...words,
      turnOn: "Turn on",
      showKey: "If you can’t scan it, enter the text",
      codes: "recovery codes",
      saved: "I have saved my recovery codes",
      turnOff: "Turn off",
    },
  },
  {
    id: "larkmoor",
    name: "Larkmoor",
    about:
      "A passkey or a security key beside the authenticator app, or in its place. Everything else is the default.",
    tour: [
      "Turn it on with a passkey, sign out, and sign in with it: no code to read or to give away.",
      "Add an authenticator app as well, then remove either: the other one goes on working.",
      "As the owner, require a passkey of all users: whoever has an app alone adds one at the next sign-in.",
    ],
    twoFactor: { issuer: "Larkmoor", trustedDevices: false, reauthentication: {} },
    accountName: "email",
    manage: "inline",
    several: true,
    passkeys: true,
    policy: { graceDays: [0], methods: ["passkey"] },
    support: true,
    words: { ...words, turnOn: "Use an authenticator app", turnOff: "Turn off" },
  },
];
