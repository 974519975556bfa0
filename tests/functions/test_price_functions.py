"""Refreshing prices through the deployed machine and handlers, over fakes."""

import importlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from oof.app.refresh_prices import HOLD_S, AskPricesDeps, RefreshDeps
from oof.domain.errors import UpstreamRejected, UpstreamUnavailable
from oof.domain.prices.candles import DAY_S, Candle, Source, Width, flat
from oof.domain.prices.wants import Want
from oof.domain.units import SOL_MINT, Mint, UnixSeconds
from oof.ports.memory.blobs import MemoryBlobs
from oof.ports.memory.locks import MemoryFencedLock
from oof.ports.memory.prices import MemoryPriceStore
from tests.support.asl import execute
from tests.support.pricing import COIN, LAMPORTS, MICROS, USDC, dealt
from tests.support.serving import SetClock

STEPS = ("step_settle_prices", "step_ask_prices")
TODAY: Any = 20_600
NOW = TODAY * DAY_S + 40_000


class Context:
    """A function that has its whole time left."""

    def get_remaining_time_in_millis(self) -> int:
        """Return ten minutes."""
        return 600_000


class Telling:
    """A provider that knows one price of some mints, or fails."""

    def __init__(self, source: Source, known: Mapping[Mint, int], *, tells_now: bool) -> None:
        self.source = source
        self.known = known
        self.tells_now = tells_now
        self.batch = 50 if tells_now else 1
        self.reads = 0
        self.asked: list[Want] = []
        self.fault: Exception | None = None

    def tells(self, want: Want) -> bool:
        """See `PriceProvider`."""
        return want.is_now == self.tells_now

    def tell(self, wants: Sequence[Want]) -> Mapping[Want, tuple[Candle, ...]]:
        """See `PriceProvider`."""
        self.reads += 1
        self.asked += wants
        if self.fault is not None:
            raise self.fault
        return {want: self._candles(want) for want in wants if want.mint in self.known}

    def _candles(self, want: Want) -> tuple[Candle, ...]:
        usd = Decimal(self.known[want.mint])
        starts = map(UnixSeconds, range(want.start, want.end, want.width))
        return tuple(flat(start, want.width, usd, self.source, 80) for start in starts)


class Refreshing:
    """The machine and all behind it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.store = MemoryPriceStore()
        self.clock = SetClock(datetime.fromtimestamp(NOW, UTC))
        self.blobs = MemoryBlobs()
        self.lock = MemoryFencedLock()
        self.woken: list[tuple[Candle, ...]] = []
        """The coin's prices whenever wallets were woken."""
        self.first = Telling(Source.PYTH, {SOL_MINT: 100}, tells_now=False)
        self.second = Telling(Source.GECKOTERMINAL, {USDC: 1}, tells_now=False)
        self.quotes = Telling(Source.JUPITER, {COIN: 7}, tells_now=True)
        self.max_reads = 60
        self.handlers: dict[str, Any] = {}
        for name, deps in (
            ("refresh_deps", self._refresh),
            ("ask_prices_deps", self._ask),
        ):
            step = STEPS[name == "ask_prices_deps"]
            module = importlib.import_module(f"functions.{step}.handler")
            monkeypatch.setattr(module, name, deps)
            self.handlers[step] = lambda state, handle=module.handler: handle(state, Context())

    def tick(self) -> Any:
        """What the schedule starts."""
        providers = (self.first, self.second, self.quotes)
        for provider in providers:
            provider.asked = []
        event = {"version": "0", "detail-type": "Scheduled Event", "source": "aws.events"}
        execution = execute("refresh_prices", self.handlers, event)
        assert execution.succeeded
        return execution.state

    def prices(self, mint: Mint) -> tuple[Candle, ...]:
        """What is kept."""
        return self.store.candles(mint, since=UnixSeconds(0), until=UnixSeconds(2**40))

    def due(self) -> set[tuple[Mint, int]]:
        """What is to be asked at once."""
        found = self.store.due_days(at=self.clock.now(), limit=1_000)
        return {(each.mint, each.day) for each in found}

    def _refresh(self) -> RefreshDeps:
        return RefreshDeps(
            store=self.store,
            lock=self.lock,
            wake=lambda: self.woken.append(self.prices(COIN)),
            blobs=self.blobs,
            clock=self.clock,
            new_id=lambda: "0123456789abcdef",
            max_reads=self.max_reads,
        )

    def _ask(self) -> AskPricesDeps:
        for provider in (self.first, self.second, self.quotes):
            provider.reads = 0
        return AskPricesDeps(providers=(self.first, self.second, self.quotes), blobs=self.blobs)


