import type { Chapter } from "./row.ts";

export const replay: Chapter = {
  title: "Attacks: replay and the acceptance window",
  rows: [
    {
      id: "V01",
      source: "devise CVE-2015-7225, Liferay CVE-2025-43798, better-auth#10387",
      requirement: "An accepted code is refused everywhere for as long as its step can be accepted.",
    },
    {
      id: "V02",
      source: "devise CVE-2021-43177",
      requirement: "After a step no earlier one is accepted: accepted steps strictly increase.",
    },
    {
      id: "V03",
      source: "rodauth, allauth, scheb 60 s cache",
      requirement: "A spent code is remembered at least as long as it could be accepted, for every window.",
    },
    {
      id: "V04",
      source: "Gitea, idenplane#398",
      requirement: "Of many identical codes at once, across instances, one is accepted.",
    },
    {
      id: "V05",
      source: "Infisical#6112, hanko#2723, Gitea basic auth",
      requirement: "Every call that takes a code spends it, the confirmation of the enrollment included.",
    },
    {
      id: "V06",
      source: "blot#1839",
      requirement: "A used code is refused in every spelling that would be read as it.",
    },
    {
      id: "V07",
      source: "Fortify",
      requirement: "What is spent is spent for one user: two users with one code do not disturb each other.",
    },
    {
      id: "V08",
      source: "Keycloak CVE-2024-7318, AuthQuake, libpam",
      requirement: "Exactly the steps of the window are accepted, and a wide window is refused.",
    },
    {
      id: "V09",
      source: "privacyIDEA, LinOTP",
      requirement: "Resynchronizing does not accept past codes.",
      without: "There is no resynchronization yet.",
    },
    {
      id: "V10",
      source: "clock jumps",
      requirement:
        "A step stored by a clock that ran ahead does not lock the user out once the clock is right.",
    },
  ],
};

export const enrollment: Chapter = {
  title: "Attacks: enrollment",
  rows: [
    {
      id: "V11",
      source: "better-auth#10923, flask-security#238, greasyfork#1446",
      requirement:
        "Beginning a replacement leaves the active authenticator as it is until the new one is confirmed.",
    },
    { id: "V12", source: "Fortify#201, mcias", requirement: "A begun enrollment asks nobody for a code." },
    {
      id: "V13",
      source: "Bytebase",
      requirement: "Nothing becomes active without a verified code, in whatever order the calls come.",
    },
    {
      id: "V14",
      source: "FileRise CVE-2026-44460",
      requirement: "Where a factor is active, half a sign-in shows no secret and enrolls nothing.",
    },
    {
      id: "V15",
      source: "clinch, rodauth, Keycloak#26104",
      requirement: "Secret and codes never come back from the client; a changed enrollment id is not found.",
    },
    {
      id: "V16",
      source: "allauth#3687, Brave publishers#2091",
      requirement: "A wrong code keeps secret, id and expiry of the pending enrollment.",
    },
    {
      id: "V17",
      source: "rustdesk#948",
      requirement: "A second begin shows the same secret to the same session, and tells any other the truth.",
    },
    { id: "V18", source: "MISP#9220", requirement: "A canceled enrollment's secret is never used again." },
    {
      id: "V19",
      source: "FXA#19314",
      requirement: "The code is checked at once; saving the backup codes can take its time.",
    },
    {
      id: "V20",
      source: "hyperswitch#4522",
      requirement: "A crash between any two store calls leaves a record in a legal state.",
    },
    {
      id: "V21",
      source: "allauth",
      requirement: "The host can forbid enrolling, and then nothing is written.",
    },
    {
      id: "V22",
      source: "devise CVE-2024-8796, Fortify",
      requirement: "A new secret has exactly the bytes asked for, and never fewer than 16.",
    },
    {
      id: "V23",
      source: "Kratos, NIST s.4.1.2.1",
      requirement: "With an active factor, changing factors takes more than the password.",
    },
  ],
};

