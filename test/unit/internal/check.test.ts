import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  checkBoolean,
  checkBytes,
  checkFunction,
  checkInteger,
  checkNumber,
  checkObject,
  checkOneOf,
  checkOptions,
  checkText,
} from "../../../src/internal/check.ts";

const typeError = (message: string) => ({ name: "TypeError", message });
const rangeError = (message: string) => ({ name: "RangeError", message });

describe("checks of a programmer's options", () => {
  it("let what is wanted through, bounds included", () => {
    assert.equal(checkInteger("digits", 6, 6, 8), 6);
    assert.equal(checkInteger("digits", 8, 6, 8), 8);
    assert.equal(checkText("issuer", "x", 3), "x");
    assert.equal(checkText("issuer", "xyz", 3), "xyz");
    assert.equal(checkOneOf("algorithm", "SHA1", ["SHA1", "SHA256"]), "SHA1");
    const bytes = new Uint8Array(2);
    assert.equal(checkBytes("secret", bytes), bytes);
    checkObject("options", {});
    checkObject("options", Object.create(null));
    checkFunction("clock", Date.now);
  });

  it("take a number with a fraction from 0 on, and a boolean for what it is", () => {
    assert.deepEqual([checkNumber("now", 0), checkNumber("now", 0.5)], [0, 0.5]);
    assert.throws(() => checkNumber("now", -0.5), rangeError("now: want at least 0"));
    for (const value of ["1", Number.NaN, Number.POSITIVE_INFINITY, null]) {
      assert.throws(() => checkNumber("now", value), typeError("now: want a number"));
    }
    assert.deepEqual([checkBoolean("queue", true), checkBoolean("queue", false)], [true, false]);
    for (const value of ["true", 1, null]) {
      assert.throws(() => checkBoolean("queue", value), typeError("queue: want true or false"));
    }
  });

  it("show the name of an unknown option only where it cannot be a value", () => {
    const long = "a".repeat(33);
    for (const [name, shown] of [
      ["misSpelled_", "misSpelled_"],
      ...["4digits", "pass word", "caf\u00E9", long].map((other) => [other, "?"] as const),
    ] as const) {
      const wanted = typeError(`totp.${shown}: there is no such option`);
      assert.throws(() => checkOptions("totp", { [name]: 1 }, ["digits"]), wanted);
    }
  });

  it("throw a TypeError for the wrong kind, naming the option first", () => {
    for (const value of [undefined, null, "6", 6.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 6n, [6]]) {
      assert.throws(() => checkInteger("digits", value, 6, 8), typeError("digits: want an integer"));
    }
    for (const value of [undefined, null, 1, ["x"], { toString: () => "x" }]) {
      assert.throws(() => checkText("issuer", value, 3), typeError("issuer: want a string"));
    }
    for (const value of [undefined, null, "sha1", "toString", 0, ["SHA1"]]) {
      const wanted = typeError("algorithm: want one of SHA1, SHA256");
      assert.throws(() => checkOneOf("algorithm", value, ["SHA1", "SHA256"]), wanted);
    }
    for (const value of [
      undefined,
      null,
      "x",
      [1],
      new ArrayBuffer(1),
      new Int8Array(1),
      { length: 1, 0: 1 },
    ]) {
      assert.throws(() => checkBytes("bytes", value), typeError("bytes: want a Uint8Array"));
      assert.throws(() => checkBytes("secret", value, "Base32"), typeError("secret: want Base32"));
    }
    for (const value of [undefined, null, 1, "x", [], () => 1]) {
      assert.throws(() => checkObject("options", value), typeError("options: want an object"));
    }
    for (const value of [undefined, null, {}, "x"]) {
      assert.throws(() => checkFunction("clock", value), typeError("clock: want a function"));
    }
  });

  it("throw a RangeError for a value out of range", () => {
    for (const value of [5, 9, -6]) {
      assert.throws(() => checkInteger("digits", value, 6, 8), rangeError("digits: want 6 to 8"));
    }
    assert.throws(() => checkText("issuer", "", 3), rangeError("issuer: must not be empty"));
    assert.throws(() => checkText("issuer", "xyzz", 3), rangeError("issuer: want at most 3 characters"));
  });

  it("never quote the value", () => {
    const secret = "hunter2";
    for (const check of [
      () => checkInteger("option", secret, 0, 1),
      () => checkText("option", secret, 3),
      () => checkOneOf("option", secret, ["a"]),
      () => checkBytes("option", secret),
      () => checkObject("option", secret),
      () => checkFunction("option", secret),
    ]) {
      assert.throws(
        check,
        ({ message }: Error) => message.startsWith("option: ") && !message.includes(secret),
      );
    }
  });
});
