import assert from "node:assert/strict";
import { test } from "node:test";
import { activeAuthenticator, type UserRecord } from "../../src/record.ts";
import type { UserStore } from "../../src/store.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import {
  faultyStore,
  type StoreCall,
  type StoreFault,
  type VirtualAuthenticator,
  virtualAuthenticator,
} from "../../src/testing/index.ts";
import {
  binding,
  countingStore,
  enrolled,
  must,
  outcome,
  recordOf,
  USER,
  type World,
  world,
} from "../support/world.ts";

const accountName = USER;
type Moment = "before" | "after";

/** The process dies at its n-th store call, before or after the store has carried it out; nothing comes back. */
function dyingStore(inner: UserStore, n: number, moment: Moment): UserStore {
  return faultyStore(inner, {
    plan({ index }) {
      if (index < n) return undefined;
      return index === n && moment === "after" ? "loseAnswer" : "fail";
    },
  });
}

/** A memory store whose writes, and no reads, meet with what `fault` gives. */
const writesThat = (fault: () => StoreFault | undefined): UserStore =>
  faultyStore(memoryStore(), { plan: ({ method }) => (method === "compareAndSet" ? fault() : undefined) });

/** What the person holds, and every code that was sent, as a witness would note it. */
interface Person {
  phones: VirtualAuthenticator[];
  codes: string[];
  sent: string[];
}

function newPhone(w: World, person: Person, keyUri: string): VirtualAuthenticator {
  const phone = virtualAuthenticator({ clock: w.clock });
  phone.scan(keyUri);
  person.phones.unshift(phone);
  return phone;
}

function send(w: World, person: Person, code: string): string {
  w.clock.advance(30);
  person.sent.push(code);
  return code;
}

/** From nothing through every kind of change, and back to nothing. */
async function live(w: World, person: Person): Promise<void> {
  const { twoFactor } = w;
  const begun = must(await twoFactor.enrollment.begin(USER, { accountName, binding }));
  const phone = newPhone(w, person, begun.keyUri);
  const { enrollmentId } = begun;
  const first = { enrollmentId, code: send(w, person, phone.code()), binding };
  const waiting = must(await twoFactor.enrollment.confirm(USER, first));
  person.codes = [...(waiting.backupCodes?.codes ?? [])];
  const batchId = waiting.backupCodes?.batchId;
  const { signIn } = must(await twoFactor.enrollment.acknowledge(USER, { batchId, binding }));
  const proof = { elevation: signIn.elevation, binding };
  w.clock.advance(30);
  must(await twoFactor.verify(USER, send(w, person, phone.code()), { binding, trustDevice: true }));
  must(await twoFactor.verify(USER, send(w, person, person.codes.shift() ?? ""), { binding }));
  await twoFactor.verify(USER, "00000000", { binding });
  const batch = must(await twoFactor.backupCodes.regenerate(USER, proof));
  person.codes = [...person.codes, ...batch.codes];
  must(await twoFactor.backupCodes.acknowledge(USER, { batchId: batch.batchId }));
  const next = must(await twoFactor.enrollment.begin(USER, { accountName, replace: true, ...proof }));
  const replacement = newPhone(w, person, next.keyUri);
  w.clock.advance(30);
  const second = { enrollmentId: next.enrollmentId, code: send(w, person, replacement.code()), binding };
  const shown = must(await twoFactor.enrollment.confirm(USER, second));
  person.codes = [...person.codes, ...(shown.backupCodes?.codes ?? [])];
  const again = { batchId: shown.backupCodes?.batchId, binding };
  must(await twoFactor.enrollment.acknowledge(USER, again));
  w.clock.advance(30);
  must(await twoFactor.disable(USER, { code: send(w, person, replacement.code()), binding }));
}

function assertLegal(record: UserRecord): void {
  const active = activeAuthenticator(record);
  if (active) {
    assert.ok(active.acceptedSteps.length > 0, "active without a code that was right");
    assert.notEqual(record.epoch, "");
  } else {
    assert.deepEqual([record.backupCodes, record.nextBackupCodes, record.devices], [null, null, []]);
    assert.notEqual(record.pending?.purpose, "replace");
  }
  if (record.pending?.batch) assert.notEqual(record.pending.verified, null);
}

/** Whoever holds what this person holds can go on: sign in, or begin anew. */
async function assertGoesOn(w: World, person: Person): Promise<void> {
  const { state } = await w.twoFactor.status(USER);
  for (const code of person.sent) {
    const replay = outcome(await w.twoFactor.verify(USER, code, { binding }));
    if (replay === "ok")
      assert.equal(outcome(await w.twoFactor.verify(USER, code, { binding })) !== "ok", true);
  }
  w.clock.advance(7_200);
  if (state !== "active") {
    must(await w.twoFactor.enrollment.begin(USER, { accountName, binding }));
    return;
  }
  const results = [];
  for (const phone of person.phones) {
    results.push(outcome(await w.twoFactor.verify(USER, phone.code(), { binding })));
  }
  assert.ok(results.includes("ok"), results.join());
}

