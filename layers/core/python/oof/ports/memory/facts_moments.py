"""Stored moments among the facts in memory."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from oof.domain.moments.stored import (
    NO_EXTREMES,
    RECORD_KINDS,
    Extremes,
    MomentPlan,
    StoredMoment,
    dearest_of_each,
    with_counts,
)
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Address, Slot
from oof.ports.memory.fact_tables import Tables
from oof.ports.moments import DueMoments, MomentMark, MomentTurn


class MomentSide:
    """The side of a transaction that keeps moments."""

    _tables: Tables

    def mark_moments(self, wallet_id: int, marks: Iterable[MomentMark]) -> None:
        """See `MomentTransaction.mark_moments`."""
        due = self._tables.moments_due
        for mark in (mark for mark in marks if mark.mint in self._tables.decimals):
            had = due.get((wallet_id, mark.mint), mark)
            slot, at = min(had.from_slot, mark.from_slot), min(had.at, mark.at)
            due[wallet_id, mark.mint] = MomentMark(mark.mint, slot, at)

    def lock_moments(self, wallet: Address) -> MomentTurn | None:
        """See `MomentTransaction.lock_moments`."""
        row = self._tables.tracked.get(wallet)
        if row is None or row.blocked_code is not None:
            return None
        return MomentTurn(row.wallet_id, row.span.newest_slot or Slot(0))

    def take_due_moments(
        self, wallet_id: int, *, at: datetime, limit: int
    ) -> tuple[DueMoments, ...]:
        """See `MomentTransaction.take_due_moments`."""
        due = self._tables.moments_due
        met = list(self._tables.decimals)
        found = sorted(
            (mark.at, met.index(mark.mint), mark)
            for (owner, _), mark in due.items()
            if owner == wallet_id and mark.at <= at
        )[:limit]
        for _, _, mark in found:
            del due[wallet_id, mark.mint]
        return tuple(DueMoments(mark.mint, mark.from_slot) for _, _, mark in found)

    def stored_moments(self, wallet_id: int, due: Sequence[DueMoments]) -> tuple[StoredMoment, ...]:
        """See `MomentTransaction.stored_moments`."""
        slots = {each.mint: each.from_slot for each in due}
        return tuple(
            each
            for (owner, _), each in sorted(self._tables.moments.items())
            if owner == wallet_id and each.moment.mint in slots
            if each.moment.slot >= slots[each.moment.mint] or each.moment.kind in RECORD_KINDS
        )

    def write_moments(self, wallet_id: int, plan: MomentPlan, *, at: datetime) -> None:
        """See `MomentTransaction.write_moments`."""
        tables = self._tables
        for each in plan.gone:
            del tables.moments[wallet_id, each.id]
        for each in plan.put:
            tables.moments[wallet_id, each.id] = each
        had = tables.extremes.get(wallet_id, NO_EXTREMES)
        own = (each for (owner, _), each in tables.moments.items() if owner == wallet_id)
        tables.extremes[wallet_id] = Extremes(
            with_counts(had.counts, plan.counts), dearest_of_each(own)
        )
        address = tables.addresses[wallet_id]
        row = tables.tracked[address]
        tables.tracked[address] = replace(row, revision=row.revision + 1, changed_at=at)


class MomentQueries:
    """Reads outside of any transaction."""

    tables: Tables

    def wallets_with_due_moments(self, *, at: datetime, limit: int) -> tuple[Address, ...]:
        """See `MomentReads.wallets_with_due_moments`."""
        tables = self.tables
        first: dict[int, datetime] = {}
        for (wallet_id, _), mark in tables.moments_due.items():
            if mark.at <= at:
                first[wallet_id] = min(mark.at, first.get(wallet_id, mark.at))
        wallets = [tables.addresses[w] for _, w in sorted((at, w) for w, at in first.items())]
        rows = (tables.tracked[wallet] for wallet in wallets)
        return tuple(
            wallet
            for wallet, row in zip(wallets, rows, strict=True)
            if row.blocked_code is None and row.state is not WalletState.UNTRACKED
        )[:limit]

    def extremes(self, wallet: Address) -> Extremes:
        """See `MomentReads.extremes`."""
        row = self.tables.tracked.get(wallet)
        return NO_EXTREMES if row is None else self.tables.extremes.get(row.wallet_id, NO_EXTREMES)
