// Which test files make up which suite, and which of them cannot run where, each with its reason.
import { readdirSync } from "node:fs";

const BUNDLED = ["workerd", "workerd plain", "Chromium"]; // no files, no processes, no sockets, no native modules
const BARE = ["workerd plain", "Chromium"]; // and nothing of Node's

/** The first match decides. `on` names runtimes; without it, all. */
const EXCEPTIONS = [
  {
    files: /^(pages|tools)\/|^unit\/(architecture|cli|docs|package|types)\b/,
    reason: "tests the repository, not the runtime, so `npm test` runs it once",
  },
  {
    files: /^attacks\/(processes|restart|rolling-deploy|sigkill)\b|^unit\/stores\/(faults|redis-cluster)\b/,
    reason: "tests what servers and processes do when they die, so `npm test` runs it once",
  },
  {
    files: /^unit\/stores\/(?!(memory|sql)\b)|^model\/guessing\/rollback\b/,
    on: BUNDLED,
    reason: "needs sockets, files or a native database driver",
  },
  {
    files: /^unit\/stores\/(?!(memory|sql)\b)/,
    on: ["Node 20", "Node 22", "Node 24"],
    reason: "runs on the oldest Node and on the newest",
  },
  {
    files: /^unit\/(qr|internal\/png|testing\/scan-image)\b/,
    on: BUNDLED,
    reason: "paints and reads the drawing with libraries of Node's",
  },
  {
    files: /^unit\/internal\/first-use\b/,
    on: BUNDLED,
    reason: "loads a module again and again, and a bundle has each once",
  },
  {
    files: /^unit\/errors\b/,
    on: BUNDLED,
    reason: "looks for its own file in a stack, and a bundle has another name",
  },
  { files: /^unit\/device-cookie\b/, on: ["Chromium"], reason: "a page may not read Set-Cookie" },
  { files: /^unit\/(internal\/platform|keyring)\b/, on: BARE, reason: "compares with node:crypto" },
  {
    files: /^attacks\/(at-rest|fuzz-legacy|taint)\b|^unit\/two-factor\/outcomes\b/,
    on: BARE,
    reason: "looks for secrets with Buffer and with node:util's inspect",
  },
];

/** The suites by name: a folder of test/ or of test/unit/, or a file there; of the stores, each file. */
export function suites() {
  const byName = new Map();
  const files = readdirSync("test", { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts") && !file.includes("node_modules"))
    .sort();
  for (const file of files) {
    const path = file.replace(/^unit\//, "").replace(".test.ts", "");
    const name = path.startsWith("stores/") ? path : path.replace(/\/.*/, "");
    byName.set(name, [...(byName.get(name) ?? []), file]);
  }
  return byName;
}

/** Why a file does not run on a runtime, or undefined where it does. */
export function exception(file, runtime) {
  return EXCEPTIONS.find(({ files, on }) => files.test(file) && (on?.includes(runtime) ?? true))?.reason;
}
