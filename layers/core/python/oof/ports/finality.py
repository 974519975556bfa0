"""What is stored but not final, and what shares its slot in an unknown order.

Both are small tables beside the facts, whose rows leave when the provider has spoken. A row of
transactions is named by its id here, never by its signature: after a reorg the same signature is
another row, which an old answer must not touch.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from oof.domain.units import Address, Signature, Slot


class SoftTransaction(NamedTuple):
    """A stored transaction that the provider has not reported finalized."""

    tx_id: int
    signature: Signature
    slot: Slot
    absent: int
    """Answers in a row that did not know it, so far."""
    heard: int
    """How often a body told another slot, so far."""


class Landing(NamedTuple):
    """A stored transaction to revoke."""

    tx_id: int
    heard: int | None
    """Spare it if it is no longer soft, or was heard of again since; None: revoke it anyway."""


class UnorderedSlot(NamedTuple):
    """A slot that some wallet has several transactions in, with those whose place is unknown."""

    slot: Slot
    tries: int
    transactions: tuple[tuple[int, Signature], ...]
    """Id and signature, by id; none of them soft."""


class FinalityTransaction(Protocol):
    """What a database transaction may settle."""

    def contest(self, signatures: Sequence[Signature], *, at: datetime) -> frozenset[Signature]:
        """Note that bodies told other slots than the stored ones; return which are stored still.

        Those that are soft are asked about at once. Waits for whoever is revoking them.
        """
        ...

    def finalize(self, tx_ids: Sequence[int]) -> None:
        """Mark transactions as final."""
        ...

    def postpone(self, absences: Mapping[int, int], *, due_at: datetime) -> None:
        """Ask about soft transactions again at `due_at`, with so many absences until then."""
        ...

    def revoke(self, landings: Sequence[Landing], *, at: datetime) -> tuple[Address, ...]:
        """Mark transactions as dropped, and queue that for every ledger that has them.

        Returns the wallets to wake. A later store of the signature is a new transaction.
        """
        ...

    def clear_soft(self, *, at: datetime, limit: int) -> tuple[Address, ...]:
        """Bring up to `limit` wallets in line with what is no longer soft, raising revisions.

        Returns the wallets that changed, ascending. Waits for who is applying them.
        """
        ...

    def note_shared_slots(
        self,
        wallet_id: int,
        slots: Sequence[Slot],
        rivals: Sequence[tuple[Slot, int]],
        *,
        at: datetime,
    ) -> None:
        """Note transactions without a place in their block.

        Those that share one of `slots` with another of the wallet's own, and the `rivals` given
        by slot and id. What was noted before keeps its tries.
        """
        ...

    def place(self, indexes: Mapping[int, int], *, at: datetime) -> tuple[Address, ...]:
        """Learn the place in its block of each transaction given by id; return whom to wake.

        Forgets to ask about all whose place is known, also those that bodies told.
        """
        ...

    def retry_slots(
        self, tries: Mapping[Slot, int], *, due_at: datetime | None, at: datetime
    ) -> tuple[Address, ...]:
        """Note failed tries to order slots; ask again at `due_at`, or never.

        Returns the wallets whose balances are thereby settled for good, their revision raised.
        """
        ...


class FinalityReads(Protocol):
    """What there is to ask."""

    def soft_due(self, *, at: datetime, after: int, limit: int) -> tuple[SoftTransaction, ...]:
        """Return soft transactions due by `at` with `tx_id > after`, ascending."""
        ...

    def witness(self) -> Signature | None:
        """Return the newest final signature, which every sound answer knows; None without any."""
        ...

    def unordered_due(self, *, at: datetime, limit: int) -> tuple[UnorderedSlot, ...]:
        """Return slots due by `at`, all of whose transactions are final, lowest first."""
        ...
