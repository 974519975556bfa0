"""Which wallets are tracked, and what their listings link, over the facts in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from oof.domain.backfill import Reach
from oof.domain.errors import NotFound
from oof.domain.snapshot.model import LastError, WalletState
from oof.domain.units import Address, Signature, UnixSeconds
from oof.ports.facts import LinkOutcome
from oof.ports.memory.fact_tables import Tables, TrackedWallet


class MembershipSide:
    """Which wallets are tracked, and what their ledgers are owed."""

    _tables: Tables

    def track(self, wallet: Address, state: WalletState, *, at: datetime) -> None:
        """See `FactTransaction.track`."""
        row = self._tables.tracked.get(wallet)
        if row is None:
            wallet_id = len(self._tables.tracked) + 1
            self._tables.addresses[wallet_id] = wallet
            row = TrackedWallet(wallet_id=wallet_id, state=state, tracked_at=at, changed_at=at)
        elif row.state is not state:
            row = replace(row, state=state, revision=row.revision + 1, changed_at=at)
        self._tables.tracked[wallet] = row

    def link(
        self, wallet: Address, signatures: Sequence[Signature], *, at: datetime
    ) -> LinkOutcome:
        """See `FactTransaction.link`."""
        tracked = self._tables.tracked.get(wallet)
        if tracked is None:
            raise NotFound(f"wallet {wallet} is not tracked")
        missing: list[Signature] = []
        queued = 0
        for signature in dict.fromkeys(signatures):
            row = self._tables.find(signature)
            if row is None:
                missing.append(signature)
                continue
            key = tracked.wallet_id, row.tx_id
            if key not in self._tables.last_rows and key not in self._tables.pending:
                self._tables.pending[key] = at
                queued += 1
        return LinkOutcome(tuple(missing), queued)

    def mark_projected(self, wallet: Address, revision: int) -> None:
        """See `FactStore.mark_projected`."""
        row = self._tables.tracked.get(wallet)
        if row is not None and row.projected_revision < revision:
            self._tables.tracked[wallet] = replace(row, projected_revision=revision)

    def set_reach(self, wallet: Address, reach: Reach) -> None:
        """See `FactsView.set_reach`."""
        row = self._tables.tracked[wallet]
        self._tables.tracked[wallet] = replace(row, reach=reach)

    def block(self, wallet: Address, code: str | None, *, at: datetime) -> None:
        """See `FactTransaction.block`."""
        row = self._tables.tracked.get(wallet)
        if row is None or row.blocked_code == code:
            return
        seen_at = UnixSeconds(int(at.timestamp()))
        self._tables.tracked[wallet] = replace(
            row,
            blocked_code=code,
            last_error=LastError(code, seen_at, None) if code is not None else None,
            revision=row.revision + 1,
            changed_at=at,
        )
