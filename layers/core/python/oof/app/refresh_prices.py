"""Bring in prices of the mints that stored trades touched, the dearest first.

In rounds, like settling finality: the database's side writes down what is wanted, the providers'
side asks, and the next round begins by keeping the answers. What no provider knows is filled from
our own trades. A read that fails is not settled, so it is due again at the next tick.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import batched
from typing import Any, Final, NamedTuple

import orjson

from oof.domain.errors import BudgetSpent, UpstreamRejected, UpstreamUnavailable
from oof.domain.prices.book import PriceBook, Span
from oof.domain.prices.candles import DAY_S, KEPT_DAYS, Candle, Source, Width, width_at
from oof.domain.prices.vwap import Swap, swap_candles
from oof.domain.prices.wants import Want, around, quote_of, wants_of
from oof.domain.units import SOL_DECIMALS, SOL_MINT, Mint, UnixSeconds
from oof.ports.blobs import Blobs
from oof.ports.locks import FencedLock
from oof.ports.prices import PriceProvider, PriceStore, QuotedSwap, Settled
from oof.ports.system import Clock, NewId, unix_now

HOLD_S: Final = 360
"""For how long a refresh may be silent before another takes over: longer than a round may ask."""
QUOTES_A_ROUND: Final = 50
QUOTE_AGAIN: Final = timedelta(minutes=15)
"""How old a quote, or what is known of a day that is not over, may grow."""
COMPACTED: Final = 500
"""Days made coarser in one tick."""
_USUAL_SOL_USD: Final = 100
"""Only orders what is asked first, where no price of SOL is known yet."""
_DOLLAR_DECIMALS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshDeps:
    """What planning and keeping need; they reach the database, not the providers."""

    store: PriceStore
    lock: FencedLock
    """Of refreshes: two at once would ask for the same."""
    wake: Callable[[], None]
    """Wakes wallets that have something to value at the new prices."""
    blobs: Blobs
    clock: Clock
    new_id: NewId
    max_reads: int
    """Reads of one tick."""
    reads_a_round: int = 20
    kept_days: int = KEPT_DAYS[Width.HOUR]
    """What is older has no price."""
    uses_swaps: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPricesDeps:
    """What asking needs; it reaches the providers, not the database."""

    providers: Sequence[PriceProvider]
    """The first is asked first; who comes later is asked for what is still missing."""
    blobs: Blobs


class Answer(NamedTuple):
    """A want, and what was told about it; nothing where nobody knows."""

    want: Want
    candles: tuple[Candle, ...]


class Asked(NamedTuple):
    """What a round asked."""

    reads: int
    failed: int
    """Wants that somebody failed to answer, and that are due again."""


class Kept(NamedTuple):
    """What a round brought."""

    candles: int = 0
    from_swaps: int = 0
    days: int = 0


def plan_prices(deps: RefreshDeps, *, tick: str, round_: int, reads: int) -> int:
    """Write down what a round has to ask; return how many reads that are at least.

    None while another refresh is at it: before that one ends, it notes what was stored meanwhile.
    """
    if deps.lock.enter(tick, at=unix_now(deps.clock), for_s=HOLD_S) is None:
        return 0
    if round_ == 0:
        _note_trades(deps)
        for mint, day in deps.store.outgrown(now=unix_now(deps.clock), limit=COMPACTED):
            deps.store.compact(mint, day=day, now=unix_now(deps.clock))
    left = min(deps.max_reads - reads, deps.reads_a_round)
    wants = _wants(deps, left) if left > 0 else ()
    if round_ > 0 and left > 0 and not wants:
        _note_trades(deps)
        wants = _wants(deps, left)
    if wants:
        deps.blobs.put(_key(tick, round_, "wants"), orjson.dumps(wants, default=tuple))
    return len(wants)


def end_refresh(deps: RefreshDeps, *, tick: str) -> None:
    """Let the next refresh begin, and have valued what was waiting for these prices."""
    deps.lock.leave(tick)
    deps.wake()


def ask_prices(deps: AskPricesDeps, *, tick: str, round_: int) -> Asked:
    """Ask the providers in their order, and write down what each want got."""
    wants = [_want(row) for row in orjson.loads(deps.blobs.get(_key(tick, round_, "wants")))]
    told: dict[Want, tuple[Candle, ...]] = {}
    failed: set[Want] = set()
    silent: set[int] = set()
    for place, provider in enumerate(deps.providers):
        mine = [want for want in wants if want not in told and provider.tells(want)]
        for group in batched(mine, provider.batch, strict=False):
            try:
                found = {} if place in silent else provider.tell(group)
            except (UpstreamUnavailable, BudgetSpent):
                silent.add(place)
            except UpstreamRejected:
                # asking the same again will not help
                found = {}
            if place in silent:
                failed.update(group)
            else:
                told.update(found)
    failed -= told.keys()
    answers = [Answer(want, told.get(want, ())) for want in wants if want not in failed]
    deps.blobs.put(_key(tick, round_, "told"), orjson.dumps(answers, default=_plain))
    return Asked(sum(provider.reads for provider in deps.providers), len(failed))


def keep_prices(deps: RefreshDeps, *, tick: str, round_: int) -> Kept:
    """Keep a round's answers, and fill what they lack from our own trades.

    Keeping the same ones again changes nothing. Raises `StoreUnavailable` or `Conflict`.
    """
    wants = [_want(row) for row in orjson.loads(deps.blobs.get(_key(tick, round_, "wants")))]
    rows = orjson.loads(deps.blobs.get(_key(tick, round_, "told")))
    answers = [Answer(_want(want), tuple(map(_candle, told))) for want, told in rows]
    kept = deps.store.keep(_by_mint(answers))
    settled = _settled(wants, answers)
    filled = 0
    if deps.uses_swaps:
        # SOL first: what others were traded for is worth what SOL was
        of_sol = [each for each in settled if each.mint == SOL_MINT]
        others = [each for each in settled if each.mint != SOL_MINT]
        settled = []
        for part in (of_sol, others):
            found, lacking = _from_swaps(deps, part)
            filled += deps.store.keep(found)
            settled += [each._replace(is_lacking=(each.mint, each.day) in lacking) for each in part]
    quotes = [answer.want.mint for answer in answers if answer.want.is_now]
    at = deps.clock.now()
    deps.store.settle(settled, quotes, at=at, again_at=at + QUOTE_AGAIN)
    return Kept(kept, filled, len(settled))


def _note_trades(deps: RefreshDeps) -> None:
    oldest = unix_now(deps.clock) // DAY_S - deps.kept_days + 1
    deps.store.note_trades(sol_usd=_sol_usd(deps), oldest_day=oldest)


def _wants(deps: RefreshDeps, reads: int) -> tuple[Want, ...]:
    """Return what fits into so many reads: quotes a batch a read, days a page a read."""
    at, now = deps.clock.now(), unix_now(deps.clock)
    quotes = deps.store.due_quotes(quoted_before=at - QUOTE_AGAIN, limit=QUOTES_A_ROUND)
    dearest = deps.store.due_days(at=at, limit=reads)
    # a page is longer than a day: a read brings along what is due beside the day it is for
    days = deps.store.due_among(around(dearest, now, deps.kept_days), at=at)
    pages = wants_of(days, now, deps.kept_days)[: reads - bool(quotes)]
    return (*(quote_of(mint, now) for mint in quotes), *pages)


def _settled(wants: Iterable[Want], answers: Iterable[Answer]) -> list[Settled]:
    """Return the days of which every want was answered."""
    asked: dict[tuple[Mint, int], list[Want]] = defaultdict(list)
    told: dict[tuple[Mint, int], int] = defaultdict(int)
    answered = set()
    for want in wants:
        for day in () if want.is_now else want.days:
            asked[want.mint, day].append(want)
    for want, candles in answers:
        answered.add(want)
        for candle in () if want.is_now else candles:
            told[want.mint, candle.start // DAY_S] += 1
    return [
        Settled(mint, day, max(want.end for want in each), told[mint, day])
        for (mint, day), each in sorted(asked.items())
        if answered.issuperset(each) and _covers(each, day)
    ]


def _covers(wants: Sequence[Want], day: int) -> bool:
    """Whether wants begin with the day: where reads ran out, only its end may have been asked."""
    return min(want.start for want in wants) <= day * DAY_S


def _from_swaps(
    deps: RefreshDeps, settled: Sequence[Settled]
) -> tuple[dict[Mint, list[Candle]], set[tuple[Mint, int]]]:
    """Return the candles our own trades imply, and of which days some could not be priced."""
    now = unix_now(deps.clock)
    swaps = deps.store.swaps([(each.mint, each.day) for each in settled])
    sol = deps.store.book(_day_of_sol(day) for day in {day for _, day in swaps})
    found: dict[Mint, list[Candle]] = defaultdict(list)
    lacking: set[tuple[Mint, int]] = set()
    for (mint, day), theirs in swaps.items():
        width = width_at((day + 1) * DAY_S - 1, now, deps.kept_days)
        if width is None:
            continue
        priced = [_swap(swap, sol) for swap in theirs]
        known = [swap for swap in priced if swap is not None]
        found[mint] += swap_candles(known, width)
        if len(known) < len(priced):
            lacking.add((mint, day))
    return found, lacking


def _day_of_sol(day: int) -> Span:
    return Span(SOL_MINT, UnixSeconds(day * DAY_S), UnixSeconds((day + 1) * DAY_S))


def _swap(swap: QuotedSwap, sol: PriceBook) -> Swap | None:
    quantity = Decimal(swap.raw).scaleb(-swap.decimals)
    if swap.quote_mint != SOL_MINT:
        usd = Decimal(swap.quote_raw).scaleb(-_DOLLAR_DECIMALS)
        return Swap(swap.ts, swap.trader, swap.is_buy, quantity, usd)
    price = sol.at_minute(SOL_MINT, swap.ts)
    if price is None:
        return None
    usd = Decimal(swap.quote_raw).scaleb(-SOL_DECIMALS) * price.usd
    return Swap(swap.ts, swap.trader, swap.is_buy, quantity, usd)


def _sol_usd(deps: RefreshDeps) -> int:
    """Return about what SOL is worth, to compare dollars with."""
    now = unix_now(deps.clock)
    known = deps.store.candles(SOL_MINT, since=UnixSeconds(now - DAY_S), until=now)
    return max(int(known[-1].close), 1) if known else _USUAL_SOL_USD


def _by_mint(answers: Iterable[Answer]) -> Mapping[Mint, list[Candle]]:
    found: dict[Mint, list[Candle]] = defaultdict(list)
    for want, candles in answers:
        found[want.mint] += candles
    return found


def _want(row: Sequence[Any]) -> Want:
    mint, start, end, width, is_now = row
    return Want(Mint(mint), UnixSeconds(start), UnixSeconds(end), Width(width), is_now)


def _candle(row: Sequence[Any]) -> Candle:
    start, width, *prices, volume, source, confidence = row
    first, high, low, last = map(Decimal, prices)
    return Candle(
        start=UnixSeconds(start),
        width=Width(width),
        open=first,
        high=high,
        low=low,
        close=last,
        volume_usd=None if volume is None else Decimal(volume),
        source=Source(source),
        confidence=confidence,
    )


def _plain(value: object) -> object:
    """Return what JSON has no word for: amounts of money as text, tuples as arrays."""
    return str(value) if isinstance(value, Decimal) else tuple(value)  # type: ignore[arg-type]


def _key(tick: str, round_: int, what: str) -> str:
    return f"runs/prices-{tick}/{round_:05}-{what}.json"