async function callsOfALife(): Promise<number> {
  const counted = countingStore();
  await live(world({ store: counted.store, backupCodes: { acknowledge: true } }), {
    phones: [],
    codes: [],
    sent: [],
  });
  return counted.reads + counted.writes;
}

for (const moment of ["before", "after"] as const) {
  test(`V20 a crash at any store call, ${moment} it was carried out, leaves a legal state to go on from`, async () => {
    const calls = await callsOfALife();
    assert.ok(calls > 30, `${calls} calls`);
    for (let n = 0; n < calls; n++) {
      const inner = memoryStore();
      const person: Person = { phones: [], codes: [], sent: [] };
      const w = world({ store: dyingStore(inner, n, moment), backupCodes: { acknowledge: true } });
      await assert.rejects(
        live(w, person),
        { name: "TwoFactorError", code: "store_unavailable" },
        `call ${n}`,
      );
      const after = { ...w, ...world({ ...w.options, onEvent: undefined, store: inner, clock: w.clock }) };
      if ((await inner.get(USER)) !== null) assertLegal(await recordOf(after));
      await assertGoesOn(after, person);
      assertLegal(await recordOf(after));
    }
  });
}

test("V20 S1 a write whose answer is lost is found, written once more, and its outcome is revealed", async () => {
  let writes = 0;
  const store = writesThat(() => (writes++ % 2 === 0 ? "loseAnswer" : undefined));
  const person: Person = { phones: [], codes: [], sent: [] };
  await live(world({ store, backupCodes: { acknowledge: true } }), person);
  assert.ok(writes > 20);
});

test("V20 S1 a write that landed although the store said no is written again, and revealed once", async () => {
  let writes = 0;
  const person: Person = { phones: [], codes: [], sent: [] };
  const w = world({
    store: writesThat(() => (writes++ % 2 === 0 ? "deny" : undefined)),
    backupCodes: { acknowledge: true },
  });
  await live(w, person);
  const types = w.events.map(({ type }) => type);
  for (const type of ["enrolled", "replaced", "disabled"] as const) {
    assert.equal(types.filter((other) => other === type).length, 1, type);
  }
});

test("where other writes always come first nothing is revealed, and what may not fail quietly throws", async () => {
  let losing = false;
  const w = await enrolled({ store: writesThat(() => (losing ? "conflict" : undefined)) });
  losing = true;
  const { twoFactor } = w;
  for (const result of [
    await twoFactor.verify(USER, w.phone.code(), { binding }),
    await twoFactor.verify(USER, w.codes[0], { binding }),
    await twoFactor.disable(USER, { elevation: w.signIn.elevation, binding }),
    await twoFactor.devices.revoke(USER, (await twoFactor.devices.list(USER))[0]?.id ?? ""),
    await twoFactor.devices.revokeAll(USER),
  ]) {
    assert.equal(outcome(result), "conflict");
  }
  await assert.rejects(twoFactor.credentialChanged(USER, "password"), { code: "store_unavailable" });
  assert.equal(await twoFactor.rewrap(USER), false);
  losing = false;
  must(await twoFactor.verify(USER, w.phone.code(), { binding }));
});

test("V20 a write that never happened is not revealed, and nothing is charged twice for it", async () => {
  let refuse = false;
  const w = world({ store: writesThat(() => (refuse ? "fail" : undefined)) });
  const begun = must(await w.twoFactor.enrollment.begin(USER, { accountName, binding }));
  w.phone.scan(begun.keyUri);
  const { enrollmentId } = begun;
  const confirm = () => w.twoFactor.enrollment.confirm(USER, { enrollmentId, code: w.phone.code(), binding });
  refuse = true;
  await assert.rejects(confirm(), { code: "store_unavailable" });
  refuse = false;
  must(await confirm());
});

test("a store that answers neither yes nor no is a programmer's mistake, named", async () => {
  for (const answer of [undefined, 1, "true", { rowCount: 1 }]) {
    const inner = memoryStore();
    const store: UserStore = { get: inner.get, compareAndSet: async () => answer as unknown as boolean };
    const w = world({ store });
    await assert.rejects(
      w.twoFactor.enrollment.begin(USER, { accountName, binding }),
      /^TypeError: store\.compareAndSet: /,
    );
  }
});

test("a store call that never settles ends with the time-out", async () => {
  for (const stuck of ["get", "compareAndSet"] as const) {
    const plan = ({ method }: StoreCall) => (method === stuck ? "hang" : undefined);
    const w = world({ store: faultyStore(memoryStore(), { plan }) });
    const begun = w.twoFactor.enrollment.begin(USER, { accountName, binding });
    const settled = assert.rejects(begun, { name: "TwoFactorError", code: "store_unavailable" });
    for (let i = 0; i < 50; i++) await undefined; // until the call waits
    w.clock.advance(5);
    await settled;
  }
});
