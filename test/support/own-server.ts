/** Database servers of the tests' own, which may be killed: with the durability settings that the stores' pages ask for. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Kind } from "./open-store.ts";
import { POSTGRES_URL } from "./servers.ts";

type ServerKind = Extract<Kind, "PostgreSQL" | "MariaDB" | "Redis"> | "PgBouncer";

export interface OwnServer {
  url: string;
  /** Ends the server as a crash does, and starts it again over the same files. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

interface Recipe {
  binary: string | undefined;
  /** The account to run under: these servers refuse to be root. */
  account: "postgres" | "mysql" | undefined;
  prepare: (folder: string) => string[] | undefined;
  run: (folder: string, port: number) => string[];
  url: (port: number) => string;
  signal: "SIGQUIT" | "SIGKILL";
}

const POSTGRES_BIN = newest("/usr/lib/postgresql", "bin");

const RECIPES: Readonly<Record<ServerKind, Recipe>> = {
  PostgreSQL: {
    binary: found(join(POSTGRES_BIN, "postgres")),
    account: "postgres",
    prepare: (folder) => [
      join(POSTGRES_BIN, "initdb"),
      "-D",
      join(folder, "data"),
      "-U",
      "postgres",
      "--auth=trust",
      "--no-sync",
    ],
    run: (folder, port) => ["-D", join(folder, "data"), "-p", String(port), "-k", folder, "-h", "127.0.0.1"],
    url: (port) => `postgres://postgres@127.0.0.1:${port}/postgres`,
    signal: "SIGQUIT", // immediate shutdown: recovery from the log, without orphans that hold the shared memory
  },
  MariaDB: {
    binary: found("/usr/sbin/mariadbd"),
    account: "mysql",
    prepare: (folder) => [
      "mariadb-install-db",
      "--no-defaults",
      `--datadir=${join(folder, "data")}`,
      "--auth-root-authentication-method=normal",
    ],
    run: (folder, port) => [
      "--no-defaults",
      `--datadir=${join(folder, "data")}`,
      `--port=${port}`,
      `--socket=${join(folder, "socket")}`,
      "--bind-address=127.0.0.1",
      "--innodb-flush-log-at-trx-commit=1",
      "--innodb-buffer-pool-size=16M",
    ],
    url: (port) => `mysql://root@127.0.0.1:${port}/test`,
    signal: "SIGKILL",
  },
  // A few connections to the server for all clients, which change hands with each transaction.
  PgBouncer: {
    binary: found("/usr/sbin/pgbouncer"),
    account: "postgres",
    prepare: () => undefined,
    run(folder, port) {
      const { hostname, port: behind, username, pathname } = new URL(POSTGRES_URL);
      const database = `${pathname.slice(1)} = host=${hostname} port=${behind || 5432} user=${username}`;
      const settings = [
        ...[`listen_addr = 127.0.0.1`, `listen_port = ${port}`, "unix_socket_dir =", "auth_type = any"],
        ...["pool_mode = transaction", "default_pool_size = 4", "max_client_conn = 100"],
      ];
      const file = join(folder, "pgbouncer.ini");
      writeFileSync(file, ["[databases]", database, "[pgbouncer]", ...settings, ""].join("\n"));
      return [file];
    },
    url: (port) => Object.assign(new URL(POSTGRES_URL), { hostname: "127.0.0.1", port: String(port) }).href,
    signal: "SIGKILL",
  },
  Redis: {
    binary: found("/usr/bin/redis-server"),
    account: undefined,
    prepare: () => undefined,
    run: (folder, port) => [
      "--port",
      String(port),
      "--dir",
      folder,
      "--bind",
      "127.0.0.1",
      "--appendonly",
      "yes",
      "--appendfsync",
      "always",
    ],
    url: (port) => `redis://127.0.0.1:${port}`,
    signal: "SIGKILL",
  },
};

/** Why a server of that kind is not started, for a suite's `skip`: it takes seconds, so only CI does it unasked. */
export function skipOwnServer(kind: ServerKind): false | string {
  const { CI, OWN_SERVERS } = process.env;
  if (!CI && !OWN_SERVERS) return "starts a server of its own: set OWN_SERVERS=1";
  if (RECIPES[kind].binary) return false;
  throw new Error(`no ${kind} server is installed, and CI must not skip`);
}

export async function startServer(kind: ServerKind, ...more: string[]): Promise<OwnServer> {
  const { binary = "", account, prepare, run, url, signal } = RECIPES[kind];
  const folder = mkdtempSync(join(tmpdir(), "twinlock-server-"));
  const runAs = process.getuid?.() === 0 ? account : undefined;
  if (runAs) give(folder, runAs);
  const command = (args: string[]): [string, string[]] =>
    runAs
      ? ["setpriv", [`--reuid=${runAs}`, `--regid=${runAs}`, "--clear-groups", ...args]]
      : [args[0] ?? "", args.slice(1)];

  const preparation = prepare(folder);
  if (preparation) {
    const { status, stderr } = spawnSync(...command(preparation), { cwd: folder, encoding: "utf8" });
    if (status !== 0) throw new Error(`${kind}: ${stderr}`);
  }
  const port = await freePort();
  const start = async (): Promise<ChildProcess> => {
    const server = spawn(...command([binary, ...run(folder, port), ...more]), {
      cwd: folder,
      stdio: "ignore",
    });
    await answering(port, server);
    return server;
  };
  let server = await start();
  const kill = async (how: NodeJS.Signals): Promise<void> => {
    server.kill(how);
    await once(server, "exit");
  };
  return {
    url: url(port),
    async crash() {
      await kill(signal);
      server = await start();
    },
    async stop() {
      await kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function newest(folder: string, inside: string): string {
  const [version] = existsSync(folder) ? readdirSync(folder).sort((a, b) => Number(b) - Number(a)) : [];
  return join(folder, version ?? "none", inside);
}

function found(path: string): string | undefined {
  return existsSync(path) ? path : undefined;
}

function give(folder: string, account: string): void {
  const id = (flag: string): number => Number(spawnSync("id", [flag, account], { encoding: "utf8" }).stdout);
  chownSync(folder, id("-u"), id("-g"));
  chmodSync(folder, 0o700);
}

/** A port that is free now, and low enough that a Redis cluster can talk on the one 10,000 above it. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  const port = address && typeof address === "object" ? address.port : 0;
  return port < 55_000 ? port : freePort();
}

/** Waits until the port takes connections; a server that ends first has failed. */
async function answering(port: number, server: ChildProcess): Promise<void> {
  while (server.exitCode === null) {
    const socket = connect(port, "127.0.0.1");
    const connected = await new Promise((resolve) => {
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    });
    socket.destroy();
    if (connected) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the server ended with ${server.exitCode}`);
}
