"""A page of a wallet's transactions."""

from oof.domain.snapshot.model import WalletState
from oof.domain.units import Address
from oof.ports.history import (
    HistoryReader,
    PageKey,
    TransactionFilter,
    TransactionPage,
    WalletHead,
)

UNSEEN_HEAD = WalletHead(state=WalletState.UNSEEN, epoch=0, revision=0, as_of_slot=None)


def list_transactions(
    reader: HistoryReader,
    wallet: Address,
    wanted: TransactionFilter,
    *,
    after: PageKey | None,
    limit: int,
) -> TransactionPage:
    """Return up to `limit` transactions, newest first; an unseen wallet has none yet."""
    page = reader.transactions(wallet, wanted, after=after, limit=limit)
    return page or TransactionPage(head=UNSEEN_HEAD, records=(), next_key=None)
