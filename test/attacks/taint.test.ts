import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { createAdmin } from "../../src/admin.ts";
import { generateKey } from "../../src/keyring.ts";
import { decodeBase32 } from "../../src/otp/base32.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { createTwoFactor } from "../../src/two-factor/create.ts";
import {
  binding,
  challengeOf,
  enrolled,
  must,
  nextCode,
  PASSWORD,
  USER,
  type World,
  withPassword,
  world,
  wrongCode,
} from "../support/world.ts";

/** The fields that exist to show something once, by method. Everything else is free of it. */
const SHOWN: Readonly<Record<string, readonly string[]>> = {
  "signIn.begin": ["challenge"],
  "signIn.complete": ["elevation", "device.token"],
  verify: ["elevation", "device.token"],
  reauthenticate: ["elevation"],
  "enrollment.begin": ["secret", "manualEntryKey", "keyUri"],
  "enrollment.confirm": ["backupCodes.codes", "signIn.elevation", "signIn.device.token"],
  "enrollment.acknowledge": ["signIn.elevation", "signIn.device.token"],
  "backupCodes.regenerate": ["codes"],
};

/** A copy without the fields at the given paths; what was taken out is remembered as secret. */
function withoutShown(value: unknown, paths: readonly string[], secrets: Set<string>): unknown {
  const copy = structuredClone(value);
  for (const path of paths) {
    const names = path.split(".");
    const last = names.pop() ?? "";
    let at: unknown = copy;
    for (const name of names) at = (at as Record<string, unknown> | null | undefined)?.[name];
    const holder = at as Record<string, unknown> | null | undefined;
    if (!holder || !(last in holder)) continue;
    for (const secret of [holder[last]].flat()) {
      if (typeof secret === "string") secrets.add(secret);
    }
    delete holder[last];
  }
  return copy;
}

/** Calls go through, and whatever comes back is kept for the inspection. */
function recorded<T extends object>(target: T, keep: (path: string, value: unknown) => void, prefix = ""): T {
  return new Proxy(target, {
    get(object, name) {
      const path = prefix + String(name);
      const inner = Reflect.get(object, name) as unknown;
      if (typeof inner === "object" && inner !== null) return recorded(inner, keep, `${path}.`);
      if (typeof inner !== "function") return inner;
      return async (...args: unknown[]) => {
        try {
          const result = await inner(...args);
          keep(path, result);
          return result;
        } catch (error) {
          keep(`${path} (thrown)`, error);
          throw error;
        }
      };
    },
  });
}

/** Every form in which a secret could be printed. */
function forms(secret: string): string[] {
  const bytes = /^[A-Z2-7]{32}$/.test(secret) ? [Buffer.from(decodeBase32(secret))] : [];
  const raw = [...bytes, Buffer.from(secret)];
  return [secret, secret.toLowerCase(), ...raw.flatMap((b) => [b.toString("hex"), b.toString("base64")])];
}

interface Inspection {
  w: World;
  secrets: Set<string>;
  /** What could be seen, as text, and where. */
  seen: [where: string, text: string][];
}

function inspection(w: World): Inspection {
  const secrets = new Set([w.options.keys ?? "", PASSWORD, binding]);
  const seen: Inspection["seen"] = [];
  const keep = (path: string, value: unknown) => {
    const clean = value instanceof Error ? value : withoutShown(value, SHOWN[path] ?? [], secrets);
    const print = (depth: number | null) =>
      inspect(clean, { depth, showHidden: true, maxStringLength: null });
    seen.push([path, `${JSON.stringify(clean)} ${print(null)} ${String(clean)}`]);
    if (value instanceof Error) seen.push([path, `${value.message} ${value.stack}`]);
  };
  return { w: { ...w, twoFactor: recorded(w.twoFactor, keep) }, secrets, seen };
}

