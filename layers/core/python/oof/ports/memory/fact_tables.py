"""Rows of the in-memory fact store, and what is read off them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from datetime import datetime
from itertools import groupby
from typing import Final, NamedTuple

from oof.domain.backfill import Reach
from oof.domain.doubt import Doubt, Outcome
from oof.domain.moments.model import MomentId
from oof.domain.moments.stored import Extremes, StoredMoment
from oof.domain.positions.days import DayFigures, DayRow, PositionUsd
from oof.domain.positions.holding_days import HoldingDay
from oof.domain.positions.stored import EntryRow, EpisodeRow, ExitRow, PositionRow
from oof.domain.positions.valuation import ExitValue, Wait
from oof.domain.prices.book import PriceBook
from oof.domain.prices.book import Span as PriceSpan
from oof.domain.rollups.windows import TokenWindow, WalletWindow
from oof.domain.snapshot.fees import FEE_KINDS
from oof.domain.snapshot.fold import DAY_S, Span
from oof.domain.snapshot.ledger import BalanceMark, LastRow, LedgerRow
from oof.domain.snapshot.model import Coverage, LastError, MintBalance, WalletState
from oof.domain.snapshot.newest import Newest, settle
from oof.domain.snapshot.transfers import FlowKey, FlowSum, Transfer
from oof.domain.tokens_facts import TokenRow
from oof.domain.transactions.base58 import decode_base58
from oof.domain.transactions.model import AccountBalance, Kind, NormalizedTransaction
from oof.domain.units import (
    SOL_MINT,
    Address,
    Lamports,
    Mint,
    RawAmount,
    Signature,
    Slot,
    UnixSeconds,
)
from oof.domain.windows import Window
from oof.ports.facts import PackRecord, UnreadableRecord
from oof.ports.memory.vector_rows import NeighbourRow, VectorRow
from oof.ports.moments import MomentMark
from oof.ports.portraits import StoredPortrait
from oof.ports.positions import PositionHead
from oof.ports.rewriting import Renormalization

_NO_SPAN: Final = Span()
_NO_REACH: Final = Reach()
_NO_COVERAGE: Final = Coverage(
    addresses=0, complete=False, oldest_time=None, newest_time=None, stopped_by=None
)


class StoredTransaction(NamedTuple):
    """One row of transactions, its parts included."""

    tx_id: int
    transaction: NormalizedTransaction
    object_key: str
    offset: int
    length: int
    revoked: bool
    version: int


class SoftRow(NamedTuple):
    """One row of soft transactions."""

    due_at: datetime
    absent: int
    heard: int


class UnorderedRow(NamedTuple):
    """One row of unordered transactions."""

    tries: int
    due_at: datetime | None


class BodyCheck(NamedTuple):
    """One row of body checks."""

    digest: bytes
    doubt: Doubt | None
    noted_at: datetime
    examined_at: datetime | None = None
    asked_at: datetime | None = None
    tries: int = 0
    outcome: Outcome | None = None
    settled_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether the node is to be asked."""
        return self.doubt is not None and self.settled_at is None

    @property
    def is_undoubted(self) -> bool:
        """Whether nothing spoke against it so far."""
        return self.doubt is None and self.settled_at is None


class PackRow(NamedTuple):
    """One row of packs."""

    record: PackRecord
    stored_at: datetime
    superseded_at: datetime | None = None
    is_whole: bool = True
    checked_at: datetime | None = None
    fault: str | None = None
    cooled_at: datetime | None = None


