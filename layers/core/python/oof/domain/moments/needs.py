"""What has to be loaded for a story, and when to look at it again though nothing new happened."""

from collections.abc import Iterable, Iterator

from oof.domain.moments.case import Case, case_of
from oof.domain.moments.config import DAY_S, DEFAULTS, MomentConfig
from oof.domain.moments.model import Exit, LotSlice, Moment, Story
from oof.domain.moments.windows import due_after, next_multiple
from oof.domain.prices.book import Span, merged
from oof.domain.prices.candles import Width
from oof.domain.tokens import QUOTES
from oof.domain.units import SOL_MINT, Mint, UnixSeconds


def spans_of(story: Story, config: MomentConfig = DEFAULTS) -> tuple[Span, ...]:
    """Return the prices that detectors may look up; the story's own prices are not asked."""
    return merged([*_minutes(story), *_followed(story, config)])


def next_look(
    story: Story, config: MomentConfig = DEFAULTS, found: Iterable[Moment] = ()
) -> UnixSeconds | None:
    """Return when moments may change though no fact does; None where they will not.

    While a window is open that is its end, and every `look_again_s` before; what is still held is
    looked at each midnight (UTC) for `followed_s` after its last trade, and what lies idle always.
    What was found says itself when it is due.
    """
    looks = (*_looks(case_of(story, config)), *(moment.due_at for moment in found))
    return min((at for at in looks if at is not None), default=None)


def _looks(case: Case) -> Iterator[UnixSeconds | None]:
    story, config = case.story, case.config
    midnight = next_multiple(story.now, DAY_S)
    if config.yield_of(story.mint) is not None and story.balances:
        yield midnight if story.balances[-1].held_raw else None
    if case.is_quote:
        return
    times = {row.stamp.at for rows in (story.trades, story.exits) for row in rows}
    known = sorted(at for at in times if at is not None)
    for at in known:
        due = due_after(case, story.mint, at, UnixSeconds(at + config.window_s))
        yield None if due is None else min(due, next_multiple(story.now, config.look_again_s))
    is_held = any(episode.closed_slot is None for episode in story.episodes)
    if is_held and known and story.now < known[-1] + config.followed_s:
        yield midnight


def _followed(story: Story, config: MomentConfig) -> Iterator[Span]:
    """Yield spans of the story's own mint."""
    mint, now = story.mint, story.now
    points = (point.stamp.at for point in story.balances)
    first = next((at for at in points if at is not None), None)
    if config.yield_of(mint) is not None and first is not None:
        yield Span(mint, UnixSeconds(min(first, now) - DAY_S), UnixSeconds(now + DAY_S))
    if mint in QUOTES:
        return
    for trade in story.trades:
        if trade.stamp.at is not None:
            yield Span(mint, trade.stamp.at, UnixSeconds(trade.stamp.at + config.window_s))
    for exit_ in story.exits:
        if exit_.stamp.at is not None:
            since = _earliest(exit_.lots, exit_.stamp.at)
            yield Span(mint, since, UnixSeconds(exit_.stamp.at + config.window_s))
    if story.open_lots:
        yield Span(mint, _earliest(story.open_lots, now), UnixSeconds(now + 1))
    for episode in story.episodes:
        if episode.opened_at is not None:
            end = (episode.closed_at or now) + config.rug_persist_s
            yield Span(mint, episode.opened_at, UnixSeconds(end))


def _minutes(story: Story) -> Iterator[Span]:
    """Yield the minutes at which something is valued, of every mint it may be valued by."""
    for trade in story.trades:
        for mint in (trade.sold_mint, trade.bought_mint):
            yield from _minute(mint, trade.stamp.at)
    for fees in story.fees:
        yield from _minute(SOL_MINT, fees.stamp.at)
    for exit_ in (*story.exits, *story.records):
        yield from _minutes_of(exit_, story.mint)
    for lot in story.open_lots:
        yield from _costs(lot)


def _minutes_of(exit_: Exit, mint: Mint) -> Iterator[Span]:
    yield from _minute(mint, exit_.stamp.at)
    yield from _minute(exit_.bought_mint, exit_.stamp.at)
    for lot in exit_.lots:
        yield from _costs(lot)


def _costs(lot: LotSlice) -> Iterator[Span]:
    for mint in lot.cost_raw:
        yield from _minute(mint, lot.at)


def _minute(mint: Mint, at: UnixSeconds | None) -> Iterator[Span]:
    if at is not None:
        start = Width.MINUTE.bucket(at)
        yield Span(mint, start, UnixSeconds(start + Width.MINUTE))


def _earliest(lots: Iterable[LotSlice], at: UnixSeconds) -> UnixSeconds:
    return min((lot.at for lot in lots if lot.at is not None), default=at)
