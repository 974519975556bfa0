"""Starting runs over a wallet's history."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from oof.domain.backfill import Mode
from oof.domain.units import Address, UnixSeconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run: what it is to bring in, and for whom it reports."""

    run_id: str
    """The execution's name; what the run writes lies under it."""
    wallet: Address
    mode: Mode
    target_time: UnixSeconds | None = None
    """How far back; None where the mode decides."""
    work_id: str | None = None
    """The work whose progress it is; None for what nobody waits for."""
    attempt: int = 0


class RunStarter(Protocol):
    """Starts runs."""

    def start(self, run: Run) -> None:
        """Start the run, unless one of its name was started before: that is success too.

        Raises `StoreUnavailable`.
        """
        ...

    def go_on(self, name: str, state: Mapping[str, object]) -> None:
        """Go on with a run's state in an execution of that name, unless it was started before.

        Raises `StoreUnavailable`.
        """
        ...
