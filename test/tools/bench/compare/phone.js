// What the measurements share: a phone, and how answers are counted.
import { totp } from "../../../../dist/otp/index.js";

const STEP = 30_000;

/** The code of the next step: good for a minute, and not the one that confirmed the enrollment. */
export function nextCode(secret) {
  return totp(secret, { now: Date.now() + STEP });
}

/** So many different codes, none of which is right in the next minutes or was in the last. */
export function wrongCodes(secret, many) {
  const right = new Set(
    [-3, -2, -1, 0, 1, 2, 3].map((step) => totp(secret, { now: Date.now() + step * STEP })),
  );
  const codes = [];
  for (let n = 100_000; codes.length < many; n += 7_919) {
    if (!right.has(String(n))) codes.push(String(n));
  }
  return codes;
}

export function count(answers, is) {
  return answers.filter(is).length;
}

/** What was answered, where only a success will do. */
export function must(answer) {
  if (answer.ok === true || answer.status === 200) return answer;
  throw new Error(`a step that must succeed did not: ${JSON.stringify(answer)}`);
}
