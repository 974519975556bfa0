"""The golden wallet's moments of five kinds, reckoned plainly; nothing of `oof` is imported.

Every moment is found by walking lists of bars from their beginning. Bars count where they lie
wholly in a window; a high more than twice what its bar opened and closed at is a wick, and the bar
stands at the higher of the two; a low likewise.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from local.upstream.golden.script import Event, Swap
from tests.golden.reference import MONEY, SOL, Exit, Held, Reckoning, changes_of
from tests.golden.reference_usd import DAY, PlainPrices

DUST = 10
WEEK = 7 * DAY
YEAR = 365 * DAY
RESERVE = 100_000_000
APR = Fraction(5, 100)


class Found(NamedTuple):
    """A moment, without its evidence."""

    kind: str
    mint: str
    signature: str
    place: int
    qty: int
    usd: Decimal
    pct: Decimal
    severity: Decimal


class Bar(NamedTuple):
    """One bar; prices are exact."""

    start: int
    end: int
    first: Fraction
    high: Fraction
    low: Fraction
    last: Fraction
    volume: Fraction

    @property
    def stood_high(self) -> Fraction:
        """The highest it stood at, wicks left out."""
        body = max(self.first, self.last)
        return self.high if self.high <= 2 * body else body

    @property
    def stood_low(self) -> Fraction:
        """The lowest it stood at, wicks left out."""
        body = min(self.first, self.last)
        return self.low if 2 * self.low >= body else body


class Bars:
    """The bars of markets, each as wide as its age asks."""

    def __init__(self, prices: PlainPrices, days: Mapping[str, set[int]]) -> None:
        self._prices, self._days = prices, days
        self._known: dict[tuple[str, int, int], Bar | None] = {}

    def within(self, mint: str, start: int, end: int) -> Iterator[Bar]:
        """Yield the bars wholly in a span, in order."""
        at = start
        while at < end:
            width = self._prices.width_of(at)
            begin = at // width * width
            bar = self.bar(mint, begin, width)
            if bar is not None and begin >= start and bar.end <= min(end, self._prices.now):
                yield bar
            at = begin + width

    def covering(self, mint: str, time: int) -> Bar | None:
        """Return the bar that a moment lies in."""
        width = self._prices.width_of(time)
        return self.bar(mint, time // width * width, width)

    def bar(self, mint: str, start: int, width: int) -> Bar | None:
        """Return a bar; None where nobody recorded or ever asked for it."""
        key = (mint, start, width)
        if key not in self._known:
            self._known[key] = self._read(mint, start, width)
        return self._known[key]

    def _read(self, mint: str, start: int, width: int) -> Bar | None:
        market = self._prices.market
        if not market.is_priced(mint) or start // DAY not in self._days.get(mint, ()):
            return None
        told = market.bar(mint, start, width)
        if told is None:
            return None
        first, high, low, last = (Fraction(repr(price)) for price in told)
        volume = Fraction(repr(market.volume(mint, start)))
        return Bar(start, start + width, first, high, low, last, volume)


class Teller:
    """Finds the moments of a wallet."""

    def __init__(
        self,
        events: Sequence[Event],
        reckoning: Reckoning,
        prices: PlainPrices,
        days: Mapping[str, set[int]],
    ) -> None:
        self._events, self._reckoning, self._prices = events, reckoning, prices
        self._bars = Bars(prices, days)

    def all(self) -> set[Found]:
        """Return the moments of five kinds."""
        tokens = {m: held for m, held in self._reckoning.held.items() if m not in MONEY}
        found = {each for mint, held in tokens.items() for each in self._early(mint, held)}
        found |= {each for mint, held in tokens.items() for each in self._bags(mint, held)}
        found |= {each for mint, held in tokens.items() for each in self._rugs(mint, held)}
        return found | set(self._bad_routes()) | set(self._idle())

    def _units(self, mint: str, raw: int) -> Fraction:
        return Fraction(raw, 10 ** self._prices.market.decimals(mint))

    def _worth(self, swap: Swap, time: int) -> Fraction | None:
        legs = ((swap.sold_mint, swap.sold_raw), (swap.bought_mint, swap.bought_raw))
        return self._prices.first_worth(legs, time)

    # --- sold too early ---------------------------------------------------------------------

    def _early(self, mint: str, held: Held) -> Iterator[Found]:
        places: dict[str, int] = {}
        for sale in held.exits:
            signature, time = sale.event.signature, sale.event.time
            place = places.get(signature, 0)
            places[signature] = place + 1
            received = self._worth(sale.swap, time)
            if received is None or received < DUST:
                continue
            units = self._units(mint, sale.swap.sold_raw)
            bars = list(self._bars.within(mint, time, time + WEEK))
            peak = _reachable(bars, units)
            least = max(received * Fraction(5, 4), received + 25)
            if peak is None or units * peak < least:
                continue
            pct = units * peak / received - 1
            yield _found(
                ("S2E", mint, signature, place, sale.swap.sold_raw),
                (units * peak - received, pct, pct / Fraction(3, 4)),
            )

    # --- bags -------------------------------------------------------------------------------

    def _bags(self, mint: str, held: Held) -> Iterator[Found]:
        for event in self._events:
            buys = [swap for swap in event.swaps if swap.bought_mint == mint]
            worths = [self._worth(swap, event.time) for swap in buys]
            known = [worth for worth in worths if worth is not None]
            if not buys or len(known) < len(buys) or sum(known) < DUST:
                continue
            bought = sum(swap.bought_raw for swap in buys)
            taken = _taken(held, event.signature)
            end = min(event.time + WEEK, _held_until(held, event, bought, taken))
            bars = list(self._bars.within(mint, event.time, end))
            if not bars:
                continue
            trough = min(bars, key=lambda bar: (bar.stood_low, bar.start))
            rest = bought - sum(raw for sale, raw in taken if sale.event.time < trough.end)
            cost, units = Fraction(sum(known)), self._units(mint, bought)
            is_deep = trough.stood_low * units <= cost * Fraction(7, 10)
            if not is_deep or cost * rest < DUST * bought:
                continue
            pct = trough.stood_low * units / cost - 1
            usd = self._units(mint, rest) * (cost / units - trough.stood_low)
            severity = (abs(pct) - Fraction(3, 10)) / Fraction(1, 2)
            yield _found(("BHD", mint, event.signature, 0, rest), (usd, pct, severity))

    # --- bad routes ---------------------------------------------------------------------------

    def _bad_routes(self) -> Iterator[Found]:
        for event in self._events:
            for place, swap in enumerate(event.swaps):
                sold = self._bars.covering(swap.sold_mint, event.time)
                bought = self._bars.covering(swap.bought_mint, event.time)
                if sold is None or bought is None:
                    continue
                given = self._units(swap.sold_mint, swap.sold_raw) * sold.low
                lost = given - self._units(swap.bought_mint, swap.bought_raw) * bought.high
                if given < DUST or not given / 100 <= lost <= given / 2:
                    continue
                home, raw = _home(swap)
                yield _found(
                    ("BAD_ROUTE", home, event.signature, place, raw),
                    (lost, lost / given, 10 * lost / given),
                )

    # --- idle SOL -----------------------------------------------------------------------------

    def _idle(self) -> Iterator[Found]:
        """Each arrival is a layer, what leaves takes the newest; the oldest it takes names it."""
        lying: list[tuple[int, int, str]] = []
        piles: dict[str, list[tuple[int, int, int]]] = {}
        held = balance = 0
        for event in self._events:
            change = changes_of(event).get(SOL, 0)
            balance += change
            spare = max(0, balance - RESERVE)
            more, held = spare - held, spare
            if more > 0:
                lying.append((more, event.time, event.signature))
            left, name = [], ""
            while more < 0:
                raw, since, name = lying.pop()
                part = min(raw, -more)
                left.append((part, since, event.time))
                more += part
                if part < raw:
                    lying.append((raw - part, since, name))
            if left:
                piles.setdefault(name, []).extend(left)
        midnight = self._prices.now // DAY * DAY
        if lying:
            rest = [(raw, since, midnight) for raw, since, _ in lying]
            piles.setdefault(lying[0][2], []).extend(rest)
        for name, layers in piles.items():
            yield from self._pile(name, [row for row in layers if row[2] - row[1] >= WEEK])

    def _pile(self, name: str, layers: list[tuple[int, int, int]]) -> Iterator[Found]:
        if not layers:
            return
        since, until = min(row[1] for row in layers), max(row[2] for row in layers)
        times = [*range(since, until, WEEK), until]
        told = [self._near(at, is_last=at is times[-1]) for at in times]
        if told[0] is None or told[-1] is None:
            return
        known = [price for price in told if price is not None]
        mean = sum(known, Fraction(0)) / len(known)
        raw = sum(row[0] for row in layers)
        seconds = sum(row[0] * (row[2] - row[1]) for row in layers)
        usd = self._units(SOL, seconds) / YEAR * APR * mean
        if usd >= 25:
            pct = Fraction(seconds, raw) / YEAR * APR
            yield _found(("IDLE_YIELD", SOL, name, 0, raw), (usd, pct, usd / 250))

    def _near(self, time: int, *, is_last: bool) -> Fraction | None:
        """Return SOL's price at a time, else the next within a day, or the last one before."""
        bar = self._bars.covering(SOL, time)
        if bar is not None:
            return bar.last
        start = time - DAY if is_last else time
        near = list(self._bars.within(SOL, start, start + DAY))
        return near[-1 if is_last else 0].last if near else None

    # --- collapses ----------------------------------------------------------------------------

    def _rugs(self, mint: str, held: Held) -> Iterator[Found]:
        balances = _balances(self._events, mint)
        for _, opened, _, closed in held.episodes:
            if opened is None:
                continue
            bars = self._bars.within(mint, opened, closed or self._prices.now)
            falls = (self._rug(mint, *fall, balances) for fall in _falls(bars))
            yield from list(filter(None, falls))[:1]

    def _rug(
        self,
        mint: str,
        highest: Fraction,
        before: Fraction,
        onset: Bar,
        balances: list[tuple[int, str, int]],
    ) -> Found | None:
        end = onset.end + 3 * DAY
        after = self._bars.within(mint, onset.end, end)
        if any(bar.stood_high >= highest / 5 for bar in after):
            return None
        known = [row for row in balances if row[0] <= onset.end]
        place = max((i for i, row in enumerate(known) if row[0] <= onset.start), default=None)
        if place is None:
            return None
        raw = min(row[2] for row in known[place:])
        lowest = min(bar.stood_low for bar in self._bars.within(mint, onset.start, end))
        units = self._units(mint, raw)
        if raw <= 0 or units * before < DUST:
            return None
        pct = lowest / before - 1
        severity = (abs(pct) - Fraction(4, 5)) / Fraction(1, 5)
        return _found(
            ("RUG", mint, known[place][1], 0, raw), (units * (before - lowest), pct, severity)
        )


