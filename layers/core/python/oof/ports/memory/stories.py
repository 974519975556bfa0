"""What stories are made of, from the facts in memory."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from oof.domain.moments.model import Neighbour, Stamp
from oof.domain.moments.parts import (
    AccountMark,
    HeldPosition,
    StoryParts,
    StoryRows,
    TradeLeg,
    ValuedExit,
    first_slot,
    parts_of,
)
from oof.domain.positions.codec import decode_position
from oof.domain.positions.stored import ExitRow
from oof.domain.snapshot.fees import FEE_KINDS
from oof.domain.snapshot.ledger import LedgerOp
from oof.domain.snapshot.newest import settle
from oof.domain.tokens import QUOTES
from oof.domain.transactions.model import Kind, NormalizedTransaction, Role, Trade
from oof.domain.units import SOL_MINT, Address, Lamports, Mint, RawAmount, Slot
from oof.ports.memory.fact_tables import StoredTransaction, Tables, marks_of, slot_of
from oof.ports.moments import DueMoments, MomentTurn


class StorySide:
    """The side of a transaction that tells stories."""

    _tables: Tables

    def story_parts(
        self, turn: MomentTurn, due: Sequence[DueMoments], *, dust_usd: Decimal
    ) -> tuple[StoryParts, ...]:
        """See `MomentTransaction.story_parts`."""
        rows = _Rows(self._tables, turn, dust_usd)
        starts = {each.mint: rows.find_start(each) for each in due}
        for mint, slot in starts.items():
            rows.tell(mint, slot)
        return tuple(parts_of(mint, slot, rows.found) for mint, slot in starts.items())


class _Rows:
    """Rows on their way into stories."""

    def __init__(self, tables: Tables, turn: MomentTurn, dust_usd: Decimal) -> None:
        self._tables = tables
        self._dust_usd = dust_usd
        self._wallet_id = turn.wallet_id
        self._wallet = tables.addresses[turn.wallet_id]
        self.found = StoryRows()

    def find_start(self, due: DueMoments) -> Slot:
        """Find where a story begins."""
        tables, found, own = self._tables, self.found, (self._wallet_id, due.mint)
        row = tables.positions.get(own)
        if row is not None:
            position = decode_position(due.mint, row.state)
            opened = position.opened
            found.held[due.mint] = HeldPosition(
                tuple(position.book.lots),
                None if opened is None else (opened[0].slot, opened[1]),
                position.episodes,
            )
        ended = found.episodes[due.mint] = [
            each
            for key, each in tables.position_episodes.items()
            if key[:2] == own and each.closed_slot >= due.from_slot
        ]
        return first_slot(due.from_slot, found.held.get(due.mint), ended)

    def tell(self, mint: Mint, start: Slot) -> None:
        """Find what happened to a position from its story's first slot on."""
        for row in self._live():
            if slot_of(row) >= start and _moves(row.transaction, self._wallet, mint):
                self.found.walked.setdefault(mint, []).append(row.tx_id)
                self._tell(row)
                if mint not in QUOTES and any(
                    mint in {t.sold_mint, t.bought_mint} for t in self._own(row.transaction)
                ):
                    self.found.neighbours += ((mint, n) for n in self._beside(mint, slot_of(row)))
        tables = self._tables
        for (owner, account), newest in tables.holdings.items():
            if owner == self._wallet_id and tables.account_keys[account].mint == mint:
                self.found.standing[mint, account] = settle(newest).rival.post_raw
        exits = [
            self._valued(sold)
            for key, sold in tables.position_exits.items()
            if key[:2] == (self._wallet_id, mint)
        ]
        self.found.exits += (each for each in exits if each.row.slot >= start)
        self.found.records += _records(exits, self._dust_usd)

    def _live(self) -> Iterable[StoredTransaction]:
        for (owner, tx_id), last in self._tables.last_rows.items():
            if owner == self._wallet_id and last.op is not LedgerOp.REVOKE:
                yield self._tables.transactions[tx_id]

    def _own(self, t: NormalizedTransaction) -> list[Trade]:
        return [trade for trade in t.trades if trade.trader == self._wallet]

    def _tell(self, row: StoredTransaction) -> None:
        found, t = self.found, row.transaction
        found.stamps[row.tx_id] = _stamp(row)
        own = [
            TradeLeg(leg, *_sides(trade), trade.role is Role.MAKER, trade.arbitrage)
            for leg, trade in enumerate(t.trades)
            if trade.trader == self._wallet
        ]
        if own:
            found.trades[row.tx_id] = own
            found.fees[row.tx_id] = _fees(t, self._wallet)
        found.marks[row.tx_id] = [
            AccountMark(mark.account_id, mark.mint, mark.pre_raw, mark.post_raw)
            for mark in marks_of(self._tables, t, self._wallet)
        ]

    def _beside(self, mint: Mint, slot: Slot) -> Iterable[Neighbour]:
        known = {neighbour for other, neighbour in self.found.neighbours if other == mint}
        for row in self._tables.transactions.values():
            if row.revoked or slot_of(row) != slot:
                continue
            for leg, trade in enumerate(row.transaction.trades):
                if trade.trader != self._wallet and mint in {trade.sold_mint, trade.bought_mint}:
                    found = Neighbour(_stamp(row), leg, trade.trader, *_sides(trade))
                    if found not in known:
                        yield found

    def _valued(self, sold: ExitRow) -> ValuedExit:
        tables = self._tables
        signature = tables.transactions[sold.tx_id].transaction.signature
        value = tables.exit_values.get((self._wallet_id, sold.mint, sold.tx_id, sold.place))
        if value is None:
            return ValuedExit(sold, signature, None, None, None, None, ())
        costs = [lot["cost_usd"] for lot in value.basis["lots"]]
        lots_usd = tuple(None if cost is None else Decimal(cost) for cost in costs)
        money = value.proceeds_usd, value.cost_usd, value.fees_usd, value.pnl_usd
        return ValuedExit(sold, signature, *money, lots_usd)


def _records(exits: Sequence[ValuedExit], dust_usd: Decimal) -> list[ValuedExit]:
    dear = [each for each in exits if each.cost_usd is not None and each.cost_usd >= dust_usd]
    told = [each.pnl_usd for each in dear if each.pnl_usd is not None]
    ends = {max(told), min(told)} if told else set()
    return [each for each in dear if each.pnl_usd in ends]


def _moves(t: NormalizedTransaction, wallet: Address, mint: Mint) -> bool:
    return any(m.owner == wallet and m.mint == mint for m in t.movements)


def _stamp(row: StoredTransaction) -> Stamp:
    t = row.transaction
    return Stamp(slot_of(row), t.tx_index, t.signature, t.block_time)


def _sides(trade: Trade) -> tuple[Mint, RawAmount, Mint, RawAmount, str, tuple[str, ...]]:
    sold, bought = (trade.sold_mint, trade.sold_raw), (trade.bought_mint, trade.bought_raw)
    return *sold, *bought, trade.venue, tuple(trade.route)


def _fees(t: NormalizedTransaction, wallet: Address) -> dict[Kind, Lamports]:
    fees: dict[Kind, Lamports] = {}
    for m in t.movements:
        is_fee = m.mint == SOL_MINT and m.kind in FEE_KINDS and m.delta_raw < 0
        if is_fee and m.owner == wallet:
            fees[m.kind] = Lamports(fees.get(m.kind, 0) - m.delta_raw)
    return fees