@pytest.fixture
def refreshing(monkeypatch) -> Refreshing:
    """Nothing stored yet."""
    return Refreshing(monkeypatch)


def test_nothing_touched_asks_nothing(refreshing):
    """No trade, no read."""
    state = refreshing.tick()
    assert (state["reads"], state["round"]) == (0, 0)


def test_touched_mints_get_their_prices(refreshing):
    """Each from the first who knows; the coin that nobody knows, from our own trades."""
    traded = NOW - DAY_S
    refreshing.store.store(
        [
            dealt("a", time=traded, coins=10, paid=LAMPORTS),
            dealt("b", time=traded + 5, coins=10, quote=USDC, paid=110 * MICROS),
        ]
    )
    state = refreshing.tick()

    assert state["next"] == "done"
    assert {candle.source for candle in refreshing.prices(SOL_MINT)} == {Source.PYTH}
    assert {candle.source for candle in refreshing.prices(USDC)} == {Source.GECKOTERMINAL}
    by_source = {candle.source: candle for candle in refreshing.prices(COIN)}
    assert by_source[Source.SWAPS].close == Decimal("10.5")
    assert by_source[Source.SWAPS].start == traded // 60 * 60
    assert by_source[Source.JUPITER].close == 7
    assert refreshing.due() == set()


def test_who_waits_for_prices_is_woken_once_they_are_there(refreshing):
    """At the end of a refresh, and not before."""
    refreshing.store.store([dealt("a", time=NOW - DAY_S, coins=10, paid=LAMPORTS)])
    refreshing.tick()

    assert refreshing.woken == [refreshing.prices(COIN)]
    assert refreshing.woken[0]


def test_two_refreshes_do_not_ask_for_the_same(refreshing):
    """While one is at it another asks nothing; once it is over, or silent for long, it may."""
    refreshing.store.store([dealt("a", time=NOW - DAY_S)])
    assert refreshing.lock.enter("other", at=UnixSeconds(NOW), for_s=HOLD_S) is not None
    assert refreshing.tick()["reads"] == 0

    refreshing.clock.advance(seconds=HOLD_S)
    assert refreshing.tick()["reads"] > 0


def test_what_is_stored_during_a_refresh_is_asked_for_before_it_ends(refreshing):
    """Whoever asks for a refresh while one is at it need not wait for the next."""
    refreshing.store.store([dealt("a", time=NOW - DAY_S)])
    late = [dealt("late", time=NOW - 90 * DAY_S)]
    tell = refreshing.first.tell

    def tell_late(wants):
        while late:
            refreshing.store.store([late.pop()])
        return tell(wants)

    refreshing.first.tell = tell_late
    refreshing.tick()

    asked = {day for want in refreshing.first.asked for day in want.days}
    assert TODAY - 90 in asked


def test_a_second_tick_asks_only_what_is_not_over(refreshing):
    """What is settled is never asked again; today and quotes are, a quarter of an hour later."""
    refreshing.store.store([dealt("a", time=NOW - 30 * DAY_S), dealt("b", time=NOW)])
    refreshing.tick()
    assert refreshing.tick()["reads"] == 0

    refreshing.clock.advance(minutes=15)
    refreshing.tick()
    assert {day for want in refreshing.first.asked for day in want.days} == {TODAY}
    assert {want.mint for want in refreshing.quotes.asked} == {SOL_MINT, COIN}


