import type { Chapter } from "./row.ts";

export const nist: Chapter = {
  title: "NIST SP 800-63B-4",
  rows: [
    {
      id: "N1",
      source: "s.3.1.2.1",
      requirement: "Look-up secrets come from an approved generator and have at least 6 digits.",
    },
    { id: "N2", source: "s.3.1.2.2", requirement: "A look-up secret is accepted once." },
    {
      id: "N3",
      source: "s.3.1.2.2",
      requirement: "The verifier prompts for the next look-up secret or for one by its number.",
      without: "We deviate: any unused code serves, because people cross out codes in any order.",
    },
    {
      id: "N4",
      source: "s.3.1.2.2",
      requirement: "Short look-up secrets are hashed with a salt by a password hash.",
      note: "scrypt, one 128-bit salt a batch, so that one derivation checks all codes.",
    },
    { id: "N5", source: "s.3.1.2.2", requirement: "Guessing look-up secrets is limited." },
    {
      id: "N6",
      source: "s.3.1.1.2",
      requirement: "The hashes are also protected by a key stored elsewhere.",
    },
    {
      id: "N7",
      source: "s.3.1.4.1",
      requirement: "OTP keys have at least 112 bits, and a code changes at least every two minutes.",
    },
    { id: "N8", source: "s.3.1.4.2", requirement: "A one-time password is accepted once." },
    {
      id: "N9",
      source: "s.3.2.2",
      requirement: "At most 100 consecutive failures on an authenticator.",
    },
    {
      id: "N10",
      source: "s.3.2.2",
      requirement: "Growing waits and known browsers keep an attacker from locking the user out.",
    },
    {
      id: "N11",
      source: "s.3.2.2",
      requirement: "Success clears the failures of the authenticator that was used, and of no other.",
    },
    {
      id: "N12",
      source: "s.3.2.2",
      requirement: "Only a session of the same assurance, or recovery, reopens a locked authenticator.",
    },
    { id: "N13", source: "s.3.2.1", requirement: "A browser cookie is no second factor: level 1 only." },
    { id: "N14", source: "s.3.1.3", requirement: "A new secret or challenge does not reset the failures." },
    {
      id: "N15",
      source: "s.4.1",
      requirement: "There is a record of every authenticator that was ever bound.",
      note: "The events are that record; keeping them is the host's.",
    },
    {
      id: "N16",
      source: "s.4.1.2.1",
      requirement: "Binding another authenticator takes the assurance that the account already has.",
    },
    {
      id: "N17",
      source: "s.4.1.2.1, s.4.6",
      requirement: "The user is told when an authenticator is bound.",
    },
    {
      id: "N18",
      source: "s.4.2.1.1",
      requirement: "Saved recovery codes have at least 64 bits, hashed and throttled.",
      note: 'With `backupCodes: { alphabet: "base32", length: 13 }` or more; the default has 26.6 bits.',
    },
    {
      id: "N19",
      source: "s.4.2.1.1",
      requirement: "A used recovery code is replaced by a new one.",
      without: "We deviate: the printed list stays as it is, and `backup_codes_low` asks for a new batch.",
    },
    {
      id: "N20",
      source: "s.4.2.2.2",
      requirement: "Recovery at level 2 takes a code and another authenticator, as the password.",
    },
    { id: "N21", source: "s.4.2.3", requirement: "The user is told of a recovery." },
    { id: "N22", source: "s.4.3, s.4.5", requirement: "An authenticator can be suspended and invalidated." },
    { id: "N23", source: "s.4.4", requirement: "What has expired is refused, and the user is told so." },
    { id: "N24", source: "s.3.2.12", requirement: "All randomness comes from an approved generator." },
    {
      id: "N25",
      source: "s.2.2.2",
      requirement: "At level 2 at least one phishing-resistant option is offered.",
      without: "We deviate: a typed code can be typed into the wrong page. Offer passkeys beside it.",
    },
  ],
};
