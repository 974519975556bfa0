"""When and how quickly a wallet trades, of histories told by hand."""

from decimal import Decimal

from oof.domain.behaviour.model import Reason
from oof.domain.tokens import USDC_MINT
from oof.domain.units import SOL_MINT
from oof.domain.windows import DaySpan
from tests.support.behaviour import BONK, DAY_S, NOON, TODAY, portrait, trade


def test_trades_are_counted_by_hour_and_weekday():
    """Ten on Friday at noon and two on the Thursday before at one: in UTC, Monday first."""
    trades = [trade(number, NOON + number) for number in range(10)]
    trades += [trade(20 + number, NOON - DAY_S + 3_600) for number in range(2)]

    told = portrait(trades=trades).rhythm

    assert (told.by_hour[12], told.by_hour[13], sum(told.by_hour)) == (10, 2, 12)
    assert told.by_weekday == (0, 0, 0, 2, 10, 0, 0)
    assert (told.active_days, told.covered_days, told.peak_hour) == (2, 2, 12)
    assert told.trades_per_day == told.trades_per_active_day == Decimal("6.000000")
    assert told.active_hours_per_day == Decimal("1.000000")
    assert told.quiet_hours == 22


def test_a_span_is_covered_from_the_first_trade_on():
    """A window's days before a wallet's first trade do not thin its trades out; later ones do."""
    trades = [trade(number, NOON - 9 * DAY_S) for number in range(10)]

    month = portrait(DaySpan(TODAY - 29, TODAY), trades=trades).rhythm
    assert (month.covered_days, month.active_days) == (10, 1)
    assert month.trades_per_day == Decimal("1.000000")
    assert portrait(DaySpan(TODAY - 6, TODAY), trades=trades).sample.trades == 0


def test_quiet_hours_run_around_midnight():
    """Busy from eight to twenty in UTC: twelve hours of rest, counted over midnight."""
    trades = [trade(hour, TODAY * DAY_S + hour * 3_600) for hour in range(8, 20)]

    assert portrait(trades=trades).rhythm.quiet_hours == 12


def test_without_enough_trades_nothing_is_said_but_counts():
    """Nine are too few; twelve whose times nobody knows have no time."""
    few = portrait(trades=[trade(number, NOON) for number in range(9)])
    undated = portrait(trades=[trade(number, None) for number in range(12)])

    assert few.rhythm.missing is few.pace.missing is Reason.TOO_FEW
    assert few.rhythm.trades_per_day is None
    assert few.rhythm.by_hour[12] == 9
    assert undated.rhythm.missing is undated.sessions.missing is Reason.NO_TIME
    assert (undated.sample.trades, undated.sample.undated_trades) == (12, 12)


def test_gaps_are_between_transactions():
    """Two trades of one transaction are no gap; of 1, 1, …, 1, 91 s the median is 1."""
    trades = [trade(number, NOON + number) for number in range(10)]
    trades += [trade(9, NOON + 9, leg=1), trade(10, NOON + 100)]

    told = portrait(trades=trades).pace

    assert (told.gap.count, told.gap.median, told.gap.p90, told.gap.mean) == (10, 1, 1, 10)
    assert told.within_2s_share == Decimal("0.900000")


def test_burstiness_tells_clocks_from_bursts():
    """A clock is -1; many short gaps and one long one are bursts; all at once is neither."""
    clock = [trade(number, NOON + 10 * number) for number in range(12)]
    bursts = [trade(number, NOON + number) for number in range(99)] + [trade(99, NOON + 10_000)]
    at_once = [trade(number, NOON) for number in range(12)]

    assert portrait(trades=clock).pace.burstiness == Decimal("-1.000000")
    # gaps 98 * 1 and 9902: n s = sqrt(99 * (98 + 9902^2) - 10000^2), n m = 10000
    assert portrait(trades=bursts).pace.burstiness == Decimal("0.814840")
    assert portrait(trades=at_once).pace.burstiness is None


def test_slots_with_both_sides_are_counted():
    """By two transactions; not by one, not by arbitrage, and not of what trades are paid with."""
    sold = {"sold_mint": BONK, "bought_mint": SOL_MINT}
    trades = [
        trade(1, NOON, slot=5),
        trade(2, NOON, slot=5, **sold),
        trade(3, NOON, slot=6),
        trade(3, NOON, slot=6, leg=1, **sold),
        trade(4, NOON, slot=7, arbitrage=True),
        trade(5, NOON, slot=7, arbitrage=True, **sold),
        trade(6, NOON, slot=8, bought_mint=USDC_MINT),
        trade(7, NOON, slot=8, sold_mint=USDC_MINT, bought_mint=SOL_MINT),
    ]

    assert portrait(trades=trades).pace.same_slot_turns == 1


def test_half_an_hour_of_rest_ends_a_session():
    """A gap of 30 minutes does not, one second more does."""
    starts = [0, 1_800, 3_601 + 0, 3_601 + 60, 20_000]
    told = portrait(trades=[trade(n, NOON + start) for n, start in enumerate(starts)]).sessions

    assert told.count == 3
    assert (told.length.count, told.length.median, told.length.p90) == (3, 60, 1_800)
    assert told.trades == Decimal("1.666667")
    assert told.per_active_day == Decimal("3.000000")
