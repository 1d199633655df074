// The table: what is measured, how its result is said, and what only documentation can tell.
export const GUESSES = 50;
export const PARALLEL = 20;

/** Does to one contender what is measured; what it does not have stays undefined. */
export async function measure(contender) {
  return {
    twice: await contender.sameCodeTwice(),
    guesses: await contender.wrongCodes(GUESSES),
    backup: await contender.sameBackupCode?.(PARALLEL),
    stored: await contender.atRest?.(),
    phone: await contender.newPhone?.(),
    required: await contender.required?.(),
  };
}

const YOURS = "yours";

/** How each result is said, in the words of the table. */
export const MEASURED = {
  "One app code in two sign-ins: accepted": ({ twice }) => String(twice),
  [`${GUESSES} wrong codes at once, each in a sign-in of its own: tried`]: ({ guesses }) =>
    `${guesses.tried}${guesses.lockedAfter ? ", then locked" : ""}`,
  [`One backup code in ${PARALLEL} sign-ins at once: accepted`]: ({ backup }) => String(backup ?? YOURS),
  "Secret readable in the database": ({ stored }) => (stored ? yesOrNo(stored.secret) : YOURS),
  "Backup codes in the database": ({ stored }) => {
    if (!stored) return YOURS;
    if (stored.backupCodes) return "readable";
    return stored.shownAgain ? "encrypted, can be shown again" : "hashed, shown once";
  },
  "A new phone": ({ phone }) => {
    if (!phone) return YOURS;
    if (phone.oldWorks) return "the old one works until the new one does";
    return phone.passwordAlone
      ? "turn it off first: meanwhile the password alone signs in"
      : "turn it off first";
  },
};

/**
 * From the pages and types of these versions: better-auth.com/docs/plugins/2fa (its options name no policy),
 * better-auth.com/docs/adapters, better-auth.com/docs/plugins/test-utils; the READMEs of otplib and speakeasy.
 */
export const DOCUMENTED = {
  "Required of everybody": ["at sign-in, with grace", "a hook of yours", YOURS, YOURS],
  Databases: [
    "PostgreSQL, MySQL, SQLite, D1, Redis, MongoDB, DynamoDB",
    "PostgreSQL, MySQL, SQLite, D1, SQL Server, MongoDB",
    "none",
    "none",
  ],
  "For your tests": [
    "phones, passkeys, clock, failing stores",
    "users, sessions, sent codes",
    "none",
    "none",
  ],
  "Codes by e-mail or SMS": ["no", "yes", "no", "no"],
  "Accounts and sessions": ["yours", "included", "yours", "yours"],
};

function yesOrNo(is) {
  return is ? "yes" : "no";
}

/** The table in Markdown. `columns` are the contenders with their measures, in the order of the table. */
export function table(columns) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [
    line(["", ...columns.map(({ title }) => title)]),
    line(["", ...columns].map(() => "---")),
    ...Object.entries(MEASURED).map(([fact, say]) =>
      line([fact, ...columns.map(({ measures }) => say(measures))]),
    ),
    ...Object.entries(DOCUMENTED).map(([fact, cells]) => line([fact, ...cells])),
  ].join("\n");
}
