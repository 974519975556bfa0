"""What holds for all detectors, on any story: whole, in parts, in any order and at any time."""

from collections import deque
from dataclasses import fields, replace
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import oof.domain.moments
from oof.domain.moments.config import DIVISORS, MomentConfig, Yield
from oof.domain.moments.model import (
    BalancePoint,
    LotSlice,
    MomentKind,
    Neighbour,
    Provisional,
    StoryEpisode,
    StoryFees,
    moment_id,
)
from oof.domain.moments.needs import next_look
from oof.domain.moments.registry import DETECTORS, detect
from oof.domain.moments.stored import RECORD_KINDS
from oof.domain.moments.thresholds import with_thresholds
from oof.domain.prices.book import MintPrices, PriceBook
from oof.domain.prices.candles import Candle, Source, Width, flat
from oof.domain.tokens import USDC_MINT
from oof.domain.transactions.model import Kind
from oof.domain.units import (
    SOL_MINT,
    Address,
    Lamports,
    Mint,
    RawAmount,
    Signature,
    Slot,
    UnixSeconds,
)
from tests.support.recompute import check_evidence
from tests.support.stories import (
    ALL_DAYS,
    DAY,
    DAYS,
    DOLLARS,
    HOUR,
    MINT,
    T0,
    WALLET,
    buy,
    lot,
    sell,
    story,
)

CONFIG = MomentConfig(
    yields=(Yield(MINT, Decimal("0.5"), RawAmount(10**6), "a test"),),
    idle_least_s=HOUR,
    idle_usd=Decimal(1),
    fee_usd=Decimal(1),
    dust_usd=Decimal(1),
)
"""Low enough that all kinds come up."""
LOOSE = with_thresholds(
    {
        part.name: Decimal(0)
        for part in fields(MomentConfig)
        if part.name not in {*DIVISORS, "yields"}
    },
    CONFIG,
)
"""Everything is told that can be worked out."""
PRICES = st.sampled_from(["0.01", "0.05", "0.3", "0.5", "0.9", "1", "1.1", "2", "3", "12"])
CONFIDENCES = st.sampled_from([30, 50, 80])
SLOW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def candles(draw):
    """Buckets of all widths, sources and confidences, with many gaps."""
    found = []
    for _ in range(draw(st.integers(0, 16))):
        width = draw(st.sampled_from(list(Width)))
        hour = T0 + HOUR * draw(st.integers(0, 12 * 24))
        low, high = sorted((Decimal(draw(PRICES)), Decimal(draw(PRICES))))
        first, last = (low, high) if draw(st.booleans()) else (high, low)
        if draw(st.booleans()):
            low, high = low / 3, high * 3
        told = draw(st.sampled_from([None, Decimal(50), Decimal(10_000)]))
        source, confidence = draw(st.sampled_from(list(Source))), draw(CONFIDENCES)
        start = UnixSeconds(width.bucket(hour))
        found.append(Candle(start, width, first, high, low, last, told, source, confidence))
    return found