def test_reads_are_bounded_and_go_to_the_dearest(refreshing):
    """The rest is asked by later ticks, until all is settled."""
    refreshing.max_reads = 3
    refreshing.store.store(
        [
            dealt("small", time=NOW - 60 * DAY_S, quote=USDC, paid=5 * MICROS),
            dealt("large", time=NOW - 300 * DAY_S, paid=90 * LAMPORTS),
        ]
    )
    refreshing.tick()
    assert {want.width for want in refreshing.first.asked} == {Width.HOUR}

    for _ in range(40):
        refreshing.tick()
    assert refreshing.due() == set()


def test_who_fails_is_left_alone_and_asked_at_the_next_tick(refreshing):
    """What the next provider knows is kept; what was not answered stays due."""
    refreshing.store.store([dealt("a", time=NOW - 30 * DAY_S, quote=USDC, paid=5 * MICROS)])
    refreshing.first.fault = UpstreamUnavailable("silent")
    state = refreshing.tick()

    assert state["failed"] > 0
    assert len(refreshing.first.asked) == 1
    assert refreshing.prices(USDC)
    assert {mint for mint, _ in refreshing.due()} == {SOL_MINT, COIN}

    refreshing.first.fault = None
    refreshing.tick()
    assert refreshing.due() == set()
    assert refreshing.prices(SOL_MINT)


def test_what_is_rejected_is_not_asked_again(refreshing):
    """The next provider is asked, and the day is settled."""
    refreshing.store.store([dealt("a", time=NOW - 30 * DAY_S)])
    refreshing.first.fault = UpstreamRejected("no")
    assert refreshing.tick()["failed"] == 0
    assert {want.mint for want in refreshing.second.asked} == {SOL_MINT, COIN}


def test_trades_against_sol_wait_for_its_price(refreshing):
    """A day whose trades could not be priced is asked again."""
    refreshing.first.known = {}
    refreshing.store.store([dealt("a", time=NOW - 30 * DAY_S)])
    refreshing.tick()
    assert all(candle.source is not Source.SWAPS for candle in refreshing.prices(COIN))
    assert refreshing.due() == set()

    refreshing.first.known = {SOL_MINT: 100}
    refreshing.store.keep(
        {SOL_MINT: [flat((TODAY - 30) * DAY_S, Width.HOUR, Decimal(100), Source.PYTH, 95)]}
    )
    refreshing.clock.advance(minutes=15)
    assert (COIN, TODAY - 30) in refreshing.due()


def test_a_step_that_runs_twice_changes_nothing(refreshing):
    """Keeping the same answers again leaves the same candles and days."""
    refreshing.store.store([dealt("a", time=NOW - 30 * DAY_S, coins=10)])
    settle, ask = (refreshing.handlers[step] for step in STEPS)
    asked = ask(settle({}))
    settle(asked)
    before = (refreshing.prices(COIN), refreshing.prices(SOL_MINT), refreshing.due())
    settle(asked)
    assert (refreshing.prices(COIN), refreshing.prices(SOL_MINT), refreshing.due()) == before


def test_old_candles_are_made_coarse(refreshing):
    """With the first round of a tick, without anything to ask."""
    refreshing.store.store([dealt("a", time=NOW - DAY_S)])
    refreshing.tick()
    minutes = len(refreshing.prices(SOL_MINT))
    refreshing.clock.advance(days=190)
    refreshing.tick()

    widths = {c.width for c in refreshing.prices(SOL_MINT) if c.start < NOW}
    assert widths == {Width.HOUR}
    assert len(refreshing.prices(SOL_MINT)) < minutes


@pytest.mark.parametrize("name", STEPS)
def test_a_handler_refuses_what_is_no_state(refreshing, name):
    """An event nobody of ours made is an error of its own, at once."""
    with pytest.raises(ValidationError):
        refreshing.handlers[name]({"round": "many"})
