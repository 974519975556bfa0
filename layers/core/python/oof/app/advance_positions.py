"""Fold what is stale of a wallet's positions, exactly once.

New transactions after everything folded cost their own mints alone. What changed further back is
folded anew from the newest checkpoint below it. Where that is a long way it waits for the end of
the backfill's chunk, which asks for it, or until it has waited long enough: pages of a backfill
arrive newest first, and each would fold the whole history.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from oof.app.apply_wallet import ApplyDeps
from oof.app.detect_moments import marks_of
from oof.domain.positions.stored import fold_page, touched_mints
from oof.domain.positions.valuing import SolLegs
from oof.domain.units import SOL_MINT, Address, Slot
from oof.ports.facts import FactTransaction
from oof.ports.moments import MomentMark
from oof.ports.positions import FoldedTo, PositionHead
from oof.ports.queues import WalletWaker


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldSizes:
    """How much is done at once."""

    page: int = 500
    """Transactions read and written at once."""
    pages: int = 20
    """Of one database transaction; a longer history goes on in the next one."""
    checkpoint_every: int = 500
    checkpoints: int = 4
    refold_at_once: int = 1_000
    """Transactions folded anew without waiting for the end of a chunk."""
    patience: timedelta = timedelta(minutes=10)
    """How long what costs more than that may wait."""


class PositionReport(NamedTuple):
    """What one turn did."""

    folded: int
    has_more: bool
    is_deferred: bool


SIZES: Final = FoldSizes()
_NOTHING: Final = PositionReport(0, has_more=False, is_deferred=False)


def advance_positions(
    wallet: Address, *, deps: ApplyDeps, sizes: FoldSizes = SIZES
) -> PositionReport:
    """Fold up to `sizes.pages` pages of what is stale; `has_more` where that was not all.

    Raises `StoreUnavailable` or `Conflict`: nothing happened, or all of it did; try again.
    """
    at = deps.clock.now()
    with deps.facts.transaction() as transaction:
        head = transaction.lock_positions(wallet)
        if head is None or head.stale_from is None:
            return _NOTHING
        base = _base(head)
        if base != head.folded:
            again = head.folded.events - base.events
            waited = timedelta() if head.stale_since is None else at - head.stale_since
            is_long = again > sizes.refold_at_once
            if is_long and not head.is_due and waited < sizes.patience:
                return PositionReport(0, has_more=False, is_deferred=True)
            transaction.rewind(head.wallet_id, base.slot, at=at)
        turn = _Turn(transaction, head, base, sizes, at)
        is_done = turn.run()
        transaction.mark_moments(head.wallet_id, _marks(base.slot, at))
        stale_from = None if is_done else Slot((turn.folded.slot or 0) + 1)
        transaction.save_folded(
            head.wallet_id,
            turn.folded,
            stale_from=stale_from,
            checkpoints=turn.checkpoints,
            at=at,
        )
    done = turn.folded.events - base.events
    return PositionReport(done, has_more=not is_done, is_deferred=False)


def _marks(after: Slot | None, at: datetime) -> list[MomentMark]:
    """Return the mark of SOL, which nobody else marks; who is new is not kept waiting."""
    if after is None:
        return [MomentMark(SOL_MINT, Slot(0), at)]
    return marks_of({SOL_MINT: Slot(after + 1)}, at)


def _base(head: PositionHead) -> FoldedTo:
    """Where the fold goes on: the newest state that knows nothing of what changed."""
    stale_from = head.stale_from or 0
    states = (head.folded, *head.checkpoints)
    below = (s for s in states if s.slot is not None and s.slot < stale_from)
    return max(below, key=lambda state: state.slot or 0, default=FoldedTo())


class _Turn:
    """Pages of one database transaction."""

    def __init__(
        self,
        transaction: FactTransaction,
        head: PositionHead,
        base: FoldedTo,
        sizes: FoldSizes,
        at: datetime,
    ) -> None:
        self._transaction = transaction
        self._at = at
        self._wallet_id = head.wallet_id
        self._sizes = sizes
        self.folded = base
        self.checkpoints = [
            saved for saved in head.checkpoints if (saved.slot or 0) <= (base.slot or -1)
        ]

    def run(self) -> bool:
        """Fold pages; stop and return true where nothing is left."""
        return any(not self._page() for _ in range(self._sizes.pages))

    def _page(self) -> bool:
        transaction, wallet_id = self._transaction, self._wallet_id
        limit = self._sizes.page
        events = transaction.history(wallet_id, after=self.folded.slot, limit=limit)
        if not events:
            return False
        accounts = {mark.account_id for event in events for mark in event.balances}
        rows = fold_page(
            events,
            stored=transaction.positions(wallet_id, touched_mints(events)),
            known_accounts=transaction.known_accounts(wallet_id, accounts),
            valuer=SolLegs(),
        )
        transaction.write_positions(wallet_id, rows, at=self._at)
        self.folded = FoldedTo(
            events[-1].slot,
            self.folded.events + len(events),
            self.folded.other_fees_lamports + rows.other_fees_lamports,
        )
        self._save_checkpoint(events[-1].slot)
        return len(events) >= limit

    def _save_checkpoint(self, slot: Slot) -> None:
        last = self.checkpoints[0].events if self.checkpoints else 0
        if self.folded.events - last < self._sizes.checkpoint_every:
            return
        kept = self.checkpoints[: self._sizes.checkpoints - 1]
        slots = [saved.slot for saved in kept if saved.slot is not None]
        self._transaction.save_checkpoint(self._wallet_id, slot, kept=slots)
        self.checkpoints = [self.folded, *kept]


def ask_for_positions(wallet: Address, *, deps: ApplyDeps, waker: WalletWaker, batch: str) -> None:
    """Have a wallet folded now, however far back it is stale: what came in is whole by now."""
    with deps.facts.transaction() as transaction:
        transaction.ask_for_positions(wallet)
    waker.wake([wallet], batch=batch)
