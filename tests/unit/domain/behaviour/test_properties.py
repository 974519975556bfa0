"""What holds of every history's portrait."""

from dataclasses import fields
from decimal import Decimal
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from oof.domain.behaviour.codec import decode_behaviour, encode_behaviour
from oof.domain.behaviour.portray import portray
from oof.domain.behaviour.records import History, MomentNote
from oof.domain.classification.config import DEFAULTS
from oof.domain.classification.model import Case
from oof.domain.classification.registry import RULES, classify
from oof.domain.moments.model import MomentKind
from oof.domain.units import SOL_MINT, UnixSeconds
from oof.domain.windows import Window, window_days
from tests.support.behaviour import (
    BONK,
    NOON,
    TODAY,
    WIF,
    cost,
    entry,
    episode,
    exit_,
    first_buy,
    part,
    trade,
)

MINTS = (BONK, WIF, "jup")
SPAN_S = 400 * 86_400


def history_of(seed):
    """A history of up to forty records of each kind, drawn from a seed."""
    random = Random(seed)
    numbers = random.sample(range(60), random.randint(0, 40))
    return History(
        trades=[a_trade(random, number) for number in numbers],
        costs=[cost(number, tip=random.choice((0, 7, 10**6))) for number in numbers],
        entries=[
            entry(n, mint=random.choice(MINTS), at=a_time(random), usd=an_amount(random, 0))
            for n in numbers
        ],
        exits=[an_exit(random, number) for number in numbers],
        episodes=[
            an_episode(random, mint, number)
            for mint in MINTS
            for number in range(1, random.randint(1, 9))
        ],
        first_buys=[first_buy(n, random.randint(0, 200)) for n in range(random.randint(0, 9))],
        moments=[
            MomentNote(
                random.choice(list(MomentKind)),
                number,
                UnixSeconds(NOON - random.randint(0, SPAN_S)),
            )
            for number in numbers
        ],
    )


def a_time(random):
    """Some time within more than a year, often of the last day, or one that nobody knows."""
    ago = random.choice((random.randint(0, SPAN_S), random.randint(0, 30_000)))
    return None if random.random() < 0.1 else NOON - ago


def an_amount(random, lowest):
    """Some dollars, or none that anybody knows."""
    units = random.randint(lowest, 10**11)
    return None if random.random() < 0.1 else Decimal(units).scaleb(-8)


def a_trade(random, number):
    """A purchase or sale of some token, three in a slot."""
    sides = [SOL_MINT, random.choice(MINTS)]
    random.shuffle(sides)
    return trade(
        number,
        a_time(random),
        slot=number // 3,
        sold_mint=sides[0],
        bought_mint=sides[1],
        venue=f"venue {random.randint(0, 14)}",
        terminal=random.choice((None, "photon", "axiom")),
        arbitrage=random.random() < 0.2,
    )


def an_exit(random, number):
    """A sale at a profit or a loss, after seconds or years."""
    hold = random.choice((None, random.randint(0, 400), random.randint(0, 10**8)))
    pnl = an_amount(random, -(10**11))
    return exit_(
        number,
        mint=random.choice(MINTS),
        at=a_time(random),
        hold_s=hold,
        cost_usd=an_amount(random, 0),
        pnl_usd=pnl,
        sold_raw=random.randint(1, 1_000),
        received_raw=random.randint(0, 1_000),
    )


def an_episode(random, mint, number):
    """One of ten slots after the one before, rarely still open."""
    opened = 10 * number + random.randint(0, 4)
    closed = None if random.random() < 0.1 else opened + random.randint(0, 5)
    return episode(number, opened, closed, mint=mint)


HISTORIES = st.integers(0, 2**32).map(history_of)


@settings(max_examples=40, deadline=None)
@given(HISTORIES, st.sampled_from(Window), st.randoms(use_true_random=False))
def test_order_does_not_matter(history, window, random):
    """Shuffle every list of records: portrait and verdicts stay as they are."""
    shuffled = History(
        **{each.name: mixed(getattr(history, each.name), random) for each in fields(History)}
    )

    assert told(history, window) == told(shuffled, window)


@settings(max_examples=40, deadline=None)
@given(HISTORIES, st.sampled_from(Window))
def test_counts_add_up_and_shares_are_shares(history, window):
    """Histograms have every trade whose time is known once; whatever is a share is 0 to 1."""
    behaviour, verdicts = told(history, window)
    sample, rhythm = behaviour.sample, behaviour.rhythm

    dated = sample.trades - sample.undated_trades
    assert sum(rhythm.by_hour) == sum(rhythm.by_weekday) == dated
    mix = behaviour.mix
    assert sum(each.trades for each in mix.venues) + mix.other_venues == sample.trades
    assert mix.direct + sum(e.trades for e in mix.terminals) + mix.other_terminals == sample.trades
    for path, value in leaves(encode_behaviour(behaviour)):
        if path.endswith(("_share", "_score", "concentration", ".share", "win_rate")):
            assert value is None or 0 <= Decimal(value) <= 1, path
        if path.endswith(("disposition", "burstiness")):
            assert value is None or -1 <= Decimal(value) <= 1, path
    for verdict in verdicts:
        assert (verdict.value is None) == (verdict.missing is not None)
        assert (verdict.value is None) == (verdict.confidence is None)
        assert verdict.confidence is None or 0 <= verdict.confidence <= 1
        assert verdict.value is None or verdict.sample >= verdict.least


@settings(max_examples=30, deadline=None)
@given(HISTORIES)
def test_what_is_stored_is_what_was_found(history):
    """A portrait survives being written down, to the last digit and type."""
    behaviour, verdicts = told(history, Window.ALL)

    assert decode_behaviour(encode_behaviour(behaviour)) == behaviour
    assert [verdict.name for verdict in verdicts] == [rule.name for rule in RULES]
    for verdict, rule in zip(verdicts, RULES, strict=True):
        assert verdict.value in {None, *rule.values}


def told(history, window):
    """The portrait of a window, and its verdicts."""
    found = part(history, window_days(window, TODAY))
    behaviour = portray(found, history.episodes)
    return behaviour, classify(Case(found, behaviour, DEFAULTS))


def mixed(records, random):
    """Some records in another order; what is no list stays."""
    return random.sample(records, len(records)) if isinstance(records, list) else records


def leaves(told_, path=""):
    """Every value of a document, with its path."""
    if isinstance(told_, dict):
        for name, value in told_.items():
            yield from leaves(value, f"{path}.{name}")
    elif isinstance(told_, list):
        for value in told_:
            yield from leaves(value, path)
    else:
        yield path, told_
