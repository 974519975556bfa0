// Times solana-dex-parser over JSON lines of transactions on standard input, bytes to trades, and
// writes one JSON line: the main thread's processor time of each repeat, after a first pass that
// lets the engine compile what it will run. Collecting and compiling threads are not counted.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(pathToFileURL(join(process.argv[2], "package.json")));
console.log = console.warn = console.error = () => {};
const { DexParser } = require("solana-dex-parser");
const parser = new DexParser();
const repeats = Number(process.argv[3]);
const lines = readFileSync(0, "utf8").split("\n").filter((line) => line.length > 0);

function pass() {
  let read = 0;
  for (const line of lines) {
    try {
      parser.parseAll(JSON.parse(line));
      read += 1;
    } catch {
      // What it cannot read still costs its time.
    }
  }
  return read;
}

const read = pass();
const seconds = [];
for (let repeat = 0; repeat < repeats; repeat += 1) {
  const before = process.threadCpuUsage();
  pass();
  const { user, system } = process.threadCpuUsage(before);
  seconds.push(String((user + system) / 1e6));
}
process.stdout.write(JSON.stringify({ read, seconds }) + "\n");
