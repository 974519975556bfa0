"""A page of a wallet's moments, one of them with all it rests on, and the dearest of each kind."""

from typing import Final

from oof.app.list_transactions import UNSEEN_HEAD
from oof.domain.errors import NotFound
from oof.domain.moments.model import MomentId
from oof.domain.moments.stored import NO_EXTREMES
from oof.domain.units import Address
from oof.ports.moment_pages import (
    ExtremesDetail,
    MomentDetail,
    MomentFilter,
    MomentKey,
    MomentPage,
    MomentReader,
    MomentsHead,
)

_UNSEEN: Final = MomentsHead(wallet=UNSEEN_HEAD)


def list_moments(
    reader: MomentReader,
    wallet: Address,
    wanted: MomentFilter,
    *,
    after: MomentKey | None,
    limit: int,
) -> MomentPage:
    """Return up to `limit` moments, newest first; an unseen wallet has none yet."""
    page = reader.page(wallet, wanted, after=after, limit=limit)
    return page or MomentPage(_UNSEEN, (), None)


def explain_moment(reader: MomentReader, id_: MomentId) -> MomentDetail:
    """Return one moment. Raises `NotFound` where there is none, or none any more."""
    detail = reader.one(id_)
    if detail is None:
        raise NotFound(f"no moment has the id {id_}")
    return detail


def read_extremes(reader: MomentReader, wallet: Address) -> ExtremesDetail:
    """Return a wallet's extremes; an unseen wallet has none yet."""
    return reader.extremes(wallet) or ExtremesDetail(_UNSEEN, NO_EXTREMES, ())
