/** Every method of the service, classified; and for each one that takes a code, how to call it. */

import type { Failure } from "../../src/errors.ts";
import type { PasskeyRequestOptions } from "../../src/passkeys/index.ts";
import type { Method } from "../../src/rules/decision.ts";
import { createTestTwoFactor } from "../../src/testing/index.ts";
import type { TwoFactor } from "../../src/two-factor/interface.ts";
import type { TwoFactorOptions } from "../../src/two-factor/options.ts";
import { passkeysOf, registerPasskey, withPasskeys } from "./passkeys.ts";
import { codeFrom } from "./phone.ts";
import { binding, challengeOf, type Enrolled, must, outcome, USER, wrongCode } from "./world.ts";

/** What a test found by walking the object, "signIn.begin" and the like, must be a key here. */
export const METHODS: Readonly<Record<string, "takes a code" | "takes a registration" | "takes none">> = {
  status: "takes none",
  "signIn.begin": "takes none",
  "signIn.complete": "takes a code",
  verify: "takes a code",
  reauthenticate: "takes a code",
  allow: "takes a code",
  asks: "takes none",
  "enrollment.begin": "takes a code",
  "enrollment.confirm": "takes a code",
  "enrollment.acknowledge": "takes none",
  "enrollment.cancel": "takes none",
  "authenticators.list": "takes none",
  "authenticators.rename": "takes none",
  "authenticators.remove": "takes a code",
  "backupCodes.regenerate": "takes a code",
  "backupCodes.acknowledge": "takes none",
  "devices.list": "takes none",
  "devices.revoke": "takes none",
  "devices.revokeAll": "takes none",
  "passkeys.begin": "takes a code",
  "passkeys.confirm": "takes a registration",
  "passkeys.options": "takes none",
  "passkeys.list": "takes none",
  "passkeys.rename": "takes none",
  "passkeys.remove": "takes a code",
  disable: "takes a code",
  credentialChanged: "takes none",
  rewrap: "takes none",
};

/** The paths of all functions in an object of objects. */
export function pathsOf(value: object, prefix = ""): string[] {
  return Object.entries(value).flatMap(([name, inner]) => {
    if (typeof inner === "function") return [prefix + name];
    return typeof inner === "object" && inner !== null ? pathsOf(inner, `${prefix}${name}.`) : [];
  });
}

type Result = { ok: true } | Failure;

export interface Attempt {
  submit(code: unknown): Promise<Result>;
  /** A right code for this call, unspent as long as the clock stands at a new step. */
  right(): string;
}

export interface CodeCall {
  path: string;
  /** What the world has to be like, so that this call asks for a code. */
  options: Partial<TwoFactorOptions>;
  /** Which kinds of code serve. */
  kinds: readonly Method[];
  /** How many wrong codes come before the first wait, and in whose budget. */
  budget: "app" | "enrollment";
  ready(w: Enrolled): Promise<Attempt>;
}

const both: readonly Method[] = ["app", "backup"];

/** A call whose codes are those of the active factor. */
function ofActive(
  path: string,
  submit: (t: TwoFactor, code: never, w: Enrolled) => Promise<Result>,
  kinds: readonly Method[] = both,
): CodeCall {
  const ready = async (w: Enrolled) => ({
    submit: (code: unknown) => submit(w.twoFactor, code as never, w),
    right: () => w.phone.code(),
  });
  return { path, options: {}, kinds, budget: "app", ready };
}

/** The same service for a host that has an operation of its own. */
function withPayout(w: Enrolled): TwoFactor<"payout"> {
  const reauthentication = { ...w.options.reauthentication, payout: "code" };
  const options = { ...w.options, clock: w.clock, reauthentication } as Enrolled["options"];
  return createTestTwoFactor(options).twoFactor as unknown as TwoFactor<"payout">;
}

