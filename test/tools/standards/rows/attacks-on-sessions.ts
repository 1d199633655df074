import type { Chapter } from "./row.ts";

export const binding: Chapter = {
  title: "Attacks: between steps, users and sessions",
  rows: [
    {
      id: "V49",
      source: "baserow#5744, WordPress CVE-2025-13587, Shield CVE-2025-14427",
      requirement:
        "The user comes from the challenge alone; another user's code fails and is charged to the challenge's.",
    },
    {
      id: "V50",
      source: "autentico#361",
      requirement: "A challenge works only with its session's binding, and otherwise nothing is evaluated.",
    },
    {
      id: "V51",
      source: "better-auth#9993",
      requirement: "A challenge expires, and leads to one success at most.",
    },
    {
      id: "V52",
      source: "better-auth GHSA-xg6x-h9c9-2m83",
      requirement: "The example sets no signed-in cookie before the second factor.",
    },
    {
      id: "V53",
      source: "dj-rest-auth#728",
      requirement:
        "The host is asked again when the sign-in completes: an account suspended between the steps stays out.",
    },
    {
      id: "V54",
      source: "scheb, Nextcloud",
      requirement: "The example keeps nobody signed in for longer before the second factor.",
    },
    {
      id: "V55",
      source: "Fortify, Authelia",
      requirement: "The example's session id changes with the sign-in.",
    },
    {
      id: "V56",
      source: "better-auth, devise, API tokens",
      requirement: "Every route of the example that makes a session goes through the second factor.",
    },
    {
      id: "V57",
      source: "Bytebase, Really Simple Security CVE-2024-10924",
      requirement: "Whoever is enrolled is asked for a code, whatever the policy returns or throws.",
    },
    {
      id: "V58",
      source: "policy callbacks",
      requirement: "A policy that fails lets nobody in who has no factor, and the host hears of it.",
    },
  ],
};

export const devices: Chapter = {
  title: "Attacks: trusted devices",
  rows: [
    {
      id: "V59",
      source: "Auth0, better-auth",
      requirement: "Trust ends with the factor: on disable, replacement, reset and changed credentials.",
    },
    { id: "V60", source: "better-auth", requirement: "Trust ends when the password changes." },
    {
      id: "V61",
      source: "shared browsers",
      requirement: "One user's device token is nothing for another user.",
    },
    {
      id: "V62",
      source: "django-two-factor",
      requirement: "Fields that are authenticated together cannot run into each other.",
    },
    {
      id: "V63",
      source: "better-auth",
      requirement: "Trust ends on its day, however often the device is used.",
    },
    {
      id: "V64",
      source: "token rotation",
      requirement: "Tabs of one browser do not take each other's trust away.",
    },
    {
      id: "V65",
      source: "NIST s.3.2.1",
      requirement:
        "A skipped second factor is reported as level 1, without `otp`, and opens nothing sensitive.",
    },
    {
      id: "V66",
      source: "leaked tables",
      requirement: "A device token has 256 bits, is kept as a hash, and compared in constant time.",
    },
  ],
};

export const management: Chapter = {
  title: "Attacks: management, cryptography, side channels",
  rows: [
    {
      id: "V67",
      source: "better-auth, Bytebase, Fortify",
      requirement: "By default a session alone cannot turn the second factor off.",
    },
    {
      id: "V68",
      source: "SparkPost, Bytebase",
      requirement:
        "Where a second factor is required, turning it off leads to enrolling again, and a reset is recorded.",
    },
    {
      id: "V69",
      source: "better-auth",
      requirement: "A record copied to another user or version does not open.",
    },
    {
      id: "V70",
      source: "Supabase, Authelia",
      requirement:
        "Keys rotate without locking anybody out, and a removed key that is still used fails clearly.",
    },
    {
      id: "V71",
      source: "shellhub#3799, Bytebase",
      requirement: "No result, event, error or log shows a secret or a code, except where it is shown once.",
    },
    {
      id: "V72",
      source: "Kratos, ASP.NET",
      requirement: "Comparing takes the same work wherever, and whether, it matches.",
    },
    {
      id: "V73",
      source: "timingSafeEqual",
      requirement: "No input of a user throws, whatever its type or length.",
    },
    {
      id: "V74",
      source: "user enumeration",
      requirement:
        "No challenge, no look-up; beginning a sign-in does the same work for enrolled and others.",
    },
    {
      id: "V75",
      source: "label injection",
      requirement: "Any account name survives the key URI, or is refused; it cannot add a parameter.",
    },
    {
      id: "V76",
      source: "stale authenticators",
      requirement: "A code of the previous authenticator is named as such.",
      without: "Later. Such a code is a wrong one.",
    },
    {
      id: "V77",
      source: "django-otp",
      requirement: "A slowly drifting phone goes on working.",
      without: "Drift is not learned yet: `stepOffset` and `clock_off` say so before the window ends.",
    },
    {
      id: "V78",
      source: "GitLab#373319, GitLab#462499",
      requirement: "Grace counts from the later of rule and membership, and never starts again.",
    },
    {
      id: "V79",
      source: "silent takeovers",
      requirement:
        "Every change tells the host once, after it was stored, with who and from where, and no secret.",
    },
    {
      id: "V80",
      source: "hostile JSON",
      requirement: "A record is read strictly; `__proto__` and unknown shapes are refused.",
    },
  ],
};