def _falls(bars: Iterable[Bar]) -> Iterator[tuple[Fraction, Fraction, Bar]]:
    """Yield where a price that still stood at half its highest was at a tenth within a day.

    That is: the highest up to then, the last price that stood, and the bar that closed below.
    """
    highest = before = Fraction(0)
    stood_until = None
    for bar in bars:
        highest = max(highest, bar.stood_high)
        if bar.first >= highest / 2:
            before, stood_until = bar.first, bar.end
        if bar.last <= highest / 10:
            if stood_until is not None and bar.start - stood_until <= DAY:
                yield highest, before, bar
            stood_until = None
        elif bar.last >= highest / 2:
            before, stood_until = bar.last, bar.end


def _found(
    name: tuple[str, str, str, int, int], numbers: tuple[Fraction, Fraction, Fraction]
) -> Found:
    usd, pct, severity = numbers
    return Found(*name, *map(_rounded, (usd, pct, max(Fraction(0), min(Fraction(1), severity)))))


def _rounded(number: Fraction) -> Decimal:
    return Decimal(round(number * 10**8)).scaleb(-8)


def _reachable(bars: Iterable[Bar], units: Fraction) -> Fraction | None:
    """Return the highest price at which a quarter of what was traded so high bears the units."""
    volume = Fraction(0)
    for bar in sorted(bars, key=lambda bar: (-bar.stood_high, bar.start)):
        volume += bar.volume
        if units * bar.stood_high <= volume / 4:
            return bar.stood_high
    return None


