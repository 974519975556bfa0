"""What tells whether a dependency answers."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one look at a dependency found, beyond that it answered."""

    figures: dict[str, int] = field(default_factory=dict)
    """Counts worth showing, such as a queue's waiting messages."""
    concern: str | None = None
    """Why the dependency, though it answers, is not as it should be."""


class Probe(Protocol):
    """One dependency that can be asked cheaply."""

    @property
    def name(self) -> str:
        """The dependency's stable name."""
        ...

    @property
    def is_vital(self) -> bool:
        """Whether nothing useful can be served without it."""
        ...

    def read(self) -> Reading:
        """Ask once. Raises `StoreUnavailable` where it does not answer in time."""
        ...
