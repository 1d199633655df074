import type { Chapter } from "./row.ts";

export const hotp: Chapter = {
  title: "HOTP (RFC 4226)",
  rows: [
    {
      id: "H1",
      source: "s.4 R6",
      requirement: "The secret has at least 128 bits; 160 are recommended.",
      note: "New secrets have 160. Enrollments of older systems are read from 80 bits on.",
    },
    { id: "H2", source: "s.5.3", requirement: "A code has at least 6 digits: 31 bits of the HMAC, reduced." },
    { id: "H3", source: "s.5.2", requirement: "The counter is 8 bytes, big-endian." },
    {
      id: "H4",
      source: "s.7.1 RP1 to RP3",
      requirement:
        "Codes come after another factor, over a protected channel, and cannot be tried without end.",
    },
    { id: "H5", source: "s.7.2", requirement: "At the most attempts allowed, lock and tell the user." },
    {
      id: "H6",
      source: "s.7.3",
      requirement: "Waits between attempts grow, and count across parallel sign-ins.",
    },
    {
      id: "H7",
      source: "s.7.4",
      requirement: "A server may resynchronize with several codes in a row.",
      without: "Optional, and about event counters. Authenticator apps count time; see T7.",
    },
    {
      id: "H8",
      source: "s.7.5",
      requirement: "Secrets are random, stored encrypted, and in the clear only while they are used.",
    },
    { id: "H9", source: "s.6, appendix A", requirement: "The odds of guessing are known and kept small." },
  ],
};

export const totp: Chapter = {
  title: "TOTP (RFC 6238)",
  rows: [
    {
      id: "T1",
      source: "s.1.2, appendix B",
      requirement: "SHA-1, SHA-256 and SHA-512 give the test vectors.",
    },
    { id: "T2", source: "s.3", requirement: "Both sides use Unix time, and every user has a random key." },
    { id: "T3", source: "s.4.2", requirement: "Steps beyond 32 bits work." },
    {
      id: "T4",
      source: "s.5.1",
      requirement: "A key should be as long as the HMAC's output.",
      note: "20 bytes by default, which is SHA-1's; `generateSecret({ bytes })` makes 32 and 64.",
    },
    { id: "T5", source: "s.5.2", requirement: "One step of network delay at most, by default 30 seconds." },
    { id: "T6", source: "s.5.2", requirement: "The second use of an accepted code is refused." },
    {
      id: "T7",
      source: "s.6",
      requirement: "The drift that is accepted has a limit.",
      note: "At most two steps either way. Learning a phone's drift, which is optional, is left for later; `stepOffset` and the event `clock_off` name it.",
    },
  ],
};
