"""How a wallet builds positions up, gets rid of them, and comes back."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from oof.domain.behaviour.limits import LADDER_EXITS, LEAST_EPISODES
from oof.domain.behaviour.model import Leaving, Reason, Reentry
from oof.domain.behaviour.records import EntryMark, EpisodeMark, ExitMark, History
from oof.domain.behaviour.spreads import PLACES, median, scaled, share, spread
from oof.domain.units import Mint, Slot


class EndedEpisode(NamedTuple):
    """An episode that ended, with its trades."""

    episode: EpisodeMark
    entries: int
    exits_raw: tuple[int, ...]
    """Units each exit sold, in chain order."""

    @property
    def is_ladder(self) -> bool:
        """Whether it was sold step by step."""
        sold = self.exits_raw
        return len(sold) >= LADDER_EXITS and 2 * max(sold) <= sum(sold)


def ended_episodes(history: History) -> list[EndedEpisode]:
    """Return episodes that ended by at least one exit and lie within what is looked at."""
    ended: dict[Mint, list[tuple[Slot, EpisodeMark]]] = defaultdict(list)
    for episode in history.episodes:
        if episode.closed_slot is not None:
            ended[episode.mint].append((episode.closed_slot, episode))
    for each in ended.values():
        each.sort(key=lambda pair: (pair[0], pair[1].number))
    entries = Counter(filter(None, (_within(each, ended) for each in history.entries)))
    exits: dict[EpisodeMark, list[int]] = defaultdict(list)
    for exit_ in sorted(history.exits, key=lambda each: each.order):
        found = _within(exit_, ended)
        if found is not None:
            exits[found].append(exit_.sold_raw)
    lowest = history.capped_below or 0
    return [
        EndedEpisode(episode, entries[episode], tuple(sold))
        for episode, sold in exits.items()
        if episode.opened_slot >= lowest and any(sold)
    ]


def leaving_of(ended: Sequence[EndedEpisode]) -> Leaving:
    """Return how episodes were built up and sold."""
    count = len(ended)
    if count < LEAST_EPISODES:
        return Leaving(
            episodes=count,
            single_exit_share=None,
            ladder_share=None,
            first_exit_share=None,
            exits_per_episode=None,
            entries_per_episode=None,
            missing=Reason.TOO_FEW,
        )
    first = median(int(share(e.exits_raw[0], sum(e.exits_raw)).scaleb(PLACES)) for e in ended)
    return Leaving(
        episodes=count,
        single_exit_share=share(sum(len(each.exits_raw) == 1 for each in ended), count),
        ladder_share=share(sum(each.is_ladder for each in ended), count),
        first_exit_share=scaled(first, PLACES),
        exits_per_episode=share(sum(len(each.exits_raw) for each in ended), count),
        entries_per_episode=share(sum(each.entries for each in ended), count),
        missing=None,
    )


def reentry_of(begun: Sequence[EpisodeMark], every: Iterable[EpisodeMark]) -> Reentry:
    """Return how often tokens were come back to; `every` has the episodes before those begun."""
    tokens = Counter(each.mint for each in begun)
    ends = {(each.mint, each.number): each.closed_at for each in every}
    gaps = []
    for each in begun:
        left_at = ends.get((each.mint, each.number - 1))
        if each.opened_at is not None and left_at is not None:
            gaps.append(max(0, each.opened_at - left_at))
    is_told = len(begun) >= LEAST_EPISODES
    again = sum(count > 1 for count in tokens.values())
    return Reentry(
        opened=len(begun),
        per_token=share(len(begun), len(tokens)) if is_told else None,
        reentered_share=share(again, len(tokens)) if is_told else None,
        gap=spread(gaps),
        missing=None if is_told else Reason.TOO_FEW,
    )


def _within(
    trade: EntryMark | ExitMark, ended: dict[Mint, list[tuple[Slot, EpisodeMark]]]
) -> EpisodeMark | None:
    """Return the episode a trade is of: the first that ended at its slot or later."""
    of_mint = ended.get(trade.mint, [])
    found = bisect_left(of_mint, trade.slot, key=lambda pair: pair[0])
    if found == len(of_mint) or of_mint[found][1].opened_slot > trade.slot:
        return None
    return of_mint[found][1]
