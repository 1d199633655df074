// What has to hold, and whether it does: ratios within one run, medians of the rounds.

import { beyondDependencies, slowestStore } from "./imports.js";
import { fastest, ratio } from "./rounds.js";

const isPeer = (name) => name !== "twinlock" && !name.endsWith("*");

/** How many times as fast as the fastest peer. */
function ahead(times) {
  const peer = fastest(times, Object.keys(times).filter(isPeer));
  return { got: ratio(times, peer, "twinlock"), beside: peer };
}

const atLeast = (want, { got, beside }) => ({
  want: `at least ${want}`,
  got,
  beside,
  holds: got.median >= want,
});
const atMost = (want, { got, beside }) => ({
  want: `at most ${want}`,
  got,
  beside,
  holds: got.median <= want,
});
const than = (times, slow, fast, beside) => ({ got: ratio(times, slow, fast), beside });

export function codeBars(codes) {
  const prepared = codes["generate, prepared key"];
  const wrong = codes["verify a wrong code, Base32"];
  const right = codes["verify a right code, Base32"];
  const sha512 = ["right", "wrong"].map((kind) => [kind, codes[`verify a ${kind} code, SHA-512`]]);
  return [
    ["Generate, prepared key: times as fast as the fastest peer", atLeast(2.5, ahead(prepared))],
    ["Generate, Base32: times as fast as the fastest peer", atLeast(1.3, ahead(codes["generate, Base32"]))],
    ["Verify a wrong code: times as fast as the fastest peer", atLeast(2, ahead(wrong))],
    ["Verify a wrong code: times as fast as otplib", atLeast(8, than(wrong, "otplib", "twinlock", "otplib"))],
    [
      "Verify a wrong code: times as fast as better-auth",
      atLeast(10, than(wrong, "better-auth", "twinlock", "better-auth")),
    ],
    ["Verify a right code, all steps evaluated: times as fast as the fastest peer", atLeast(1, ahead(right))],
    ...sha512.map(([kind, times]) => [
      `Verify a ${kind} code, SHA-512: times as fast as the fastest peer`,
      atLeast(1, ahead(times)),
    ]),
    [
      "Generate, prepared key: times the hand-unrolled limit",
      atMost(4, than(prepared, "twinlock", "limit *", "limit")),
    ],
    ["Verify: times the hand-unrolled limit", atMost(4, than(wrong, "twinlock", "limit *", "limit"))],
  ];
}

export function importBars(imports) {
  return [
    [
      "First import of twinlock/otp: times its dependencies alone",
      atMost(1.4, { got: beyondDependencies(imports, "twinlock/otp"), beside: "its dependencies" }),
    ],
    [
      "First import of twinlock: times its dependencies alone",
      atMost(1.7, { got: beyondDependencies(imports, "twinlock"), beside: "its dependencies" }),
    ],
    [
      "First import of the slowest store beside twinlock: milliseconds more",
      atMost(5, { got: slowestStore(imports), beside: "twinlock" }),
    ],
    [
      "First import of twinlock: times as fast as otplib",
      atLeast(1, than(imports, "otplib", "twinlock", "otplib")),
    ],
  ];
}

export function serviceBars(service, backup, crowd) {
  const ours = "verify, a known device";
  return [
    [
      "One whole verification, memory store: times the primitives alone",
      atMost(1.7, than(service, ours, "the primitives alone *", "primitives")),
    ],
    [
      "One whole verification: times as fast as better-auth's verifyTOTP",
      atLeast(14, than(service, "better-auth verifyTOTP", ours, "better-auth")),
    ],
    [
      "Redeeming a backup code: times one derivation",
      atMost(1.15, { got: backup.redemption, beside: "scrypt" }),
    ],
    [
      "A batch of ten: times ten bare derivations on as many threads",
      atMost(1.3, { got: backup.batch, beside: "scrypt" }),
    ],
    [
      "Fifty redemptions at once: the event loop's longest stop, in derivations",
      atMost(1, { got: crowd.stall, beside: "scrypt" }),
    ],
    [
      "Fifty redemptions at once: the longest file read, in derivations",
      atMost(2, { got: crowd.read, beside: "scrypt" }),
    ],
  ];
}

/** By store, and by number of clients. */
const SHARES = {
  PostgreSQL: { 1: 0.66, 16: 0.5 },
  Redis: { 1: 0.6, 16: 0.22 },
  MariaDB: { 1: 0.66, 16: 0.48 },
};

export function storeBars(stores) {
  const bars = [];
  for (const { name, runs } of stores) {
    for (const [count, want] of Object.entries(SHARES[name] ?? {})) {
      const { share } = runs.find((run) => run.clients === Number(count));
      bars.push([
        `One verification, ${count === "1" ? "one client" : `${count} clients`}, ${name}: share of the bare pair`,
        atLeast(want, { got: share, beside: "bare pair" }),
      ]);
    }
    const large = runs.filter((run) => run.users > 1_000).at(0);
    if (large)
      bars.push([
        `${large.users.toLocaleString("en")} users instead of a thousand, ${name}: times the cost`,
        atMost(1.2, { got: large.growth, beside: "1,000 users" }),
      ]);
  }
  return bars;
}
