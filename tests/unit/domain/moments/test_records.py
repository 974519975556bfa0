"""BEST_TRADE and WORST_TRADE: the exits of a mint that made and lost the most."""

from decimal import Decimal

import pytest

from oof.domain.moments.model import MomentKind, Provisional
from oof.domain.tokens import USDC_MINT
from tests.support.stories import DAY, HOUR, MINT, T0, book, found, lot, raw, sell, story

BEST, WORST = MomentKind.BEST_TRADE, MomentKind.WORST_TRADE
AT = T0 + 10 * HOUR


def made(profit, *, at=AT + DAY, cost=100, units=100):
    """An exit of what cost a hundred dollars."""
    return sell(at, units, Decimal(cost) + Decimal(profit), [lot(AT, units, cost)])


def of(*exits, **more):
    """A story of exits."""
    return story(book(), exits=exits, **more)


def test_what_the_best_trade_made():
    """A hundred and fifty on a hundred: half of three times the cost."""
    [moment] = found(of(made(20), made(150, at=AT + 2 * DAY)), BEST)

    assert (moment.usd, moment.pct, moment.severity) == (150, Decimal("1.5"), Decimal("0.5"))
    assert (moment.qty_raw, moment.signature) == (raw(100), "sell208800")
    assert moment.evidence["lots"][0]["cost_usd"] == "100"


def test_what_the_worst_trade_lost():
    """Sixty of a hundred."""
    [moment] = found(of(made(-20), made(-60, at=AT + 2 * DAY)), WORST)

    assert (moment.usd, moment.pct, moment.severity) == (60, Decimal("-0.6"), Decimal("0.6"))
    assert moment.signature == "sell208800"


@pytest.mark.parametrize(
    ("profit", "best", "worst"),
    [("25", 1, 0), ("24.999999", 0, 0), ("0", 0, 0), ("-24.999999", 0, 0), ("-25", 0, 1)],
)
def test_twenty_five_dollars_is_where_they_begin(profit, best, worst):
    """Less is neither."""
    told = of(made(profit))
    assert (len(found(told, BEST)), len(found(told, WORST))) == (best, worst)


def test_fees_count():
    """A profit of thirty dollars that cost six in fees is none of twenty-five."""
    exit_ = made(30)._replace(fees_usd=Decimal(6), pnl_usd=Decimal(24))
    assert found(of(exit_), BEST) == []
    [moment] = found(of(exit_._replace(fees_usd=Decimal(5), pnl_usd=Decimal(25))), BEST)
    assert moment.usd == 25


def test_of_equals_the_first_counts():
    """Whatever order they came in."""
    exits = (made(50, at=AT + 3 * DAY), made(50, at=AT + 2 * DAY))
    assert [m.at for m in found(of(*exits), BEST)] == [AT + 2 * DAY]
    losses = (made(-50, at=AT + 3 * DAY), made(-50, at=AT + 2 * DAY))
    assert [m.at for m in found(of(*losses), WORST)] == [AT + 2 * DAY]


def test_records_from_before_the_story_count_as_well():
    """And are not told twice where the story has them."""
    before = made(500, at=AT + 60)
    later = made(50, at=AT + 2 * DAY)
    [moment] = found(of(later, records=(before, later)), BEST)
    assert moment.at == AT + 60


@pytest.mark.parametrize(("cost", "count"), [("9.99", 0), ("10", 1)])
def test_dust_is_ignored(cost, count):
    """What cost less than ten dollars."""
    assert len(found(of(made(100, cost=cost)), BEST)) == count


def test_without_a_known_profit_there_is_no_number():
    """No cost, no price, no known units, no time."""
    exit_ = made(100)
    unknown = (
        exit_._replace(pnl_usd=None),
        exit_._replace(cost_usd=None),
        exit_._replace(fees_usd=None),
        exit_._replace(qty_raw=0),
        exit_._replace(stamp=exit_.stamp._replace(at=None)),
    )
    for each in unknown:
        assert found(of(each), BEST) == []
    assert found(story(book(), mint=USDC_MINT, exits=(exit_,)), BEST) == []


def test_lots_beyond_those_listed_are_counted():
    """An exit may take thousands; they are told with the exit itself."""
    many = sell(AT + DAY, 300, 400, [lot(AT + n, 2, 2) for n in range(150)])
    [moment] = found(of(many), BEST)
    assert len(moment.evidence["lots"]) == 100
    assert moment.evidence["lots_left_out"] == 50


def test_a_partial_history_and_what_rests_on_no_price_are_said():
    """The lot may be another one; a price that is gone is not invented."""
    exit_ = made(100)._replace(bought_mint=MINT)
    [moment] = found(of(exit_, is_history_partial=True), BEST)
    assert moment.provisional == {Provisional.HISTORY_PARTIAL}
    assert (moment.source, moment.confidence) == ("stored", 50)
