// Builds a project with each bundler and framework from the packed package, and lets it enroll somebody and sign in.
// Arguments choose consumers by a part of their name.
import { spawn } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join, resolve } from "node:path";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { chromium } from "playwright-core";
import { inFolder, pack, run } from "../pack.js";

const HERE = import.meta.dirname;
const RUNTIMES = resolve("test/tools/runtimes/node_modules");
const PAGE = readFileSync("docs/runtimes.md", "utf8");
const WANT = "ada enrolled and signed in";
const CHROMIUM = [process.env.CHROMIUM ?? "", "/usr/bin/chromium"].find((path) => existsSync(path));

/** Each gives what its program said. */
const CONSUMERS = {
  async "esbuild, on Node"(folder) {
    await bundle(folder, "main.js", { platform: "node" });
    return run(process.execPath, ["esbuild/main.js"], { cwd: folder });
  },
  async "esbuild, in Chromium"(folder) {
    cpSync(join(folder, "index.html"), join(folder, "page/index.html"));
    await bundle(folder, "walk.js", { platform: "browser", outdir: join(folder, "page") });
    return inChromium(join(folder, "page"));
  },
  "Vite, in Chromium"(folder) {
    run(process.execPath, ["node_modules/vite/bin/vite.js", "build", "--outDir", "vite-dist"], {
      cwd: folder,
    });
    return inChromium(join(folder, "vite-dist"));
  },
  "webpack, on Node"(folder) {
    run(process.execPath, ["webpack.js"], { cwd: folder });
    return run(process.execPath, ["webpack-dist/main.cjs"], { cwd: folder });
  },
  "Next.js, a route and one on the edge runtime": (folder) => {
    const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1" };
    const next = "node_modules/next/dist/bin/next";
    run(process.execPath, [next, "build", "next"], { cwd: folder, env });
    return fromServer([next, "start", "next", "--port", "0"], ["/walk", "/edge"], folder, env);
  },
  "jest, from CommonJS": (folder) => inJest(folder, "Babel"),
  "ts-jest, from CommonJS": (folder) => inJest(folder, "ts-jest"),
  async "a Worker with D1"(folder) {
    await bundle(folder, "worker.js", { platform: "browser", conditions: ["workerd", "worker", "browser"] });
    return inWorker(join(folder, "esbuild/worker.js"), "2026-04-01", ["nodejs_compat"]);
  },
  async "a Worker with D1, before Workers had node:crypto"(folder) {
    await bundle(folder, "worker.js", { platform: "browser", conditions: ["workerd", "worker", "browser"] });
    return inWorker(join(folder, "esbuild/worker.js"), "2023-03-01", []);
  },
  Deno: (folder) => run(join(RUNTIMES, ".bin/deno"), ["run", "-A", "main.js"], { cwd: folder }),
  Bun: (folder) => run(join(RUNTIMES, ".bin/bun"), ["run", "main.js"], { cwd: folder }),
  "Bun's bundler"(folder) {
    run(join(RUNTIMES, ".bin/bun"), ["build", "main.js", "--target=bun", "--outfile=bun.js"], {
      cwd: folder,
    });
    return run(join(RUNTIMES, ".bin/bun"), ["run", "bun.js"], { cwd: folder });
  },
};

const wanted = process.argv.slice(2);
let failures = 0;
await inFolder(async (folder) => {
  for (const file of readdirSync(HERE)) {
    if (file !== "node_modules") cpSync(join(HERE, file), join(folder, file), { recursive: true });
  }
  run("npm", ["install", "--no-audit", "--no-fund", pack(folder).tarball], { cwd: folder });
  for (const [name, consumer] of Object.entries(CONSUMERS)) {
    if (wanted.length > 0 && !wanted.some((word) => name.includes(word))) continue;
    try {
      const said = (await consumer(folder)).trim();
      if (said !== WANT) throw new Error(`it said ${JSON.stringify(said)}`);
      console.log(`ok    ${name}`);
    } catch (error) {
      failures++;
      console.log(`FAIL  ${name}\n${error.stack}`);
    }
  }
});
process.exit(failures === 0 ? 0 : 1);

function bundle(folder, entry, options) {
  return build({
    ...{ entryPoints: [join(folder, entry)], outdir: join(folder, "esbuild"), bundle: true, format: "esm" },
    ...{ external: ["node:*"], logLevel: "silent", ...options },
  });
}

/** Serves a folder to Chromium, and waits for the title that the page gives itself. */
async function inChromium(folder) {
  const types = { ".html": "text/html", ".js": "text/javascript" };
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage();
    const errors = [];
    page.on("pageerror", (error) => errors.push(error));
    await page.route("**/*", (route) => {
      const { pathname } = new URL(route.request().url());
      const file = join(folder, pathname === "/" ? "index.html" : pathname);
      if (!existsSync(file)) return route.fulfill({ status: 404 });
      return route.fulfill({ contentType: types[extname(file)], body: readFileSync(file) });
    });
    await page.goto("https://consumer.test/");
    await page.waitForFunction("document.title !== 'Consumer'").catch(() => {
      throw errors[0] ?? new Error("the page's program did not end");
    });
    return await page.title();
  } finally {
    await browser.close();
  }
}

async function inWorker(file, compatibilityDate, compatibilityFlags) {
  const script = readFileSync(file, "utf8");
  const options = { modules: true, script, compatibilityDate, compatibilityFlags, d1Databases: ["DB"] };
  const worker = new Miniflare(options);
  try {
    return await (await worker.dispatchFetch("http://worker.test/")).text();
  } finally {
    await worker.dispose();
  }
}

/** Runs a test with the settings that docs/runtimes.md has under this name. */
function inJest(folder, name) {
  const settings = new RegExp(`jest\\.config\\.js, with ${name}\\n([\\s\\S]*?)\\n\`\`\``).exec(PAGE)?.[1];
  const test = name === "Babel" ? "walk.test.js" : "walk.test.ts";
  const project = join(folder, "commonjs");
  cpSync(join(folder, "walk.js"), join(project, "walk.js"));
  writeFileSync(join(project, "jest.config.js"), settings);
  run(process.execPath, ["../node_modules/jest/bin/jest.js", "--ci", `--testMatch=**/${test}`], {
    cwd: project,
  });
  return WANT;
}

/** Starts a server, asks it for each path once it has printed where it listens, and stops it. */
async function fromServer(args, paths, cwd, env) {
  const server = spawn(process.execPath, args, { cwd, env, stdio: ["ignore", "pipe", "inherit"] });
  try {
    let printed = "";
    for await (const chunk of server.stdout) {
      printed += chunk;
      const address = /http:\/\/localhost:\d+/.exec(printed)?.[0];
      if (!address) continue;
      const said = await Promise.all(paths.map(async (path) => (await fetch(address + path)).text()));
      return said.find((text) => text !== WANT) ?? WANT;
    }
    throw new Error(printed);
  } finally {
    server.kill();
  }
}
