"""What a wallet did on each UTC day, as order-free counters by name.

- `tx`: transactions it is fee payer, signer or an owner with a change in; `failed`: of them
- `trades`: its trades; `venue:…`, `terminal:…`: of them, by venue and by terminal, where known
- `fee:…`: lamports it paid, by kind of fee; `paid:…`: transactions in which it paid such a fee
- `flow:in`, `flow:out`, `flow:marked`: transfers that came in, went out, came in as spam or dust;
  `flow:sol_in`, `flow:sol_out`, `flow:sol_marked`: lamports of those of SOL

Over all days each is the sum of the transactions of the ledger's live set in which the wallet took
part; what has no known time is under `NO_DAY`.
"""

from collections import Counter
from typing import Final

from oof.domain.prices.candles import DAY_S
from oof.domain.snapshot.ledger import WalletEntry
from oof.domain.snapshot.transfers import flow_counters
from oof.domain.windows import NO_DAY

TX: Final = "tx"
FAILED: Final = "failed"
TRADES: Final = "trades"
VENUE: Final = "venue:"
TERMINAL: Final = "terminal:"
FEE: Final = "fee:"
PAID: Final = "paid:"
FLOW: Final = "flow:"
_OF_DAYS: Final = (TERMINAL, PAID, FLOW)


def day_of_entry(entry: WalletEntry) -> int:
    """Return the UTC day of a transaction, `NO_DAY` where nobody knows when it was."""
    return NO_DAY if entry.block_time is None else entry.block_time // DAY_S


def activity_of(entry: WalletEntry) -> Counter[str]:
    """Return what a transaction that the wallet took part in adds to its day."""
    found = Counter({FLOW + name: n for name, n in flow_counters(entry.transfers).items()})
    found[TX] = 1
    if entry.failed:
        found[FAILED] = 1
    if entry.venues:
        found[TRADES] = len(entry.venues)
    for venue in entry.venues:
        found[VENUE + venue] += 1
    for terminal in entry.terminals:
        found[TERMINAL + terminal] += 1
    for kind, lamports in entry.fees.items():
        found[FEE + kind] = lamports
        found[PAID + kind] = 1
    return found


def is_of_days(name: str) -> bool:
    """Return whether a counter is kept by day alone, not in a wallet's totals too."""
    return name.startswith(_OF_DAYS)
