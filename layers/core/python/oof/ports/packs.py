"""The objects of raw bodies, as the database knows them: who points where, and how they fare."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from oof.domain.units import Signature
from oof.ports.facts import PackRecord


class StoredPack(NamedTuple):
    """One object of raw bodies that transactions point into."""

    pack_id: int
    object_key: str
    dictionary_id: str
    bytes: int
    stored_at: datetime


class BodyPointer(NamedTuple):
    """Where the body of a stored transaction lies; revoked ones have theirs too."""

    tx_id: int
    signature: Signature
    pack_id: int
    offset: int
    length: int
    is_odd: bool
    """It has anomalies: a better normalizer will want to read it again."""


class Move(NamedTuple):
    """A body's new place within the pack that it moves to."""

    tx_id: int
    from_pack: int
    offset: int
    length: int


class Superseded(NamedTuple):
    """A pack whose bodies were all copied away."""

    pack_id: int
    is_whole: bool
    """Every byte of it was copied; else it holds bodies that nothing else does, and stays."""


class PackStore(Protocol):
    """Every method is one transaction, and raises `StoreUnavailable` or `Conflict`.

    A pack that nothing points to any more is superseded, and appears in `superseded` alone.
    """

    def small(self, *, below_bytes: int, before: datetime, limit: int) -> tuple[StoredPack, ...]:
        """Return packs smaller than `below_bytes` and stored before `before`, oldest first.

        Those with a fault are left out.
        """
        ...

    def pointers(self, packs: Sequence[StoredPack]) -> tuple[BodyPointer, ...]:
        """Return what points into the packs, by pack and offset."""
        ...

    def repoint(
        self,
        pack: PackRecord,
        moves: Sequence[Move],
        emptied: Sequence[Superseded],
        *,
        stored_at: datetime,
        at: datetime,
    ) -> int:
        """Let bodies be found in `pack`, and return how many are.

        A pointer that changed in between keeps its new place. Those of `emptied` that nothing
        points to afterwards are superseded as of `at`.
        """
        ...

    def superseded(self, *, before: datetime, limit: int) -> tuple[StoredPack, ...]:
        """Return whole packs that were superseded before `before`, the longest ago first."""
        ...

    def forget(self, pack_id: int) -> bool:
        """Remove a superseded pack's row; False where something points to it again."""
        ...

    def due_checks(self, *, before: datetime, limit: int) -> tuple[StoredPack, ...]:
        """Return packs not checked since `before`, those never checked first."""
        ...

    def note_check(self, pack_id: int, fault: str | None, *, at: datetime) -> None:
        """Remember what reading a pack whole found; None where nothing is wrong."""
        ...

    def broken(self) -> int:
        """Return how many packs have a fault by their last check."""
        ...

    def warm(
        self, *, stored_before: datetime, at_least_bytes: int, limit: int
    ) -> tuple[StoredPack, ...]:
        """Return packs stored before that date that were not cooled, oldest first.

        Those with an odd body are left out.
        """
        ...

    def note_cooled(self, pack_id: int, *, at: datetime) -> None:
        """Remember that a pack moves to colder storage."""
        ...

    def spread(self, *, limit: int) -> tuple[StoredPack, ...]:
        """Return at most `limit` packs, evenly spread over all by their order of storing."""
        ...
