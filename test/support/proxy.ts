/** A TCP proxy that breaks: it drops the connection before a request arrives, or after it and before the answer. */

import { connect, createServer, type Server, type Socket } from "node:net";

/** What happens to the next request: `before` never reaches the server, `after` loses its answer. */
export type Break = "before" | "after";

export interface BreakingProxy {
  /** The server's URL, through the proxy. */
  url: string;
  /** Breaks the next request that passes. */
  breakNext(how: Break): void;
  close(): void;
}

export async function breakingProxy(serverUrl: string): Promise<BreakingProxy> {
  const { hostname, port } = new URL(serverUrl);
  const open = new Set<Socket>();
  let next: Break | undefined;

  const server: Server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    let loseAnswer = false;
    const end = (): void => void [client, upstream].map((socket) => socket.destroy());
    for (const socket of [client, upstream]) {
      open.add(socket.once("close", end).on("error", end));
    }
    client.on("data", (request) => {
      const how = next;
      next = undefined;
      if (how === "before") return end();
      loseAnswer ||= how === "after";
      upstream.write(request);
    });
    upstream.on("data", (answer) => {
      if (loseAnswer) end();
      else client.write(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = new URL(serverUrl);
  const address = server.address();
  url.port = String(address && typeof address === "object" ? address.port : "");
  return {
    url: url.href,
    breakNext(how) {
      next = how;
    },
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
