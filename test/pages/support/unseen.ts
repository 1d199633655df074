/**
 * What of the example's views was never shown. V8 counts how often each part of the code ran, branch by branch; a part
 * with words in it that never ran is a page, or a state of one, that no test has come to.
 */

import assert from "node:assert/strict";
import { Session } from "node:inspector/promises";

const VIEWS = /\/examples\/express\/src\/(views\/\w+)\.ts/;

let early = false;
const session = new Session();
session.connect();
session.on("Debugger.scriptParsed", ({ params }) => {
  early ||= VIEWS.test(params.url);
});
await session.post("Debugger.enable");
assert.ok(!early, "import this before the views: V8 does not count what it has read before");
await session.post("Profiler.enable");
await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });

export async function unseen(): Promise<string[]> {
  const { result } = await session.post("Profiler.takePreciseCoverage");
  const found: string[] = [];
  assert.ok(
    result.some(({ url }) => VIEWS.test(url)),
    "the views are among what is counted",
  );
  for (const { url, scriptId, functions } of result) {
    const [, file = ""] = VIEWS.exec(url) ?? [];
    if (file === "") continue;
    const { scriptSource } = await session.post("Debugger.getScriptSource", { scriptId });
    for (const { ranges } of functions) {
      for (const { startOffset, endOffset, count } of ranges) {
        const part = scriptSource.slice(startOffset, endOffset);
        if (count === 0 && /["`]/.test(part)) found.push(`${file}: ${part}`);
      }
    }
  }
  return found;
}
