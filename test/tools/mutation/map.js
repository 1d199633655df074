import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mutate } from "./copy.js";
const copy = mkdtempSync("/tmp/mbmap-");
const parts = process.argv.slice(3);
const m = await mutate(copy, (p) => parts.some((x) => p.includes(x)));
writeFileSync(process.argv[2], m.map(({ id, file, line, mutatorName, code, replacement }) => `${id}\t${file}:${line}\t${mutatorName}\t${code}\t=> ${replacement.replace(/\n/g, " ")}`).join("\n") + "\n");
rmSync(copy, { recursive: true });
