"""rp2's FIFO engine over trades of one wallet: run by `positions` in an environment of its own.

Reads JSON lines `{asset, is_exit, at, qty, usd}` (decimal text) and prints how many events there
were and how long the engine took, each time it was asked to: building its transactions and
matching them, without reports.
"""

import json
import sys
import tempfile
import time
from datetime import UTC, datetime

from prezzemolo.avl_tree import AVLTree
from rp2.abstract_accounting_method import AbstractAccountingMethod
from rp2.accounting_engine import AccountingEngine
from rp2.configuration import Configuration
from rp2.in_transaction import InTransaction
from rp2.input_data import InputData
from rp2.out_transaction import OutTransaction
from rp2.plugin.accounting_method.fifo import AccountingMethod
from rp2.plugin.country.us import US
from rp2.rp2_decimal import RP2Decimal
from rp2.tax_engine import compute_tax
from rp2.transaction_set import TransactionSet

_COLUMNS = "timestamp = 0\nasset = 1\nexchange = 2\nholder = 3\n"


def main() -> None:
    """Read, repeat, print."""
    repeats = int(sys.argv[1])
    events = [json.loads(line) for line in sys.stdin]
    assets = sorted({event["asset"] for event in events})
    with tempfile.NamedTemporaryFile("w", suffix=".ini") as file:
        file.write(
            f"[general]\nassets = {','.join(assets)}\nexchanges = chain\nholders = wallet\n"
            f"[in_header]\n{_COLUMNS}[out_header]\n{_COLUMNS}[intra_header]\ntimestamp = 0\n"
        )
        file.flush()
        configuration = Configuration(file.name, US(), allow_negative_balances=True)
    seconds = []
    for _ in range(repeats):
        begun = time.process_time()
        matched = sum(_match(configuration, asset, events) for asset in assets)
        seconds.append(time.process_time() - begun)
    print(json.dumps({"events": len(events), "matched": matched, "seconds": seconds}))


def _match(configuration: Configuration, asset: str, events: list[dict[str, str]]) -> int:
    sets = {kind: TransactionSet(configuration, kind, asset) for kind in ("IN", "OUT", "INTRA")}
    for row, event in enumerate(events, 1):
        if event["asset"] == asset:
            at = datetime.fromtimestamp(int(event["at"]), UTC).isoformat()
            where = (configuration, at, asset, "chain", "wallet")
            qty, price = RP2Decimal(event["qty"]), RP2Decimal(event["usd"])
            if event["is_exit"]:
                sold = OutTransaction(*where, "SELL", price, qty, RP2Decimal(0), row=row)
                sets["OUT"].add_entry(sold)
            else:
                sets["IN"].add_entry(InTransaction(*where, "BUY", price, qty, row=row))
    methods: AVLTree[int, AbstractAccountingMethod] = AVLTree()
    methods.insert_node(1970, AccountingMethod())
    data = InputData(asset, sets["IN"], sets["OUT"], sets["INTRA"])
    computed = compute_tax(configuration, AccountingEngine(methods), data)
    return int(computed.gain_loss_set.count)


if __name__ == "__main__":
    main()
