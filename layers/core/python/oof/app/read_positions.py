"""A page of a wallet's positions, and what one of them is made of."""

from oof.app.list_transactions import UNSEEN_HEAD
from oof.domain.errors import NotFound
from oof.domain.units import Address, Mint, UnixSeconds
from oof.ports.position_pages import (
    ExitKey,
    PositionDetail,
    PositionFilter,
    PositionKey,
    PositionPage,
    PositionReader,
    PositionsHead,
)


def read_positions(
    reader: PositionReader,
    wallet: Address,
    wanted: PositionFilter,
    *,
    at: UnixSeconds,
    after: PositionKey | None,
    limit: int,
) -> PositionPage:
    """Return up to `limit` positions, at the newest prices; an unseen wallet has none yet."""
    page = reader.page(wallet, wanted, at=at, after=after, limit=limit)
    head = PositionsHead(wallet=UNSEEN_HEAD, folded_slot=None)
    return page or PositionPage(head=head, records=(), next_key=None)


def explain_position(
    reader: PositionReader,
    wallet: Address,
    mint: Mint,
    *,
    at: UnixSeconds,
    after: ExitKey | None,
    limit: int,
) -> PositionDetail:
    """Return one position with up to `limit` exits. Raises `NotFound` where there is none."""
    detail = reader.detail(wallet, mint, at=at, after=after, limit=limit)
    if detail is None:
        raise NotFound(f"{wallet} has no position in {mint}")
    return detail