class AccountKey(NamedTuple):
    """An account under one owner and mint."""

    owner: Address
    mint: Mint
    account: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedWallet:
    """One row of tracked wallets."""

    wallet_id: int
    state: WalletState
    tracked_at: datetime
    changed_at: datetime
    blocked_code: str | None = None
    revision: int = 1
    projected_revision: int = 0
    applied_seq: int = 0
    span: Span = _NO_SPAN
    soft_from: int | None = None
    soft_count: int = 0
    coverage: Coverage = _NO_COVERAGE
    reach: Reach = _NO_REACH
    tail_checked_at: UnixSeconds | None = None
    listed_at: UnixSeconds | None = None
    tokens_checked_at: UnixSeconds | None = None
    applied_lag_s: int | None = None
    last_error: LastError | None = None
    fold_due_at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Tables:
    """Everything stored; values are immutable, so a copy of each dict is a copy of all."""

    epoch: dict[str, int] = field(default_factory=lambda: {"epoch": 1})
    transactions: dict[int, StoredTransaction] = field(default_factory=dict)
    by_prefix: dict[bytes, int] = field(default_factory=dict)
    decimals: dict[Mint, int] = field(default_factory=dict)
    tokens: dict[Mint, TokenRow] = field(default_factory=dict)
    accounts: dict[AccountKey, int] = field(default_factory=dict)
    account_keys: dict[int, AccountKey] = field(default_factory=dict)
    packs: dict[str, PackRow] = field(default_factory=dict)
    unreadable: dict[tuple[bytes, str], tuple[UnreadableRecord, datetime]] = field(
        default_factory=dict
    )
    tracked: dict[Address, TrackedWallet] = field(default_factory=dict)
    addresses: dict[int, Address] = field(default_factory=dict)
    pending: dict[tuple[int, int], datetime] = field(default_factory=dict)
    ledgers: dict[int, tuple[LedgerRow, ...]] = field(default_factory=dict)
    last_rows: dict[tuple[int, int], LastRow] = field(default_factory=dict)
    counters: dict[tuple[int, str], int] = field(default_factory=dict)
    hours: dict[tuple[int, UnixSeconds], int] = field(default_factory=dict)
    activity: dict[tuple[int, int, str], int] = field(default_factory=dict)
    """By wallet, UTC day and name."""
    flows: dict[tuple[int, FlowKey], FlowSum] = field(default_factory=dict)
    holdings: dict[tuple[int, int], Newest] = field(default_factory=dict)
    heard: dict[str, datetime] = field(default_factory=dict)
    checks: dict[int, BodyCheck] = field(default_factory=dict)
    soft: dict[int, SoftRow] = field(default_factory=dict)
    unordered: dict[tuple[Slot, int], UnorderedRow] = field(default_factory=dict)
    renormalizations: dict[int, Renormalization] = field(default_factory=dict)
    position_heads: dict[int, PositionHead] = field(default_factory=dict)
    positions: dict[tuple[int, Mint], PositionRow] = field(default_factory=dict)
    position_exits: dict[tuple[int, Mint, int, int], ExitRow] = field(default_factory=dict)
    position_episodes: dict[tuple[int, Mint, int], EpisodeRow] = field(default_factory=dict)
    position_accounts: dict[tuple[int, int], Slot] = field(default_factory=dict)
    position_checkpoints: dict[tuple[int, Slot], tuple[PositionRow, ...]] = field(
        default_factory=dict
    )
    holding_days: dict[tuple[int, Mint, int], HoldingDay] = field(default_factory=dict)
    position_entries: dict[tuple[int, Mint, int, int], EntryRow] = field(default_factory=dict)
    exit_values: dict[tuple[int, Mint, int, int], ExitValue] = field(default_factory=dict)
    position_usd: dict[tuple[int, Mint], PositionUsd] = field(default_factory=dict)
    position_days: dict[tuple[int, Mint, int], DayRow] = field(default_factory=dict)
    valuation_due: dict[tuple[int, Mint], tuple[Slot, datetime]] = field(default_factory=dict)
    price_books: dict[str, Callable[[Iterable[PriceSpan]], PriceBook]] = field(default_factory=dict)
    """Under `book`, where prices are looked up."""
    valuation_waits: dict[tuple[int, Mint, Mint, int], Wait] = field(default_factory=dict)
    wallet_days: dict[tuple[int, int], DayFigures] = field(default_factory=dict)
    wallet_windows: dict[tuple[int, Window], WalletWindow] = field(default_factory=dict)
    token_windows: dict[tuple[int, Window, Mint], TokenWindow] = field(default_factory=dict)
    moments_due: dict[tuple[int, Mint], MomentMark] = field(default_factory=dict)
    moments: dict[tuple[int, MomentId], StoredMoment] = field(default_factory=dict)
    extremes: dict[int, Extremes] = field(default_factory=dict)
    vectors: dict[int, VectorRow] = field(default_factory=dict)
    neighbours: dict[int, NeighbourRow] = field(default_factory=dict)
    portraits_due: dict[int, datetime] = field(default_factory=dict)
    portraits: dict[tuple[int, Window], StoredPortrait] = field(default_factory=dict)

    def copy(self) -> "Tables":
        """Return tables that change independently."""
        return Tables(**{part.name: dict(getattr(self, part.name)) for part in fields(self)})

    def symbol(self, mint: Mint) -> str | None:
        """Return under which symbol a mint is shown, as far as it is stored."""
        row = self.tokens.get(mint)
        return None if row is None else row.facts.symbol

    def symbols(self, *mints: Mint) -> dict[Mint, str]:
        """Return the same of several mints, without those that have none."""
        told = {mint: self.symbol(mint) for mint in mints}
        return {mint: symbol for mint, symbol in told.items() if symbol is not None}

    def find(self, signature: Signature) -> StoredTransaction | None:
        """Return the live transaction of exactly this signature."""
        tx_id = self.by_prefix.get(prefix_of(signature))
        row = self.transactions[tx_id] if tx_id is not None else None
        return row if row is not None and row.transaction.signature == signature else None


