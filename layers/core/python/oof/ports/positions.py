"""Stored positions: a second stage behind the ledger, advanced exactly once.

Applying marks a wallet as stale from a slot, in its own transaction; the mark is the outbox. What
is stale is folded in one transaction under the wallet's row lock, which clears the mark: a crash
before its commit changes nothing.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from oof.domain.positions.stored import HistoryEvent, PageRows, PositionRow
from oof.domain.units import Address, Mint, Slot


class FoldedTo(NamedTuple):
    """How far a wallet's positions are folded."""

    slot: Slot | None = None
    """Everything live up to and in this slot; None before the first fold."""
    events: int = 0
    other_fees_lamports: int = 0
    """Paid in transactions without a trade of a known position."""


class PositionHead(NamedTuple):
    """Where a locked wallet's positions stand."""

    wallet_id: int
    folded: FoldedTo
    stale_from: Slot | None
    """The lowest slot where the ledger changed since; None where all is folded."""
    stale_since: datetime | None
    is_due: bool
    """Somebody waits for the fold, whatever it costs."""
    checkpoints: tuple[FoldedTo, ...]
    """Saved states to go on from, newest first."""


class PositionTransaction(Protocol):
    """The side of a facts transaction that keeps positions."""

    def lock_positions(self, wallet: Address) -> PositionHead | None:
        """Lock the wallet's row and return how its positions stand.

        None where nothing was ever marked, or the wallet is blocked.
        """
        ...

    def history(
        self, wallet_id: int, *, after: Slot | None, limit: int
    ) -> tuple[HistoryEvent, ...]:
        """Return live transactions the wallet took part in, of whole slots above `after`.

        In chain order; `limit` of them, and what else is in the last one's slot.
        """
        ...

    def known_accounts(self, wallet_id: int, accounts: Collection[int]) -> frozenset[int]:
        """Return which accounts were met in what is folded."""
        ...

    def positions(self, wallet_id: int, mints: Collection[Mint]) -> tuple[PositionRow, ...]:
        """Return the stored positions of some mints."""
        ...

    def write_positions(self, wallet_id: int, rows: PageRows, *, at: datetime) -> None:
        """Write what a page came to, and mark what changed as to be valued in dollars."""
        ...

    def save_checkpoint(self, wallet_id: int, slot: Slot, *, kept: Sequence[Slot]) -> None:
        """Save all positions as they are after `slot`; of the others keep those named."""
        ...

    def rewind(self, wallet_id: int, slot: Slot | None, *, at: datetime) -> None:
        """Go back to the checkpoint of `slot`, or to nothing: what came after it is deleted.

        Positions that changed since are marked as to be valued in dollars.
        """
        ...

    def save_folded(
        self,
        wallet_id: int,
        folded: FoldedTo,
        *,
        stale_from: Slot | None,
        checkpoints: Sequence[FoldedTo],
        at: datetime,
    ) -> None:
        """Record how far a locked wallet is folded, and raise its revision.

        None for `stale_from` clears the mark; else more is left from there on.
        """
        ...

    def ask_for_positions(self, wallet: Address) -> None:
        """Have a stale wallet folded in its next turn, whatever it costs; takes no wallet lock."""
        ...


class PositionReads(Protocol):
    """What is asked of positions outside of any wallet's turn."""

    def stale_wallets(self, *, before: datetime, limit: int) -> tuple[Address, ...]:
        """Return unblocked wallets that are stale since before `before`, longest first."""
        ...
