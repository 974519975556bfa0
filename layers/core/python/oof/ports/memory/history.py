"""A wallet's facts in memory, read the way the database reads them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from oof.domain.backfill import Reach
from oof.domain.block_times import SlotTime, estimate_time
from oof.domain.transactions.model import (
    NORMALIZER_VERSION,
    AccountBalance,
    NormalizedTransaction,
)
from oof.domain.units import Address, Mint, RawAmount, Signature, Slot, UnixSeconds
from oof.ports.history import (
    HoldingPage,
    HoldingRecord,
    MovementRecord,
    PageKey,
    TradeRecord,
    TransactionFilter,
    TransactionPage,
    TransactionRecord,
    WalletHead,
)


class MemoryHistoryReader:
    """A `HistoryReader` over normalized transactions held in a list."""

    def __init__(self) -> None:
        self._heads: dict[Address, WalletHead] = {}
        self._stored: list[NormalizedTransaction] = []
        self._mint_ids: dict[Mint, int] = {}
        self._reaches: dict[Address, Reach] = {}
        self._soft: set[Signature] = set()
        self._given_up: set[Slot] = set()
        self._symbols: dict[Mint, str] = {}

    def track(self, wallet: Address, head: WalletHead) -> None:
        """Let the wallet be read."""
        self._heads[wallet] = head

    def cover(self, wallet: Address, reach: Reach) -> None:
        """Say how far down the wallet is covered."""
        self._reaches[wallet] = reach

    def soften(self, signatures: Iterable[Signature]) -> None:
        """Say what is not final."""
        self._soft.update(signatures)

    def give_up(self, slot: Slot) -> None:
        """Say whose order cannot be learnt."""
        self._given_up.add(slot)

    def name(self, symbols: Mapping[Mint, str]) -> None:
        """Say what mints are called."""
        self._symbols |= symbols

    def store(self, transactions: Iterable[NormalizedTransaction]) -> None:
        """Add transactions, each with its slot."""
        for transaction in transactions:
            self._stored.append(transaction)
            for mint in transaction.decimals:
                self._mint_ids.setdefault(mint, len(self._mint_ids) + 1)

    def transactions(
        self, wallet: Address, wanted: TransactionFilter, *, after: PageKey | None, limit: int
    ) -> TransactionPage | None:
        """See `HistoryReader`."""
        head = self._heads.get(wallet)
        if head is None:
            return None
        own = self._own(wallet)
        records = [self._record(wallet, tx_id, own) for tx_id in self._newest_first(own)]
        left = [each for each in records if _is_left(each, after) and _is_wanted(each, wanted)]
        page = tuple(left[:limit])
        if len(left) <= limit:
            return TransactionPage(head=head, records=page, next_key=None)
        slot = page[-1].slot
        earlier = after.seen if after is not None and after.slot == slot else ()
        seen = {each.tx_id for each in page if each.slot == slot}
        key = PageKey(slot=slot, seen=tuple(sorted({*earlier, *seen})))
        return TransactionPage(head=head, records=page, next_key=key)

    def holdings(
        self, wallet: Address, *, after: int | None, limit: int, with_empty: bool
    ) -> HoldingPage | None:
        """See `HistoryReader`."""
        head = self._heads.get(wallet)
        if head is None:
            return None
        records = [
            record
            for record in self._held(wallet)
            if (after is None or record.mint_id < after) and (with_empty or record.raw)
        ]
        page = tuple(records[:limit])
        next_key = page[-1].mint_id if len(records) > limit else None
        return HoldingPage(head=head, records=page, next_key=next_key)

    def _own(self, wallet: Address) -> dict[int, NormalizedTransaction]:
        return {
            tx_id: transaction
            for tx_id, transaction in enumerate(self._stored, start=1)
            if wallet in transaction.participants
        }

    def _newest_first(self, own: dict[int, NormalizedTransaction]) -> list[int]:
        def rank(tx_id: int) -> tuple[int, bool, int, str]:
            each = own[tx_id]
            return (each.slot or 0, each.tx_index is None, each.tx_index or 0, each.signature)

        return sorted(own, key=rank, reverse=True)

    def _record(
        self, wallet: Address, tx_id: int, own: dict[int, NormalizedTransaction]
    ) -> TransactionRecord:
        transaction = own[tx_id]
        slot = Slot(transaction.slot or 0)
        time = transaction.block_time
        if time is None:
            time = _estimate(slot, own)
        is_shared = sum(each.slot == slot for each in own.values()) > 1
        is_unordered = is_shared and transaction.tx_index is None
        return TransactionRecord(
            tx_id=tx_id,
            signature=transaction.signature,
            slot=slot,
            tx_index=transaction.tx_index,
            block_time=time,
            is_time_estimated=transaction.block_time is None and time is not None,
            status=transaction.status,
            fee_payer=transaction.fee_payer,
            fee_lamports=transaction.fee_lamports,
            normalizer_version=NORMALIZER_VERSION,
            trades=_trades(wallet, transaction, self._symbols),
            movements=_movements(wallet, transaction, self._symbols),
            anomalies=transaction.anomalies,
            is_soft=transaction.signature in self._soft,
            is_order_unresolved=is_unordered and slot not in self._given_up,
            is_order_unknown=is_unordered and slot in self._given_up,
        )

    def _held(self, wallet: Address) -> list[HoldingRecord]:
        newest: dict[tuple[Address, Mint], tuple[Slot, Signature, AccountBalance]] = {}
        reach = self._reaches.get(wallet, Reach())
        own = self._own(wallet)
        for tx_id in reversed(self._newest_first(own)):
            transaction = own[tx_id]
            for balance in transaction.balances:
                if balance.owner == wallet:
                    slot = Slot(transaction.slot or 0)
                    key = (balance.account, balance.mint)
                    newest[key] = (slot, transaction.signature, balance)
        by_mint: dict[Mint, list[tuple[Slot, Signature, AccountBalance]]] = defaultdict(list)
        for (_, mint), found in newest.items():
            by_mint[mint].append(found)
        decimals = {mint: n for each in own.values() for mint, n in each.decimals.items()}
        records = [
            HoldingRecord(
                mint_id=self._mint_ids[mint],
                mint=mint,
                raw=RawAmount(sum(balance.post_raw for _, _, balance in accounts)),
                decimals=decimals.get(mint),
                accounts=len(accounts),
                slot=max(accounts)[0],
                signature=max(accounts, key=lambda each: each[0])[1],
                is_order_unresolved=False,
                is_history_partial=any(
                    balance.post_raw > 0 and not reach.covers(balance.account, slot)
                    for slot, _, balance in accounts
                ),
                is_soft=any(signature in self._soft for _, signature, _ in accounts),
                symbol=self._symbols.get(mint),
            )
            for mint, accounts in by_mint.items()
        ]
        return sorted(records, key=lambda record: record.mint_id, reverse=True)


def _estimate(slot: Slot, own: dict[int, NormalizedTransaction]) -> UnixSeconds | None:
    timed = [
        SlotTime(Slot(each.slot or 0), each.block_time)
        for each in own.values()
        if each.block_time is not None
    ]
    below = max((each for each in timed if each.slot <= slot), default=None)
    above = min((each for each in timed if each.slot > slot), default=None)
    return estimate_time(slot, below, above)


def _is_left(record: TransactionRecord, after: PageKey | None) -> bool:
    if after is None:
        return True
    if record.slot == after.slot:
        return record.tx_id not in after.seen
    return record.slot < after.slot


def _is_wanted(record: TransactionRecord, wanted: TransactionFilter) -> bool:
    return (
        _is_moved(record, wanted)
        and (wanted.status is None or record.status is wanted.status)
        and _is_within(record.block_time, wanted.since, wanted.until)
    )


def _is_moved(record: TransactionRecord, wanted: TransactionFilter) -> bool:
    if wanted.mint is None and wanted.kind is None:
        return True
    return any(
        (wanted.mint is None or movement.mint == wanted.mint)
        and (wanted.kind is None or movement.kind is wanted.kind)
        for movement in record.movements
    )


def _is_within(
    time: UnixSeconds | None, since: UnixSeconds | None, until: UnixSeconds | None
) -> bool:
    if time is None:
        return since is None and until is None
    return (since is None or time >= since) and (until is None or time < until)


def _trades(
    wallet: Address, transaction: NormalizedTransaction, symbols: Mapping[Mint, str]
) -> tuple[TradeRecord, ...]:
    return tuple(
        TradeRecord(
            sold_mint=trade.sold_mint,
            sold_raw=trade.sold_raw,
            sold_decimals=transaction.decimals.get(trade.sold_mint),
            sold_symbol=symbols.get(trade.sold_mint),
            bought_mint=trade.bought_mint,
            bought_raw=trade.bought_raw,
            bought_decimals=transaction.decimals.get(trade.bought_mint),
            bought_symbol=symbols.get(trade.bought_mint),
            venue=trade.venue,
            route=trade.route,
            outer_index=trade.outer_index,
            role=trade.role,
            arbitrage=trade.arbitrage,
            terminal=trade.terminal,
        )
        for trade in transaction.trades
        if trade.trader == wallet
    )


def _movements(
    wallet: Address, transaction: NormalizedTransaction, symbols: Mapping[Mint, str]
) -> tuple[MovementRecord, ...]:
    return tuple(
        MovementRecord(
            mint=movement.mint,
            delta_raw=movement.delta_raw,
            decimals=transaction.decimals.get(movement.mint),
            kind=movement.kind,
            counterparty=movement.counterparty,
            mark=movement.mark,
            symbol=symbols.get(movement.mint),
        )
        for movement in transaction.movements
        if movement.owner == wallet
    )
