// better-auth's two-factor plugin over HTTP requests, as its clients send them: with its defaults, its limits by address
// on, and each visitor at an address of its own.
import { randomBytes } from "node:crypto";
import { base32 } from "@better-auth/utils/base32";
import { betterAuth } from "better-auth";
import { twoFactor } from "better-auth/plugins";
import { parseKeyUri, totp } from "../../../../dist/otp/index.js";
import { count, must, nextCode, wrongCodes } from "./phone.js";

const ORIGIN = "http://localhost:3000";
const PASSWORD = "correct horse battery staple";
let visitors = 0;

export async function openBetterAuth(database) {
  const options = {
    secret: randomBytes(32).toString("hex"),
    baseURL: ORIGIN,
    database: database.forBetterAuth,
    emailAndPassword: { enabled: true },
    plugins: [twoFactor({ issuer: "Acme" })],
    rateLimit: { enabled: true },
    telemetry: { enabled: false },
    logger: { disabled: true },
  };
  await database.migrate(options);
  const auth = betterAuth(options);

  /** A browser: its cookies and its address. */
  function visitor() {
    const jar = new Map();
    const address = `203.0.113.${++visitors % 250}`;
    return async (path, body) => {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
      const headers = {
        "content-type": "application/json",
        origin: ORIGIN,
        cookie,
        "x-forwarded-for": address,
      };
      const request = new Request(`${ORIGIN}/api/auth${path}`, {
        method: "POST",
        headers,
        body: JSON.stringify(body),
      });
      const response = await auth.handler(request);
      for (const line of response.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
        if (value === "" || /max-age=0/i.test(line)) jar.delete(name);
        else jar.set(name, value);
      }
      return { ...(await response.json()), status: response.status };
    };
  }

  async function enrolled(email) {
    const browser = visitor();
    must(await browser("/sign-up/email", { name: email, email, password: PASSWORD }));
    const { totpURI, backupCodes } = must(await browser("/two-factor/enable", { password: PASSWORD }));
    const { secret } = parseKeyUri(totpURI);
    must(await browser("/two-factor/verify-totp", { code: totp(secret, { now: Date.now() }) }));
    return { email, browser, secret, backupCodes };
  }

  /** A browser in which the password was right. */
  async function halfSignedIn({ email }) {
    const browser = visitor();
    const { twoFactorRedirect } = must(await browser("/sign-in/email", { email, password: PASSWORD }));
    if (!twoFactorRedirect) throw new Error("better-auth asked for no second factor");
    return browser;
  }

  return {
    async sameCodeTwice() {
      const person = await enrolled("twice@example.com");
      const browsers = [await halfSignedIn(person), await halfSignedIn(person)];
      const code = nextCode(person.secret);
      const answers = [];
      for (const browser of browsers) answers.push(await browser("/two-factor/verify-totp", { code }));
      return count(answers, ({ status }) => status === 200);
    },
    async wrongCodes(many) {
      const person = await enrolled("guessed@example.com");
      const browsers = await Promise.all(Array.from({ length: many }, () => halfSignedIn(person)));
      const guesses = wrongCodes(person.secret, many);
      const answers = await Promise.all(
        browsers.map((browser, i) => browser("/two-factor/verify-totp", { code: guesses[i] })),
      );
      const next = await halfSignedIn(person);
      const after = await next("/two-factor/verify-totp", { code: nextCode(person.secret) });
      return {
        tried: count(answers, ({ code }) => code === "INVALID_CODE"),
        lockedAfter: after.status === 429,
      };
    },
    async sameBackupCode(many) {
      const person = await enrolled("backup@example.com");
      const browsers = await Promise.all(Array.from({ length: many }, () => halfSignedIn(person)));
      const [code] = person.backupCodes;
      const answers = await Promise.all(
        browsers.map((browser) => browser("/two-factor/verify-backup-code", { code })),
      );
      return count(answers, ({ status }) => status === 200);
    },
    async atRest() {
      const { email, secret, backupCodes } = await enrolled("rest@example.com");
      const text = await database.dump();
      const plain = new TextDecoder().decode(base32.decode(secret));
      const { id } = await auth.$context
        .then(({ internalAdapter }) => internalAdapter.findUserByEmail(email))
        .then(({ user }) => user);
      const shown = await auth.api.viewBackupCodes({ body: { userId: id } });
      return {
        secret: text.includes(secret) || text.includes(plain),
        backupCodes: backupCodes.some((code) => text.includes(code)),
        shownAgain: shown.backupCodes.length === backupCodes.length,
      };
    },
    async newPhone() {
      const person = await enrolled("phone@example.com");
      const again = await person.browser("/two-factor/enable", { password: PASSWORD });
      if (again.status === 200) throw new Error("better-auth replaces an authenticator: measure how");
      must(await person.browser("/two-factor/disable", { password: PASSWORD }));
      const { twoFactorRedirect } = must(
        await visitor()("/sign-in/email", { email: person.email, password: PASSWORD }),
      );
      return { oldWorks: false, passwordAlone: twoFactorRedirect !== true };
    },
  };
}
