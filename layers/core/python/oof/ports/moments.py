"""Stored moments: a stage behind values, and the marks that say where to look again.

Whatever changes what a moment rests on marks the position, in its own transaction; so does a
window that is still open, for when it closes. A look takes the mark and writes what it found in
one transaction under the wallet's row lock: a crash before its commit changes nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, Protocol

from oof.domain.moments.parts import StoryParts
from oof.domain.moments.stored import Extremes, MomentPlan, StoredMoment
from oof.domain.units import Address, Mint, Slot


class MomentMark(NamedTuple):
    """A position to look at again."""

    mint: Mint
    from_slot: Slot
    """The lowest slot in which something it rests on may have changed."""
    at: datetime
    """Not before then."""


class DueMoments(NamedTuple):
    """A position whose mark was taken."""

    mint: Mint
    from_slot: Slot


class MomentTurn(NamedTuple):
    """A locked wallet, ready to be looked at."""

    wallet_id: int
    newest_slot: Slot
    """Nothing of it is stored above."""


class MomentTransaction(Protocol):
    """The side of a facts transaction that keeps moments."""

    def mark_moments(self, wallet_id: int, marks: Iterable[MomentMark]) -> None:
        """Have positions looked at again; of two marks the lower slot and the earlier time count.

        Takes no wallet lock.
        """
        ...

    def lock_moments(self, wallet: Address) -> MomentTurn | None:
        """Lock the wallet's row; None where it is not tracked, or blocked."""
        ...

    def take_due_moments(
        self, wallet_id: int, *, at: datetime, limit: int
    ) -> tuple[DueMoments, ...]:
        """Take up to `limit` marks of a locked wallet whose time has come, longest due first."""
        ...

    def story_parts(
        self, turn: MomentTurn, due: Sequence[DueMoments], *, dust_usd: Decimal
    ) -> tuple[StoryParts, ...]:
        """Return the story of each position, from the episode on that is open at its slot.

        Exits at a lower cost than `dust_usd` are no records.
        """
        ...

    def stored_moments(self, wallet_id: int, due: Sequence[DueMoments]) -> tuple[StoredMoment, ...]:
        """Return the moments of each position from its slot on, and those of `RECORD_KINDS`."""
        ...

    def write_moments(self, wallet_id: int, plan: MomentPlan, *, at: datetime) -> None:
        """Write what a plan changes, count it, and raise the wallet's revision."""
        ...


class MomentReads(Protocol):
    """What is asked of moments outside of any wallet's turn."""

    def wallets_with_due_moments(self, *, at: datetime, limit: int) -> tuple[Address, ...]:
        """Return followed wallets with a position to look at by `at`, longest due first.

        Blocked ones wait until they are free, and untracked ones until they are tracked again.
        """
        ...

    def extremes(self, wallet: Address) -> Extremes:
        """Return what a wallet's moments come to; nothing for one without any."""
        ...
