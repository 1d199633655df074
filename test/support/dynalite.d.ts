declare module "dynalite" {
  import type { Server } from "node:http";
  /** A server that is not yet listening; its tables are in memory. */
  export default function dynalite(options: { createTableMs: number }): Server;
}
