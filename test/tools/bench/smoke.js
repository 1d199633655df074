// A few ratios with wide margins, in seconds: `npm run tool -- smoke`. It fails when something has become much slower
// than it was, and needs nothing but the development dependencies of the project itself.

import * as otpauth from "otpauth";
import { encodeBase32, matchTotp, prepareSecret, totp } from "../../../dist/otp/index.js";
import { beyondDependencies, coldImports, OURS, withSlowestStore } from "./imports.js";
import * as limit from "./limit.js";
import { primitives } from "./primitives.js";
import { awaited, calls, race, ratio } from "./rounds.js";
import { enrolledWorld, must } from "./world.js";

const NOW = 1_760_000_000_000;
const STEP = Math.floor(NOW / 30_000);
const bytes = new TextEncoder().encode("12345678901234567890");
const text = encodeBase32(bytes);
const code = totp(text, { now: NOW });
const near = [-1, 0, 1].map((step) => totp(text, { now: NOW + step * 30_000 }));
const wrong = ["000000", "111111", "222222", "333333"].find((guess) => !near.includes(guess));
const kept = {
  twinlock: prepareSecret(text),
  otpauth: new otpauth.TOTP({ secret: otpauth.Secret.fromBase32(text) }),
  limit: limit.key(bytes),
};
const peer = () => new otpauth.TOTP({ secret: text });

const LINES = {
  "generate, prepared key": {
    answer: code,
    run: {
      twinlock: () => totp(kept.twinlock, { now: NOW }),
      otpauth: () => kept.otpauth.generate({ timestamp: NOW }),
      limit: () => limit.generate(kept.limit, STEP),
    },
    want: { otpauth: 1.5, limit: 8 },
  },
  "generate, Base32": {
    answer: code,
    run: { twinlock: () => totp(text, { now: NOW }), otpauth: () => peer().generate({ timestamp: NOW }) },
    want: { otpauth: 0.9 },
  },
  "verify a wrong code": {
    answer: false,
    run: {
      twinlock: () => matchTotp(text, wrong, { now: NOW }) !== undefined,
      otpauth: () => peer().validate({ token: wrong, window: 1, timestamp: NOW }) !== null,
      limit: () => limit.verifyFromBase32(text, wrong, STEP) !== undefined,
    },
    want: { otpauth: 1.4, limit: 8 },
  },
  "verify a right code": {
    answer: true,
    run: {
      twinlock: () => matchTotp(text, code, { now: NOW }) !== undefined,
      otpauth: () => peer().validate({ token: code, window: 1, timestamp: NOW }) !== null,
    },
    want: { otpauth: 0.6 },
  },
};

let failed = false;

function judge(title, got, want, more) {
  const holds = more ? got >= want : got <= want;
  failed ||= !holds;
  const sign = more ? "at least" : "at most";
  process.stdout.write(
    `${holds ? "ok    " : "NOT ok"} ${title}: ${got.toFixed(2)}, wanted ${sign} ${want}\n`,
  );
}

for (const [title, { answer, run, want }] of Object.entries(LINES)) {
  for (const [name, job] of Object.entries(run)) {
    if (job() !== answer) throw new Error(`${title}: ${name} is wrong`);
  }
  const jobs = Object.fromEntries(Object.entries(run).map(([name, job]) => [name, calls(job)]));
  const times = await race(jobs);
  judge(`${title}, times as fast as otpauth`, ratio(times, "otpauth", "twinlock").median, want.otpauth, true);
  if (want.limit)
    judge(`${title}, times the limit`, ratio(times, "twinlock", "limit").median, want.limit, false);
}

const { twoFactor, deviceToken, next } = await enrolledWorld();
const jobs = {
  verify: awaited(async () => must(await twoFactor.verify("alice", next(), { binding: null, deviceToken }))),
  primitives: calls(primitives()),
};
const times = await race(jobs, { slice: 40 });
judge("verify, times its primitives", ratio(times, "verify", "primitives").median, 7, false);

const imports = coldImports({ ...OURS, otplib: ["otplib"] }, 15);
judge(
  "first import of twinlock/otp, times its dependencies",
  beyondDependencies(imports, "twinlock/otp").median,
  2,
  false,
);
judge(
  "first import of twinlock, times its dependencies",
  beyondDependencies(imports, "twinlock").median,
  2.5,
  false,
);
judge(
  "first import with the slowest store, times twinlock alone",
  withSlowestStore(imports).median,
  2,
  false,
);
judge(
  "first import of twinlock, times as fast as otplib",
  ratio(imports, "otplib", "twinlock").median,
  0.7,
  true,
);

if (failed) process.exitCode = 1;
