import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  ascending,
  type Codec,
  growing,
  integer,
  list,
  nullable,
  oneOf,
  struct,
  text,
} from "../../../src/internal/codec.ts";

interface Pet {
  name: string;
  legs: number | null;
  kind: "cat" | "dog";
}
const pet: Codec<Pet> = struct<Pet>({
  name: text(5),
  legs: nullable(integer(0, 8)),
  kind: oneOf<"cat" | "dog">("cat", "dog"),
});
const TOM: Pet = { name: "Tom", legs: 4, kind: "cat" };

function refuses<T>(codec: Codec<T>, values: readonly unknown[]) {
  for (const value of values) {
    assert.throws(
      () => codec.decode(value),
      { name: "TypeError", message: /^want / },
      `read ${String(value)}`,
    );
    assert.throws(() => codec.encode(value as T), TypeError, `wrote ${String(value)}`);
  }
}

test("a struct travels as an array in the order of its fields", () => {
  assert.deepEqual(pet.encode(TOM), ["Tom", 4, "cat"]);
  assert.deepEqual(pet.decode(["Tom", null, "dog"]), { name: "Tom", legs: null, kind: "dog" });
});

test("fields that a struct does not have are dropped", () => {
  const more = { ...TOM, secret: "x" };
  assert.deepEqual(pet.encode(more), ["Tom", 4, "cat"]);
});

test("a struct is read from an array of exactly its length, and from nothing else", () => {
  const wires: unknown[] = [
    ["Tom", 4],
    ["Tom", 4, "cat", 1],
    [],
    TOM,
    { ...["Tom", 4, "cat"], length: 3 },
    null,
  ];
  for (const wire of wires) assert.throws(() => pet.decode(wire), /^TypeError: want 3 fields$/);
});

test("V80 reading creates plain objects and leaves every prototype alone", () => {
  const hostile = JSON.parse('["Tom", 4, {"__proto__": {"legs": 1}}]');
  assert.throws(() => pet.decode(hostile), TypeError);
  assert.equal(Object.getPrototypeOf(pet.decode(["Tom", 4, "cat"])), Object.prototype);
  assert.equal(Reflect.get(Object.prototype, "legs"), undefined);
});

test("integers are integers, within their bounds, in both directions", () => {
  const digit = integer(0, 9);
  for (const good of [0, 9]) assert.equal(digit.decode(digit.encode(good)), good);
  refuses(digit, [
    -1,
    10,
    0.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    "1",
    1n,
    null,
    undefined,
    [1],
    true,
    2 ** 53,
  ]);
});

test("text is text, as long as allowed", () => {
  for (const good of ["", "12345", "€€€€€"]) assert.equal(text(5).decode(good), good);
  refuses(text(5), ["123456", 1, null, undefined, ["a"], new String("a")]);
});

test("a choice is one of the words, and not what an object inherits", () => {
  const animal = oneOf<"cat" | "dog">("cat", "dog");
  assert.equal(animal.decode("cat"), "cat");
  refuses(animal, ["Cat", "", "toString", "__proto__", 0, null, ["cat"]]);
});

test("null is a value where it is allowed, and undefined nowhere", () => {
  const maybe = nullable(integer(0, 9));
  assert.equal(maybe.decode(maybe.encode(null)), null);
  refuses(maybe, [undefined, "null", false]);
});

test("a list is an array within its bound, and each item is checked", () => {
  const digits = list(integer(0, 9), 2);
  assert.deepEqual(digits.decode(digits.encode([1, 2])), [1, 2]);
  refuses(digits, [[1, 2, 3], [10], "12", { length: 0 }, null, [[1]]]);
});

test("an ascending list travels as differences and comes back as it was", () => {
  assert.deepEqual(ascending(4).encode([5, 5, 8]), [5, 0, 3]);
  const sorted = fc.array(fc.maxSafeNat(), { maxLength: 20 }).map((values) => values.sort((a, b) => a - b));
  fc.assert(
    fc.property(sorted, (values) => {
      assert.deepEqual(ascending(20).decode(ascending(20).encode(values)), values);
    }),
  );
});

test("an ascending list refuses what descends, what is negative and what is beyond exact numbers", () => {
  const times = ascending(3);
  for (const bad of [[2, 1], [-1], [0.5], [1, 2, 3, 4], [2 ** 53]]) {
    assert.throws(() => times.encode(bad), TypeError, JSON.stringify(bad));
  }
  for (const bad of [[1, -1], [1, 2, 3, 4], [Number.MAX_SAFE_INTEGER, 1], ["1"], {}]) {
    assert.throws(() => times.decode(bad), TypeError, JSON.stringify(bad));
  }
});

test("a struct that grows has at most 64 fields, whichever version wrote them", () => {
  const one = growing({ name: text(5) });
  const wire = (fields: number) => ["cat", ...Array(fields - 1).fill(0)];
  assert.deepEqual(one.encode(one.decode(wire(64))), wire(64));
  assert.throws(() => one.decode(wire(65)), /^TypeError: want 1 to 64 fields$/);
});

test("a message says what was wanted", () => {
  const wanted: readonly [Codec<never>, RegExp][] = [
    [integer(1, 9) as Codec<never>, /^TypeError: want an integer from 1 to 9$/],
    [text(5) as Codec<never>, /^TypeError: want text of at most 5$/],
    [oneOf("cat", "dog") as Codec<never>, /^TypeError: want cat or dog$/],
    [list(text(5), 2) as Codec<never>, /^TypeError: want a list of at most 2$/],
    [pet as Codec<never>, /^TypeError: want 3 fields$/],
  ];
  for (const [codec, message] of wanted) assert.throws(() => codec.decode(null), message);
});

test("no message shows a value", () => {
  const marker = "secret-marker";
  for (const codec of [
    text(1),
    integer(0, 1),
    oneOf("a"),
    list(text(1), 1),
    pet,
    ascending(1),
    nullable(text(1)),
  ]) {
    for (const wire of [marker, [marker], [marker, marker, marker]]) {
      try {
        codec.decode(wire);
        assert.fail("read");
      } catch (error) {
        assert.ok(error instanceof TypeError && !error.message.includes(marker));
      }
    }
  }
});
