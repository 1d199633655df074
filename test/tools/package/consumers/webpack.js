// webpack through its API, so that its command line need not be installed.
import { resolve } from "node:path";
import webpack from "webpack";

webpack(
  {
    mode: "production",
    target: "node20",
    entry: "./main.js",
    output: { path: resolve("webpack-dist"), filename: "main.cjs" },
  },
  (error, stats) => {
    if (!error && !stats.hasErrors()) return;
    console.error(error ?? stats.toString());
    process.exit(1);
  },
);
