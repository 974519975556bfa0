"""What to ask of whoever sells prices: touched days of touched mints, in pages, dearest first."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from oof.domain.prices.candles import DAY_S, KEPT_DAYS, Width, width_at
from oof.domain.units import Mint, UnixSeconds

PAGE: Final = 1_000
"""Candles that one read brings at most."""
FOLLOWED_DAYS: Final = 7
"""For so many days after a trade its mint's prices are wanted: that far moments look."""


class DueDay(NamedTuple):
    """A UTC day of a mint whose prices are wanted."""

    mint: Mint
    day: int
    """Days since 1970."""
    notional: int
    """The largest trade that touched it, in lamports' worth; orders, measures nothing."""


class Want(NamedTuple):
    """One read: candles of `width` that start in `[start, end)`, or the price now."""

    mint: Mint
    start: UnixSeconds
    end: UnixSeconds
    width: Width
    is_now: bool = False

    @property
    def days(self) -> range:
        """The UTC days it is about."""
        return range(self.start // DAY_S, -(-self.end // DAY_S))


def wants_of(
    days: Iterable[DueDay], now: UnixSeconds, kept_days: int = KEPT_DAYS[Width.HOUR]
) -> tuple[Want, ...]:
    """Return the reads for `days`, each as wide as its age asks; the dearest days first."""
    by_mint: dict[tuple[Mint, Width], list[DueDay]] = defaultdict(list)
    for due in days:
        width = width_at((due.day + 1) * DAY_S - 1, now, kept_days)
        if width is not None:
            by_mint[due.mint, width].append(due)
    ordered: list[tuple[int, Want]] = []
    for (mint, width), theirs in by_mint.items():
        for run in _runs(sorted(theirs, key=lambda due: due.day), width):
            notional = max(due.notional for due in run)
            ordered += [(notional, want) for want in _pages(mint, width, run, now)]
    ordered.sort(key=lambda item: (-item[0], item[1]))
    return tuple(want for _, want in ordered)


def around(
    days: Iterable[DueDay], now: UnixSeconds, kept_days: int = KEPT_DAYS[Width.HOUR]
) -> tuple[tuple[Mint, range], ...]:
    """Return the days that the reads for `days` may bring along, each read being a page long."""
    found = set()
    for due in days:
        width = width_at((due.day + 1) * DAY_S - 1, now, kept_days)
        if width is not None:
            past = _most_days(width) - 1
            found.add((due.mint, due.day - past, due.day + past + 1))
    return tuple((mint, range(first, end)) for mint, first, end in sorted(found))


def quote_of(mint: Mint, now: UnixSeconds) -> Want:
    """Return the read for what a mint is worth in this minute."""
    start = Width.MINUTE.bucket(now)
    return Want(mint, start, UnixSeconds(start + Width.MINUTE), Width.MINUTE, is_now=True)


def _runs(days: Sequence[DueDay], width: Width) -> list[list[DueDay]]:
    """Put days together that follow each other, as many as a page holds."""
    most = _most_days(width)
    runs: list[list[DueDay]] = []
    for due in days:
        if runs and runs[-1][-1].day + 1 == due.day and len(runs[-1]) < most:
            runs[-1].append(due)
        else:
            runs.append([due])
    return runs


def _most_days(width: Width) -> int:
    return max(PAGE * width // DAY_S, 1)


def _pages(mint: Mint, width: Width, run: Sequence[DueDay], now: UnixSeconds) -> list[Want]:
    start, end = run[0].day * DAY_S, min((run[-1].day + 1) * DAY_S, now)
    # a day of minutes is more than a page: its halves
    step = DAY_S // 2 if width is Width.MINUTE else end - start
    starts = range(start, end, step) if end > start else ()
    return [Want(mint, UnixSeconds(at), UnixSeconds(min(at + step, end)), width) for at in starts]
