// Times solana-dex-parser over the JSON lines of a file, bytes to trades. It makes one pass that
// lets the engine compile what it will run, then one for each line on standard input, and answers
// each with the main thread's processor time. Collecting and compiling threads are not counted.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const require = createRequire(pathToFileURL(join(process.argv[2], "package.json")));
console.log = console.warn = console.error = () => {};
const { DexParser } = require("solana-dex-parser");
const parser = new DexParser();
const lines = readFileSync(process.argv[3], "utf8").split("\n").filter((line) => line.length > 0);

function pass() {
  for (const line of lines) {
    try {
      parser.parseAll(JSON.parse(line));
    } catch {
      // What it cannot read still costs its time.
    }
  }
}

pass();
for await (const _ of createInterface({ input: process.stdin })) {
  const before = process.threadCpuUsage();
  pass();
  const { user, system } = process.threadCpuUsage(before);
  process.stdout.write(`${(user + system) / 1e6}\n`);
}
