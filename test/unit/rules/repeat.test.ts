import assert from "node:assert/strict";
import { test } from "node:test";
import { toBase64Url, utf8 } from "../../../src/internal/bytes.ts";
import { emptyRecord } from "../../../src/record.ts";
import { forgetAnswers, recall, remember, sourceOf } from "../../../src/rules/repeat.ts";
import { START } from "../../support/records.ts";

test("an answer whose salt cannot be read is not told again, and ends (R3)", () => {
  const answer = { of: "challenge", salt: "?", fingerprint: "f", at: START };
  const record = { ...emptyRecord(), answers: [answer] } as unknown as ReturnType<typeof emptyRecord>;
  const { record: after, told } = recall(record, { of: "challenge", all: utf8("sent") }, START);
  assert.equal(told, null);
  assert.deepEqual(after.answers, []);
});

const sent = (of: string, all = "sent") => ({ of, all: utf8(all) });
const success = { method: "app", stepOffset: 0, verifiedAt: START, batchId: null } as const;
const source = sourceOf(sent("a"), new Uint8Array(32));
const remembered = (of: string, now = START, record = emptyRecord()) =>
  remember(record, sent(of), source, success, now);

test("what a repeated call is given stays the same from one version to the next (R3)", () => {
  const random = source.random("codes");
  const drawn = [random(4), random(4), source.random("codes")(4), source.random("device")(4)];
  assert.deepEqual(
    [source.fingerprint, ...drawn.map(toBase64Url)],
    [...["iDmctTpsEiuwUP2scurDOg", "0-TLHQ", "ne05kw", "0-TLHQ", "horc5A"]],
  );
});

test("a success can be repeated for a minute, by what was sent about the same (R3)", () => {
  const record = remembered("b", START, remembered("a"));
  assert.deepEqual(recall(record, sent("a"), START + 59_999).told?.answer, record.answers[0]);
  for (const [of, all, now] of [
    ["a", "sent", START + 60_000],
    ["a", "sent", START - 60_000],
    ["c", "sent", START],
  ] as const) {
    assert.deepEqual(recall(record, sent(of, all), now), { record, told: null });
  }
  const other = recall(record, sent("a", "other"), START);
  assert.deepEqual(other, { record: { ...record, answers: record.answers.slice(1) }, told: null });
});

test("the three newest successes are kept, each of them once, while they can be repeated (R3)", () => {
  let record = emptyRecord();
  for (const id of ["a", "b", "c", "a", "d"]) record = remembered(id, START, record);
  const kept = (all: typeof record) => all.answers.map(({ of }) => of);
  assert.deepEqual(kept(record), ["c", "a", "d"]);
  assert.deepEqual(kept(remembered("a", START, remembered("a"))), ["a"]);
  assert.equal(forgetAnswers(record, START), record);
  const later = remembered("e", START + 60_000, remembered("d", START + 1, record));
  assert.deepEqual(kept(later), ["d", "e"]);
  assert.deepEqual(kept(forgetAnswers(later, START + 60_001)), ["e"]);
});
