"""Holds, sizes, exits, re-entries, launches, costs and results, of histories told by hand."""

from decimal import Decimal

from oof.domain.behaviour.model import Reason
from oof.domain.units import Lamports
from tests.support.behaviour import (
    BONK,
    DAY_S,
    NOON,
    WIF,
    cost,
    entry,
    episode,
    exit_,
    first_buy,
    portrait,
    trade,
)

HOUR_S = 3_600


def test_quantiles_are_nearest_ranks():
    """Of 1 to 10 hours: the first, third, fifth, eighth and ninth."""
    exits = [exit_(hours, hold_s=hours * HOUR_S) for hours in range(1, 11)]

    hold = portrait(exits=exits).holding.hold

    told = [hold.p10, hold.p25, hold.median, hold.p75, hold.p90]
    assert told == [hours * HOUR_S for hours in (1, 3, 5, 8, 9)]
    assert hold.mean == 5 * HOUR_S + HOUR_S // 2


def test_scores_tell_flippers_from_holders():
    """Exits at once flip wholly; after six hours by half; a month held is half a hold."""
    at_once = portrait(exits=[exit_(n, hold_s=0) for n in range(5)]).holding
    six_hours = portrait(exits=[exit_(n, hold_s=6 * HOUR_S) for n in range(5)]).holding
    month = portrait(exits=[exit_(n, hold_s=30 * DAY_S) for n in range(5)]).holding

    assert (at_once.flipper_score, at_once.holder_score) == (Decimal("1.000000"), Decimal(0))
    assert six_hours.flipper_score == Decimal("0.500000")
    assert month.holder_score == Decimal("0.500000")
    assert month.over_month_share == Decimal("1.000000")
    assert at_once.under_minute_share == Decimal("1.000000")


def test_what_is_still_held_counts_as_held():
    """Five exits at once and five tokens held since thirty days: a quarter of a holder."""
    since = NOON + 12 * HOUR_S - 30 * DAY_S
    held = [episode(1, 0, None, mint=f"token {n}", opened_at=since) for n in range(5)]

    told = portrait(exits=[exit_(n, hold_s=0) for n in range(5)], episodes=held).holding

    assert told.holder_score == Decimal("0.250000")
    assert told.flipper_score == Decimal("1.000000")


def test_disposition_tells_who_sits_on_losses():
    """Losers held three times as long: (3 - 1) / (3 + 1); SOL tells where USD does not."""
    lost = {"pnl_usd": None, "pnl_lamports": -5}
    exits = [exit_(n, hold_s=HOUR_S) for n in range(5)]
    exits += [exit_(10 + n, hold_s=3 * HOUR_S, **lost) for n in range(5)]

    assert portrait(exits=exits).holding.disposition == Decimal("0.500000")
    few = portrait(exits=exits[:9]).holding
    assert (few.disposition, few.disposition_missing) == (None, Reason.TOO_FEW)
    assert few.missing is None


def test_exits_without_a_hold_are_not_made_up():
    """Five exits whose lots have no time have none: that is said, and no score is 0."""
    told = portrait(exits=[exit_(n, hold_s=None, received_raw=60) for n in range(5)]).holding

    assert told.missing is Reason.NO_TIME
    assert (told.flipper_score, told.hold.median) == (None, None)
    assert told.received_share == Decimal("1.000000")
    assert portrait(exits=[exit_(1)]).holding.missing is Reason.TOO_FEW


def test_sizes_are_in_sol_and_usd():
    """Three entries of 1 SOL and two of 2 paid in dollars; one token has most of it."""
    entries = [entry(n) for n in range(3)]
    entries += [
        entry(10 + n, mint=WIF, lamports=None, usd=Decimal(350), at=NOON - DAY_S) for n in range(2)
    ]

    told = portrait(entries=entries).sizing

    assert (told.sol.count, told.sol.median, told.sol.missing) == (3, None, Reason.TOO_FEW)
    assert (told.usd.median, told.usd.mean) == (Decimal("100.00000000"), Decimal("200.00000000"))
    assert told.bought_usd == Decimal("1000.00000000")
    assert told.peak_day_usd == Decimal("700.00000000")
    assert told.top_token_share == Decimal("0.700000")
    assert told.concentration == Decimal("0.580000")
    assert told.same_size_share is None


def test_equal_sizes_are_noticed_to_two_digits():
    """0.50 and 0.509 SOL are one size, 0.51 is another."""
    sizes = [500_000_000, 509_999_999, 505_000_000, 500_000_001, 510_000_000]
    entries = [entry(n, lamports=Lamports(size)) for n, size in enumerate(sizes)]

    assert portrait(entries=entries).sizing.same_size_share == Decimal("0.800000")


def test_entries_without_a_price_have_no_size():
    """They are enough, but nobody knows what they were worth: that is the reason, not 0."""
    told = portrait(entries=[entry(n, usd=None) for n in range(5)]).sizing

    assert told.missing is told.usd.missing is Reason.NO_PRICE
    assert told.top_token_share is told.peak_day_usd is None
    assert told.sol.median == Decimal("1.000000000")


def test_exit_styles_are_told_by_episode():
    """One sold at once, one in a ladder of three, one in three of which the first is most."""
    episodes = [episode(1, 0, 10), episode(2, 20, 30), episode(3, 40, 50)]
    sold = {10: 100, 25: 30, 26: 40, 30: 30, 41: 60, 45: 20, 50: 20}
    exits = [exit_(slot, sold_raw=raw) for slot, raw in sold.items()]
    entries = [entry(slot) for slot in (0, 1, 20, 40)]

    told = portrait(episodes=episodes, exits=exits, entries=entries).leaving

    assert told.episodes == 3
    assert told.single_exit_share == Decimal("0.333333")
    assert told.ladder_share == Decimal("0.333333")
    assert told.first_exit_share == Decimal("0.600000")
    assert told.exits_per_episode == Decimal("2.333333")
    assert told.entries_per_episode == Decimal("1.333333")


