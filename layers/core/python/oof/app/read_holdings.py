"""A page of what a wallet holds."""

from oof.app.list_transactions import UNSEEN_HEAD
from oof.domain.units import Address
from oof.ports.history import HistoryReader, HoldingPage


def read_holdings(
    reader: HistoryReader, wallet: Address, *, after: int | None, limit: int, with_empty: bool
) -> HoldingPage:
    """Return up to `limit` holdings; an unseen wallet has none yet."""
    page = reader.holdings(wallet, after=after, limit=limit, with_empty=with_empty)
    return page or HoldingPage(head=UNSEEN_HEAD, records=(), next_key=None)
