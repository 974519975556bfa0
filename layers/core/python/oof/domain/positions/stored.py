"""Stored positions, advanced a page of history at a time.

The rows of a page and the state after it depend on nothing but the state before and the page: any
partition of a history into pages, at slot boundaries, ends with the same rows.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from oof.domain.positions.codec import decode_position, encode_position
from oof.domain.positions.events import Disposal, Exchange, WalletTransaction
from oof.domain.positions.figures import Totals, figures_of, rounded, totals_of
from oof.domain.positions.fold import Episode, Realized, Valuer, WalletFold
from oof.domain.positions.holding_days import HoldingDay, HoldingDays, held_of
from oof.domain.positions.lots import Method, Slice
from oof.domain.positions.worth import NOTHING
from oof.domain.snapshot.ledger import BalanceMark
from oof.domain.units import SOL_MINT, Mint, RawAmount, Slot, UnixSeconds


class HistoryEvent(NamedTuple):
    """One live transaction in which a wallet took part."""

    tx_id: int
    transaction: WalletTransaction
    balances: tuple[BalanceMark, ...]

    @property
    def slot(self) -> Slot:
        """Its slot."""
        return self.transaction.moment.slot


class PositionRow(NamedTuple):
    """One position as stored."""

    mint: Mint
    is_open: bool
    """Something is held, or set aside."""
    last_slot: Slot
    last_at: UnixSeconds | None
    state: bytes
    figures: Mapping[str, int]


class ExitRow(NamedTuple):
    """One sale, and the lots it took."""

    mint: Mint
    slot: Slot
    tx_id: int
    place: int
    """Of several of one mint in one transaction."""
    document: Mapping[str, Any]


class EntryRow(NamedTuple):
    """One purchase: what was given for what."""

    mint: Mint
    slot: Slot
    tx_id: int
    place: int
    """Of several of one mint in one transaction."""
    document: Mapping[str, Any]


class EpisodeRow(NamedTuple):
    """One episode that ended."""

    mint: Mint
    number: int
    opened_slot: Slot
    opened_at: UnixSeconds | None
    closed_slot: Slot
    closed_at: UnixSeconds | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRows:
    """What a page of history writes."""

    positions: tuple[PositionRow, ...]
    exits: tuple[ExitRow, ...]
    entries: tuple[EntryRow, ...]
    episodes: tuple[EpisodeRow, ...]
    changed_from: Mapping[Mint, Slot]
    """The first slot of the page that touched each position, SOL's aside: what is in dollars of
    it is to be valued from there on."""
    holdings: tuple[HoldingDay, ...] = ()
    """What was held at the end of each day, by mint and day."""
    accounts: Mapping[int, Slot] = field(default_factory=dict)
    """Accounts met for the first time, and where."""
    other_fees_lamports: int


def chain_order(event: HistoryEvent) -> tuple[int, bool, int, str]:
    """Sort key: slot, place in the block with unknown ones last, signature."""
    slot, index = event.transaction.moment
    return slot, index is None, index or 0, event.transaction.signature


def touched_mints(events: Iterable[HistoryEvent]) -> frozenset[Mint]:
    """Return every mint whose position a page may change."""
    found: set[Mint] = set()
    for _, transaction, balances in events:
        found |= {disposal.mint for disposal in transaction.disposals}
        for exchange in transaction.exchanges:
            found |= {exchange.sold_mint, exchange.bought_mint}
        found |= {flow.mint for flow in transaction.flows}
        found |= transaction.fees_raw.keys()
        found |= {mark.mint for mark in balances if mark.pre_raw}
    return frozenset(found)


def fold_page(
    events: Sequence[HistoryEvent],
    *,
    stored: Iterable[PositionRow],
    known_accounts: frozenset[int],
    valuer: Valuer,
) -> PageRows:
    """Fold a page, in chain order, into the stored positions of all mints it touches."""
    page = _Page(stored, known_accounts, valuer)
    for event in events:
        page.add(event)
    return page.rows()


class Step(NamedTuple):
    """What one transaction did to positions."""

    realized: Sequence[Realized]
    ended: Sequence[Episode]
    touched: frozenset[Mint]


class HistoryFold:
    """A history on its way into positions: the fold, sums by mint, and which accounts were met."""

    def __init__(
        self,
        valuer: Valuer,
        *,
        method: Method = Method.FIFO,
        known_accounts: frozenset[int] = frozenset(),
    ) -> None:
        self.fold = WalletFold(valuer, method)
        self.totals: dict[Mint, Totals] = defaultdict(Totals)
        self.accounts: dict[int, Slot] = {}
        """Accounts met for the first time, and where."""
        self.other_fees_lamports = 0
        self._known = known_accounts

    def add(self, event: HistoryEvent) -> Step:
        """Open what was held before, then fold the transaction."""
        transaction = event.transaction
        self._open(event)
        realized, ended = self.fold.apply(transaction)
        touched = touched_mints([event])
        for mint in touched:
            self.totals[mint].add_transaction(mint, transaction, self.fold.valuer)
        for each in realized:
            if each.bought is not None:
                self.totals[each.mint].add_exit(each)
        # Rounded a transaction, so that it does not matter where pages end.
        self.other_fees_lamports += rounded(self.fold.other_fees.lamports) or 0
        self.fold.other_fees = NOTHING
        return Step(realized, ended, touched)

    def _open(self, event: HistoryEvent) -> None:
        held: dict[Mint, RawAmount] = {}
        for mark in event.balances:
            if mark.account_id in self._known or mark.account_id in self.accounts:
                continue
            self.accounts[mark.account_id] = event.slot
            if mark.pre_raw:
                held[mark.mint] = RawAmount(held.get(mark.mint, 0) + mark.pre_raw)
        for mint, raw in held.items():
            self.totals[mint].opening_raw += raw
        self.fold.open_with(held, event.transaction.moment)


class _Page:
    """A page on its way into stored positions."""

    def __init__(
        self, stored: Iterable[PositionRow], known_accounts: frozenset[int], valuer: Valuer
    ) -> None:
        self._history = HistoryFold(valuer, known_accounts=known_accounts)
        for row in stored:
            self._history.fold.positions[row.mint] = decode_position(row.mint, row.state)
            self._history.totals[row.mint] = totals_of(row.figures)
        self._first: dict[Mint, Slot] = {}
        self._last: dict[Mint, tuple[Slot, UnixSeconds | None]] = {}
        self._entries: list[EntryRow] = []
        self._exits: list[ExitRow] = []
        self._episodes: list[EpisodeRow] = []
        self._holdings = HoldingDays(self._held)

    def add(self, event: HistoryEvent) -> None:
        """Fold one transaction."""
        self._holdings.begin(event.transaction.at)
        step = self._history.add(event)
        for mint in step.touched:
            self._holdings.touch(mint, event.slot)
            self._first.setdefault(mint, event.slot)
            self._last[mint] = (event.slot, event.transaction.at)
        self._add_entries(event)
        self._add_exits(event.tx_id, step.realized)
        self._episodes += map(_episode, step.ended)

    def rows(self) -> PageRows:
        """Return what is to be written."""
        return PageRows(
            positions=tuple(self._row(mint, *last) for mint, last in sorted(self._last.items())),
            exits=tuple(self._exits),
            entries=tuple(self._entries),
            changed_from={m: slot for m, slot in self._first.items() if m != SOL_MINT},
            episodes=tuple(self._episodes),
            holdings=self._holdings.rows(),
            accounts=self._history.accounts,
            other_fees_lamports=self._history.other_fees_lamports,
        )

    def _held(self, mint: Mint) -> int:
        position = self._history.fold.position(mint)
        return held_of(position.held_raw, position.unmatched_raw)

    def _add_entries(self, event: HistoryEvent) -> None:
        places: dict[Mint, int] = defaultdict(int)
        transaction = event.transaction
        for exchange in transaction.exchanges:
            mint = exchange.bought_mint
            if mint != SOL_MINT:
                place = places[mint]
                places[mint] += 1
                document = {
                    "tx_index": transaction.moment.tx_index,
                    "at": transaction.at,
                    "qty_raw": str(exchange.bought_raw),
                    "sold_mint": exchange.sold_mint,
                    "sold_raw": str(exchange.sold_raw),
                }
                self._entries.append(EntryRow(mint, event.slot, event.tx_id, place, document))

    def _add_exits(self, tx_id: int, realized: Sequence[Realized]) -> None:
        places: dict[Mint, int] = defaultdict(int)
        for each in realized:
            # SOL is what worth is told in: what it was sold for is in the other position.
            if each.bought is not None and each.mint != SOL_MINT:
                place = places[each.mint]
                places[each.mint] += 1
                slot = each.moment.slot
                self._exits.append(ExitRow(each.mint, slot, tx_id, place, exit_document(each)))

    def _row(self, mint: Mint, last_slot: Slot, last_at: UnixSeconds | None) -> PositionRow:
        position = self._history.fold.position(mint)
        return PositionRow(
            mint,
            position.opened is not None,
            last_slot,
            last_at,
            encode_position(position),
            figures_of(position, self._history.totals[mint]),
        )


def _episode(ended: Episode) -> EpisodeRow:
    return EpisodeRow(
        ended.mint,
        ended.number,
        ended.opened.slot,
        ended.opened_at,
        ended.closed.slot,
        ended.closed_at,
    )


def exit_document(exit_: Realized) -> dict[str, Any]:
    """Return a sale as it is stored; a disposal is one for as much of the mint itself."""
    bought_mint, bought_raw = _got(exit_.bought)
    return {
        "tx_index": exit_.moment.tx_index,
        "at": exit_.at,
        "qty_raw": str(exit_.qty_raw),
        "unknown_raw": str(exit_.unknown_raw),
        "unmatched_raw": str(exit_.unmatched_raw),
        "bought_mint": bought_mint,
        "bought_raw": _text(bought_raw),
        "proceeds_lamports": _text(rounded(exit_.proceeds.lamports)),
        "cost_lamports": _text(rounded(exit_.cost.lamports)),
        "entry_fees_lamports": _text(rounded(exit_.entry_fees.lamports)),
        "exit_fees_lamports": _text(rounded(exit_.exit_fees.lamports)),
        "pnl_lamports": _text(rounded(exit_.pnl.lamports)) if exit_.qty_raw else None,
        "lots": [_slice(part) for part in exit_.slices],
    }


def _got(bought: Exchange | Disposal | None) -> tuple[Mint | None, RawAmount | None]:
    if bought is None:
        return None, None
    if isinstance(bought, Disposal):
        return bought.mint, bought.raw
    return bought.bought_mint, bought.bought_raw


def _slice(part: Slice) -> dict[str, Any]:
    entry = part.entry
    return {
        "signature": entry.signature,
        "slot": entry.opened.slot,
        "tx_index": entry.opened.tx_index,
        "at": entry.at,
        "origin": entry.origin.value,
        "qty_raw": str(part.qty_raw),
        "cost_raw": {mint: str(raw) for mint, raw in part.cost_raw.items()},
        "cost_lamports": _text(rounded(part.worth.lamports)),
        "fees_lamports": _text(rounded(part.fees.lamports)),
    }


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)
