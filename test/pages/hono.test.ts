import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { generateKey } from "twinlock";
import { walkJsonFlow } from "./support/json-flow.ts";

const example = fileURLToPath(new URL("../../examples/hono/", import.meta.url));

test("Hono on Workers with D1 enrolls and signs in", async () => {
  const { outputFiles } = await build({
    entryPoints: [`${example}worker.ts`],
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    conditions: ["workerd", "worker"],
  });
  const worker = new Miniflare({
    modules: true,
    script: outputFiles[0]?.text ?? "",
    compatibilityDate: "2026-01-01",
    d1Databases: ["DB"],
    bindings: { TWO_FACTOR_KEYS: generateKey() },
  });
  try {
    const database = await worker.getD1Database("DB");
    const schema = (await readFile(`${example}schema.sql`, "utf8")).replaceAll(/^--.*$/gm, "");
    for (const statement of schema.split(";")) {
      if (statement.trim() !== "") await database.prepare(statement).run();
    }
    await walkJsonFlow(async (path, { method, headers, body }) => {
      const init = { method: String(method), headers: headers as Record<string, string>, body: String(body) };
      const answer = await worker.dispatchFetch(`https://example.org${path}`, init);
      const set = answer.headers.getSetCookie().map((line): [string, string] => ["set-cookie", line]);
      return new Response(await answer.text(), { status: answer.status, headers: set });
    });
  } finally {
    await worker.dispose();
  }
});
