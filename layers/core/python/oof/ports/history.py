"""A wallet's facts, a page at a time, newest first in chain order.

A page is one indexed query however long the history: at most `SCAN_LIMIT` transactions are looked
at, so under a narrow filter a page may come short, or empty, and still have a next one.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from oof.domain.snapshot.model import WalletState
from oof.domain.transactions.model import Anomaly, Kind, Mark, Role, Status
from oof.domain.units import Address, Lamports, Mint, RawAmount, Signature, Slot, UnixSeconds

SCAN_LIMIT: Final = 2_000


class WalletHead(NamedTuple):
    """How a tracked wallet stands."""

    state: WalletState
    epoch: int
    revision: int
    as_of_slot: Slot | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionFilter:
    """Which transactions are wanted; None leaves a question open.

    `mint` and `kind` together mean one movement of the wallet with both. Times compare with the
    estimate where the chain's own is missing; `since` is inclusive, `until` exclusive.
    """

    mint: Mint | None = None
    kind: Kind | None = None
    status: Status | None = None
    since: UnixSeconds | None = None
    until: UnixSeconds | None = None


class PageKey(NamedTuple):
    """Where a page ended: nothing above `slot` is left, nor `seen` within it.

    What a slot holds may still be put in order, so its transactions are told apart one by one.
    """

    slot: Slot
    seen: tuple[int, ...]


class TradeRecord(NamedTuple):
    """A trade of the wallet."""

    sold_mint: Mint
    sold_raw: RawAmount
    sold_decimals: int | None
    bought_mint: Mint
    bought_raw: RawAmount
    bought_decimals: int | None
    venue: str
    route: tuple[str, ...]
    outer_index: int
    role: Role
    arbitrage: bool
    terminal: str | None
    sold_symbol: str | None = None
    """As stored: under which symbol the mint is shown, where anybody told one."""
    bought_symbol: str | None = None


class MovementRecord(NamedTuple):
    """A movement on the wallet's side: negative left it."""

    mint: Mint
    delta_raw: RawAmount
    decimals: int | None
    kind: Kind
    counterparty: Address | None
    mark: Mark | None
    symbol: str | None = None
    """As stored: under which symbol the mint is shown, where anybody told one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionRecord:
    """A stored transaction as it concerns one wallet."""

    tx_id: int
    signature: Signature
    slot: Slot
    tx_index: int | None
    block_time: UnixSeconds | None
    """The chain's time, or the estimate; None where there is nothing to estimate from."""
    is_time_estimated: bool
    status: Status
    fee_payer: Address
    fee_lamports: Lamports
    normalizer_version: int
    trades: tuple[TradeRecord, ...]
    movements: tuple[MovementRecord, ...]
    anomalies: tuple[Anomaly, ...]
    is_soft: bool = False
    """Not reported finalized yet."""
    is_order_unresolved: bool = False
    """Its place among the wallet's others of its slot is still being asked for."""
    is_order_unknown: bool = False
    """That place could not be learnt; by signature, and for good."""


class TransactionPage(NamedTuple):
    """Some transactions, and where the next page begins."""

    head: WalletHead
    records: tuple[TransactionRecord, ...]
    next_key: PageKey | None


class HoldingRecord(NamedTuple):
    """The newest post-balance of one mint over all the wallet's accounts."""

    mint_id: int
    mint: Mint
    raw: RawAmount
    decimals: int | None
    accounts: int
    slot: Slot
    """Where the newest of the accounts last changed, by `signature`."""
    signature: Signature
    is_order_unresolved: bool
    is_history_partial: bool
    """As `MintBalance.history_partial`."""
    is_soft: bool = False
    is_order_unknown: bool = False
    """As `MintBalance.order_unknown`."""
    symbol: str | None = None
    """As stored: under which symbol the mint is shown, where anybody told one."""


class HoldingPage(NamedTuple):
    """Some holdings, and the mint id after which the next page begins."""

    head: WalletHead
    records: tuple[HoldingRecord, ...]
    next_key: int | None


class HistoryReader(Protocol):
    """Reads facts of tracked wallets; each call is a constant number of round trips."""

    def transactions(
        self, wallet: Address, wanted: TransactionFilter, *, after: PageKey | None, limit: int
    ) -> TransactionPage | None:
        """Return transactions in which the wallet took part, newest first in chain order.

        None for a wallet that was never tracked. Raises `StoreUnavailable`.
        """
        ...

    def holdings(
        self, wallet: Address, *, after: int | None, limit: int, with_empty: bool
    ) -> HoldingPage | None:
        """Return holdings, latest met mint first: an order in which no mint ever changes places.

        None for a wallet that was never tracked. Raises `StoreUnavailable`.
        """
        ...
