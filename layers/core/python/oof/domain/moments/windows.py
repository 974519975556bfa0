"""The span of prices a moment rests on: whether it is over, and how much of it is known.

A window is open until it ends, and after that while days of it are still to be asked about, up to
`patience_s`. What is then still missing is a gap, and says so, as do days that nobody is asked for.
What is told of a window changes with what is known of it alone, not with the time of the look.
"""

from dataclasses import dataclass

from oof.domain.moments.case import Case
from oof.domain.moments.config import DAY_S
from oof.domain.moments.model import Json, Story
from oof.domain.prices.book import DayState, Span
from oof.domain.prices.candles import Width
from oof.domain.units import Mint, UnixSeconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A span of one mint's prices, as far as it is known now."""

    end: UnixSeconds
    """When it is over."""
    due_at: UnixSeconds | None
    """When to look again; None where nothing more is to come."""
    told: dict[str, Json]
    """What to say of it."""


def span_of(case: Case, mint: Mint, start: UnixSeconds, end: UnixSeconds) -> Span:
    """Return what of `[start, end)` is not in the future."""
    return Span(mint, start, UnixSeconds(max(start, min(end, case.story.now))))


def window_of(case: Case, mint: Mint, start: UnixSeconds, end: UnixSeconds) -> Window:
    """Return the window `[start, end)` of a mint's prices."""
    span = span_of(case, mint, start, end)
    hours = case.hours.within(span)
    return Window(
        end=end,
        due_at=due_after(case, mint, start, end),
        told={
            "mint": mint,
            "from": start,
            "to": end,
            "days_not_asked": [day * DAY_S for day, _ in _missing_days(case.story, span)],
            "hours": len(range(Width.HOUR.bucket(start), end, Width.HOUR)),
            "hours_with_prices": len(hours),
            "last_hour_with_prices": hours[-1] if hours else None,
        },
    )


def due_after(case: Case, mint: Mint, start: UnixSeconds, end: UnixSeconds) -> UnixSeconds | None:
    """Return when a window is to be looked at again; None where nothing more is to come."""
    now, config = case.story.now, case.config
    if now < end:
        return end
    missing = _missing_days(case.story, span_of(case, mint, start, end))
    may_come = any(state is not DayState.NEVER for _, state in missing)
    if may_come and now < end + config.patience_s:
        return next_multiple(now, config.look_again_s)
    return None


def next_multiple(now: UnixSeconds, step: int) -> UnixSeconds:
    """Return the first multiple of `step` after `now`: looks of one time share it."""
    return UnixSeconds((now // step + 1) * step)


def _missing_days(story: Story, span: Span) -> list[tuple[int, DayState]]:
    """Days that were not asked about as a whole: of those that are not over, nobody can tell."""
    days = range(span.start // DAY_S, -(-span.end // DAY_S))
    states = ((day, story.prices.day_state(span.mint, UnixSeconds(day * DAY_S))) for day in days)
    return [(day, state) for day, state in states if state is not DayState.ASKED]
