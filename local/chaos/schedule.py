"""What happens when, drawn from a seed: a list of turns, each some transactions and some posts.

Nothing here waits: a turn follows the one before it, and a disruption lasts for turns. Only the
long outage of Postgres is measured in seconds, by whoever runs the schedule.
"""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from local.chaos.setting import Setting

POSTS_A_TURN: Final = 25


class Fate(StrEnum):
    """How the provider tells of a transaction."""

    ONCE = "once"
    TOGETHER = "together"
    """In one post with others."""
    REPEATED = "repeated"
    """Two or three times, some turns apart."""
    LATE = "late"
    """Some turns after others that came later."""
    NOTIFIED = "notified"
    """By an enhanced webhook: its body has to be asked for, and of a failed one nothing is told."""
    WITHHELD = "withheld"
    """Never: somebody has to find it missing."""


_FATES: Final = (
    (Fate.ONCE, 56),
    (Fate.TOGETHER, 8),
    (Fate.REPEATED, 13),
    (Fate.LATE, 8),
    (Fate.NOTIFIED, 8),
    (Fate.WITHHELD, 7),
)


class Disruption(StrEnum):
    """What is done to the stack or its provider."""

    WEATHER = "weather"
    """Other faults of the provider than before."""
    PLAN = "plan"
    """The provider's plan loses or regains histories by address."""
    OPEN = "open"
    """Another wallet is opened."""
    REPAIR_TAIL = "repair tail"
    REORG = "reorg"
    """A transaction that was just told is dropped, or lands in another slot."""
    KILL_WORKERS = "kill workers"
    MAPPING_OFF = "mapping off"
    KILL_POSTGRES = "kill postgres"
    STOP_AWS = "stop aws"
    OUTAGE = "outage"


EXCLUSIVE: Final = frozenset({Disruption.KILL_POSTGRES, Disruption.STOP_AWS, Disruption.OUTAGE})
"""Of these one ends before the next begins."""


class Post(NamedTuple):
    """One delivery: transactions by the order they happen in."""

    transactions: tuple[int, ...]
    is_enhanced: bool = False


class Event(NamedTuple):
    """A disruption, how many turns it lasts, and what it is about (a queue, a wallet, a number)."""

    kind: Disruption
    turns: int = 1
    about: int = 0


@dataclass(slots=True, kw_only=True)
class Turn:
    """One step of the storm."""

    wallets: list[int] = field(default_factory=list)
    """Who acts, in this order: one transaction each."""
    posts: list[Post] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


class Schedule(NamedTuple):
    """A whole storm."""

    turns: tuple[Turn, ...]
    fates: tuple[Fate, ...]
    """Of each transaction."""

    @property
    def deliveries(self) -> int:
        """How many posts there are."""
        return sum(len(turn.posts) for turn in self.turns)


def draw(setting: Setting) -> Schedule:
    """Draw the storm of a setting; its last turn has every disruption behind it."""
    rng = random.Random(f"chaos:{setting.seed}")
    turns, fates = _deliveries(setting, rng)
    _disturb(turns, setting, rng)
    return Schedule(tuple(turns), tuple(fates))


def _deliveries(setting: Setting, rng: random.Random) -> tuple[list[Turn], list[Fate]]:
    turns: list[Turn] = []
    fates: list[Fate] = []
    due: dict[int, list[Post]] = defaultdict(list)
    left = setting.deliveries
    while left > 0 or due:
        turn = Turn(posts=due.pop(len(turns), []))
        while left > 0 and len(turn.posts) < POSTS_A_TURN:
            left -= _happen(turn, fates, due, len(turns), setting, rng)
        rng.shuffle(turn.posts)
        turns.append(turn)
    return turns, fates


def _happen(
    turn: Turn,
    fates: list[Fate],
    due: dict[int, list[Post]],
    at: int,
    setting: Setting,
    rng: random.Random,
) -> int:
    """Let one fate befall the next transactions; return how many posts that takes."""
    kinds, weights = zip(*_FATES, strict=True)
    fate: Fate = rng.choices(kinds, weights)[0]
    count = rng.randint(2, 4) if fate is Fate.TOGETHER else 1
    numbers = tuple(range(len(fates), len(fates) + count))
    turn.wallets += [rng.randrange(setting.wallets) for _ in numbers]
    fates += [fate] * count
    if fate is Fate.WITHHELD:
        return 0
    post = Post(numbers, is_enhanced=fate is Fate.NOTIFIED)
    if fate is Fate.LATE:
        due[at + rng.randint(1, 8)].append(post)
        return 1
    turn.posts.append(post)
    again = rng.randint(1, 2) if fate is Fate.REPEATED else 0
    for _ in range(again):
        due[at + rng.randint(1, 6)].append(post)
    return 1 + again


def _disturb(turns: list[Turn], setting: Setting, rng: random.Random) -> None:
    last = len(turns) - 1
    _open_the_rest(turns, setting, rng)
    for kind, every in (
        (Disruption.WEATHER, 3),
        (Disruption.KILL_WORKERS, 4),
        (Disruption.PLAN, 7),
        (Disruption.REORG, 1 if last < 40 else 4),
        (Disruption.REPAIR_TAIL, 40),
    ):
        for at in range(rng.randrange(min(every, max(last, 1))), last, every):
            turns[at].events.append(Event(kind, about=rng.randrange(1_000_000)))
    for queue in range(3):
        for _ in range(1 + last // 100):
            event = Event(Disruption.MAPPING_OFF, turns=rng.randint(2, 5), about=queue)
            turns[rng.randrange(max(last - 6, 1))].events.append(event)
    _exclude(turns, last, rng)


def _open_the_rest(turns: list[Turn], setting: Setting, rng: random.Random) -> None:
    """Open every second wallet while it is told of; the others are open before."""
    for wallet in range(1, setting.wallets, 2):
        at = rng.randrange(max(len(turns) - 1, 1))
        turns[at].events.append(Event(Disruption.OPEN, about=wallet))


def _exclude(turns: list[Turn], last: int, rng: random.Random) -> None:
    """Lay what ends before the next begins into parts of the storm of its own."""
    kinds = [Disruption.KILL_POSTGRES] * (1 + last // 80)
    kinds += [Disruption.STOP_AWS] * (1 + last // 150)
    rng.shuffle(kinds)
    # The outage needs posts that pour in meanwhile; what is due in it waits for its end.
    before = max(2, len(kinds) // 2)
    half = last / 2
    for at, kind in enumerate(kinds):
        place, of = (at, before) if at < before else (at - before, len(kinds) - before)
        start = 0.0 if at < before else half + 1
        turn = int(start + (place + rng.random() * 0.5) * (half - 1) / of)
        turns[min(turn, last)].events.append(Event(kind, turns=rng.randint(1, 2)))
    turns[int(half)].events.append(Event(Disruption.OUTAGE))
