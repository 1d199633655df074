// Which test files make up which suite, and which of them cannot run where, each with its reason.
import { readdirSync } from "node:fs";

const BUNDLED = ["workerd", "workerd plain", "Chromium"]; // no files, no processes, no sockets, no native modules
const BARE = ["workerd plain", "Chromium"]; // and nothing of Node's

/** The first match decides. `on` names runtimes; without it, all. */
const EXCEPTIONS = [
  {
    files: /^(architecture|cli|docs|evidence\/defects|examples|package|standards|types)\b/,
    reason: "tests the repository, not the runtime, so `npm test` runs it once",
  },
  {
    files: /^stores\/(attack|faults|redis-cluster|restart|sigkill)\b/,
    reason: "tests what servers and processes do when they die, so `npm test` runs it once",
  },
  {
    files: /^(stores\/(?!(memory|sql)\b)|guessing\/rollback\b)/,
    on: BUNDLED,
    reason: "needs sockets, files or a native database driver",
  },
  {
    files: /^stores\/(?!(memory|sql)\b)/,
    on: ["Node 20", "Node 22", "Node 24"],
    reason: "runs on the oldest Node and on the newest",
  },
  {
    files: /^(qr|testing\/scan-image)\b/,
    on: BUNDLED,
    reason: "paints and reads the drawing with native libraries",
  },
  {
    files: /^errors\b/,
    on: BUNDLED,
    reason: "looks for its own file in a stack, and a bundle has another name",
  },
  { files: /^(internal\/platform|keyring)\b/, on: BARE, reason: "compares with node:crypto" },
  {
    files: /^two-factor\/(at-rest|outcomes|taint)\b/,
    on: BARE,
    reason: "looks for secrets with Buffer and with node:util's inspect",
  },
];

/** The suites by name: a folder of test/, or one of its files; of stores/, each file. */
export function suites() {
  const byName = new Map();
  const files = readdirSync("test", { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts") && !/node_modules|^(runtimes|bench)\//.test(file))
    .sort();
  for (const file of files) {
    const name = /^stores\/|^[^/]+$/.test(file) ? file.replace(".test.ts", "") : file.replace(/\/.*/, "");
    byName.set(name, [...(byName.get(name) ?? []), file]);
  }
  return byName;
}

/** Why a file does not run on a runtime, or undefined where it does. */
export function exception(file, runtime) {
  return EXCEPTIONS.find(({ files, on }) => files.test(file) && (on?.includes(runtime) ?? true))?.reason;
}
