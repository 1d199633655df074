/** Reads records with docs/formats.md in hand and nothing of src/: the page is the format. */

import assert from "node:assert/strict";
import { createDecipheriv, hkdfSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createKeyring, generateKey } from "../../../src/keyring.ts";
import { encodeRecord } from "../../../src/record/format.ts";
import type { UserRecord } from "../../../src/record.ts";
import { enrolled, gist, storedRecord } from "../../model/person.ts";
import { activeRecord, largestRecord } from "../../support/records.ts";
import { USER } from "../../support/world.ts";

const page = readFileSync("docs/formats.md", "utf8");

/** The structures of the page: the names of their fields, in order, with their types. */
const structures = new Map(
  [...page.matchAll(/^### (\w+)\n([^#]*)/gm)].map(([, name = "", body = ""]) => [
    name,
    [...body.matchAll(/^- `(\w+)`: ([^;\n]+)/gm)].map(([, field = "", type = ""]) => ({
      field,
      type: type.trim(),
    })),
  ]),
);

/** A wire value as the page explains it. */
function read(type: string, wire: unknown): unknown {
  if (type.endsWith(" or null")) return wire === null ? null : read(type.slice(0, -" or null".length), wire);
  if (type === "text") return string(wire);
  if (type === "integer" || type === "instant") return number(wire);
  if (type === "differences") return sums(array(wire).map(number));
  if (type.startsWith("list of "))
    return array(wire).map((item) => read(type.slice("list of ".length), item));
  const fields = structures.get(type);
  assert.ok(fields, `the page does not say what a ${type} is`);
  const values = array(wire);
  assert.equal(values.length, fields.length, `fields of a ${type}`);
  return Object.fromEntries(fields.map((field, i) => [field.field, read(field.type, values[i])]));
}

function sums(differences: readonly number[]): number[] {
  let sum = 0;
  return differences.map((by) => {
    sum += by;
    return sum;
  });
}

function string(wire: unknown): string {
  assert.equal(typeof wire, "string", "want text");
  return wire as string;
}
function number(wire: unknown): number {
  assert.ok(Number.isSafeInteger(wire), "want an integer");
  return wire as number;
}
function array(wire: unknown): readonly unknown[] {
  assert.ok(Array.isArray(wire), "want an array");
  return wire;
}

test("a record of every structure reads as the page says", () => {
  const largest = largestRecord();
  const all = { ...largest, nextBackupCodes: largest.backupCodes };
  for (const record of [all, activeRecord()]) {
    assert.deepEqual(read("record", JSON.parse(encodeRecord(record))), record);
  }
});

test("the sizes on the page are the sizes of today", async () => {
  const seal = createKeyring(generateKey()).forUser(USER);
  const size = async (record: UserRecord) => (await seal.seal("v".repeat(22), encodeRecord(record))).length;
  const largest = (await size(largestRecord())).toLocaleString("en-US");
  assert.ok(page.includes(`is ${largest} characters`), `the largest record has ${largest} characters`);
  const person = await enrolled();
  const first = await person.options.store.get(USER);
  const [, young = ""] = /has about ([\d,]+)/.exec(page) ?? [];
  const distance = Math.abs(Number(young.replace(",", "")) - (first?.data.length ?? 0));
  assert.ok(distance < 100, `a record that was just enrolled has ${first?.data.length} characters`);
});

test("what the service stored opens with the page and node:crypto", async () => {
  const keys = Buffer.alloc(32, 9).toString("base64url");
  const person = await enrolled({ keys });
  const row = await person.options.store.get(USER);
  const [format = "", keyId = "", nonce = "", text = ""] = row?.data.split(".") ?? [];
  const derive = (info: Uint8Array, length: number) =>
    new Uint8Array(hkdfSync("sha256", Buffer.from(keys, "base64url"), "", info, length));
  assert.deepEqual(
    [format, keyId],
    ["v1", Buffer.from(derive(Buffer.from("twinlock/v1/key-id"), 8)).toString("base64url")],
  );
  const decipher = createDecipheriv(
    "aes-256-gcm",
    derive(lp("twinlock/v1/record", USER), 32),
    Buffer.from(nonce, "base64url"),
  );
  const sealed = Buffer.from(text, "base64url");
  decipher.setAAD(lp("v1", keyId, USER, row?.version ?? "")).setAuthTag(sealed.subarray(-16));
  const json = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]).toString();
  const record = read("record", JSON.parse(json)) as NonNullable<Awaited<ReturnType<typeof storedRecord>>>;
  assert.deepEqual(gist(record), gist(await storedRecord(person)));
  assert.equal(record.authenticators[0]?.secret, person.secret);
});

function lp(...fields: readonly string[]): Buffer {
  return Buffer.concat(
    fields.flatMap((field) => {
      const bytes = Buffer.from(field);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}
