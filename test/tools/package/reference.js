// Writes docs/reference from the built declarations: a page for each subpath, and the API report, which changes when
// the public interface does and never else. With --check it writes nothing and fails where a file would change.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";

const FOLDER = "docs/reference";
const { name: PACKAGE, exports } = JSON.parse(readFileSync("package.json", "utf8"));

const entries = Object.entries(exports)
  .filter(([, file]) => file.endsWith(".js"))
  .map(([subpath, file]) => ({
    specifier: PACKAGE + subpath.slice(1),
    page: `${subpath.slice(2).replaceAll("/", "-") || PACKAGE}.md`,
    file: resolve(file.replace(/\.js$/, ".d.ts")),
  }));
const program = ts.createProgram(
  entries.map(({ file }) => file),
  { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022, lib: ["lib.es2022.d.ts"], types: [] },
);
const checker = program.getTypeChecker();
const printer = ts.createPrinter({ removeComments: true });

for (const entry of entries) {
  const source = program.getSourceFile(entry.file);
  entry.intro = /^\/\*\*\n(.*?)\*\//s
    .exec(source.text)?.[1]
    .replace(/^ \* ?/gm, "")
    .replace(/@module/, "")
    .trim();
  entry.symbols = checker
    .getExportsOfModule(checker.getSymbolAtLocation(source))
    .map((symbol) => ({
      name: symbol.name,
      symbol: symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
    }))
    .sort((a, b) => isType(a) - isType(b) || (a.name < b.name ? -1 : 1));
}

const files = new Map(entries.map((entry) => [entry.page, pageOf(entry)]));
files.set("README.md", overview());
files.set("report.md", report());
if (process.argv.includes("--check")) check();
else write();

function isType({ symbol }) {
  return symbol.flags & ts.SymbolFlags.Value ? 0 : 1;
}

function statements({ symbol }) {
  return symbol.declarations.map((node) => (ts.isVariableDeclaration(node) ? node.parent.parent : node));
}

function pageOf(entry) {
  const { specifier, intro, symbols } = entry;
  const parts = [`# ${specifier}`, intro];
  for (const each of symbols) {
    const text = (value) => linked(ts.displayPartsToString(value), entry);
    const tags = each.symbol
      .getJsDocTags(checker)
      .map(({ name, text: value }) => ({ name, text: text(value).trim() }));
    const tagged = (...names) => tags.filter((tag) => names.includes(tag.name)).map((tag) => tag.text);
    const code = statements(each).map((node) => node.getText());
    const facts = [
      ...tagged("param").map((param) => param.replace(/^(\w+) *(\.\w+)? *-? */, "- `$1$2`: ")),
      ...tagged("throws").map((error) => `- throws ${error}`),
      ...tagged("see").map((source) => `- see ${source}`),
    ];
    parts.push(`## ${each.name}`, text(each.symbol.getDocumentationComment(checker)));
    parts.push(block(code), facts.map(indented).join("\n"), ...tagged("example"));
  }
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

/** Declarations as a block of code, without the words that only declaration files need, indented by two. */
function block(code) {
  const text = code
    .join("\n")
    .replaceAll(/^(export )?declare |^export /gm, "")
    .replaceAll(/^(?: {4})+/gm, (spaces) => " ".repeat(spaces.length / 2));
  return `\`\`\`ts\n${text}\n\`\`\``;
}

function indented(fact) {
  return fact.replaceAll("\n", "\n  ");
}

/** Turns {@link name} into a link, on this page or on the first that has it. */
function linked(text, entry) {
  return text.replaceAll(/\{@link (\w+) *\}/g, (_, name) => {
    const home = [entry, ...entries].find(({ symbols }) => symbols.some((symbol) => symbol.name === name));
    if (!home) return `\`${name}\``;
    return `[\`${name}\`](${home === entry ? "" : home.page}#${name.toLowerCase()})`;
  });
}

function overview() {
  const lines = entries.map(({ specifier, page, symbols }) => {
    const values = symbols.filter((symbol) => isType(symbol) === 0).map(({ name }) => `\`${name}\``);
    return `| [\`${specifier}\`](${page}) | ${values.join(", ")} |`;
  });
  return `# API reference

Written by \`npm run tool -- reference\` from the code; the [report](report.md) has the same without a word of prose.

| import | functions and values |
| --- | --- |
${lines.join("\n")}
`;
}

/** Every public declaration without its comments. */
function report() {
  const parts = entries.map(({ specifier, symbols }) => {
    const code = symbols.flatMap((each) =>
      statements(each).map((node) => printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile())),
    );
    return `## ${specifier}\n\n${block(code)}`;
  });
  return `# API report

What a change of this file says is a change of the public interface: look at it as its users will.

${parts.join("\n\n")}
`;
}

function write() {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER);
  for (const [file, text] of files) writeFileSync(join(FOLDER, file), text);
}

function check() {
  const there = existsSync(FOLDER) ? readdirSync(FOLDER) : [];
  const changed = [...files].filter(([file, text]) => !there.includes(file) || read(file) !== text);
  const drift = [...changed.map(([file]) => file), ...there.filter((file) => !files.has(file))];
  if (drift.length === 0) return;
  console.error(
    `${FOLDER} is not what the code says (${drift.join(", ")}): run \`npm run tool -- reference\``,
  );
  process.exit(1);
}

function read(file) {
  return readFileSync(join(FOLDER, file), "utf8");
}
