"""What is held at the newest price, and what a wallet comes to altogether."""

from decimal import Decimal
from typing import Any

import pytest

from oof.domain.positions.days import DayFigures, PositionUsd
from oof.domain.positions.headline import (
    HeldPosition,
    Quote,
    WalletWorth,
    headline,
    quote_of,
)
from oof.domain.positions.valuation import OpenValue
from oof.domain.prices.candles import Source, Width
from oof.domain.prices.series import Priced
from oof.domain.snapshot.model import NO_PNL
from oof.domain.units import Mint

NOW: Any = 1_700_000_000
FIGURES = DayFigures(
    wins=2,
    losses=1,
    pending=3,
    unpriced=4,
    realized_usd=Decimal("12.5"),
    fees_usd=Decimal("0.5"),
    excluded_usd=Decimal(7),
)


def held(
    raw: int, priced: int, cost: str, *, quote: str | None, at: int = NOW, decimals: int | None = 6
) -> HeldPosition:
    """A position of which so much has a known cost."""
    usd = PositionUsd(DayFigures(), OpenValue(Decimal(cost), Decimal("0.1"), priced, 0, 0, 0))
    as_of: Any = at
    told = None if quote is None else Quote(Decimal(quote), as_of, Source.JUPITER, 75)
    return HeldPosition(Mint("cat"), decimals, raw, usd, told)


def test_what_is_held_is_worth_its_newest_price() -> None:
    """All of it in the value; in the profit the part whose cost is known, net of its fees."""
    position = held(3_000_000, 2_000_000, "5", quote="4.5")
    assert position.value_usd == Decimal("13.5")
    assert position.unrealized_usd == Decimal("3.9")
    assert position.is_uncosted
    assert not held(2, 2, "5", quote=None).is_uncosted


@pytest.mark.parametrize("lacking", [{"quote": None}, {"quote": "1", "decimals": None}])
def test_without_a_price_there_is_no_worth(lacking: Any) -> None:
    """Nor without decimals to count whole tokens by."""
    position = held(3, 2, "5", **lacking)
    assert (position.value_usd, position.unrealized_usd) == (None, None)


def test_without_a_known_cost_there_is_no_profit() -> None:
    """Though there is a value."""
    gift = held(1_000_000, 0, "0", quote="2")
    assert (gift.value_usd, gift.unrealized_usd) == (Decimal(2), None)
    unvalued = gift._replace(usd=None)
    assert (unvalued.unrealized_usd, unvalued.is_uncosted) == (None, False)


def test_a_headline_sums_what_has_a_price_and_counts_the_rest() -> None:
    """As of the oldest price; what is not held any more counts for nothing."""
    worth = WalletWorth(
        FIGURES,
        1,
        (
            held(1_000_000, 1_000_000, "5", quote="7", at=NOW - 600),
            held(2_000_000, 1_000_000, "1", quote="3"),
            held(1_000_000, 1_000_000, "9", quote=None, at=NOW - 3_000),
            held(0, 0, "0", quote="8", at=NOW - 3_500),
        ),
    )
    pnl = headline(worth)

    assert (pnl.realized_usd, pnl.fees_usd, pnl.excluded_usd) == (
        FIGURES.realized_usd,
        FIGURES.fees_usd,
        FIGURES.excluded_usd,
    )
    assert (pnl.wins, pnl.losses, pnl.pending_exits, pnl.unpriced_exits) == (2, 1, 3, 4)
    assert (pnl.value_usd, pnl.unrealized_usd) == (Decimal(13), Decimal("3.8"))
    assert (pnl.prices_as_of, pnl.unquoted, pnl.uncosted, pnl.unvalued) == (NOW - 600, 1, 1, 1)
    assert headline(WalletWorth(DayFigures(), 0, ())) == NO_PNL


def test_a_quote_is_as_of_the_end_of_its_bucket() -> None:
    """But never of a time to come."""
    start: Any = NOW // 60 * 60
    priced = Priced(Decimal(1), start, Width.MINUTE, Source.PYTH, 95)
    early, late = quote_of(priced, start + 30), quote_of(priced, start + 300)
    assert early is not None
    assert late is not None
    assert (early.as_of, late.as_of) == (start + 30, start + 60)
    assert quote_of(None, NOW) is None