function assertClean({ w, secrets, seen }: Inspection): void {
  for (const event of w.events)
    seen.push(["an event", `${JSON.stringify(event)} ${inspect(event, { depth: null })}`]);
  seen.push(["the service", inspect(w.twoFactor, { depth: null, showHidden: true })]);
  for (const secret of secrets) {
    assert.ok(secret.length >= 5, "a marker too short to be told from chance");
    for (const form of forms(secret)) {
      for (const [where, text] of seen) {
        const withoutInstants = text.replace(/\b\d{13}\b/g, "an instant"); // which may hold any six digits
        assert.ok(!withoutInstants.includes(form), `${where} shows a secret`);
      }
    }
  }
}

async function silently(run: () => Promise<void>): Promise<void> {
  const names = ["log", "info", "warn", "error", "debug", "trace"] as const;
  const originals = names.map((name) => console[name]);
  for (const name of names) console[name] = () => assert.fail("the library logged something");
  try {
    await run();
  } finally {
    names.forEach((name, i) => {
      console[name] = originals[i] ?? console[name];
    });
  }
}

test("V71 O3 a whole life shows each secret once, in the field for it, and logs none", () =>
  silently(async () => {
    const inspected = inspection(world({ ...withPassword, backupCodes: { acknowledge: true } }));
    const { w, secrets } = inspected;
    const { twoFactor } = w;
    const password = PASSWORD;
    const typed = (code: string) => {
      secrets.add(code).add(code.replaceAll(" ", ""));
      return code;
    };
    const begun = must(await twoFactor.enrollment.begin(USER, { accountName: "a", password, binding }));
    w.phone.scan(begun.keyUri);
    const { enrollmentId } = begun;
    const context = { device: "Firefox", ip: "192.0.2.1" };
    const wrong = { enrollmentId, code: typed("914 371"), binding, context };
    await twoFactor.enrollment.confirm(USER, wrong);
    const right = { enrollmentId, code: typed(w.phone.code()), binding, context };
    const confirmed = must(await twoFactor.enrollment.confirm(USER, right));
    await twoFactor.status(USER);
    const { batchId, codes } = confirmed.backupCodes ?? { batchId: "", codes: [] };
    const active = must(await twoFactor.enrollment.acknowledge(USER, { batchId, binding, context }));
    w.clock.advance(30);

    const deviceToken = active.signIn.device?.token;
    const step = await twoFactor.signIn.begin(USER, { binding, deviceToken, firstFactor: { amr: ["pwd"] } });
    assert.ok(step.step === "code");
    await twoFactor.signIn.complete(step.challenge, typed("271 828"), { binding, context });
    const trusting = { binding, trustDevice: true, context };
    const signedIn = must(await twoFactor.signIn.complete(step.challenge, typed(w.phone.code()), trusting));
    await twoFactor.signIn.complete(step.challenge, typed(nextCode(w)), { binding });
    await twoFactor.signIn.begin(USER, { binding, deviceToken });
    await twoFactor.verify(USER, typed(codes[0] ?? ""), { binding, context });
    await twoFactor.verify(USER, typed(codes[0] ?? ""), { binding, context });
    await twoFactor.verify(USER, typed("3141 5926"), { binding, context });
    await twoFactor.devices.list(USER);
    assert.equal((await twoFactor.status(USER)).state, "active");

    const proof = { elevation: signedIn.elevation, binding, context };
    must(await twoFactor.reauthenticate(USER, { password, code: typed(nextCode(w)), binding, context }));
    await twoFactor.reauthenticate(USER, { password: typed("hunter2 hunter2"), binding, context });
    const batch = must(await twoFactor.backupCodes.regenerate(USER, proof));
    must(await twoFactor.backupCodes.acknowledge(USER, { batchId: batch.batchId, context }));
    must(await twoFactor.enrollment.begin(USER, { accountName: "a", replace: true, ...proof }));
    must(await twoFactor.enrollment.cancel(USER, { binding: null }));
    must(await twoFactor.disable(USER, proof));
    await twoFactor.credentialChanged(USER, "password");
    await twoFactor.rewrap(USER);
    await twoFactor.status(USER);
    assert.ok(secrets.size > 35, `${secrets.size} secrets were followed`);
    assertClean(inspected);
  }));

