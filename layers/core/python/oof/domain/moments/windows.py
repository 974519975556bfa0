"""The span of prices a moment rests on: whether it is over, and how much of it is known.

A window is open until it ends, and after that while days of it are still to be asked about, up to
`patience_s`. What is then still missing is a gap, and says so.
"""

from dataclasses import dataclass

from oof.domain.moments.case import Case
from oof.domain.moments.config import DAY_S, MomentConfig
from oof.domain.moments.model import Json, Story
from oof.domain.prices.book import DayState, Span
from oof.domain.prices.candles import Width
from oof.domain.units import Mint, UnixSeconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A span of one mint's prices, as far as it is known now."""

    span: Span
    """Up to now, where it is not over."""
    end: UnixSeconds
    """When it is over."""
    due_at: UnixSeconds | None
    """When to look again; None where nothing more is to come."""
    told: dict[str, Json]
    """What to say of it."""

    @property
    def is_open(self) -> bool:
        """Whether what rests on it may still change."""
        return self.due_at is not None


def span_of(case: Case, mint: Mint, start: UnixSeconds, end: UnixSeconds) -> Span:
    """Return what of `[start, end)` is not in the future."""
    return Span(mint, start, UnixSeconds(max(start, min(end, case.story.now))))


def window_of(case: Case, mint: Mint, start: UnixSeconds, end: UnixSeconds) -> Window:
    """Return the window `[start, end)` of a mint's prices."""
    story = case.story
    span = span_of(case, mint, start, end)
    missing = _missing_days(story, mint, start, end)
    return Window(
        span=span,
        end=end,
        due_at=_due_at(story, end, is_missing=bool(missing), config=case.config),
        told={
            "mint": mint,
            "from": start,
            "to": end,
            "known_to": span.end,
            "days_not_asked": [day * DAY_S for day in missing],
            "hours": len(range(Width.HOUR.bucket(start), span.end, Width.HOUR)),
            "hours_with_prices": _hours_told(story, span),
        },
    )


def due_after(case: Case, mint: Mint, start: UnixSeconds, end: UnixSeconds) -> UnixSeconds | None:
    """Return `window_of(…).due_at` alone, cheaply; None where the window is closed."""
    story = case.story
    missing = _missing_days(story, mint, start, end)
    return _due_at(story, end, is_missing=bool(missing), config=case.config)


def next_multiple(now: UnixSeconds, step: int) -> UnixSeconds:
    """Return the first multiple of `step` after `now`: looks of one time share it."""
    return UnixSeconds((now // step + 1) * step)


def _due_at(
    story: Story, end: UnixSeconds, *, is_missing: bool, config: MomentConfig
) -> UnixSeconds | None:
    if story.now < end:
        return end
    if is_missing and story.now < end + config.patience_s:
        return next_multiple(story.now, config.look_again_s)
    return None


def _missing_days(story: Story, mint: Mint, start: UnixSeconds, end: UnixSeconds) -> list[int]:
    """Days that were not asked about as a whole: of those that are not over, nobody can tell."""
    until = min(end, story.now)
    days = range(start // DAY_S, -(-until // DAY_S))
    states = ((day, story.prices.day_state(mint, UnixSeconds(day * DAY_S))) for day in days)
    return [day for day, state in states if state is not DayState.ASKED]


def _hours_told(story: Story, span: Span) -> int:
    hours: set[int] = set()
    for candle in story.prices.within(*span):
        hours |= set(range(Width.HOUR.bucket(candle.start), candle.end, Width.HOUR))
    return len(hours)