class Walk:
    """Buys and sells one after the other, first in first out, with what comes of them."""

    def __init__(self):
        self.lots: deque[LotSlice] = deque()
        self.trades, self.exits, self.balances, self.episodes = [], [], [], []

    @property
    def held(self):
        """Units that are held."""
        return sum(part.qty_raw for part in self.lots) // 10**6

    def buy(self, at, units, usd):
        """Open a lot."""
        if not self.lots:
            number, slot = len(self.episodes) + 1, Slot(at - T0 + 1_000_000)
            self.episodes.append(StoryEpisode(number, slot, UnixSeconds(at), None, None))
        trade = buy(at, units, usd)
        self.trades.append(trade)
        self.lots.append(lot(at, units, usd))
        self._point(trade.stamp)

    def sell(self, at, units, usd):
        """Take the oldest lots."""
        taken, left = [], units * 10**6
        while left:
            first = self.lots.popleft()
            part = min(first.qty_raw, left)
            rest = first.qty_raw - part
            cost = first.cost_usd * part / first.qty_raw
            taken.append(first._replace(qty_raw=RawAmount(part), cost_usd=cost))
            if rest:
                left_cost = first.cost_usd - cost
                self.lots.appendleft(first._replace(qty_raw=RawAmount(rest), cost_usd=left_cost))
            left -= part
        exit_ = sell(at, units, usd, taken)
        trade = buy(at, usd, units, stamp=exit_.stamp, sold_mint=MINT, bought_mint=USDC_MINT)
        self.exits.append(exit_)
        self.trades.append(trade)
        self._point(exit_.stamp)
        if not self.lots:
            last = self.episodes[-1]
            self.episodes[-1] = last._replace(
                closed_slot=exit_.stamp.slot, closed_at=exit_.stamp.at
            )

    def _point(self, stamp):
        held = RawAmount(sum(part.qty_raw for part in self.lots))
        self.balances.append(BalancePoint(stamp, held))


@st.composite
def walks(draw):
    """A wallet's dealings with one token over some days."""
    walk, at = Walk(), T0 + HOUR
    for _ in range(draw(st.integers(0, 8))):
        at += draw(st.sampled_from([60, 6 * HOUR, DAY, 3 * DAY]))
        usd = draw(st.sampled_from([1, 12, 40, 100, 2_000]))
        if walk.held and draw(st.booleans()):
            walk.sell(at, draw(st.integers(1, walk.held)), usd)
        else:
            walk.buy(at, draw(st.sampled_from([10, 100, 1_000])), usd)
    return walk, at


