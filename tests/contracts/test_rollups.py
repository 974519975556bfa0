"""The contract of rollups, held by the facts in memory and by Postgres."""

from decimal import Decimal

import pytest

from oof.app.roll_windows import RollDeps, roll_windows
from oof.domain.positions.days import FIGURES, DayFigures, DayRow
from oof.domain.rollups.windows import roi_of, token_window
from oof.domain.tokens import QUOTES
from oof.domain.windows import NO_DAY, Window, today_of, window_days
from tests.contracts import test_valuation_store as valuing
from tests.contracts.test_valuation_store import SMALL
from tests.exactly_once.world import Delivery, clean_pass
from tests.support.rollups import rollups_of
from tests.support.valued import reset_values

markets, market = valuing.markets, valuing.market


@pytest.fixture
def priced(market):
    """All of a history, valued at prices of SOL, on the last of its days."""
    go_to_end(market)
    clean_pass(market.world)
    market.note()
    market.tell()
    market.settle()
    market.value()
    return market


def go_to_end(market):
    """Let time pass up to the last trade."""
    newest = max(body.block_time for body in market.bodies)
    market.world.clock.pass_(max(0, newest + 1 - market.world.clock.now().timestamp()))


def today(market):
    """The day that it is there."""
    return today_of(market.world.clock.now())


def recomputed(market, last):
    """What windows that end with a day are, from the days of positions alone."""
    days = market.values()["days"]
    rows = [(row["wallet"], day_row(row)) for row in days if row["mint"] not in QUOTES]
    tokens, wallets = {}, {}
    for wallet in {wallet for wallet, _ in rows}:
        own = [row for owner, row in rows if owner == wallet]
        for window in Window:
            span = window_days(window, last)
            whole = DayFigures()
            for mint in {row.mint for row in own}:
                found = token_window(mint, [row for row in own if row.mint == mint], span)
                if found is not None:
                    tokens[wallet, window, mint] = found
                    whole.add(found.figures)
            wallets[wallet, window] = (last, whole)
    return {"tokens": tokens, "wallets": wallets}


def day_row(row):
    """A stored day as it was written."""
    figures = DayFigures(**{name: row[name] for name in FIGURES})
    first_slot, last_slot, first_at, last_at = row["slots"]
    return DayRow(row["mint"], row["day"], first_slot, last_slot, figures, first_at, last_at)


def test_windows_are_sums_of_exits_and_purchases(priced):
    """Of each wallet and token, over each window; of every day of a wallet; to the last decimal."""
    found = rollups_of(priced.facts)
    assert found == recomputed(priced, today(priced))
    values = priced.values()
    exits = [row for row in values["exits"] if row["mint"] not in QUOTES]
    for (wallet, window), (_, figures) in found["wallets"].items():
        if window is not Window.ALL:
            continue
        own = [row["pnl_usd"] for row in exits if row["wallet"] == wallet]
        told = [pnl for pnl in own if pnl is not None]
        assert figures.exits == len(own)
        assert figures.won_usd == sum((pnl for pnl in told if pnl > 0), Decimal(0))
        assert figures.lost_usd == -sum((pnl for pnl in told if pnl < 0), Decimal(0))
        assert figures.realized_usd == figures.won_usd - figures.lost_usd
        days = [row for row in values["wallet_days"] if row["wallet"] == wallet]
        assert sum(row["realized_usd"] for row in days) == figures.realized_usd
        assert sum(row["buys"] for row in days) == figures.buys
    assert any(figures.won_usd for _, figures in found["wallets"].values())
    assert any(roi_of(each.figures) for each in found["tokens"].values())


def test_a_history_in_parts_rolls_up_as_the_whole_does(priced, markets):
    """However it came in, valued in between, and prices last of all."""
    other = markets()
    go_to_end(other)
    world = other.world
    world.track(*world.history.wallets)
    for wallet in world.history.wallets:
        listed = world.history.listings[wallet]
        for part in (listed[:4], listed[4:9], listed[9:]):
            world.store(Delivery("backfill", part, rich=True))
            world.drain()
            world.fold_rest()
            other.value()
    clean_pass(world)
    other.value()
    other.note()
    other.tell()
    other.settle()
    other.value(SMALL)

    move_to(other, max(today(other), today(priced)))
    move_to(priced, today(other))
    assert rollups_of(other.facts) == rollups_of(priced.facts)
    assert other.values()["wallet_days"] == priced.values()["wallet_days"]


