/**
 * What the pages of the example do, without a server, so that the flows run wherever the library does: accounts,
 * sessions and cookies around a product of the example, whose options they are.
 */

import assert from "node:assert/strict";
import { type Product, products } from "../../examples/express/src/products.ts";
import { deviceCookie } from "../../src/device-cookie.ts";
import type { Failure, Reason } from "../../src/errors.ts";
import { messages } from "../../src/page.ts";
import type { Requirement } from "../../src/rules/policy.ts";
import { createTestTwoFactor, type TestTwoFactor } from "../../src/testing/index.ts";
import type { TwoFactorOptions } from "../../src/two-factor/options.ts";
import type { Status } from "../../src/two-factor/status.ts";
import type {
  Assurance,
  EnrollmentResult,
  EnrollmentStart,
  Result,
  SignedIn,
  Who,
} from "../../src/two-factor/types.ts";

/** What a page says when something did not work. */
export interface Refusal {
  ok: false;
  reason: Reason;
  message: string;
  retryAt?: number | undefined;
}
export type Reply<T> = ({ ok: true } & T) | Refusal;

/** The proof that a form collects; a browser adds its elevation and its cookie. */
export interface Form {
  password?: string;
  code?: string;
}

interface Session {
  binding: string;
  user: { id: string; assurance: Assurance } | null;
  challenge: string | undefined;
  enrollmentId: string | undefined;
  batchId: string | undefined;
  elevation: string | undefined;
}

/** A browser with its cookies and its session; each method is a page or a form of the application. */
export interface Browser {
  user(): Session["user"];
  signIn(
    userId: string,
    password: string,
  ): Promise<"wrong password" | "done" | "code" | "enroll" | "refused">;
  enterCode(code: string, options?: { trust?: boolean }): Promise<Reply<{ method: SignedIn["method"] }>>;
  enable(form?: Form, options?: { accountName?: string; replace?: boolean }): Promise<Reply<EnrollmentStart>>;
  confirm(code: string): Promise<Reply<{ active: boolean; codes: readonly string[] }>>;
  saved(): Promise<Reply<object>>;
  manage(form: Form): Promise<Reply<object>>;
  regenerate(form?: Form): Promise<Reply<{ codes: readonly string[] }>>;
  savedNewCodes(): Promise<Reply<object>>;
  disable(form?: Form): Promise<Reply<{ mustEnroll: boolean }>>;
  status(): Promise<Status>;
  devices(): ReturnType<TestTwoFactor["twoFactor"]["devices"]["list"]>;
  forget(deviceId: string): Promise<Reply<object>>;
  signOut(): void;
}

export interface Host extends TestTwoFactor {
  product: Product;
  signUp(userId: string, password: string): void;
  /** The owner's switch. */
  require(requirement: Requirement): void;
  changePassword(userId: string, password: string): Promise<void>;
  browser(name?: string): Browser;
}

let bindings = 0;

export function createHost(id: string, more: Partial<TwoFactorOptions> = {}): Host {
  const product = products.find((other) => other.id === id);
  assert.ok(product, `the example has no product ${id}`);
  const passwords = new Map<string, string>();
  let requirement: Requirement = { required: false };
  const verifyPassword = (userId: string, password: string) => passwords.get(userId) === password;
  const policy = product.policy ? { requirement: () => requirement } : {};
  const made = createTestTwoFactor({ ...product.twoFactor, verifyPassword, ...policy, ...more });
  return {
    ...made,
    product,
    signUp: (userId, password) => void passwords.set(userId, password),
    require: (rule) => {
      requirement = rule;
    },
    async changePassword(userId, password) {
      passwords.set(userId, password);
      await made.twoFactor.credentialChanged(userId, "password");
    },
    browser: (name = "Firefox on Linux") => createBrowser(made, verifyPassword, { device: name }),
  };
}

function refused(failure: Failure): Refusal {
  const { reason, retryAt } = failure;
  return { ok: false, reason, message: messages[reason], retryAt };
}

