/** The old rows of 32 systems, and what the pages of docs/migration read of them. */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { LegacyEnrollment } from "../../src/two-factor/options.ts";

/** Inside the project, so that what a page imports resolves. */
const folder = join(import.meta.dirname, `.migration-${process.pid}`);

export function removeReaders(): void {
  rmSync(folder, { recursive: true, force: true });
}

// biome-ignore lint/suspicious/noExplicitAny: rows of other systems, and what reads them, have shapes of their own
type Foreign = any;

export interface Fixture {
  row: Foreign;
  keys?: Foreign;
  expect: {
    at: number;
    code: string;
    laterAt: number;
    laterCode: string;
    backupCodes?: { unused: string[]; used?: string[] };
  };
}

export type Readers = Foreign;
export type Said = LegacyEnrollment | readonly LegacyEnrollment[];

/** The page and, with the functions of its blocks, what the old system says of a row. */
export interface Reading {
  page: string;
  read(f: Fixture, r: Readers): Said;
  which?(f: Fixture, code: string, r: Readers): string | null | Promise<string | null>;
}

const simple = (name: string, column: (f: Fixture) => unknown): Reading => ({
  page: "otplib-speakeasy",
  read: (f, r) => r[name]?.(column(f)) as never,
});
const betterAuth = (configured?: object): Reading => ({
  page: "better-auth",
  read: ({ row, keys }, r) => r.fromBetterAuth?.(row, keys?.BETTER_AUTH_SECRET, configured) as never,
});
const fortify: Reading = {
  page: "laravel-fortify",
  read: ({ row, keys }, r) => r.fromFortify?.(row, keys?.APP_KEY) as never,
};
const other = (name: string, given: (f: Fixture) => readonly unknown[]): Reading => ({
  page: "others",
  read: (f, r) => r[name]?.(...given(f)) as never,
});

export const READINGS: Record<string, Reading> = {
  "otplib-11": simple("fromBase32", ({ row }) => row.two_factor_secret),
  "otplib-12": simple("fromBase32", ({ row }) => row.otp_secret),
  "otplib-12-ascii": simple("fromText", ({ row }) => row.secret),
  "otplib-12-hex": simple("fromHex", ({ row }) => row.secret),
  "otplib-13": {
    page: "otplib-speakeasy",
    read: ({ row }, r) => r.fromBase32?.(row.totpSecret, row.totpLastStep) as never,
  },
  "speakeasy-ascii": simple("fromText", ({ row }) => row.secret),
  "speakeasy-base32": simple("fromBase32", ({ row }) => row.secret),
  "speakeasy-hex": simple("fromHex", ({ row }) => row.secret),
  "speakeasy-object": simple("fromHex", ({ row }) => row.twofa.secret.hex),
  "node-2fa": simple("fromBase32", ({ row }) => row.secret),
  "passport-totp": simple("fromText", ({ row }) => row.key),
  time2fa: simple("fromTime2fa", ({ row }) => row),
  "better-auth": betterAuth(),
  "better-auth-encrypted": betterAuth(),
  "better-auth-8-digits": betterAuth({ digits: 8, period: 60 }),
  "laravel-fortify": fortify,
  "laravel-fortify-aes-256-gcm": fortify,
  "devise-two-factor-4": {
    page: "devise-two-factor",
    read: ({ row, keys }, r) => r.fromDevise4?.(row, keys?.otp_secret_encryption_key) as never,
    which: ({ row }, code, r) => r.deviseCode?.(row, code) as never,
  },
  "devise-two-factor-6": {
    page: "devise-two-factor",
    read: ({ row, keys }, r) => r.fromDevise6?.(row, keys) as never,
    which: ({ row, keys }, code, r) => r.deviseCode?.(row, code, keys?.pepper) as never,
  },
  "django-otp": { page: "django", read: ({ row }, r) => r.fromDjangoOtp?.(row) as never },
  "django-allauth": { page: "django", read: ({ row }, r) => r.fromAllauth?.(row) as never },
  "aspnet-identity": { page: "aspnet-identity", read: ({ row }, r) => r.fromIdentity?.(row) as never },
  keycloak: {
    page: "keycloak",
    read: ({ row }, r) => r.fromKeycloak?.(row) as never,
    which: ({ row }, code, r) => r.keycloakCode?.(row, code) as never,
  },
  "ory-kratos": { page: "kratos-supabase-authelia", read: ({ row }, r) => r.fromKratos?.(row) as never },
  "wordpress-two-factor": {
    page: "wordpress-nextcloud",
    read: ({ row }, r) => r.fromWordPress?.(row) as never,
    which: ({ row }, code, r) => r.wordPressCode?.(row, code) as never,
  },
  nextcloud: {
    page: "wordpress-nextcloud",
    read: ({ row, keys }, r) => r.fromNextcloud?.(row, keys?.secret) as never,
    which: ({ row }, code, r) => r.nextcloudCode?.(row, code) as never,
  },
  "cal.com": other("fromCal", ({ row, keys }) => [row, keys?.CALENDSO_ENCRYPTION_KEY]),
  n8n: other("fromN8n", ({ row, keys }) => [row, keys?.N8N_ENCRYPTION_KEY]),
  "key-uris": other("fromKeyUri", ({ row }) => [row.split("\n")[0]]),
  "bitwarden-json": other("fromBitwarden", ({ row }) => [row.items[0]]),
  aegis: other("fromAegis", ({ row }) => [row.db.entries[0]]),
  "google-migration": other("fromGoogle", ({ row }) => [row[0]]),
};

/** The functions of all blocks of a page. */
export async function readersOf(page: string): Promise<Readers> {
  mkdirSync(folder, { recursive: true });
  const text = readFileSync(join("docs", "migration", `${page}.md`), "utf8");
  const readers: Record<string, Foreign> = {};
  for (const [i, [, code = ""]] of [...text.matchAll(/```ts\n(.*?)```/gs)].entries()) {
    const path = join(folder, `${page}-${i}.ts`);
    writeFileSync(path, code);
    Object.assign(readers, await import(pathToFileURL(path).href));
  }
  return readers;
}

export function fixtureOf(name: string): Fixture {
  return JSON.parse(readFileSync(`test/support/fixtures/migration/${name}.json`, "utf8"));
}
