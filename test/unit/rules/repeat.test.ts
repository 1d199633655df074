import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "../../../src/internal/bytes.ts";
import { emptyRecord } from "../../../src/record.ts";
import { recall } from "../../../src/rules/repeat.ts";
import { START } from "../../support/records.ts";

test("an answer whose salt cannot be read is not told again, and ends (R3)", () => {
  const answer = { of: "challenge", salt: "?", fingerprint: "f", at: START };
  const record = { ...emptyRecord(), answers: [answer] } as unknown as ReturnType<typeof emptyRecord>;
  const { record: after, told } = recall(record, { of: "challenge", all: utf8("sent") }, START);
  assert.equal(told, null);
  assert.deepEqual(after.answers, []);
});
