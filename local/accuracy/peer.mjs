// Runs solana-dex-parser over JSON lines of transactions on standard input and writes one JSON
// line each: the one trade it makes of all, the trades it adds up to it, and its trades when told
// not to add up, which for Jupiter are the legs of Jupiter's own events.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(pathToFileURL(join(process.argv[2], "package.json")));
// The package prints what it cannot read; standard output is for answers alone.
console.log = console.warn = console.error = () => {};
const { DexParser } = require("solana-dex-parser");
const parser = new DexParser();

function brief(trade) {
  const [outer, inner = "0"] = trade.idx.split("-");
  return {
    outer: Number(outer),
    inner: Number(inner),
    trader: trade.user ?? null,
    sold_mint: trade.inputToken.mint,
    sold_raw: String(trade.inputToken.amountRaw),
    bought_mint: trade.outputToken.mint,
    bought_raw: String(trade.outputToken.amountRaw),
  };
}

function inOrder(trades) {
  return trades.map(brief).sort((a, b) => a.outer - b.outer || a.inner - b.inner);
}

function answer(line) {
  try {
    const transaction = JSON.parse(line);
    const added = parser.parseAll(transaction);
    const apart = parser.parseAll(transaction, { tryUnknowDEX: true, aggregateTrades: false });
    return {
      whole: added.aggregateTrade ? brief(added.aggregateTrade) : null,
      parts: inOrder(added.trades),
      legs: inOrder(apart.trades),
      error: added.state ? null : added.msg,
    };
  } catch (fault) {
    return { whole: null, parts: [], legs: [], error: String(fault) };
  }
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  process.stdout.write(JSON.stringify(answer(line)) + "\n");
}
