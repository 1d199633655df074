/** The example in this process, on an SQLite file of its own and a clock that the test moves. */

import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTwoFactor, generateKey, type TwoFactor } from "twinlock";
import { fakeClock } from "twinlock/testing";
import { createApp } from "../../../examples/express/src/app.ts";
import { type Database, openSqlite } from "../../../examples/express/src/database.ts";
import { keepingPages } from "./documents.ts";

export interface Example {
  readonly origin: string;
  readonly database: Database;
  /** The library on the same records, for what would take a visitor too long. */
  readonly twoFactor: TwoFactor;
  readonly mails: readonly string[];
  /** Every route that the application has, such as "GET /settings", without the product before it. */
  readonly routes: readonly string[];
  now(): number;
  /** Moves the clock, in seconds. */
  advance(seconds: number): void;
  /** Stops the server and its database, and starts both again on the same port and file. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the example; the clock stands still at the beginning of a 30-second step. */
export async function startExample(options: { production?: boolean } = {}): Promise<Example> {
  const folder = mkdtempSync(join(tmpdir(), "twinlock-example-"));
  const keys = generateKey();
  const mails: string[] = [];
  const clock = fakeClock(Math.floor(Date.now() / 30_000) * 30_000); // the browser's own clock ends cookies

  async function start(port: number) {
    const database = await openSqlite(join(folder, "example.db"));
    const server = createServer().listen(port);
    await once(server, "listening");
    const { port: at } = server.address() as AddressInfo;
    const app = await createApp({
      ...options,
      origin: `http://localhost:${at}`,
      database,
      keys,
      sessionSecret: "a secret for tests alone, and of 32 characters",
      clock,
      mail: (to, subject) => mails.push(`${to}: ${subject}`),
    });
    server.on("request", keepingPages(app));
    const factors = { issuer: "Example", store: database.secondFactors, keys, clock };
    return {
      database,
      twoFactor: createTwoFactor({ ...factors, reauthentication: { enroll: "none" } }),
      routes: [...new Set(routesOf(app.router as unknown as Stack))],
      port: at,
      async close() {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
        await database.close();
      },
    };
  }

  let running = await start(0);
  return {
    get origin() {
      return `http://localhost:${running.port}`;
    },
    get database() {
      return running.database;
    },
    get twoFactor() {
      return running.twoFactor;
    },
    get routes() {
      return running.routes;
    },
    mails,
    now: clock.now,
    advance: clock.advance,
    async restart() {
      await running.close();
      running = await start(running.port);
    },
    async stop() {
      await running.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Express's own list of what it serves, as far as it can be seen. */
interface Stack {
  stack?: readonly { route?: { path: string; methods: Record<string, boolean> }; handle: Stack }[];
}

function routesOf({ stack = [] }: Stack): string[] {
  return stack.flatMap(({ route, handle }) =>
    route
      ? Object.keys(route.methods).map((method) => `${method.toUpperCase()} ${route.path}`)
      : routesOf(handle),
  );
}