test("V71 errors of stores, changed records and missing keys show no secret", () =>
  silently(async () => {
    const inner = memoryStore();
    const e = await enrolled({ store: inner });
    let mode: "down" | "junk" | "flipped" | "half" = "down";
    const row = await inner.get(USER);
    assert.ok(row);
    const get = async (userId: string) => {
      const found = await inner.get(userId);
      if (mode === "down") throw new Error("connection refused");
      if (mode === "junk") return { version: 7, data: null } as never;
      if (mode === "half") return found && { ...found, data: found.data.slice(0, 40) };
      return found && { ...found, data: `${found.data.slice(0, -1)}${found.data.endsWith("A") ? "B" : "A"}` };
    };
    const broken = world({ ...e.options, onEvent: undefined, store: { ...inner, get } });
    const inspected = inspection({ ...broken, phone: e.phone });
    const { w, secrets } = inspected;
    const challenge = await challengeOf(e);
    for (const secret of [e.secret, e.firstCode, ...e.codes, e.signIn.elevation, challenge])
      secrets.add(secret);
    for (mode of ["down", "junk", "flipped", "half"] as const) {
      const { twoFactor } = w;
      const code = wrongCode(e);
      secrets.add(code);
      const calls = [
        () => twoFactor.status(USER),
        () => twoFactor.signIn.complete(challenge, code, { binding }),
        () => twoFactor.verify(USER, e.codes[0], { binding }),
        () => twoFactor.disable(USER, { elevation: e.signIn.elevation, code, binding }),
      ];
      for (const call of calls) await assert.rejects(call, { name: "TwoFactorError" });
    }
    const otherKey = world({ ...e.options, onEvent: undefined, store: inner, keys: generateKey() });
    const other = inspection(otherKey);
    await assert.rejects(other.w.twoFactor.status(USER), { code: "key_unknown" });
    secrets.add(e.options.keys ?? "");
    inspected.seen.push(...other.seen);
    assertClean(inspected);
  }));

test("V71 H8 an error about a programmer's mistake names the argument and never shows its value", async () => {
  const marker = "MZXW6YTBOI2HK3DU";
  const good = { issuer: "Test", store: memoryStore(), keys: generateKey(), ...withPassword };
  const messages: string[] = [];
  const fail = async (run: () => unknown) => {
    try {
      await run();
    } catch (error) {
      messages.push(inspect(error, { depth: null }));
      return;
    }
    assert.fail("it should have thrown");
  };
  await fail(() => createTwoFactor({ ...good, keys: marker }));
  await fail(() => createTwoFactor({ ...good, keys: `${generateKey()} ${marker}` }));
  await fail(() => createTwoFactor({ ...good, keys: [marker, marker].join(" ") }));
  const by = { actor: "a", reason: "r" };
  const admin = createAdmin(good);
  await fail(() => admin.importEnrollment(USER, { ...by, secret: `${marker}!` }));
  await fail(() => admin.importEnrollment(USER, { ...by, secret: marker.slice(0, 8) }));
  const secret = "JBSWY3DPEHPK3PXP";
  await fail(() =>
    admin.importEnrollment(USER, { ...by, secret, backupCodes: [marker], legacyCodes: [marker] }),
  );
  await fail(() => admin.importEnrollment(USER, { ...by, secret, backupDigests: marker as never }));
  const { twoFactor } = world(withPassword);
  await fail(() => twoFactor.verify("a", marker, { binding: [marker] as never }));
  assert.equal(messages.length, 8);
  for (const message of messages) assert.ok(!message.includes(marker), message);
});