def test_episodes_that_are_not_all_looked_at_do_not_count():
    """One that began below what is looked at, and one that ended by a transfer."""
    episodes = [episode(1, 0, 10), episode(2, 20, 30), episode(3, 40, 50), episode(4, 60, 70)]
    exits = [exit_(slot) for slot in (10, 30, 50)]

    capped = portrait(episodes=episodes, exits=exits, capped_below=5, capped_at=NOON)

    assert portrait(episodes=episodes, exits=exits).leaving.episodes == 3
    assert (capped.leaving.episodes, capped.leaving.missing) == (2, Reason.TOO_FEW)
    assert (capped.sample.episodes, capped.sample.is_capped) == (4, True)


def test_coming_back_is_counted_by_token():
    """One token twice, 100 seconds apart, and another once."""
    episodes = [episode(1, 0, 100), episode(2, 200, None), episode(1, 50, 60, mint=WIF)]

    told = portrait(episodes=episodes).reentry

    assert (told.opened, told.per_token) == (3, Decimal("1.500000"))
    assert told.reentered_share == Decimal("0.500000")
    assert (told.gap.count, told.gap.median, told.gap.missing) == (1, None, Reason.TOO_FEW)


def test_delays_count_from_the_oldest_purchase_by_another():
    """Or from the minting; where the wallet's own is the oldest, the launch is not known."""
    buys = [first_buy(1, 30), first_buy(2, 90), first_buy(3, 0, is_own=True)]
    created = first_buy(4, 0, is_own=True, is_created=True)

    told = portrait(first_buys=[*buys, created]).launches

    assert (told.first_buys, told.known, told.created) == (4, 3, 1)
    assert (told.delay.p10, told.delay.median, told.delay.p90) == (0, 30, 90)
    assert told.within_minute_share == Decimal("0.666667")
    unknown = portrait(first_buys=[first_buy(n, 9, is_own=True) for n in range(3)]).launches
    assert unknown.missing is unknown.delay.missing is Reason.NOT_SEEN


def test_venues_and_terminals_are_parts_of_all_trades():
    """Ten of each are named, most trades first; the rest is counted."""
    trades = [trade(n, NOON, venue=f"venue {n:02}") for n in range(12)]
    trades += [trade(20, NOON, venue="venue 11", terminal="photon", is_maker=True)]

    told = portrait(trades=trades).mix

    assert (told.venues[0].name, told.venues[0].trades) == ("venue 11", 2)
    assert told.venues[0].share == Decimal("0.153846")
    assert [each.name for each in told.venues[1:]] == [f"venue {n:02}" for n in range(9)]
    assert told.other_venues == 2
    assert [each.name for each in told.terminals] == ["photon"]
    assert (told.direct, told.maker_share) == (12, Decimal("0.076923"))


def test_costs_are_by_transaction():
    """Tips are those of transactions with one, priority fees of all."""
    costs = [cost(n, priority=Lamports(n * 1_000)) for n in range(4)]
    costs += [cost(9, tip=Lamports(10**6), bot_fee=Lamports(7), total=Lamports(2 * 10**6))]

    told = portrait(costs=costs).costs

    assert told.priority.median == Decimal("0.000001000")
    assert (told.tip_share, told.tips.count, told.tips.median) == (Decimal("0.200000"), 1, None)
    assert told.bot_fee_share == Decimal("0.200000")
    assert told.total_sol == Decimal("0.002020000")
    assert portrait(costs=costs[:4]).costs.missing is Reason.TOO_FEW


def test_results_are_those_of_exits_with_a_profit_in_dollars():
    """Four of 10 and one of -20 on 100 each: a profit factor of two; others do not count."""
    lost = exit_(9, pnl_usd=Decimal(-20))
    unknown = exit_(10, pnl_usd=None, cost_usd=None)

    told = portrait(exits=[*(exit_(n) for n in range(4)), lost, unknown]).results

    assert (told.realized_usd, told.cost_usd) == (Decimal("20.00000000"), Decimal("500.00000000"))
    assert (told.win_rate, told.roi) == (Decimal("0.800000"), Decimal("0.040000"))
    assert (told.profit_factor, told.fee_rate) == (Decimal("2.000000"), Decimal("0.010000"))
    assert (told.wins, told.losses, told.gain, told.loss) == (4, 1, None, None)


def test_extremes_of_results_are_counted():
    """Five times the cost, four fifths lost, and in and out at one price within minutes."""
    exits = [
        exit_(1, pnl_usd=Decimal(400)),
        exit_(2, pnl_usd=Decimal(399)),
        exit_(3, pnl_usd=Decimal(-80)),
        exit_(4, pnl_usd=Decimal(-79)),
        exit_(5, pnl_usd=Decimal(-2), hold_s=300),
        exit_(6, pnl_usd=Decimal(-2), hold_s=301),
        exit_(7, pnl_usd=Decimal("-2.1"), hold_s=10),
    ]

    told = portrait(exits=exits).results

    assert (told.big_wins, told.deep_losses, told.flat_turns) == (1, 1, 1)


def test_without_prices_there_are_no_results():
    """A rate of nothing is not 0; a profit factor without losses is none."""
    told = portrait(exits=[exit_(n, pnl_usd=None) for n in range(5)]).results

    assert told.missing is Reason.NO_PRICE
    assert told.win_rate is told.roi is None
    assert portrait(exits=[exit_(n) for n in range(5)]).results.profit_factor is None
    assert BONK != WIF
