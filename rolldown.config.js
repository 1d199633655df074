// The code of the package: each door that package.json exports, and the few files that doors share, so that a first
// import reads a handful of files. tsc writes the declarations. Dependencies stay outside, nothing is minified, and a
// stack trace shows the names of the source.

import { readFileSync } from "node:fs";
import { defineConfig } from "rolldown";

const { exports, bin } = JSON.parse(readFileSync("package.json", "utf8"));
const doors = [...Object.values(exports), ...Object.values(bin)]
  .filter((path) => path.endsWith(".js"))
  .map((path) => /^(?:\.\/)?dist\/(.+)\.js$/.exec(path)[1]);

/** What doors share, from the ground up: a module lies in the first of these that names it or what imports it. */
const SHARED = [
  ["ground", /\/src\/(errors|internal\/(bytes|check|runtime|volatile))\.ts$/],
  ["codes", /\/src\/(otp\/.+|internal\/(canonical|hmac))\.ts$/],
  ["sql", /\/src\/stores\/(sql|sqlite-dialect)\.ts$/],
  ["device-cookie", /\/src\/device-cookie\.ts$/],
  ["service", /\/src\/two-factor\/(?!administration).+\.ts$/],
  ["contract", /\/src\/testing\/contract\/bench\.ts$/],
  ["administration", /\/src\/two-factor\/administration\.ts$/],
];

export default defineConfig({
  input: Object.fromEntries(doors.map((door) => [door, `src/${door}.ts`])),
  external: /^[^./]/,
  platform: "neutral",
  output: {
    dir: "dist",
    chunkFileNames: "shared/[name].js",
    codeSplitting: { groups: SHARED.map(([name, test]) => ({ name, test })) },
    minifyInternalExports: false,
    comments: { jsdoc: false },
    sourcemap: true,
    sourcemapExcludeSources: true,
  },
});
