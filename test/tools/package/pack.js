// The package as it would be published, in an empty project.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { stage } from "./stage.js";

/** Runs a command and gives what it prints; what it prints to both streams is the error's message when it fails. */
export function run(command, args, { cwd = ".", env = process.env } = {}) {
  try {
    return execFileSync(command, args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    throw new Error(`${command} ${args.join(" ")}\n${error.stdout ?? ""}${error.stderr ?? error}`);
  }
}

/** What a command prints, whether it succeeds or fails. */
export function outputOf(command, args, { cwd = "." } = {}) {
  return spawnSync(command, args, { cwd, encoding: "utf8" }).stdout;
}

/** Does some work in a folder that exists for so long. */
export async function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), "twinlock-package-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Packs the built package as it is published: the path of the tarball, its size and its files. */
export function pack(folder) {
  const staged = join(folder, "staged");
  stage(staged);
  const [{ filename, size, files }] = JSON.parse(
    run("npm", ["pack", staged, "--json", "--pack-destination", folder]),
  );
  return { tarball: join(folder, filename), size, files: files.map((file) => file.path) };
}

/** Makes a folder a project that has the packed package installed. */
export function project(folder, tarball, type = "module") {
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "empty", private: true, type }));
  run("npm", ["install", "--no-audit", "--no-fund", tarball], { cwd: folder });
}

/** This Node, and those of test/tools/runtimes where they are installed; with --every-node they have to be. */
export function nodes() {
  const others = ["node20min", "node20", "node22", "node24", "node26"].map((folder) =>
    resolve(`test/tools/runtimes/node_modules/${folder}/bin/node`),
  );
  const missing = others.filter((path) => !existsSync(path));
  if (process.argv.includes("--every-node") && missing.length > 0)
    throw new Error(`no ${missing.join(", ")}`);
  return [process.execPath, ...others.filter((path) => !missing.includes(path))];
}
