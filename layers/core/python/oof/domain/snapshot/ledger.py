"""What one wallet's ledger is made of, and what its fold reads of each transaction.

A ledger row says *what was done* about a transaction; the transaction's facts stay where they
are. Rows are never changed: a revoke undoes an apply, a revise replaces what an earlier row saw.
The live set is every transaction whose last row is no revoke.
"""

from collections.abc import Mapping
from enum import IntEnum, IntFlag
from typing import NamedTuple

from oof.domain.snapshot.transfers import Transfer
from oof.domain.units import Lamports, Mint, RawAmount, Signature, Slot, UnixSeconds


class LedgerOp(IntEnum):
    """What was done about a transaction."""

    APPLY = 1
    REVOKE = 2
    REVISE = 3


class Known(IntFlag):
    """Which nullable facts the fold saw; they may be learnt later, never changed or lost."""

    NOTHING = 0
    TIME = 1
    INDEX = 2


class LastRow(NamedTuple):
    """The last ledger row about one transaction."""

    op: LedgerOp
    known: Known
    version: int


class BalanceMark(NamedTuple):
    """What one of the wallet's accounts held before and after a transaction."""

    account_id: int
    mint: Mint
    pre_raw: RawAmount
    post_raw: RawAmount


class WalletEntry(NamedTuple):
    """One transaction as its effect on one wallet."""

    tx_id: int
    signature: Signature
    slot: Slot
    tx_index: int | None
    block_time: UnixSeconds | None
    failed: bool
    revoked: bool
    version: int
    """The normalizer whose facts these are."""
    is_participant: bool
    """False for a mention: named by a listing, at no cost or gain."""
    fees: Mapping[str, Lamports]
    """SOL the wallet paid, by fee kind, positive."""
    venues: tuple[str, ...]
    """The venue of each of the wallet's trades."""
    balances: tuple[BalanceMark, ...]
    last: LastRow | None
    terminals: tuple[str, ...] = ()
    """The terminal of each of the wallet's trades that has one."""
    transfers: tuple[Transfer, ...] = ()
    """The wallet's own movements of kind `transfer`."""

    @property
    def known(self) -> Known:
        """Which nullable facts this entry carries."""
        known = Known.NOTHING
        if self.block_time is not None:
            known |= Known.TIME
        if self.tx_index is not None:
            known |= Known.INDEX
        return known

    @property
    def is_live(self) -> bool:
        """Whether the ledger counts this transaction now."""
        return self.last is not None and self.last.op is not LedgerOp.REVOKE


class LedgerRow(NamedTuple):
    """A row to append; its `seq` is its place after the last one."""

    tx_id: int
    op: LedgerOp
    known: Known
    version: int


def next_row(entry: WalletEntry) -> LedgerRow | None:
    """Return the row that brings the ledger in line with the facts; None where it already is."""
    op: LedgerOp | None = None
    if entry.revoked:
        op = LedgerOp.REVOKE if entry.is_live else None
    elif not entry.is_live:
        op = LedgerOp.APPLY
    elif entry.last and (entry.last.known, entry.last.version) != (entry.known, entry.version):
        op = LedgerOp.REVISE
    if op is None:
        return None
    return LedgerRow(entry.tx_id, op, entry.known, entry.version)
