import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { after, test } from "node:test";
import { fakeClock } from "../../../src/testing/index.ts";
import { fixtureOf, READINGS, readersOf, removeReaders } from "../../support/old-systems.ts";
import { binding, must, outcome, USER, type World, world } from "../../support/world.ts";

// The readers of old rows stand in docs/migration; here they read rows of 32 systems.
after(removeReaders);

/** Keep bcrypt digests, which take seconds in JavaScript: test/pages/migration.test.ts types all of their codes. */
const SLOW = ["devise-two-factor-4", "devise-two-factor-6", "nextcloud", "wordpress-two-factor"];

/** Types a code in two instances at once: it has to be good exactly once. */
async function onceAtTwo(w: World, code: string): Promise<void> {
  const other = world(w.options);
  const both = await Promise.all([w, other].map((one) => one.twoFactor.verify(USER, code, { binding })));
  assert.equal(both.filter(({ ok }) => ok).length, 1, both.map(outcome).join());
}

const fixtures = readdirSync("test/support/fixtures/migration").filter((file) => file.endsWith(".json"));

test("a page reads each of the 32 systems", () => {
  assert.deepEqual(fixtures.map((file) => file.replace(".json", "")).sort(), Object.keys(READINGS).sort());
});

for (const [name, { page, read, which }] of Object.entries(READINGS)) {
  const fixture = fixtureOf(name);
  const few = SLOW.includes(name) ? 1 : 16;
  const told = new Map<string, string | null>();

  for (const way of ["legacy", "importEnrollment"] as const) {
    test(`${name}: each app code and each backup code is good once, by ${way}`, async () => {
      const readers = await readersOf(page);
      const { at, code, laterAt, laterCode, backupCodes } = fixture.expect;
      const said = read(fixture, readers);
      const legacy = {
        ...(way === "legacy" && { enrollment: () => said }),
        backupCode: async (_user: string, typed: string) => {
          if (!told.has(typed)) told.set(typed, (await which?.(fixture, typed, readers)) ?? null);
          return told.get(typed) ?? null;
        },
      };
      const clock = fakeClock();
      clock.set(at);
      const w = world({ clock, legacy, backupCodes: { length: 10 } });
      if (way === "importEnrollment") {
        const enrollments = "secret" in said ? [said] : said;
        const by = { actor: "migration", reason: "moved" };
        const { skipped } = must(await w.admin.importEnrollment(USER, { ...by, enrollments }));
        const stays = name === "time2fa" ? fixture.expect.backupCodes?.unused.length : 0;
        assert.equal(skipped.filter(({ reason }) => reason === "app_code_shape").length, stays);
      }
      await onceAtTwo(w, code);
      clock.set(laterAt);
      await onceAtTwo(w, laterCode);
      if (name === "time2fa") return; // six digits, as an app code has
      for (const unused of backupCodes?.unused.slice(0, few) ?? []) await onceAtTwo(w, unused);
      for (const used of backupCodes?.used?.slice(0, Math.min(few, 3)) ?? []) {
        assert.equal((await w.twoFactor.verify(USER, used, { binding })).ok, false);
      }
    });
  }
}
