// Writes what coding assistants read: dist/llms.txt, a list of the pages, and dist/SKILL.md, how the library is used.
// Every build makes both of the pages, so they say what the pages say, and their code is what tests run.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { posix } from "node:path";

const read = (path) => readFileSync(path, "utf8");
const { homepage, version } = JSON.parse(read("package.json"));
const PAGES = `${homepage.replace("#readme", "")}/blob/v${version}/`;

const below = (folder) =>
  (existsSync(folder) ? readdirSync(folder) : [])
    .filter((file) => file.endsWith(".md") && !/^(messages-|report)/.test(file))
    .sort((a, b) => (b === "README.md") - (a === "README.md") || (a < b ? -1 : 1))
    .map((file) => `${folder}/${file}`);

const FIRST = ["getting-started", "flows", "configuration", "sessions", "testing"].map(
  (name) => `docs/${name}.md`,
);

/** The parts of the list: what a reader wants, and where that is. */
const PARTS = () => ({
  "Start here": FIRST,
  Flows: below("docs/flows"),
  Frameworks: below("docs/guides"),
  Databases: below("docs/stores"),
  "From another system": below("docs/migration"),
  "Every export": below("docs/reference"),
  "The rest": below("docs").filter((path) => !FIRST.includes(path)),
});

/** Whoever writes code with the library breaks one of these first. */
const RULES = [
  "Ask `flow.signIn.begin` on every path that would create a session: password, single sign-on, a link in an e-mail, a password reset. Only the step `done` signs somebody in.",
  "The user comes from `flow.user` or from a result, never from a form or an address.",
  "Hand over what the form sent as it is, `undefined` too: no user input throws. Trim, parse and check nothing before.",
  "What a person can cause is `{ ok: false, reason }`: show `messages[reason]`, log `detail`. What is thrown, a `TwoFactorError`, is trouble: answer 503 and let nobody in.",
  "Show a secret and backup codes once, on the page that the call answers; write neither into a log, a session or an e-mail.",
  "Durations are in seconds, instants in epoch milliseconds. An option that does not exist is refused by its name.",
  "Give a store the pool or client, never a connection inside a transaction.",
  "Keep the second factor on in tests: `createTestTwoFactor` and its phone take the place of the real ones.",
];

/** The pages that list others in a table, each with what it is about. */
const INDEXES = [
  ...["docs/flows.md", "docs/stores/README.md", "docs/migration/README.md", "docs/guides/README.md"],
  "README.md",
].filter((path) => existsSync(path));

/** A page in the list: its title, and what it is about in the words of an index, else in its own first ones. */
function entry(path) {
  const [, title, start] = /^# (.+)\n+([^\n]+(?:\n[^\n]+)*)/.exec(read(path));
  const said =
    indexed(path) ?? (/^[A-Z`]/.test(start) && !start.startsWith("```") ? firstSentence(start) : "");
  return `- [${title}](${PAGES}${path})${said ? `: ${said}` : ""}`;
}

function indexed(path) {
  for (const index of INDEXES) {
    for (const line of read(index)
      .split("\n")
      .filter((text) => text.startsWith("| "))) {
      const cells = line.split("|").slice(1, -1);
      const links = cells.map((cell) => /^ *\[[^\]]+\]\(([^)#]+)\)/.exec(cell)?.[1]);
      const at = links.findIndex((to) => to && posix.join(posix.dirname(index), to) === path);
      const other = at < 0 ? "" : plain(cells.filter((_, i) => i !== at).join(", ")).trim();
      if (other) return other;
    }
  }
  return undefined;
}

function firstSentence(text) {
  return /^.+?[.:](?= [A-Z`])/.exec(`${plain(text)} X`)[0].replace(/:$/, ".");
}

function plain(text) {
  return text.replaceAll(/\[([^\]]+)\]\([^)]+\)/g, "$1").replaceAll(/\s+/g, " ");
}

/** A section of a page without its heading, with links that hold anywhere. */
function section(path, heading) {
  const text = read(path);
  const start = text.indexOf(`\n## ${heading}\n`);
  if (start < 0) throw new Error(`${path}: there is no section "${heading}"`);
  const body = text
    .slice(start + 1)
    .split("\n")
    .slice(1)
    .join("\n");
  const [own] = body.split(/\n## /);
  const folder = posix.dirname(path);
  return own.trim().replaceAll(/\]\((?!\w+:|#)([^)]+)\)/g, (_, to) => `](${PAGES}${posix.join(folder, to)})`);
}

/** What the README says first: the name and what it is for. */
function introduction() {
  const [, summary] = /^# Twinlock\n\n(.+?)\n\n/s.exec(read("README.md"));
  return plain(summary).replaceAll("**", "");
}

function llms() {
  const parts = Object.entries(PARTS())
    .filter(([, pages]) => pages.length > 0)
    .map(([part, pages]) => `## ${part}\n\n${pages.map(entry).join("\n")}`);
  return `# Twinlock

> ${introduction()}

Every export has its documentation, with an example, beside its type in \`dist/*.d.ts\`. Before you write code, read
\`SKILL.md\` beside this file; when it is written, run \`npx twinlock check\`.

${parts.join("\n\n")}
`;
}

function skill() {
  const start = "docs/getting-started.md";
  const [code] = /```ts\n.*?```/s.exec(section("docs/testing.md", "A sign-in"));
  const imports = section(start, "1. Your application, as it is").match(/^import .* from "twinlock.*$/gm);
  const steps = [
    "2. The second factor, over your session",
    "3. Sign in",
    "4. Turn it on, or replace the phone",
    "6. Your database",
  ];
  return `---
name: twinlock
description: Adds or changes two-factor sign-in (authenticator codes, backup codes, trusted devices, passkeys) in a TypeScript or JavaScript application with the package twinlock. Use it for sign-in and enrollment routes, lost phones, policies, stores, and their tests.
---

# Twinlock

${introduction()}

## Keep to this

${RULES.map((rule) => `- ${rule}`).join("\n")}

\`\`\`ts
${imports.join("\n")}
\`\`\`

${steps.map((heading) => `## ${heading.replace(/^\d+\. /, "")}\n\n${section(start, heading)}`).join("\n\n")}

## Test it

${code}

## Check it

\`npx twinlock check ./two-factor-options.js\` says what is wrong with options, keys and store
([what the module exports](${PAGES}docs/configuration.md#the-check)). Options and calls: \`*.d.ts\` beside this file. Pages:
\`llms.txt\` beside this file.
`;
}

for (const [file, text] of [
  ["llms.txt", llms()],
  ["SKILL.md", skill()],
])
  writeFileSync(`dist/${file}`, text);
