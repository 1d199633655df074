import assert from "node:assert/strict";
import { test } from "node:test";
import { totp } from "../../../src/otp/totp.ts";
import { outsideWindow } from "../../../src/rules/outside-window.ts";
import { SECRET, START } from "../../support/records.ts";

const authenticator = { secret: SECRET, algorithm: "SHA1", digits: 6, period: 30 } as const;
const codeAt = (steps: number, from = START) => totp(SECRET, { now: from + steps * 30_000 });
const heard = (stepOffset: number) => [{ type: "code_outside_window", method: "app", stepOffset }];

for (const [past, future] of [
  [1, 1],
  [2, 0],
  [0, 2],
] as const) {
  test(`R19 a code ten steps before or after a window of -${past} to ${future} is reported`, () => {
    for (let steps = -14; steps <= 14; steps++) {
      if (steps >= -past && steps <= future) continue; // a code of the window is not wrong
      const near = steps >= -past - 10 && steps <= future + 10;
      const events = outsideWindow([authenticator], codeAt(steps), START, { past, future });
      assert.deepEqual(events, near ? heard(steps) : [], `${steps} steps`);
    }
  });
}

test("R19 of two steps that show the same code, the nearer one is reported", () => {
  const now = START + 5_036 * 30_000;
  assert.equal(codeAt(-2, now), codeAt(6, now));
  const events = outsideWindow([authenticator], codeAt(6, now), now, { past: 1, future: 1 });
  assert.deepEqual(events, heard(-2));
});

test("R19 a code of another length sends no event about the window", () => {
  const eight = { ...authenticator, digits: 8 } as const;
  assert.deepEqual(outsideWindow([eight], "123456", START, { past: 1, future: 1 }), []);
});