@st.composite
def stories(draw):
    """Any story, with neighbours and fees around its trades."""
    walk, last = draw(walks())
    asked = ALL_DAYS - draw(st.frozensets(st.integers(T0 // DAY, T0 // DAY + 14), max_size=2))
    around = [_near(trade) for trade in walk.trades if draw(st.booleans())]
    sol = [_flat(trade.stamp.at, "100") for trade in walk.trades]
    prices = PriceBook(
        [
            MintPrices(MINT, 6, draw(candles()) + around, asked, frozenset()),
            MintPrices(USDC_MINT, 6, DOLLARS, ALL_DAYS, frozenset()),
            MintPrices(SOL_MINT, 9, sol, ALL_DAYS, frozenset()),
        ]
    )
    records = [each for each in walk.exits if each.pnl_usd is not None]
    return story(
        prices,
        now=last + draw(st.integers(0, 30 * DAY)),
        trades=tuple(walk.trades),
        exits=tuple(walk.exits),
        records=tuple(
            pick(records, key=lambda each: each.pnl_usd) for pick in (min, max) if records
        ),
        open_lots=tuple(walk.lots),
        balances=tuple(walk.balances),
        episodes=tuple(walk.episodes),
        fees=tuple(
            StoryFees(t.stamp, {Kind.TIP: Lamports(draw(st.integers(0, 10**9)))}, 1)
            for t in walk.trades
        ),
        neighbours=tuple(
            each for t in walk.trades if draw(st.booleans()) for each in _legs_around(t)
        ),
        is_history_partial=draw(st.booleans()),
        soft_from=draw(st.sampled_from([None, Slot(1_000_000 + 2 * DAY)])),
    )


def _near(trade):
    """What the token was worth in the minute of a trade: a tenth off."""
    legs = (trade.sold_raw, trade.bought_raw)
    paid, units = legs if trade.bought_mint == MINT else legs[::-1]
    usd = (Decimal(paid) * 9 / 10 / Decimal(units)).quantize(Decimal("1e-6"))
    start = UnixSeconds(Width.MINUTE.bucket(trade.stamp.at))
    return flat(start, Width.MINUTE, max(usd, Decimal("1e-6")), Source.JUPITER, 75)


def _flat(at, price):
    start = UnixSeconds(Width.HOUR.bucket(at))
    return flat(start, Width.HOUR, Decimal(price), Source.PYTH, 95)


def _legs_around(trade):
    """A front leg at a better price, and its back leg."""
    front = trade.stamp._replace(tx_index=-1, signature=Signature("front"))
    back = trade.stamp._replace(tx_index=1, signature=Signature("back"))
    sold, bought = RawAmount(trade.sold_raw), RawAmount(trade.bought_raw * 2)
    legs = (trade.sold_mint, sold, trade.bought_mint, bought)
    yield Neighbour(front, 0, Address("Bot"), *legs, "raydium", ("raydium",))
    yield Neighbour(
        back, 0, Address("Bot"), legs[2], bought, legs[0], sold, "raydium", ("raydium",)
    )


@SLOW
@given(stories())
def test_any_story_has_moments_that_follow_from_their_evidence(told):
    """No detector raises; severities are within 0 and 1; ids are all different."""
    moments = detect(told, CONFIG)

    for moment in moments:
        check_evidence(moment)
        assert (moment.due_at is None) or moment.due_at > told.now
        assert moment.due_at is None or Provisional.WINDOW_OPEN in moment.provisional
    assert len({moment.id_of(WALLET) for moment in moments}) == len(moments)
    assert list(moments) == sorted(moments, key=lambda moment: moment.order)


@SLOW
@given(stories())
def test_without_any_threshold_every_number_still_follows(told):
    """Whatever an operator sets."""
    for moment in detect(told, LOOSE):
        check_evidence(moment)


@SLOW
@given(stories(), st.randoms(use_true_random=False))
def test_facts_that_are_not_known_yet_stop_no_detector(told, random):
    """Times and places in the block may be missing anywhere, amounts may be nothing."""
    vague = replace(
        told,
        trades=tuple(_vague(each, random) for each in told.trades),
        exits=tuple(_vague(each, random) for each in told.exits),
        balances=tuple(_vague(each, random) for each in told.balances),
        fees=tuple(_vague(each, random) for each in told.fees),
        neighbours=tuple(_vague(each, random) for each in told.neighbours),
        episodes=tuple(
            each._replace(opened_at=None, closed_at=None) if random.random() < 0.3 else each
            for each in told.episodes
        ),
    )
    for moment in detect(vague, LOOSE):
        check_evidence(moment)
    assert next_look(vague, LOOSE) is None or next_look(vague, LOOSE) > vague.now


@SLOW
@given(stories(), st.randoms(use_true_random=False))
def test_the_order_of_a_storys_parts_does_not_matter(told, random):
    """Nor that detectors ran before."""
    parts = {}
    for name in ("trades", "exits", "records", "balances", "episodes", "fees", "neighbours"):
        rows = list(getattr(told, name))
        random.shuffle(rows)
        parts[name] = tuple(rows)
    assert detect(replace(told, **parts), CONFIG) == detect(told, CONFIG)


@SLOW
@given(stories(), st.data())
def test_a_story_from_a_later_episode_on_tells_the_same_from_there(told, data):
    """So a look costs the episodes that changed, and no more."""
    slots = [trade.stamp.slot for trade in told.trades]
    if not slots:
        return
    slot = data.draw(st.sampled_from(slots))
    begins = max(e.opened_slot for e in told.episodes if e.opened_slot <= slot)
    later = replace(
        told,
        trades=_since(told.trades, begins),
        exits=_since(told.exits, begins),
        balances=_since(told.balances, begins),
        fees=_since(told.fees, begins),
        neighbours=_since(told.neighbours, begins),
        episodes=tuple(e for e in told.episodes if e.opened_slot >= begins),
    )
    whole = [m for m in detect(told, CONFIG) if m.slot >= begins or m.kind in RECORD_KINDS]
    assert list(detect(later, CONFIG)) == whole


@SLOW
@given(stories(), st.integers(1, 40 * DAY))
def test_what_is_final_stays(told, seconds):
    """However much later it is looked at, whatever was priced since."""
    later = {m.id_of(WALLET): m for m in detect(replace(told, now=told.now + seconds), CONFIG)}
    for moment in detect(told, CONFIG):
        if Provisional.WINDOW_OPEN not in moment.provisional and moment.kind not in RECORD_KINDS:
            assert later[moment.id_of(WALLET)] == moment


@SLOW
@given(stories())
def test_nothing_changes_before_the_next_look(told):
    """But for prices that come in meanwhile, which mark the story themselves."""
    known = _known_by(told)
    moments = detect(known, CONFIG)
    at = next_look(known, CONFIG, moments)

    assert at is None or at > told.now
    until = told.now + 90 * DAY if at is None else at - 1
    assert detect(replace(known, now=UnixSeconds(until)), CONFIG) == moments


@SLOW
@given(stories())
def test_without_prices_there_is_no_money(told):
    """What the chain alone says has no dollars; what was made was worked out before."""
    blind = PriceBook([MintPrices(MINT, 6, (), ALL_DAYS, frozenset())])
    for moment in detect(replace(told, prices=blind), CONFIG):
        if moment.kind in RECORD_KINDS:
            assert moment.source == "stored"
        else:
            assert (moment.kind, moment.usd) == (MomentKind.SANDWICH, None)


def _vague(row, random):
    """Forget some of what a row says."""
    stamp = row.stamp
    if random.random() < 0.3:
        stamp = stamp._replace(at=None)
    if random.random() < 0.3:
        stamp = stamp._replace(tx_index=None)
    names = [name for name in row._fields if name.endswith("_raw") and random.random() < 0.2]
    return row._replace(stamp=stamp, **dict.fromkeys(names, 0))


def _since(rows, slot):
    return tuple(row for row in rows if row.stamp.slot >= slot)


def _known_by(told):
    """The story with no price from its future."""
    days = frozenset(range(T0 // DAY - 2, T0 // DAY + DAYS))
    asked = frozenset(day for day in days if told.prices.is_asked(MINT, day * DAY, (day + 1) * DAY))
    candles = list(told.prices.within(MINT, UnixSeconds(T0 - DAY), told.now))
    prices = PriceBook(
        [
            MintPrices(MINT, 6, candles, asked, frozenset()),
            MintPrices(USDC_MINT, 6, DOLLARS, ALL_DAYS, frozenset()),
        ]
    )
    return replace(told, prices=prices)


def test_every_kind_comes_up_in_generated_stories():
    """The properties above are about all of them."""
    seen: set[MomentKind] = set()

    @settings(max_examples=150, deadline=None, database=None, derandomize=True)
    @given(stories())
    def look(told):
        seen.update(moment.kind for moment in detect(told, CONFIG))

    look()
    assert seen == set(MomentKind)


def test_every_kind_has_one_detector_in_a_file_and_a_test_of_its_own():
    """And a version."""
    kinds = [detector.kind for detector, _ in DETECTORS]
    assert sorted(kinds) == sorted(MomentKind)
    assert all(detector.version >= 1 for detector, _ in DETECTORS)
    files = {Path(run.__code__.co_filename).stem for _, run in DETECTORS}
    assert len(files) == len(DETECTORS)
    tests = {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py")}
    assert files - {"best_trade", "worst_trade"} <= tests
    assert "records" in tests
    home = Path(oof.domain.moments.__file__).parent
    assert files <= {path.stem for path in home.glob("*.py")}


def test_ids_are_stable():
    """Of kind, wallet, mint, signature and place, in this order."""
    args = (MomentKind.S2E, Address("w"), Mint("m"), Signature("s"))
    assert moment_id(*args, 0) == "7ef478035c2ad7e144c3ac0f2f42e40c"
    assert moment_id(*args, 1) != moment_id(*args, 0)