def prefix_of(signature: Signature) -> bytes:
    """Return what stored signatures are unique by."""
    return decode_base58(signature)[:16]


def slot_of(row: StoredTransaction) -> Slot:
    """Return a stored transaction's slot; it has one, or it would not be stored."""
    return Slot(row.transaction.slot or 0)


def is_recorded(tables: Tables, key: tuple[int, int]) -> bool:
    """Whether a wallet's ledger names a transaction, or is about to."""
    return key in tables.last_rows or key in tables.pending


def soft_of(tables: Tables, wallet_id: int) -> tuple[int | None, int]:
    """Return the lowest soft transaction of a ledger, and how many there are."""
    found = [tx_id for tx_id in tables.soft if (wallet_id, tx_id) in tables.last_rows]
    return min(found, default=None), len(found)


def account_key(balance: AccountBalance) -> AccountKey | None:
    """Return the account's key; None where its owner is not known."""
    if balance.owner is None:
        return None
    return AccountKey(balance.owner, balance.mint, balance.account)


def marks_of(tables: Tables, t: NormalizedTransaction, wallet: Address) -> tuple[BalanceMark, ...]:
    """Return what each of the wallet's accounts held before and after a transaction."""
    marks: dict[int, BalanceMark] = {}
    for balance in t.balances:
        key = account_key(balance)
        if key is not None and key.owner == wallet:
            account = tables.accounts[key]
            amounts = balance.pre_raw, balance.post_raw
            marks[account] = BalanceMark(account, balance.mint, *amounts)
    return tuple(marks[account] for account in sorted(marks))


def fees_paid(t: NormalizedTransaction, wallet: Address) -> dict[str, Lamports]:
    """Return the SOL that `wallet` paid, by fee kind, positive."""
    fees: dict[str, Lamports] = {}
    for m in t.movements:
        if m.owner == wallet and m.mint == SOL_MINT and m.kind in FEE_KINDS and m.delta_raw < 0:
            fees[m.kind.value] = Lamports(fees.get(m.kind.value, 0) - m.delta_raw)
    return fees


def transfers_of(t: NormalizedTransaction, wallet: Address) -> tuple[Transfer, ...]:
    """Return the wallet's own movements of kind `transfer`."""
    return tuple(
        Transfer(m.counterparty, m.mint, m.delta_raw, m.mark is not None)
        for m in t.movements
        if m.owner == wallet and m.kind is Kind.TRANSFER
    )


def hours_shown(tables: Tables, row: TrackedWallet) -> dict[UnixSeconds, int]:
    """Return a wallet's hours from 31 days before its newest day."""
    newest = row.span.newest_time
    if newest is None:
        return {}
    oldest = newest - newest % DAY_S - 31 * DAY_S
    return {
        hour: count
        for (owner, hour), count in tables.hours.items()
        if owner == row.wallet_id and hour >= oldest and count > 0
    }


def is_unresolved(tables: Tables, newest: Newest) -> bool | None:
    """Whether a guessed order may still be learnt; None where none is guessed."""
    if not settle(newest).order_unresolved:
        return None
    asked = [row for (slot, _), row in tables.unordered.items() if slot == newest.slot]
    return not asked or any(row.due_at is not None for row in asked)


def balances_held(tables: Tables, wallet_id: int, reach: Reach) -> list[MintBalance]:
    """Return what a wallet holds by mint, newest slot first."""
    held = [
        (tables.account_keys[account], newest)
        for (owner, account), newest in tables.holdings.items()
        if owner == wallet_id
    ]
    held.sort(key=lambda pair: pair[0].mint)
    balances = []
    for mint, group in groupby(held, key=lambda pair: pair[0].mint):
        accounts = list(group)
        newest = [each for _, each in accounts]
        settled = [settle(each) for each in newest]
        is_partial = any(
            last.rival.post_raw > 0 and not reach.covers(key.account, each.slot)
            for (key, each), last in zip(accounts, settled, strict=True)
        )
        raw = sum(each.rival.post_raw for each in settled)
        if raw > 0:
            balances.append(
                MintBalance(
                    mint=mint,
                    raw=RawAmount(raw),
                    decimals=tables.decimals.get(mint),
                    slot=max(each.slot for each in newest),
                    order_unresolved=any(is_unresolved(tables, each) is True for each in newest),
                    history_partial=is_partial,
                    soft=any(each.rival.tx_id in tables.soft for each in settled),
                    order_unknown=any(is_unresolved(tables, each) is False for each in newest),
                )
            )
    return sorted(balances, key=lambda balance: (-balance.slot, decode_base58(balance.mint)))
