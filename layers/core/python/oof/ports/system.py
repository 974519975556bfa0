"""The clock and the source of fresh ids, so that use cases stay reproducible."""

from datetime import datetime
from typing import Protocol

from oof.domain.units import UnixSeconds


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the current moment, aware, UTC."""
        ...


def unix_now(clock: Clock) -> UnixSeconds:
    """Return the current moment in whole seconds, as the chain states its times."""
    return UnixSeconds(int(clock.now().timestamp()))


class NewId(Protocol):
    """Makes identifiers nobody can guess."""

    def __call__(self) -> str:
        """Return a fresh URL-safe id with at least 128 random bits."""
        ...
