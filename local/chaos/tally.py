"""What was done to the stack, and what came of it."""

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from local.chaos.provider import Outcome
from local.chaos.schedule import Disruption, Fate


class Span(NamedTuple):
    """A stretch of time, in Unix seconds."""

    begun: float
    ended: float

    def meets(self, other: "Span") -> bool:
        """Whether the two have a moment in common."""
        return self.begun <= other.ended and other.begun <= self.ended


class Posted(NamedTuple):
    """One post and when it was under way."""

    name: str
    span: Span
    outcome: Outcome
    in_outage: bool


@dataclass(slots=True)
class Tally:
    """Counts of one run."""

    fates: Counter[Fate] = field(default_factory=Counter)
    disruptions: Counter[Disruption] = field(default_factory=Counter)
    begun: float = field(default_factory=time.time)
    """When the run began, in Unix seconds: what its lines count from."""
    posts: list[Posted] = field(default_factory=list)
    stops: list[Span] = field(default_factory=list)
    """When the local AWS was stopped: nobody was there to acknowledge."""
    killed: list[float] = field(default_factory=list)
    """When something that may have held an answer of the provider was ended, in Unix seconds."""
    dropped: set[str] = field(default_factory=set)
    """Signatures that never landed after all."""
    moved: set[str] = field(default_factory=set)
    """Signatures that landed elsewhere after all: their bodies are asked for once more."""
    workers_killed: int = 0
    outage_s: float = 0
    redriven: Counter[str] = field(default_factory=Counter)
    """Executions started again, by the error they had ended with."""
    letters_redriven: int = 0
    verified: int = 0
    """Bodies of webhooks that were asked for again to verify them."""
    asked_again: int = 0
    """Bodies asked for again because who held the first answer was killed."""
    found: dict[str, int] = field(default_factory=dict)
    """How many untold transactions were stored, by when."""
    untold: int = 0
    """Transactions that no acknowledged post carried whole."""
    seconds: dict[str, float] = field(default_factory=dict)
    """How long each part of the run took."""

    @property
    def acknowledged(self) -> list[Posted]:
        """The posts that were answered 2xx."""
        return [post for post in self.posts if post.outcome.is_delivered]

    @property
    def at_closed_doors(self) -> list[Posted]:
        """Posts lost because the local AWS was stopped."""
        return [post for post in self._refused() if self._was_stopped(post)]

    @property
    def unacknowledged(self) -> list[Posted]:
        """Posts lost though the webhook was there."""
        return [post for post in self._refused() if not self._was_stopped(post)]

    def _refused(self) -> list[Posted]:
        return [post for post in self.posts if not post.outcome.is_delivered]

    def _was_stopped(self, post: Posted) -> bool:
        return any(post.span.meets(stop) for stop in self.stops)
