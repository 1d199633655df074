/** The five products as option objects: all in which they differ. */

import type { Product } from "../../support/host.ts";

export const northstack: Product = () => ({
  issuer: "NorthStack",
  backupCodes: false,
  trustedDevices: false,
  reauthentication: { enroll: "none" },
});

export const sparkpost: Product = ({ verifyPassword, requirement }) => ({
  issuer: "SparkPost",
  verifyPassword,
  requirement,
  trustedDevices: false,
  backupCodes: { atEnrollment: false, count: 10, alphabet: "digits", length: 8 },
  reauthentication: { enroll: "none", disable: "password", regenerate: "password" },
});

export const emnify: Product = ({ verifyPassword }) => ({
  issuer: "emnify",
  verifyPassword,
  backupCodes: false,
  trustedDevices: { trustedFor: 2_592_000 },
  reauthentication: { enroll: "password", disable: "none" },
});

export const cloudmc: Product = ({ verifyPassword }) => ({
  issuer: "CloudMC",
  verifyPassword,
  trustedDevices: false,
  reauthentication: { enroll: "password", disable: "password", regenerate: "password", replace: "password" },
});

export const bytebase: Product = ({ verifyPassword, requirement }) => ({
  issuer: "Bytebase",
  verifyPassword,
  requirement,
  trustedDevices: false,
  lifetimes: { challenge: 300, enrollment: 300 },
  backupCodes: { count: 10, alphabet: "base32", length: 10, acknowledge: true },
  reauthentication: { enroll: "none", disable: "none", regenerate: "none", replace: "none" },
});
