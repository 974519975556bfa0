"""Whom a wallet got what from, and gave what."""

from oof.app.list_transactions import UNSEEN_HEAD
from oof.domain.units import Address
from oof.domain.windows import DaySpan
from oof.ports.flow_pages import FlowFilter, FlowPage, FlowPageKey, FlowReader


def read_flows(
    reader: FlowReader,
    wallet: Address,
    span: DaySpan,
    wanted: FlowFilter,
    *,
    after: FlowPageKey | None,
    limit: int,
) -> FlowPage:
    """Return up to `limit` counterparties; an unseen wallet has none yet."""
    page = reader.page(wallet, span, wanted, after=after, limit=limit)
    return page or FlowPage(head=UNSEEN_HEAD, totals={}, records=(), next_key=None)