function createBrowser(
  { twoFactor }: TestTwoFactor,
  verifyPassword: (userId: string, password: string) => boolean,
  context: { device: string },
): Browser {
  const cookies = new Map<string, string>();
  const newSession = (): Session => ({
    binding: `binding ${++bindings}`,
    user: null,
    challenge: undefined,
    enrollmentId: undefined,
    batchId: undefined,
    elevation: undefined,
  });
  let session = newSession();

  const cookieOf = (userId: string) => cookies.get(deviceCookie(userId).name);
  const signedInUser = (): string => {
    assert.ok(session.user, "this page needs somebody who is signed in");
    return session.user.id;
  };
  /** Whoever is signed in, or has an `enroll` challenge. */
  const who = (): Who => session.user?.id ?? { challenge: session.challenge };
  const proof = (form: Form) => {
    const { binding, elevation } = session;
    return { ...form, binding, elevation, deviceToken: cookieOf(signedInUser()), context };
  };
  /** The one way into a session: whatever a success brings is kept, the challenge is thrown away. */
  const establish = ({ userId, assurance, elevation, device }: SignedIn) => {
    if (device) {
      const [pair = ""] = deviceCookie(userId).set(device).split(";");
      cookies.set(deviceCookie(userId).name, pair.slice(pair.indexOf("=") + 1));
    }
    session = { ...session, user: { id: userId, assurance }, challenge: undefined, elevation };
  };
  const activated = (result: EnrollmentResult) => {
    if (result.state === "active") establish(result.signIn);
    else session.batchId = result.backupCodes.batchId;
    return { active: result.state === "active", codes: result.backupCodes?.codes ?? [] };
  };
  const reply = <T extends object, R extends object>(result: Result<T>, then: (result: T) => R): Reply<R> =>
    result.ok ? { ok: true, ...then(result as T) } : refused(result as Failure);

  return {
    user: () => session.user,
    async signIn(userId, password) {
      if (!verifyPassword(userId, password)) return "wrong password";
      const { binding } = session;
      const firstFactor = { amr: ["pwd"] };
      const deviceToken = cookieOf(userId);
      const step = await twoFactor.signIn.begin(userId, { binding, deviceToken, firstFactor, context });
      if (step.step === "done") session.user = { id: step.userId, assurance: step.assurance };
      if (step.step === "code" || step.step === "enroll") session.challenge = step.challenge;
      return step.step;
    },
    async enterCode(code, { trust = false } = {}) {
      const { binding, challenge } = session;
      const result = await twoFactor.signIn.complete(challenge, code, {
        binding,
        trustDevice: trust,
        context,
      });
      if (!result.ok) return refused(result);
      establish(result);
      return { ok: true, method: result.method };
    },
    async enable(form = {}, { accountName, replace } = {}) {
      const at = who();
      const named = { accountName: accountName ?? ((userId: string) => userId) };
      const result =
        typeof at === "string"
          ? await twoFactor.enrollment.begin(at, { ...named, replace, ...proof(form) })
          : await twoFactor.enrollment.begin(at, { ...named, binding: session.binding, context });
      if (result.ok) session.enrollmentId = result.enrollmentId;
      return reply(result, ({ ok: _, ...start }: EnrollmentStart & { ok?: true }) => start);
    },
    async confirm(code) {
      const { binding, enrollmentId } = session;
      return reply(
        await twoFactor.enrollment.confirm(who(), { enrollmentId, code, binding, context }),
        activated,
      );
    },
    async saved() {
      const { binding, batchId } = session;
      const result = await twoFactor.enrollment.acknowledge(who(), { batchId, binding, context });
      return reply(result, ({ signIn }) => {
        establish(signIn);
        return {};
      });
    },
    async manage(form) {
      const { elevation: _, ...asked } = proof(form);
      const result = await twoFactor.reauthenticate(signedInUser(), asked);
      if (result.ok) session.elevation = result.elevation;
      return reply(result, () => ({}));
    },
    async regenerate(form = {}) {
      const result = await twoFactor.backupCodes.regenerate(signedInUser(), proof(form));
      if (result.ok) session.batchId = result.batchId;
      return reply(result, ({ codes }) => ({ codes }));
    },
    async savedNewCodes() {
      const { batchId } = session;
      const result = await twoFactor.backupCodes.acknowledge(signedInUser(), { batchId, context });
      return reply(result, () => ({}));
    },
    async disable(form = {}) {
      const result = await twoFactor.disable(signedInUser(), proof(form));
      if (result.ok && result.mustEnroll) session = newSession(); // and sign in again, to enroll again
      return reply(result, ({ mustEnroll }) => ({ mustEnroll }));
    },
    status: async () => twoFactor.status(signedInUser()),
    devices: async () => twoFactor.devices.list(signedInUser()),
    forget: async (deviceId) => reply(await twoFactor.devices.revoke(signedInUser(), deviceId), () => ({})),
    signOut: () => {
      session = newSession();
    },
  };
}
