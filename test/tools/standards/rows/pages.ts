import type { Chapter } from "./row.ts";

export const keyUri: Chapter = {
  title: "Key URIs",
  rows: [
    {
      id: "U1",
      source: "key URI format",
      requirement: "`otpauth://totp/`, and the secret in unpadded Base32.",
    },
    {
      id: "U2",
      source: "key URI format",
      requirement: "Label prefix and issuer parameter are equal, without a colon.",
    },
    { id: "U3", source: "key URI format", requirement: "Percent-encoding; a space is `%20` and never `+`." },
    {
      id: "U4",
      source: "key URI format",
      requirement: "Parameters that apps ignore are left out at their default.",
    },
    { id: "U5", source: "key URI format", requirement: "Two different issuers in one URI are refused." },
    { id: "U6", source: "key URI format, FreeOTP", requirement: "Unknown parameters are passed over." },
  ],
};

export const forms: Chapter = {
  title: "Forms (HTML, WCAG 2.2)",
  rows: [
    { id: "W1", source: "HTML", requirement: 'The code field says `autocomplete="one-time-code"`.' },
    {
      id: "W2",
      source: "WCAG 3.3.8",
      requirement: "Codes can be pasted and filled in: one field, nothing forbidden.",
    },
    {
      id: "W3",
      source: "WCAG 2.2.1",
      requirement: "Nobody is hurried: a code is good past its step, a challenge for minutes.",
    },
    {
      id: "W4",
      source: "WCAG 1.3.5",
      requirement: "Fields about the user name their purpose.",
      without: "The list of purposes has none for one-time codes; W1 is the right token all the same.",
    },
    {
      id: "W5",
      source: "HTML",
      requirement:
        "A numeric keyboard only where every code is numeric; room for every spelling of the longest.",
    },
    {
      id: "W6",
      source: "WCAG 1.1.1",
      requirement: "The QR code has a text alternative that can be read aloud.",
    },
    { id: "W7", source: "WCAG 3.3.1, 3.3.3", requirement: "An error says what to do next." },
  ],
};
