"""What a trade was worth in USD: by the first of its legs that has a price, the surest first."""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple, Protocol

from oof.domain.prices.book import PriceBook
from oof.domain.prices.series import Priced
from oof.domain.tokens import QUOTES
from oof.domain.units import SOL_MINT, Mint, RawAmount, UnixSeconds


class TwoLegs(Protocol):
    """What was given for what; both amounts are positive."""

    @property
    def sold_mint(self) -> Mint:
        """What was given."""
        ...

    @property
    def sold_raw(self) -> RawAmount:
        """How much of it."""
        ...

    @property
    def bought_mint(self) -> Mint:
        """What was received."""
        ...

    @property
    def bought_raw(self) -> RawAmount:
        """How much of it."""
        ...


class Legs(NamedTuple):
    """Two legs, of whatever told them."""

    sold_mint: Mint
    sold_raw: RawAmount
    bought_mint: Mint
    bought_raw: RawAmount


class LegWorth(NamedTuple):
    """What a trade was worth, and by which leg."""

    usd: Decimal
    """Exact."""
    mint: Mint
    raw: RawAmount
    priced: Priced


def worth_of(trade: TwoLegs, at: UnixSeconds | None, prices: PriceBook) -> LegWorth | None:
    """Return what a trade was worth at its minute, by SOL, USDC, USDT, what was sold or bought.

    None where none of them has a price of that minute.
    """
    if at is None:
        return None
    for mint, raw in _surest_first(trade):
        valued = prices.value(mint, raw, at)
        if valued is not None and valued.usd > 0:
            return LegWorth(valued.usd, mint, raw, valued.priced)
    return None


def home_of(trade: TwoLegs) -> Mint:
    """Return the mint in whose story what concerns the whole trade is told, once.

    What was bought, unless it pays for things; then what was sold; SOL before dollars.
    """
    for mint in (trade.bought_mint, trade.sold_mint):
        if mint not in QUOTES:
            return mint
    return SOL_MINT if SOL_MINT in {trade.bought_mint, trade.sold_mint} else trade.bought_mint


def _surest_first(trade: TwoLegs) -> Iterator[tuple[Mint, RawAmount]]:
    legs = ((trade.sold_mint, trade.sold_raw), (trade.bought_mint, trade.bought_raw))
    for quote in QUOTES:
        yield from (leg for leg in legs if leg[0] == quote)
    yield from (leg for leg in legs if leg[0] not in QUOTES)
