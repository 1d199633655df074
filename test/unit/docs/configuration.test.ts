import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type ConfigurationWarning, generateKey, type TwoFactorOptions } from "../../../src/index.ts";
import { memoryStore } from "../../../src/stores/memory.ts";
import { resolveSettings } from "../../../src/two-factor/settings.ts";

const page = readFileSync("docs/configuration.md", "utf8");

/** Options with one value at a path such as "totp.window.past". */
function withValue(path: string, value: number): TwoFactorOptions {
  const nested = path.split(".").reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
  const base = { issuer: "Acme", store: memoryStore(), keys: generateKey(), verifyPassword: () => false };
  // Eight digits beside backup codes of eight would be refused for another reason.
  const apart = path === "totp.digits" ? { backupCodes: { length: 9 } } : {};
  return { ...base, ...apart, ...(nested as object) };
}

/** Where a resolved setting stands. */
function resolved(path: string, options: TwoFactorOptions): unknown {
  const settings = resolveSettings(options);
  const place = path
    .replace(/^totp\.window/, "window")
    .replace(/^totp/, "parameters")
    .replace(/^trustedDevices/, "devices");
  return place.split(".").reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], settings);
}

const numbers = [...page.matchAll(/^\| `([\w.]+)` \| (\d+) \| (\d+) to (\d+) \|$/gm)];

test("the page lists every number that can be configured", () => {
  const options = resolveSettings(withValue("storeTimeout", 5));
  const { parameters, window, backupCodes, throttle, lifetimes, storeTimeout } = options;
  const { maxFailures: _, ...devices } = options.devices; // follows from the throttle
  const all = [parameters, window, backupCodes ?? {}, devices, throttle, lifetimes, { storeTimeout }];
  const count = all
    .flatMap((group) => Object.values(group))
    .filter((value) => typeof value === "number").length;
  assert.equal(numbers.length, count);
});

for (const [, path = "", standard, min, max] of numbers) {
  test(`${path} has the default and the range that the page says`, () => {
    assert.equal(resolved(path, withValue("issuer", "Acme" as never)), Number(standard));
    for (const value of [Number(min), Number(max)])
      assert.equal(resolved(path, withValue(path, value)), value);
    for (const value of [Number(min) - 1, Number(max) + 1]) {
      const refused = new RegExp(`^RangeError: ${path.replaceAll(".", "\\.")}: want `);
      assert.throws(() => resolveSettings(withValue(path, value)), refused);
    }
    assert.throws(() => resolveSettings(withValue(path, Number(min) + 0.5)), /^TypeError: /);
  });
}

test("the page explains every warning", () => {
  const ids: Record<ConfigurationWarning["id"], true> = {
    issuer_characters: true,
    ignored_parameter: true,
    wide_window: true,
    guess_risk: true,
    volatile_store: true,
    no_password_check: true,
    no_proof: true,
    password_suffices: true,
    no_backup_codes: true,
    no_events: true,
  };
  const explained = [...page.matchAll(/^\| `(\w+)` \| [a-z].*\|$/gm)]
    .map(([, id]) => id)
    .filter((id) => id && id in ids);
  assert.deepEqual(explained, Object.keys(ids));
});
