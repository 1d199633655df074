// program.js MODULE INPUT: prints what the module's default export makes of the input, as a line of JSON.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [module, input] = process.argv.slice(2);
const { default: run } = await import(pathToFileURL(module).href);
console.log(JSON.stringify(await run(JSON.parse(readFileSync(input, "utf8")))));