def _taken(held: Held, signature: str) -> list[tuple[Exit, int]]:
    """Return which sales took how much of what one transaction brought."""
    return [
        (sale, piece.qty)
        for sale in held.exits
        for piece in sale.pieces
        if piece.lot.signature == signature
    ]


def _held_until(held: Held, event: Event, bought: int, taken: list[tuple[Exit, int]]) -> int:
    for sale, raw in taken:
        bought -= raw
        if bought <= 0:
            return sale.event.time
    ends = [
        closed_at
        for opened, _, closed, closed_at in held.episodes
        if closed is not None and closed_at is not None and opened <= event.slot <= closed
    ]
    return ends[-1] if ends else 2**62


def _home(swap: Swap) -> tuple[str, int]:
    """Return the mint in whose name a swap is told, and how much of it moved."""
    if swap.bought_mint not in MONEY:
        return swap.bought_mint, swap.bought_raw
    if swap.sold_mint not in MONEY or swap.sold_mint == SOL:
        return swap.sold_mint, swap.sold_raw
    return swap.bought_mint, swap.bought_raw


def _balances(events: Iterable[Event], mint: str) -> list[tuple[int, str, int]]:
    """Return time, signature and what was held after each event that changed it."""
    held, rows = 0, []
    for event in events:
        change = changes_of(event).get(mint, 0)
        if change:
            held += change
            rows.append((event.time, event.signature, held))
    return rows
