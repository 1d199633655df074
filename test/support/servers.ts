/** Where the tests find database servers: by environment variable, or on this machine's usual ports. */

import { connect } from "node:net";

export const POSTGRES_URL = process.env["POSTGRES_URL"] ?? "postgres://postgres@127.0.0.1:5432/test";
export const MYSQL_URL = process.env["MYSQL_URL"] ?? "mysql://root@127.0.0.1:3306/test";
export const REDIS_URL = process.env["REDIS_URL"] ?? "redis://127.0.0.1:6379";

/**
 * What a suite's `skip` option wants: false where the server answers, else the reason. Under CI a server that does
 * not answer is a failure, since a suite that is skipped there proves nothing.
 */
export async function skipUnless(url: string): Promise<false | string> {
  const { protocol, hostname, port } = new URL(url);
  const answers = await new Promise<boolean>((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.end());
  });
  if (answers) return false;
  const reason = `no ${protocol.slice(0, -1)} server at ${hostname}:${port}`;
  if (process.env["CI"]) throw new Error(`${reason}, and CI must not skip`);
  return reason;
}
