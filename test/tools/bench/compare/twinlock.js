// Twinlock with its defaults.
import { createTwoFactor, generateKey } from "../../../../dist/index.js";
import { totp } from "../../../../dist/otp/index.js";
import { count, must, nextCode, wrongCodes } from "./phone.js";

export async function openTwinlock(database) {
  const store = await database.store();
  const options = { issuer: "Acme", store, keys: generateKey(), verifyPassword: () => true };
  const twoFactor = createTwoFactor(options);
  const binding = "what a session holds";
  const password = "correct horse battery staple";

  async function enrolled(userId) {
    const begun = must(await twoFactor.enrollment.begin(userId, { accountName: userId, password, binding }));
    const { enrollmentId, secret } = begun;
    const code = totp(secret, { now: Date.now() });
    const { backupCodes } = must(await twoFactor.enrollment.confirm(userId, { enrollmentId, code, binding }));
    return { userId, secret, backupCodes: backupCodes.codes };
  }

  /** Sign-ins in which the password was right, each with a challenge of its own. */
  async function halfSignedIn({ userId }, many) {
    const steps = await Promise.all(
      Array.from({ length: many }, () => twoFactor.signIn.begin(userId, { binding })),
    );
    return steps.map(
      ({ challenge }) =>
        (code) =>
          twoFactor.signIn.complete(challenge, code, { binding }),
    );
  }

  return {
    async sameCodeTwice() {
      const person = await enrolled("twice");
      const signIns = await halfSignedIn(person, 2);
      const code = nextCode(person.secret);
      const answers = [];
      for (const signIn of signIns) answers.push(await signIn(code));
      return count(answers, ({ ok }) => ok);
    },
    async wrongCodes(many) {
      const person = await enrolled("guessed");
      const signIns = await halfSignedIn(person, many);
      const guesses = wrongCodes(person.secret, many);
      const answers = await Promise.all(signIns.map((signIn, i) => signIn(guesses[i])));
      const [next] = await halfSignedIn(person, 1);
      const after = await next(nextCode(person.secret));
      return {
        tried: count(answers, ({ detail }) => detail === "wrong_code"),
        lockedAfter: after.reason === "locked",
      };
    },
    async sameBackupCode(many) {
      const person = await enrolled("backup");
      const signIns = await halfSignedIn(person, many);
      const [code] = person.backupCodes;
      const answers = await Promise.all(signIns.map((signIn) => signIn(code)));
      return count(answers, ({ ok }) => ok);
    },
    async atRest() {
      const { secret, backupCodes } = await enrolled("rest");
      const text = await database.dump();
      return {
        secret: text.includes(secret),
        backupCodes: backupCodes.some((code) => text.includes(code)),
        shownAgain: false, // no call gives them out: see the list of exports
      };
    },
    async newPhone() {
      const person = await enrolled("phone");
      const [signIn] = await halfSignedIn(person, 1);
      const code = person.backupCodes[0];
      const proof = { accountName: "phone", replace: true, password, code, binding };
      must(await twoFactor.enrollment.begin(person.userId, proof));
      const { ok } = await signIn(nextCode(person.secret));
      return {
        oldWorks: ok,
        passwordAlone: (await twoFactor.signIn.begin(person.userId, { binding })).step === "done",
      };
    },
    async required() {
      const strict = createTwoFactor({ ...options, requirement: () => ({ required: true }) });
      return (await strict.signIn.begin("nobody yet", { binding })).step === "enroll";
    },
  };
}
