import assert from "node:assert/strict";
import { test } from "node:test";
import { type ProofGround, type ProofRequirement, resolveRows } from "../../../src/two-factor/proof-rows.ts";

const GROUND: ProofGround = { canCheckPassword: true, lifetime: 600 };
const rows = (asked: Record<string, unknown>, ground = GROUND) =>
  resolveRows(asked as Record<string, ProofRequirement>, ground);

test("a level is a row that lasts as long as an elevation and may be used repeatedly", () => {
  const resolved = rows({ payout: "app", close: { level: "password+app", maxAge: 120, once: true } });
  assert.deepEqual(resolved.get("payout"), { level: "app", maxAge: 600, once: false, firstFactor: false });
  assert.deepEqual(resolved.get("close"), {
    level: "password+app",
    maxAge: 120,
    once: true,
    firstFactor: false,
  });
  assert.deepEqual([...resolved.keys()], ["enroll", "replace", "disable", "regenerate", "payout", "close"]);
});

test("a row is refused by the name of what is wrong with it", () => {
  const wrong: [string, unknown][] = [
    ["TypeError: reauthentication.payout: want one of none, password, ", "App"],
    ["TypeError: reauthentication.payout: want an object", null],
    ["TypeError: reauthentication.payout: want an object", 7],
    ["TypeError: reauthentication.payout.level: want one of", {}],
    ["TypeError: reauthentication.payout.maxage: there is no such option", { level: "app", maxage: 1 }],
    ["RangeError: reauthentication.payout.maxAge: want 1 to 600", { level: "app", maxAge: 0 }],
    ["RangeError: reauthentication.payout.maxAge: want 1 to 600", { level: "app", maxAge: 601 }],
    ["TypeError: reauthentication.payout.maxAge: want an integer", { level: "app", maxAge: "60" }],
    ["TypeError: reauthentication.payout.once: want true or false", { level: "app", once: 1 }],
    [
      "TypeError: reauthentication.payout.firstFactor: want true or false",
      { level: "password", firstFactor: 1 },
    ],
    ["RangeError: reauthentication.payout.firstFactor: ", { level: "app", firstFactor: true }],
    ["RangeError: reauthentication.payout.once: ", { level: "password", firstFactor: true, once: true }],
  ];
  for (const [message, payout] of wrong) {
    assert.throws(
      () => rows({ payout }),
      (error) => String(error).startsWith(message),
      message,
    );
  }
  rows({ payout: { level: "password+code", firstFactor: true, once: true } });
  rows({ payout: { level: "password", firstFactor: true } });
});

test("the password is asked for only where it can be checked, or a first factor takes its place", () => {
  const none = { ...GROUND, canCheckPassword: false };
  for (const level of ["password", "password+code", "password+app"]) {
    const refused =
      /^TypeError: reauthentication.payout: asks for the password, but there is no verifyPassword/;
    assert.throws(() => rows({ enroll: "none", payout: level }, none), refused);
    rows({ enroll: "none", payout: { level, firstFactor: true } }, none);
  }
  assert.throws(() => rows({}, none), /^TypeError: reauthentication.enroll: without verifyPassword, /);
  rows({ enroll: { level: "password", firstFactor: true } }, none);
});

test("enrolling asks for no code, as a rule or by a function", async () => {
  for (const level of ["code", "app", "password+code", "password+app"]) {
    assert.throws(
      () => rows({ enroll: level }),
      /^RangeError: reauthentication.enroll: want "none" or "password"/,
    );
    const row = rows({ enroll: () => level }).get("enroll");
    assert.ok(typeof row === "function");
    await assert.rejects(row("ada"), /^RangeError: reauthentication.enroll: /);
  }
});

/** Two letters differ from those of "disable", and are not swapped. */
const NEAR = ["dxxable", "dxiable", "dsxable", "dsiabel"];

test("a name that is nearly one of the library's is a misspelled one", () => {
  for (const name of [
    "enrol",
    "diable",
    "Enroll",
    "disbale",
    "DISABLE",
    "replacee",
    "regenarate",
    "regenerat",
    "xdisable",
  ]) {
    assert.throws(
      () => rows({ [name]: "app" }),
      /^TypeError: reauthentication\.\w+: there is no such option/,
      name,
    );
  }
  for (const name of [
    "enable",
    "place",
    "replay",
    "roll",
    "generate",
    "disables2",
    "elba",
    "payout",
    ...NEAR,
  ]) {
    assert.ok(rows({ [name]: "app" }).has(name), name);
  }
});

test("a name is short and plain, and not one that authorize gets for another operation", () => {
  for (const name of ["sign_in", "reset", "unlock", "import", "export", "rename"]) {
    assert.throws(() => rows({ [name]: "app" }), /^RangeError: reauthentication\.\w+: authorize hears of/);
  }
  for (const name of ["", "a b", "ä", "x".repeat(65), "a\n"]) {
    assert.throws(
      () => rows({ [name]: "app" }),
      /^RangeError: reauthentication\.[\s\S]{0,64}: want at most 64 letters/,
    );
  }
  const allowed = ["x".repeat(64), "billing:pay-out", "v2.delete_account", "__proto", "constructor"];
  for (const name of allowed) assert.ok(rows({ [name]: "app" }).has(name));
  const many = Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`operation-${i}`, "app"]));
  assert.throws(() => rows(many), /^RangeError: reauthentication: want at most 64/);
  delete many["operation-0"];
  rows(many);
  assert.ok(!rows({ payout: undefined }).has("payout"));
});
