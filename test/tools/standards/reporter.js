// A reporter of node:test for `npm run tool -- standards`: one line of JSON for each test and suite that ended.
export default async function* results(events) {
  for await (const { type, data } of events) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    const { name, file, skip, todo } = data;
    const pending = (skip ?? false) !== false || (todo ?? false) !== false;
    const result = pending ? "skipped" : type === "test:pass" ? "passed" : "failed";
    yield `${JSON.stringify({ name, file, result })}\n`;
  }
}
