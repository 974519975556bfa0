"""The script that asks the peer hands over what the peer says, and survives its faults."""

import json
import subprocess
from pathlib import Path

from local.accuracy.model import Leg, PeerAnswer
from local.accuracy.peer import read_answer
from local.runtime.settings import LocalSettings
from local.runtime.toolchain import Toolchain
from tests.support.accuracy_cases import swap

SCRIPT = Path(__file__).resolve().parents[2] / "local" / "accuracy" / "peer.mjs"
STAND_IN = """
const side = (mint, amountRaw) => ({ mint, amountRaw });
const trade = (idx, given, taken) =>
  ({ idx, user: "user", inputToken: side("A", given), outputToken: side("B", taken) });
exports.DexParser = class {
  parseAll(transaction, config) {
    console.log("noise that is no answer");
    if (transaction.fault) throw new Error("cannot");
    const legs = [trade("3-10", "3", "4"), trade("3-2", "1", "2")];
    if (config) return { state: true, trades: legs };
    return { state: true, trades: legs.slice(0, 1), aggregateTrade: trade("3-2", "4", "6") };
  }
};
"""


def test_answers_come_back_line_by_line(tmp_path: Path) -> None:
    """One answer a transaction, legs in order of execution, a fault as an answer too."""
    package = tmp_path / "node_modules" / "solana-dex-parser"
    package.mkdir(parents=True)
    (package / "package.json").write_text('{"name": "solana-dex-parser", "main": "index.js"}')
    (package / "index.js").write_text(STAND_IN)
    settings = LocalSettings.from_env()
    run = subprocess.run(
        [Toolchain(settings).node(), str(SCRIPT), str(tmp_path)],
        input='{}\n{"fault": true}\nno json\n',
        capture_output=True,
        text=True,
        check=True,
        env=settings.subprocess_env(),
    )
    first, second, third = (read_answer(json.loads(line)) for line in run.stdout.splitlines())
    late, early = swap("user", (3, "A"), (4, "B")), swap("user", (1, "A"), (2, "B"))
    assert first == PeerAnswer(
        whole=swap("user", (4, "A"), (6, "B")),
        parts=(Leg(3, late),),
        legs=(Leg(3, early), Leg(3, late)),
        error=None,
    )
    assert second == PeerAnswer(whole=None, parts=(), legs=(), error="Error: cannot")
    assert third.error is not None
