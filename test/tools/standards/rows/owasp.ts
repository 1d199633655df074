import type { Chapter } from "./row.ts";

export const asvs: Chapter = {
  title: "OWASP ASVS 5.0, chapter V6",
  rows: [
    { id: "A1", source: "6.1.1, 6.3.1", requirement: "Attempts are limited without locking the user out." },
    { id: "A2", source: "6.3.4, 6.1.3", requirement: "Every way in is known and equally strong." },
    { id: "A3", source: "6.3.5", requirement: "The user is told of suspicious attempts." },
    { id: "A4", source: "6.3.7", requirement: "The user is told when authentication details change." },
    { id: "A5", source: "6.3.8", requirement: "Answers do not tell which users exist." },
    { id: "A6", source: "6.4.3", requirement: "A password reset does not go around the second factor." },
    { id: "A7", source: "6.4.4", requirement: "Replacing a lost factor takes proof as at enrollment." },
    { id: "A8", source: "6.5.1", requirement: "Look-up secrets and one-time passwords work once." },
    {
      id: "A9",
      source: "6.5.2",
      requirement: "Short look-up secrets are hashed as passwords are, with a salt.",
    },
    { id: "A10", source: "6.5.3", requirement: "Codes and seeds come from a cryptographic generator." },
    { id: "A11", source: "6.5.4", requirement: "Look-up secrets have at least 20 bits." },
    {
      id: "A12",
      source: "6.5.5",
      requirement: "A time-based code lives at most 30 seconds.",
      note: "With `totp: { window: { past: 0, future: 0 } }`; the default follows RFC 6238, which allows for delay.",
    },
    { id: "A13", source: "6.5.6", requirement: "Any factor can be revoked." },
    { id: "A14", source: "6.5.8", requirement: "Codes are checked against the server's clock." },
    { id: "A15", source: "6.8.4", requirement: "Strength, methods and time of a sign-in are handed on." },
    { id: "A16", source: "V11, V14", requirement: "Keys live outside the database and can be rotated." },
  ],
};

export const cheatSheet: Chapter = {
  title: "OWASP multifactor authentication cheat sheet",
  rows: [
    {
      id: "O1",
      source: "when to require",
      requirement: "Turning the second factor off takes the second factor.",
    },
    { id: "O2", source: "when to require", requirement: "All ways of signing in ask for it." },
    {
      id: "O3",
      source: "one-time passwords",
      requirement: "Codes are short-lived, used once, limited, not logged.",
    },
    {
      id: "O4",
      source: "failed attempts",
      requirement: "After a failure: another factor is offered, and the user hears when and from where.",
    },
    {
      id: "O5",
      source: "changing factors",
      requirement: "Changing a factor takes an existing factor, not the session alone.",
      note: "A delay before the change counts is the host's: `authorize` can impose one.",
    },
    { id: "O6", source: "resetting", requirement: "Enrollment hands out recovery codes that work once." },
  ],
};