export const guessing: Chapter = {
  title: "Attacks: guessing and locking out",
  rows: [
    {
      id: "V24",
      source: "devise CVE-2024-0227, Nagios Fusion CVE-2025-60424, pypi#18761",
      requirement: "A year of guessing stays within the stated odds, and 100 failures in a row are the end.",
    },
    {
      id: "V25",
      source: "AuthQuake, ezBookkeeping",
      requirement: "Failures are counted for the account, not for a challenge or a session.",
    },
    { id: "V26", source: "idenplane#398", requirement: "Guesses at once do not get past the count." },
    {
      id: "V27",
      source: "dragonflight",
      requirement: "A right password, or a begun sign-in, clears no failures of the second factor.",
    },
    {
      id: "V28",
      source: "Vikunja CVE-2026-35597",
      requirement: "A charge survives the rollback of the caller's transaction.",
    },
    {
      id: "V29",
      source: "Vikunja CVE-2026-35597",
      requirement: "A stored value of another type or shape fails closed.",
    },
    { id: "V30", source: "VilnaCRM#314", requirement: "The limit is in the core: no route goes around it." },
    {
      id: "V31",
      source: "ASP.NET, rodauth, Keycloak#26180",
      requirement: "Backup codes have a budget of their own, as strict.",
    },
    {
      id: "V32",
      source: "Keycloak#26177",
      requirement: "While locked nothing is evaluated, whatever challenge is shown.",
    },
    {
      id: "V33",
      source: "better-auth",
      requirement: "Guesses in a signed-in session are counted like any others.",
    },
    {
      id: "V34",
      source: "Keycloak#46164, ezauth#196, django-otp",
      requirement:
        "An attacker cannot lock the user out of a known browser, and without the password of nothing.",
    },
    {
      id: "V35",
      source: "patient attackers",
      requirement: "The user's own successes do not clear what a patient attacker has used up.",
    },
    { id: "V36", source: "bambuddy#933", requirement: "Neither a lock nor a typo uses up the challenge." },
    {
      id: "V37",
      source: "bambuddy#933",
      requirement:
        "Junk costs nothing: too long or of the wrong shape, it reaches neither store nor derivation.",
    },
    { id: "V37b", source: "bambuddy#933", requirement: "User ids are exact: `Alice` is not `alice`." },
  ],
};

export const backupCodes: Chapter = {
  title: "Attacks: backup codes",
  rows: [
    {
      id: "V38",
      source: "Parse Server CVE-2026-31875, filament-breezy#284",
      requirement: "A used backup code is refused for ever.",
    },
    {
      id: "V39",
      source: "Parse Server CVE-2026-33624, appwrite#11692, Keycloak#26106",
      requirement: "Of identical codes at once one is accepted; of different codes every one.",
    },
    {
      id: "V40",
      source: "gladys#199",
      requirement: "A retry with the same attempt id gets the same success.",
      without:
        "Later. Until then the host makes its session before it shows success, and a lost answer costs one code.",
    },
    {
      id: "V41",
      source: "Yuzu#4173",
      requirement: "Of two regenerations at once, one gets codes that work and the other none.",
    },
    { id: "V42", source: "Fortify#255", requirement: "Using a code changes no other code." },
    {
      id: "V43",
      source: "idenplane#398, ASP.NET, allauth",
      requirement: "Codes are drawn uniformly, and a batch holds no code twice.",
    },
    {
      id: "V44",
      source: "Filament#14934, Logto, Kratos, django-otp",
      requirement: "What is stored holds no code, and no plain hash of one.",
    },
    {
      id: "V45",
      source: "allauth, Fortify, Kratos, better-auth",
      requirement: "Codes are shown once; no call returns existing ones.",
    },
    { id: "V46", source: "GitLab#46451", requirement: "New codes take proof, and the user is told." },
    {
      id: "V47",
      source: "Kratos",
      requirement: "A used backup code looks to anyone exactly like a wrong one.",
    },
    {
      id: "V48",
      source: "8-digit app codes beside 8-digit backup codes",
      requirement:
        "One field is never ambiguous: equal shapes are refused, and one submission costs one charge.",
    },
  ],
};