def test_what_is_taken_back_leaves_no_trace(priced):
    """Days and tokens that no trade is left of are gone from every window."""
    before = rollups_of(priced.facts)
    [wallet, *_] = priced.world.history.wallets
    with priced.facts.transaction() as transaction:
        held = transaction.lock(wallet)
        marked = {mint: 0 for owner, _, mint in before["tokens"] if owner == wallet}
        opened = transaction.open_days(held.wallet_id, marked)
        days = {day for each in opened.values() for day in each.days}
        transaction.roll(held.wallet_id, mints=opened, days=days, today=today(priced))

    found = rollups_of(priced.facts)
    assert not any(owner == wallet for owner, _, _ in found["tokens"])
    assert {figures == DayFigures() for (owner, _), (_, figures) in found["wallets"].items()
            if owner == wallet} == {True}  # fmt: skip
    assert not any(row["wallet"] == wallet for row in priced.values()["wallet_days"])

    reset_values(priced.facts, 0)
    priced.value()
    assert rollups_of(priced.facts) == before


def move_to(market, day):
    """Let time pass up to a day, and windows move on."""
    while today(market) < day:
        market.world.clock.pass_(86_400)
    deps = RollDeps(facts=market.facts, clock=market.world.clock, batch=2)
    assert roll_windows(deps=deps, is_in_time=lambda: True).is_done


@pytest.mark.parametrize("days", [1, 6, 40, 400])
def test_windows_move_on_across_midnight(priced, days):
    """What leaves them leaves, of what did nothing since too; and nothing else is touched."""
    start = today(priced)
    move_to(priced, start + days)
    found = rollups_of(priced.facts)
    assert found == recomputed(priced, start + days)
    assert priced.facts.wallets_behind(today=start + days, limit=9) == ()


def test_a_turn_of_one_token_moves_the_others_on(priced):
    """A wallet's windows all end with the same day, whoever is first after midnight."""
    start = today(priced)
    priced.world.clock.pass_(5 * 86_400)
    reset_values(priced.facts, 0)
    priced.value(SMALL)
    assert rollups_of(priced.facts) == recomputed(priced, start + 5)


def test_windows_are_rolled_in_batches_until_time_is_up(priced):
    """What is left is found the next time, longest behind first."""
    wallets = set(priced.world.history.wallets)
    start = today(priced)
    priced.world.clock.pass_(86_400)
    assert set(priced.facts.wallets_behind(today=start + 1, limit=9)) == wallets
    assert len(priced.facts.wallets_behind(today=start + 1, limit=1)) == 1
    deps = RollDeps(facts=priced.facts, clock=priced.world.clock, batch=1)
    turns = iter([True, False])
    report = roll_windows(deps=deps, is_in_time=lambda: next(turns))
    assert report == (1, False)
    assert len(priced.facts.wallets_behind(today=start + 1, limit=9)) == len(wallets) - 1
    assert roll_windows(deps=deps, is_in_time=lambda: True) == (len(wallets) - 1, True)


def test_a_clock_that_goes_back_takes_nothing_back(priced):
    """Windows end with the latest day that they ever ended with."""
    start = today(priced)
    with priced.facts.transaction() as transaction:
        for wallet in priced.world.history.wallets:
            held = transaction.lock(wallet)
            transaction.roll(held.wallet_id, mints=(), days=(), today=start - 3)
    assert rollups_of(priced.facts) == recomputed(priced, start)


def test_what_has_no_known_time_is_in_all_alone(market):
    """As nobody knows that it was within so many days."""
    assert window_days(Window.ALL, 5).has(NO_DAY)
    assert not window_days(Window.YEAR, 5).has(NO_DAY)
