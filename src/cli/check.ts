/** `npx twinlock check`: finds what is wrong, or worth a second look, with your options and your store. */

import { createKeyring, type Keyring } from "../keyring.ts";
import { encodeRecord } from "../record/format.ts";
import { emptyRecord } from "../record.ts";
import type { StoredRecord, UserStore } from "../store.ts";
import { freshId, runCheck } from "../testing/contract/bench.ts";
import { QUICK_USER, quickChecks } from "../testing/contract/quick.ts";
import { createTwoFactor } from "../two-factor/create.ts";
import { guessRisk } from "../two-factor/guess-risk.ts";
import type { TwoFactorOptions } from "../two-factor/options.ts";
import { type ConfigurationWarning, configurationWarnings } from "../two-factor/warnings.ts";
import { loadOptions } from "./load.ts";
import { messageOf, within } from "./terminal.ts";

const ROOM = 8_000; // characters of a record before it is sealed, about the most that real ones have

/** Checks a module and says what it finds, line by line. It throws an error whose message says what is wrong. */
export async function check(path: string, say: (line: string) => void): Promise<void> {
  const options = await loadOptions(path);
  for (const { id, option, message } of accepted(options)) say(`warning  ${option}: ${message} (${id})`);
  say(`odds     ${oddsOf(options)}`);
  say(`store    checked on three rows of its own, "${QUICK_USER}" in three spellings; no other is touched`);
  const keyring = createKeyring(options.keys);
  const store = bounded(options);
  await openEarlier(store, keyring);
  const bench = { store, fresh: (userId: string) => freshRecord(keyring, userId) };
  for (const each of quickChecks) {
    await runCheck(each, async () => bench);
    say(`store    ${each.name}`);
  }
  say("Nothing is wrong.");
}

function accepted(options: TwoFactorOptions<string>): readonly ConfigurationWarning[] {
  try {
    createTwoFactor(options);
    return configurationWarnings(options);
  } catch (cause) {
    throw new Error(`The options are refused: ${messageOf(cause)}.`);
  }
}

function oddsOf(options: TwoFactorOptions<string>): string {
  const { perBurst, perYear } = guessRisk(options).leakedPassword;
  const oneIn = (odds: number) => `1 in ${Math.floor(1 / odds).toLocaleString("en")}`;
  return `whoever has a password guesses a code with at most ${oneIn(perBurst)} before a wait, ${oneIn(perYear)} in a year`;
}

/** Wraps the store so that every call ends in time. */
function bounded({ store, storeTimeout = 5 }: TwoFactorOptions<string>): UserStore {
  return {
    get: (userId) => within(storeTimeout, () => store.get(userId)),
    compareAndSet: (userId, expected, next) =>
      within(storeTimeout, () => store.compareAndSet(userId, expected, next)),
  };
}

/** Opens what an earlier check has sealed; if that fails, the keys are not those that the records need. */
async function openEarlier(store: UserStore, keyring: Keyring): Promise<void> {
  const row = await store.get(QUICK_USER).catch((cause: unknown) => {
    throw new Error(`The store cannot be read: ${messageOf(cause)}.`);
  });
  if (typeof row?.version !== "string" || typeof row.data !== "string") return; // the contract's checks tell
  await keyring
    .forUser(QUICK_USER)
    .open(row.version, row.data)
    .catch((cause: unknown) => {
      const mend = "put the earlier key back into `keys`, after the first";
      throw new Error(`keys: what an earlier check has sealed does not open (${messageOf(cause)}); ${mend}.`);
    });
}

/** Seals a record without a factor, as large as real ones, so that jobs that go through the table can open it. */
async function freshRecord(keyring: Keyring, userId: string): Promise<StoredRecord> {
  const version = freshId();
  const json = encodeRecord(emptyRecord()).padEnd(ROOM);
  return {
    version,
    data: await keyring.forUser(userId).seal(version, json),
    summary: { state: "none", enrolledAt: null, backupCodesActive: 0, keyId: keyring.keyId },
  };
}
