// The host's code under test: what happens behind a sign-in form. The second factor is handed in, so that tests can
// hand in one whose clock and phone they hold.

/**
 * @param {import("twinlock").TwoFactor} twoFactor
 * @param {(userId: string, password: string) => boolean} checkPassword
 */
export function createSignIn(twoFactor, checkPassword) {
  return {
    /** After the password: "signed in", or what the page has to ask for next. */
    async password(session, userId, password, deviceToken) {
      if (!checkPassword(userId, password)) return "wrong password";
      session.binding = crypto.randomUUID();
      const firstFactor = { amr: ["pwd"] };
      const step = await twoFactor.signIn.begin(userId, {
        binding: session.binding,
        deviceToken,
        firstFactor,
      });
      if (step.step === "done") return finish(session, step.userId);
      if (step.step === "refused") return "refused";
      session.challenge = step.challenge;
      return step.step === "code" ? "enter a code" : "set up a second factor";
    },

    /** After the code. The user comes from the challenge. */
    async code(session, code, options = {}) {
      const { binding, challenge } = session;
      const result = await twoFactor.signIn.complete(challenge, code, { binding, ...options });
      if (!result.ok) return result.reason;
      session.stepOffset = result.stepOffset; // the phone's clock: worth a hint if it stays off
      if (result.device) session.deviceCookie = result.device.token;
      return finish(session, result.userId);
    },
  };

  function finish(session, userId) {
    delete session.challenge;
    session.userId = userId;
    return "signed in";
  }
}