export const CODE_CALLS: readonly CodeCall[] = [
  ofActive("allow", (_, code, w) => withPayout(w).allow(USER, "payout", { code, binding })),
  ofActive("signIn.complete", async (t, code, w) =>
    t.signIn.complete(await challengeOf(w), code, { binding }),
  ),
  ofActive("verify", (t, code) => t.verify(USER, code, { binding })),
  ofActive("reauthenticate", (t, code) => t.reauthenticate(USER, { code, binding })),
  ofActive("enrollment.begin", (t, code) =>
    t.enrollment.begin(USER, { accountName: USER, replace: true, code, binding }),
  ),
  ofActive("backupCodes.regenerate", (t, code) => t.backupCodes.regenerate(USER, { code, binding })),
  ofActive(
    "authenticators.remove",
    async (t, code) => {
      const [only] = await t.authenticators.list(USER);
      return t.authenticators.remove(USER, { id: only?.id, code, binding });
    },
    ["app"],
  ),
  {
    ...ofActive("passkeys.begin", async (_, code, w) =>
      passkeysOf(w).begin(USER, { accountName: USER, code, binding }),
    ),
    options: withPasskeys,
  },
  {
    path: "passkeys.remove",
    options: withPasskeys,
    kinds: both,
    budget: "app",
    async ready(w) {
      if ((await passkeysOf(w).list(USER)).length === 0) await registerPasskey(w);
      const id = (await passkeysOf(w).list(USER)).at(-1)?.id;
      return {
        submit: (code) => passkeysOf(w).remove(USER, { id, code, binding }),
        right: () => w.phone.code(),
      };
    },
  },
  ofActive("disable", (t, code) => t.disable(USER, { code, binding }), ["app"]),
  {
    path: "enrollment.confirm",
    options: { backupCodes: { acknowledge: true }, reauthentication: { replace: "none" } },
    kinds: ["app"],
    budget: "enrollment",
    async ready({ twoFactor, clock }) {
      const begun = must(
        await twoFactor.enrollment.begin(USER, { accountName: USER, replace: true, binding }),
      );
      const { enrollmentId, keyUri } = begun;
      return {
        submit: (code) => twoFactor.enrollment.confirm(USER, { enrollmentId, code: code as string, binding }),
        right: () => codeFrom(keyUri, clock),
      };
    },
  },
];

/** Shows a passkey in the place of the code; `answer` is the browser's part. */
export async function respond(
  call: CodeCall,
  w: Enrolled,
  answer: (options: PasskeyRequestOptions) => Promise<unknown>,
): Promise<Result> {
  if (call.path === "signIn.complete") {
    const challenge = await challengeOf(w);
    const { options } = must(await passkeysOf(w).options({ challenge }, { binding }));
    return w.twoFactor.signIn.complete(challenge, await answer(options), { binding });
  }
  const { submit } = await call.ready(w);
  const { options } = must(await passkeysOf(w).options(USER, { binding }));
  return submit(await answer(options));
}

/** How many more wrong codes are evaluated before the door closes: what is left of the free attempts. */
export async function evaluationsLeft(w: Enrolled, attempt: Pick<Attempt, "submit">): Promise<number> {
  for (let count = 0; ; count++) {
    const result = outcome(await attempt.submit(wrongCode(w, 500 + count)));
    if (result !== "wrong_code") return count;
    if (count > 100) throw new Error("nothing closes the door");
  }
}

/** Spellings of a code that a person may type, and a keyboard may send. */
export function spellings(code: string): readonly string[] {
  const half = Math.floor(code.length / 2);
  const [a, b] = [code.slice(0, half), code.slice(half)];
  const shifted = (zero: number) =>
    code.replace(/[0-9]/g, (digit) => String.fromCodePoint(zero + Number(digit)));
  return [
    code,
    `${a} ${b}`,
    ` ${a}-${b}\n`,
    `${a}\u00A0${b}`, // no-break space
    `${a}\u2009${b}`, // thin space
    `${a}\u2013${b}`, // en dash
    `${a}\u200B${b}`, // zero-width space
    `\u200E${a}\u2060${b}`, // left-to-right mark, word joiner
    `\uFEFF${code}`,
    shifted(0xff10), // full-width
    shifted(0x0660), // Arabic-Indic
    shifted(0x06f0), // Persian
    shifted(0x1d7ce), // mathematical bold
  ];
}
