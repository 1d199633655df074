/** As much of node:util as the portable tests use, for runtimes that have none. */

export { same as isDeepStrictEqual } from "./assert/strict.ts";
