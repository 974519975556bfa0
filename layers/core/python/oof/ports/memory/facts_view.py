"""What runs read of the facts, over the facts in memory."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from oof.domain.backfill import Reach
from oof.domain.evidence import LastBalance, last_balance
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Address, RawAmount, Signature, UnixSeconds
from oof.ports.memory.facts import MemoryFactStore

COMPLETE_SOURCES: Final = frozenset({"backfill", "tail", "fetch"})
"""What is unreadable from these would be so again."""


class MemoryFactsView:
    """A `FactsView` over a `MemoryFactStore`."""

    def __init__(self, facts: MemoryFactStore) -> None:
        self._facts = facts

    def known(self, signatures: Iterable[Signature]) -> set[Signature]:
        """See `FactsView`."""
        asked = set(signatures)
        records = [record for record, _ in self._facts.tables.unreadable.values()]
        unreadable = {
            record.signature
            for record in records
            if record.signature is not None and record.source in COMPLETE_SOURCES
        }
        return set(self._facts.stored(asked)) | (unreadable & asked)

    def accounts_of(self, wallet: Address) -> tuple[Address, ...]:
        """See `FactsView`."""
        keys = self._facts.tables.accounts
        return tuple(sorted({k.account for k in keys if k.owner == wallet} - {wallet}))

    def balances_of(self, wallet: Address) -> tuple[LastBalance, ...]:
        """See `FactsView`."""
        tables = self._facts.tables
        row = tables.tracked.get(wallet)
        found = []
        for (wallet_id, account_id), newest in tables.holdings.items():
            if row is not None and wallet_id == row.wallet_id:
                account = tables.account_keys[account_id].account
                found.append((last_balance(account, newest), newest.slot))
        held = [(b, slot) for b, slot in found if b.raw > 0 or b.account == wallet]
        if row is None or not held:
            return (LastBalance(wallet, RawAmount(0)),)
        return tuple(sorted(b for b, slot in held if row.reach.covers(b.account, slot)))

    def is_folded(self, wallet: Address) -> bool:
        """See `FactsView`."""
        tables = self._facts.tables
        row = tables.tracked.get(wallet)
        return row is None or all(key[0] != row.wallet_id for key in tables.pending)

    def last_heard(self) -> UnixSeconds | None:
        """See `FactsView`."""
        heard = self._facts.tables.heard.get("webhook")
        return None if heard is None else UnixSeconds(int(heard.timestamp()))

    def set_reach(self, wallet: Address, reach: Reach) -> None:
        """See `FactsView`."""
        with self._facts.transaction() as transaction:
            transaction.set_reach(wallet, reach)

    def set_tracked(self, wallet: Address) -> None:
        """See `FactsView`."""
        with self._facts.transaction() as transaction:
            transaction.track(wallet, WalletState.WARMING_UP, at=datetime.now(UTC))
