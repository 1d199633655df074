// Runtimes without files: esbuild puts the test files and a small node:test into one script.
import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { execute, inFolder, lastJson } from "./commands.js";

const SHIMS = resolve("test/tools/runtimes/shims");
const WORKERD = "test/tools/runtimes/node_modules/.bin/workerd";
const CHROMIUM = [process.env.CHROMIUM ?? "", "/usr/bin/chromium"].find((path) => existsSync(path));

/** A bundle whose default export is a function without arguments. */
async function bundle(source, shims) {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: resolve("test"), sourcefile: "entry.js" },
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    external: ["node:*"],
    define: { "process.env": "{}" }, // where tests look for their own settings
    alias: Object.fromEntries(shims.map((name) => [`node:${name}`, join(SHIMS, `${name}.ts`)])),
    logLevel: "silent",
  });
  return outputFiles[0].text;
}

function bundledRuntime({ name, shims, evaluate }) {
  return {
    name,
    async test(files) {
      // Imported inside a function: Workers allow neither randomness nor timers while a module loads.
      const loads = files.map((file) => `() => import("./${file}")`);
      const source = `import { runTests } from "node:test"; export default () => runTests([${loads}]);`;
      const result = await evaluate(await bundle(source, shims));
      return { ...result, ok: result.failed === 0 };
    },
    async run(module, input) {
      const source = `import run from ${JSON.stringify(resolve(module))};
        export default () => run(${JSON.stringify(input)});`;
      return evaluate(await bundle(source, shims));
    },
  };
}

/** Workers' own runtime. Until the compatibility date of August 2026 it had no `process`, and no node:crypto. */
export function workerdRuntime({ name, date, shims }) {
  return bundledRuntime({
    name,
    shims,
    evaluate: (script) =>
      inFolder(async (folder) => {
        writeFileSync(join(folder, "script.js"), script);
        writeFileSync(
          join(folder, "main.js"),
          `import run from "script.js";
          export default { test: async () => console.log(JSON.stringify(await run())) };`,
        );
        writeFileSync(
          join(folder, "config.capnp"),
          `using Workerd = import "/workerd/workerd.capnp";
          const config :Workerd.Config = (services = [(name = "main", worker = (
            modules = [
              (name = "main.js", esModule = embed "main.js"),
              (name = "script.js", esModule = embed "script.js")
            ],
            compatibilityDate = "${date}"
          ))]);`,
        );
        return lastJson(await execute(WORKERD, ["test", join(folder, "config.capnp")]));
      }),
  });
}

export function chromiumRuntime({ name, shims }) {
  const origin = "https://twinlock.test"; // Web Crypto wants a secure context
  return bundledRuntime({
    name,
    shims,
    async evaluate(script) {
      if (!CHROMIUM) throw new Error("no Chromium: set CHROMIUM to its path");
      const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
      try {
        const page = await browser.newPage();
        await page.route(`${origin}/**`, (route) =>
          route.request().url().endsWith(".js")
            ? route.fulfill({ contentType: "text/javascript", body: script })
            : route.fulfill({ contentType: "text/html", body: "<!doctype html>" }),
        );
        await page.goto(origin);
        return await page.evaluate("import('/script.js').then(({ default: run }) => run())");
      } finally {
        await browser.close();
      }
    },
  });
}
