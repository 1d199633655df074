// What has to hold, and whether it does: ratios within one run, medians of the rounds.

import { beyondDependencies, slowestStore } from "./imports.js";
import { fastest, ratio } from "./rounds.js";

const isPeer = (name) => name !== "twinlock" && !name.endsWith("*");

/** How many times as fast as the fastest peer. */
function ahead(times) {
  const peer = fastest(times, Object.keys(times).filter(isPeer));
  return ratio(times, peer, "twinlock");
}

const atLeast = (want, got) => ({
  want: `at least ${want}`,
  got,
  holds: got.median >= want,
});
const atMost = (want, got) => ({
  want: `at most ${want}`,
  got,
  holds: got.median <= want,
});

export function codeBars(codes) {
  const prepared = codes["generate, prepared key"];
  const wrong = codes["verify a wrong code, Base32"];
  const right = codes["verify a right code, Base32"];
  const sha512 = ["right", "wrong"].map((kind) => [kind, codes[`verify a ${kind} code, SHA-512`]]);
  return [
    ["Generate, prepared key: times as fast as the fastest peer", atLeast(2.5, ahead(prepared))],
    ["Generate, Base32: times as fast as the fastest peer", atLeast(1.3, ahead(codes["generate, Base32"]))],
    ["Verify a wrong code: times as fast as the fastest peer", atLeast(2, ahead(wrong))],
    ["Verify a wrong code: times as fast as otplib", atLeast(8, ratio(wrong, "otplib", "twinlock"))],
    [
      "Verify a wrong code: times as fast as better-auth",
      atLeast(10, ratio(wrong, "better-auth", "twinlock")),
    ],
    ["Verify a right code, all steps evaluated: times as fast as the fastest peer", atLeast(1, ahead(right))],
    ...sha512.map(([kind, times]) => [
      `Verify a ${kind} code, SHA-512: times as fast as the fastest peer`,
      atLeast(1, ahead(times)),
    ]),
    [
      "Generate, prepared key: times the hand-unrolled limit",
      atMost(4, ratio(prepared, "twinlock", "limit *")),
    ],
    ["Verify: times the hand-unrolled limit", atMost(4, ratio(wrong, "twinlock", "limit *"))],
  ];
}

export function importBars(imports) {
  return [
    [
      "First import of twinlock/otp: times its dependencies alone",
      atMost(1.4, beyondDependencies(imports, "twinlock/otp")),
    ],
    [
      "First import of twinlock: times its dependencies alone",
      atMost(1.7, beyondDependencies(imports, "twinlock")),
    ],
    [
      "First import of the slowest store beside twinlock: milliseconds more",
      atMost(5, slowestStore(imports)),
    ],
    ["First import of twinlock: times as fast as otplib", atLeast(1, ratio(imports, "otplib", "twinlock"))],
  ];
}

export function serviceBars(service, backup, crowd) {
  const ours = "verify, a known device";
  return [
    [
      "One whole verification, memory store: times the primitives alone",
      atMost(1.7, ratio(service, ours, "the primitives alone *")),
    ],
    [
      "One whole verification: times as fast as better-auth's verifyTOTP",
      atLeast(14, ratio(service, "better-auth verifyTOTP", ours)),
    ],
    ["Redeeming a backup code: times one derivation", atMost(1.15, backup.redemption)],
    ["A batch of ten: times ten bare derivations on as many threads", atMost(1.3, backup.batch)],
    ["Fifty redemptions at once: the event loop's longest stop, in derivations", atMost(1, crowd.stall)],
    ["Fifty redemptions at once: the longest file read, in derivations", atMost(2, crowd.read)],
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
        atLeast(want, share),
      ]);
    }
    const large = runs.filter((run) => run.users > 1_000).at(0);
    if (large)
      bars.push([
        `${large.users.toLocaleString("en")} users instead of a thousand, ${name}: times the cost`,
        atMost(1.2, large.growth),
      ]);
  }
  return bars;
}
