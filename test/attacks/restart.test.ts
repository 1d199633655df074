import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { TwoFactorError } from "../../src/index.ts";
import { freshId } from "../../src/testing/contract/bench.ts";
import { createTestTwoFactor, virtualAuthenticator } from "../../src/testing/index.ts";
import { type OpenStore, openStore } from "../support/open-store.ts";
import { type OwnServer, skipOwnServer, startServer } from "../support/own-server.ts";

const binding = null;

for (const kind of ["PostgreSQL", "MariaDB", "Redis"] as const) {
  describe(`${kind} that crashes and comes back`, { skip: skipOwnServer(kind) }, () => {
    let server: OwnServer;
    let opened: OpenStore;
    before(async () => {
      server = await startServer(kind);
      opened = await openStore({ kind, url: server.url, table: "restart" });
      await until(() => opened.migrate()); // the port may take connections before the server takes statements
    });
    after(async () => {
      await opened.close().catch(() => {});
      await server.stop();
    });

    test("forgets no code that it has accepted, and everybody can go on", async () => {
      const { twoFactor, clock } = createTestTwoFactor({ store: opened.store });
      const phone = virtualAuthenticator({ clock });
      const userId = freshId();
      const begun = await twoFactor.enrollment.begin(userId, { accountName: userId, binding });
      assert.ok(begun.ok);
      phone.scan(begun.keyUri);
      const { enrollmentId } = begun;
      assert.ok(
        (await twoFactor.enrollment.confirm(userId, { enrollmentId, code: phone.code(), binding })).ok,
      );

      const verify = (code: string) => twoFactor.verify(userId, code, { binding });
      for (let crash = 0; crash < 3; crash++) {
        clock.advance(30);
        const before = phone.code();
        assert.ok((await verify(before)).ok);
        clock.advance(30);
        const during = phone.code();
        const attempt = verify(during).then(
          (result) => result.ok,
          (error) => {
            assert.ok(error instanceof TwoFactorError && error.code === "store_unavailable");
            return false;
          },
        );
        await server.crash();
        const accepted = await attempt;

        const [again, second, third] = await until(async () => [
          await twoFactor.verify(userId, before, { binding }),
          await twoFactor.verify(userId, during, { binding }),
          await twoFactor.verify(userId, during, { binding }),
        ]);
        assert.equal(again?.ok, false, "a code that was accepted before the crash was accepted after it");
        const times = [accepted, second?.ok, third?.ok].filter(Boolean).length;
        assert.ok(times <= 1, `a code was accepted ${times} times around the crash`);
      }
      clock.advance(30);
      assert.ok((await verify(phone.code())).ok);
    });
  });
}

/** Tries until the server has recovered; an attempt that fails has revealed nothing. */
async function until<T>(run: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await run();
    } catch (error) {
      if (tries === 600) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
