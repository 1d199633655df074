import assert from "node:assert/strict";
import { test } from "node:test";
import { generateBackupCodes } from "../../src/backup-codes.ts";
import { randomBytes } from "../../src/internal/hmac.ts";
import { generateSecret } from "../../src/otp/index.ts";
import type { UserStore } from "../../src/store.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { createTestTwoFactor, virtualAuthenticator } from "../../src/testing/index.ts";

const SHAPES = [
  { alphabet: "digits", length: 8, characters: "0123456789" },
  { alphabet: "base32", length: 10, characters: "0123456789ABCDEFGHJKMNPQRSTVWXYZ" },
] as const;

/** Pearson's statistic against a uniform distribution over the given kinds. */
function chiSquare(values: Iterable<string>, kinds: readonly string[]): number {
  const counts = new Map(kinds.map((kind) => [kind, 0]));
  let total = 0;
  for (const value of values) {
    const count = counts.get(value);
    assert.ok(count !== undefined, "a value that should not occur");
    counts.set(value, count + 1);
    total++;
  }
  const expected = total / kinds.length;
  return [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** What the statistic exceeds once in a billion runs (Wilson and Hilferty): a failure means a fault, not bad luck. */
function limit(kinds: number): number {
  const freedom = kinds - 1;
  const spread = 2 / (9 * freedom);
  return freedom * (1 - spread + 6 * Math.sqrt(spread)) ** 3;
}

function* column(codes: readonly string[], at: number, width = 1): Generator<string> {
  for (const code of codes) yield code.slice(at, at + width);
}

for (const { alphabet, length, characters } of SHAPES) {
  const kinds = [...characters];

  test(`V43 N1 no byte of randomness favors a character of ${alphabet}`, () => {
    let next = 0;
    const inTurn = (count: number) => Uint8Array.from({ length: count }, () => next++ % 256);
    const length = (256 - (256 % kinds.length)) * 4;
    const drawn = generateBackupCodes({ count: 1, alphabet, length }, inTurn).join("");
    for (const kind of kinds) assert.equal(drawn.split(kind).length - 1, drawn.length / kinds.length, kind);
  });

  test(`V43 A10 N24 a million characters of ${alphabet} are spread evenly, in every place and in pairs`, (t) => {
    const count = 1_000_000 / length;
    const codes = generateBackupCodes({ count, alphabet, length }, randomBytes);
    const pairs = kinds.flatMap((first) => kinds.map((second) => first + second));
    const seen = [
      ...Array.from(
        { length },
        (_, at) => [chiSquare(column(codes, at), kinds), limit(kinds.length)] as const,
      ),
      ...[0, length - 2].map((at) => [chiSquare(column(codes, at, 2), pairs), limit(pairs.length)] as const),
    ];
    for (const [statistic, most] of seen) {
      t.diagnostic(`chi-square ${statistic.toFixed(1)}, at most ${most.toFixed(1)}`);
      assert.ok(statistic < most, `chi-square ${statistic} is over ${most}`);
    }
  });
}

test("the statistic sees a bias of the kind that folding bytes into digits brings", () => {
  const folded = Array.from({ length: 256_000 }, (_, byte) => String((byte % 256) % 10));
  assert.ok(chiSquare(folded, [..."0123456789"]) > limit(10));
});

test("V43 A11 a batch holds no code twice, whatever the generator gives", () => {
  let call = 0;
  const stuck = (count: number) => new Uint8Array(count).fill(call++ >> 2);
  const codes = generateBackupCodes({ count: 10, alphabet: "digits", length: 8 }, stuck);
  assert.equal(new Set(codes).size, 10);
});

test("H8 A10 T2 the characters of new secrets are spread evenly", () => {
  const text = Array.from({ length: 3_000 }, () => generateSecret()).join("");
  const kinds = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"];
  const statistic = chiSquare(text, kinds);
  assert.ok(statistic < limit(kinds.length), `chi-square ${statistic}`);
});

test("V18 N24 secrets, ids and codes of two enrollments have nothing in common", async () => {
  const { twoFactor, clock } = createTestTwoFactor();
  const shown: string[] = [];
  for (const user of ["ada", "bob"]) {
    const phone = virtualAuthenticator({ clock });
    const begun = await twoFactor.enrollment.begin(user, { accountName: user, binding: null });
    assert.ok(begun.ok);
    phone.scan(begun.keyUri);
    const { enrollmentId, secret } = begun;
    const code = phone.code();
    const confirmed = await twoFactor.enrollment.confirm(user, { enrollmentId, code, binding: null });
    assert.ok(confirmed.ok && confirmed.state === "active");
    const { backupCodes, signIn } = confirmed;
    shown.push(
      secret,
      enrollmentId,
      backupCodes?.batchId ?? "",
      signIn.elevation,
      signIn.device?.token ?? "",
    );
    shown.push(...(backupCodes?.codes ?? []));
  }
  assert.equal(new Set(shown).size, shown.length);
});

test("V69 N24 no two writes, whoever makes them, share a nonce or a version", async () => {
  const inner = memoryStore();
  const written: string[] = [];
  const compareAndSet: UserStore["compareAndSet"] = (userId, expected, next) => {
    written.push(next.version, next.data.split(".")[2] ?? "");
    return inner.compareAndSet(userId, expected, next);
  };
  const { twoFactor } = createTestTwoFactor({ store: { ...inner, compareAndSet } });
  for (let i = 0; i < 100; i++) {
    await twoFactor.credentialChanged(`user-${i % 10}`, "password");
  }
  assert.equal(written.length, 200);
  assert.equal(new Set(written).size, 200);
  assert.ok(written.every((text) => /^[\w-]{16}$|^[\w-]{22}$/.test(text)));
});
