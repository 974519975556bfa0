"""What a wallet's tokens came to, day by day and altogether."""

from oof.app.list_transactions import UNSEEN_HEAD
from oof.domain.positions.days import DayFigures
from oof.domain.units import Address, UnixSeconds
from oof.domain.windows import AskedDays, DaySpan
from oof.ports.pnl_days import PnlDays, PnlReader, PnlTotals
from oof.ports.position_pages import PositionsHead

_UNSEEN = PositionsHead(wallet=UNSEEN_HEAD, folded_slot=None)


def read_pnl_days(reader: PnlReader, wallet: Address, span: DaySpan) -> PnlDays:
    """Return the days with a trade within a span, oldest first; an unseen wallet has none yet."""
    return reader.days(wallet, span) or PnlDays(_UNSEEN, ())


def read_pnl_totals(
    reader: PnlReader, wallet: Address, asked: AskedDays, *, at: UnixSeconds
) -> PnlTotals:
    """Return what some days came to altogether; nothing of an unseen wallet."""
    found = reader.totals(wallet, asked, at=at)
    return found or PnlTotals(_UNSEEN, asked.span, DayFigures(), (), (), is_valuing=False)
