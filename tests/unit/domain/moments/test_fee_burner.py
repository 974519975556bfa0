"""FEE_BURNER: fees that were large against what was traded."""

from decimal import Decimal

import pytest

from oof.domain.moments.model import MomentKind, StoryFees
from oof.domain.prices.candles import Source
from oof.domain.transactions.model import Kind
from oof.domain.units import Lamports
from tests.support.stories import HOUR, OTHER, T0, book, buy, candle, found, story

KIND = MomentKind.FEE_BURNER
AT = T0 + 10 * HOUR
SOL = [candle(AT, 100, None, source=Source.PYTH, confidence=95)]


def fees(sol, *, trades=1, tip="0"):
    """What the wallet paid around its buy, in SOL."""
    paid = {Kind.PRIORITY_FEE: Decimal(sol), Kind.TIP: Decimal(tip)}
    told = {kind: Lamports(int(each * 10**9)) for kind, each in paid.items()}
    return StoryFees(buy(AT, 1, 1).stamp, told, trades)


def paying(sol, *, usd=100, trades=None, **more):
    """A buy, and what it cost besides, a SOL at a hundred dollars."""
    own = (buy(AT, 100, usd),) if trades is None else trades
    return story(book(sol=SOL), trades=own, fees=(fees(sol, **more),))


def test_what_was_paid_and_how_severe_it_is():
    """A tenth of a SOL for a buy of a hundred dollars: 10 dollars, 10 %, 0.1 / 0.25."""
    [moment] = found(paying("0.06", tip="0.04"), KIND)

    assert (moment.usd, moment.pct, moment.severity) == (10, Decimal("0.1"), Decimal("0.4"))
    assert (moment.qty_raw, moment.signature, moment.source) == (None, "buy36000", "pyth")
    assert moment.evidence["lamports"] == {"priority_fee": "60000000", "tip": "40000000"}
    assert (moment.provisional, moment.due_at) == (frozenset(), None)


@pytest.mark.parametrize(
    ("sol", "severities"),
    [("0.049999999", []), ("0.05", [Decimal("0.2")]), ("0.25", [1]), ("3", [1])],
)
def test_five_percent_is_where_it_begins(sol, severities):
    """From a quarter on it is as severe as can be."""
    assert [m.severity for m in found(paying(sol), KIND)] == severities


@pytest.mark.parametrize(("sol", "count"), [("0.049999999", 0), ("0.05", 1)])
def test_five_dollars_is_the_least(sol, count):
    """Whatever part of twenty dollars it is."""
    assert len(found(paying(sol, usd=20), KIND)) == count


@pytest.mark.parametrize(("usd", "count"), [("9.99", 0), ("10", 1)])
def test_dust_is_ignored(usd, count):
    """Trades of less than ten dollars."""
    assert len(found(paying(1, usd=usd), KIND)) == count


def test_trades_of_one_transaction_share_its_fees():
    """Two of three trades are of this token: two thirds of thirty dollars."""
    trades = (buy(AT, 100, 60), buy(AT, 50, 40, leg=1))
    told = story(book(sol=SOL), trades=trades, fees=(fees("0.3", trades=3),))
    [shared] = found(told, KIND)
    assert (shared.usd, shared.pct) == (20, Decimal("0.2"))


def test_a_trade_of_two_tokens_bears_its_fees_once():
    """In the story of what was bought."""
    barter = buy(AT, 100, 100, sold_mint=OTHER)
    prices = book(candle(AT, 1), other=[candle(AT, 1)], sol=SOL)
    paid = (fees(1),)
    assert len(found(story(prices, trades=(barter,), fees=paid), KIND)) == 1
    assert found(story(prices, mint=OTHER, trades=(barter,), fees=paid), KIND) == []


def test_without_prices_or_trades_there_is_no_number():
    """Of SOL, or of what was traded."""
    assert found(story(book(), trades=(buy(AT, 100, 100),), fees=(fees(1),)), KIND) == []
    barter = buy(AT, 100, 100, sold_mint=OTHER)
    assert found(story(book(sol=SOL), trades=(barter,), fees=(fees(1),)), KIND) == []
    assert found(story(book(sol=SOL), fees=(fees(1),)), KIND) == []
