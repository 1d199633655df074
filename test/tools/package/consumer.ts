/** A host's code over every subpath, for the gate that compiles it with each compiler that we promise. */

import {
  type BackupCodeBatch,
  createTwoFactor,
  type Failure,
  formatBackupCodes,
  generateKey,
  guessRisk,
  messages,
  type SignInStep,
  type TwoFactor,
  TwoFactorError,
  type TwoFactorOptions,
  type UserStore,
} from "twinlock";
import { createAdmin } from "twinlock/admin";
import { cookieSession, createFlow, expressSession, type Flow, memoryEndedVisits } from "twinlock/flow";
import { formatKeyUri, matchTotp, type Secret, totp } from "twinlock/otp";
import { qrDataUrl, qrSvg, qrTerminal } from "twinlock/qr";
import { d1Store } from "twinlock/stores/d1";
import { dynamodbStore } from "twinlock/stores/dynamodb";
import { memoryStore } from "twinlock/stores/memory";
import { mongodbStore } from "twinlock/stores/mongodb";
import { mysqlStore } from "twinlock/stores/mysql";
import { postgresStore } from "twinlock/stores/postgres";
import { redisStore } from "twinlock/stores/redis";
import { sqliteStore } from "twinlock/stores/sqlite";
import { createTestTwoFactor, userStoreTests, virtualAuthenticator } from "twinlock/testing";

const store: UserStore = memoryStore();
const options: TwoFactorOptions = { issuer: "Acme", store, keys: generateKey(), verifyPassword: () => true };
const twoFactor: TwoFactor = createTwoFactor(options);

export async function enroll(password: string): Promise<BackupCodeBatch | null | Failure> {
  const binding = "one browser";
  const begun = await twoFactor.enrollment.begin("ada", {
    accountName: "ada@example.com",
    password,
    binding,
  });
  if (!begun.ok) return begun;
  const code: string = totp(begun.secret, { now: Date.now() });
  const { enrollmentId } = begun;
  const confirmed = await twoFactor.enrollment.confirm("ada", { enrollmentId, code, binding });
  return confirmed.ok ? confirmed.backupCodes : confirmed;
}

export async function signIn(code: string | undefined): Promise<string> {
  const step: SignInStep = await twoFactor.signIn.begin("ada", { binding: null });
  if (step.step !== "code") return step.step;
  const result = await twoFactor.signIn.complete(step.challenge, code, { binding: null });
  return result.ok ? result.userId : messages[result.reason];
}

export async function userOf(code: string): Promise<string> {
  const result = await twoFactor.verify("ada", code, { binding: null });
  // @ts-expect-error a failure has no user
  return result.userId;
}

interface Session {
  visit?: object;
}

const ended = memoryEndedVisits();
const flow: Flow<Session> = createFlow(twoFactor, (kept: Session) => ({
  session: {
    read: () => kept.visit,
    write: (visit) => Object.assign(kept, { visit }),
    renew: () => delete kept.visit,
  },
  ended,
  cookies: null,
  setCookie() {},
}));

export async function enterCode(session: Session, code: unknown): Promise<string> {
  const result = await flow.signIn.complete(session, code);
  // @ts-expect-error what is sealed stays in the session
  if (result.ok) return result.elevation;
  return messages[result.reason];
}

const secret: Secret = new Uint8Array(20);
export const step: number | undefined = matchTotp(secret, "123456", { now: Date.now() });
export const trouble = (error: unknown): string | undefined =>
  error instanceof TwoFactorError ? error.code : undefined;
export const others = [
  createAdmin(options).reset,
  formatBackupCodes,
  formatKeyUri,
  guessRisk(options).app.perGuess,
  [qrDataUrl, qrSvg, qrTerminal],
  [d1Store, dynamodbStore, mongodbStore, mysqlStore, postgresStore, redisStore, sqliteStore],
  [createFlow(twoFactor, expressSession), createFlow(() => twoFactor, cookieSession(ended))],
  [createTestTwoFactor, userStoreTests, virtualAuthenticator],
];
