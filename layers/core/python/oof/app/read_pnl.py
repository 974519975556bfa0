"""What a wallet's tokens came to, day by day."""

from oof.app.list_transactions import UNSEEN_HEAD
from oof.domain.units import Address
from oof.ports.pnl_days import PnlDays, PnlReader
from oof.ports.position_pages import PositionsHead


def read_pnl_days(reader: PnlReader, wallet: Address) -> PnlDays:
    """Return all days with a trade, oldest first; an unseen wallet has none yet."""
    found = reader.days(wallet)
    return found or PnlDays(PositionsHead(wallet=UNSEEN_HEAD, folded_slot=None), ())
