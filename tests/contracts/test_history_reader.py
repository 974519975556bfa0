"""What every `HistoryReader` keeps to: on memory, and on the facts as stored in Postgres."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Protocol

import pytest

from oof.adapters.postgres.backfill_store import PostgresBackfillStore
from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.postgres.history_reader import PostgresHistoryReader
from oof.app.apply_wallet import ApplyDeps, apply_wallet
from oof.domain.backfill import ListedAddress, PageCoverage, Reach, span_of
from oof.domain.snapshot.model import WalletState
from oof.domain.transactions.model import Anomaly, Kind, Mark, NormalizedTransaction, Role, Status
from oof.domain.units import SOL_MINT, Mint, Slot, UnixSeconds
from oof.ports.facts import PackedTransaction, PackRecord
from oof.ports.history import (
    HistoryReader,
    PageKey,
    TransactionFilter,
    TransactionRecord,
    WalletHead,
)
from oof.ports.memory.history import MemoryHistoryReader
from tests.support.serving import SetClock
from tests.support.transactions import (
    GENESIS,
    address,
    balance,
    movement,
    signature,
    trade,
    transaction,
)

AT = datetime(2026, 1, 1, tzinfo=UTC)
ANN, BOB = address("ann"), address("bob")
MINT, COIN = Mint(address("mint")), Mint(address("coin"))
ALL = TransactionFilter()


class Facts(Protocol):
    """Something that stores transactions and reads them."""

    @property
    def reader(self) -> HistoryReader:
        """Reads what is stored."""
        ...

    def store(self, *transactions: NormalizedTransaction) -> None:
        """Store, and apply to Ann, who is tracked."""
        ...

    def cover(self, *rows: ListedAddress) -> None:
        """Cover Ann's history down to the floors of these addresses."""
        ...

    def store_soft(self, *transactions: NormalizedTransaction) -> None:
        """Store what the provider has not reported finalized."""
        ...

    def give_up(self, slot: Slot) -> None:
        """Learn no more about the order within a slot."""
        ...


class MemoryFacts:
    """The memory twin."""

    def __init__(self) -> None:
        self.reader = MemoryHistoryReader()
        self.reader.track(ANN, WalletHead(WalletState.SEEN_FULL, 1, 1, None))

    def store(self, *transactions: NormalizedTransaction) -> None:
        """See `Facts`."""
        self.reader.store(transactions)

    def cover(self, *rows: ListedAddress) -> None:
        """See `Facts`."""
        span = span_of(rows, (), unavailable=0)
        ended = frozenset(row.address for row in rows if row.is_ended)
        self.reader.cover(ANN, Reach(span.floor_slot, ended))

    def store_soft(self, *transactions: NormalizedTransaction) -> None:
        """See `Facts`."""
        self.reader.soften(each.signature for each in transactions)
        self.store(*transactions)

    def give_up(self, slot: Slot) -> None:
        """See `Facts`."""
        self.reader.give_up(slot)


class PostgresFacts:
    """The fact tables, written by the one store path."""

    def __init__(self, database: Database) -> None:
        self._store = PostgresFactStore(database)
        self._database = database
        self._packs = 0
        self.reader = PostgresHistoryReader(database)
        with self._store.transaction() as writes:
            writes.track(ANN, WalletState.SEEN_FULL, at=AT)

    def store(self, *transactions: NormalizedTransaction) -> None:
        """See `Facts`."""
        self._store_up_to(Slot(2**31 - 1), transactions)

    def store_soft(self, *transactions: NormalizedTransaction) -> None:
        """See `Facts`."""
        self._store_up_to(None, transactions)

    def give_up(self, slot: Slot) -> None:
        """See `Facts`."""
        with self._store.transaction() as writes:
            writes.retry_slots({slot: 3}, due_at=None, at=AT)

    def _store_up_to(
        self, finalized_slot: Slot | None, transactions: Sequence[NormalizedTransaction]
    ) -> None:
        self._packs += 1
        pack = PackRecord(f"packs/{self._packs}.pack", "none", 1, 100, finalized_slot)
        packed = [PackedTransaction(each, 0, 10) for each in transactions]
        with self._store.transaction() as writes:
            writes.insert(pack, packed, at=AT)
            writes.enqueue(transactions, at=AT)
        apply_wallet(ANN, deps=ApplyDeps(facts=self._store, clock=SetClock(AT)))

    def cover(self, *rows: ListedAddress) -> None:
        """See `Facts`."""
        page = PageCoverage(rows, None, tail_checked=False)
        at = UnixSeconds(int(AT.timestamp()))
        PostgresBackfillStore(self._database).cover(ANN, page, stopped_by=None, at=at)


@pytest.fixture(params=["memory", "postgres"])
def facts(request: pytest.FixtureRequest) -> Iterator[Facts]:
    """Each implementation in turn."""
    if request.param == "memory":
        yield MemoryFacts()
        return
    dsn = request.getfixturevalue("postgres_dsn")
    database = Database(lambda: dsn)
    yield PostgresFacts(database)
    database.close()


def test_a_wallet_never_tracked_has_no_pages(facts: Facts) -> None:
    """Nothing is told of wallets that nobody opened, though facts may name them."""
    facts.store(transaction("a", payer=BOB))

    assert facts.reader.transactions(BOB, ALL, after=None, limit=5) is None
    assert facts.reader.holdings(BOB, after=None, limit=5, with_empty=False) is None


def test_pages_tell_what_is_soft(facts: Facts) -> None:
    """A transaction that is not final, and the holding it left, say so."""
    facts.store(transaction("a", payer=ANN, slot=10, balances=(balance(ANN, 9, 8),)))
    soft = (balance(ANN, 0, 5, mint=MINT, account=address("acc")),)
    made = transaction("b", payer=ANN, slot=11, balances=soft)
    facts.store_soft(made._replace(decimals={SOL_MINT: 9, MINT: 6}))

    page = facts.reader.transactions(ANN, ALL, after=None, limit=5)
    held = facts.reader.holdings(ANN, after=None, limit=5, with_empty=False)
    assert page is not None
    assert held is not None
    assert [each.is_soft for each in page.records] == [True, False]
    assert {each.mint: each.is_soft for each in held.records} == {MINT: True, SOL_MINT: False}


def test_pages_tell_whose_order_is_unresolved_or_unknown(facts: Facts) -> None:
    """Only where the wallet has several in a slot; after the last try it is final."""
    facts.store(
        transaction("a", payer=ANN, slot=10, index=None),
        transaction("b", payer=ANN, slot=10, index=None),
        transaction("c", payer=ANN, slot=11, index=None),
        transaction("d", payer=ANN, slot=12, index=None),
        transaction("e", payer=ANN, slot=12, index=4),
    )
    facts.give_up(Slot(10))

    page = facts.reader.transactions(ANN, ALL, after=None, limit=5)
    assert page is not None
    told = {r.signature: (r.is_order_unresolved, r.is_order_unknown) for r in page.records}
    assert told == {
        signature("a"): (False, True),
        signature("b"): (False, True),
        signature("c"): (False, False),
        signature("d"): (True, False),
        signature("e"): (False, False),
    }


def test_transactions_come_newest_first_in_chain_order(facts: Facts) -> None:
    """By slot, then by position in the block, whatever order they were stored in."""
    facts.store(
        transaction("b2", payer=ANN, slot=20, index=7),
        transaction("a", payer=ANN, slot=10, index=9),
        transaction("c", payer=ANN, slot=30, index=1),
        transaction("b1", payer=ANN, slot=20, index=3),
        transaction("other", payer=BOB, slot=25),
    )

    assert _names(_all(facts)) == _signatures("c", "b2", "b1", "a")


def test_a_record_carries_what_the_transaction_did_to_the_wallet(facts: Facts) -> None:
    """Its own trades and movements, exact, with decimals; other owners' are left out."""
    stored = transaction(
        "a",
        payer=ANN,
        slot=10,
        index=4,
        failed=False,
        trades=(trade(ANN, "whirlpool", MINT), trade(BOB)),
        movements=(
            movement(ANN, -(2**65), kind=Kind.TRADE),
            movement(ANN, 2**70, kind=Kind.TRADE, mint=MINT, to=BOB),
            movement(BOB, 5),
        ),
    )._replace(decimals={SOL_MINT: 9, MINT: 6}, anomalies=(Anomaly("owner_inferred", "x"),))
    facts.store(stored)

    (record,) = _all(facts)

    assert (record.signature, record.slot, record.tx_index) == (signature("a"), 10, 4)
    assert (record.block_time, record.is_time_estimated) == (GENESIS, False)
    assert (record.status, record.fee_payer, record.fee_lamports) == (Status.OK, ANN, 5_000)
    assert record.anomalies == (Anomaly("owner_inferred", "x"),)
    (sold,) = record.trades
    assert (sold.sold_mint, sold.sold_raw, sold.sold_decimals) == (SOL_MINT, 1_000, 9)
    assert (sold.bought_mint, sold.bought_raw, sold.bought_decimals) == (MINT, 2**70, 6)
    assert (sold.venue, sold.route) == ("whirlpool", ("whirlpool", "raydium_cpmm"))
    assert (sold.role, sold.outer_index, sold.arbitrage) == (Role.TAKER, 2, False)
    moved = {(m.kind, m.mint, m.delta_raw, m.decimals, m.counterparty) for m in record.movements}
    assert moved == {
        (Kind.NETWORK_FEE, SOL_MINT, -5_000, 9, None),
        (Kind.TRADE, SOL_MINT, -(2**65), 9, None),
        (Kind.TRADE, MINT, 2**70, 6, BOB),
    }


def test_a_mark_comes_back_and_hides_nothing_from_a_filter(facts: Facts) -> None:
    """Spam and dust are kept, found by their kind like anything else, and say what they are."""
    spam = movement(ANN, 7, mint=COIN, to=BOB)._replace(mark=Mark.SPAM)
    dust = movement(ANN, 8, to=BOB)._replace(mark=Mark.DUST)
    facts.store(transaction("a", payer=BOB, slot=10, movements=(spam, dust)))

    (record,) = _all(facts, TransactionFilter(mint=COIN, kind=Kind.TRANSFER))

    moved = {(m.kind, m.mint, m.delta_raw, m.mark) for m in record.movements}
    assert moved == {
        (Kind.TRANSFER, COIN, 7, Mark.SPAM),
        (Kind.TRANSFER, SOL_MINT, 8, Mark.DUST),
    }


def test_failed_transactions_are_there(facts: Facts) -> None:
    """They cost their fee, so they are part of the history."""
    facts.store(
        transaction("ok", payer=ANN, slot=1), transaction("no", payer=ANN, slot=2, failed=True)
    )

    assert [each.status for each in _all(facts)] == [Status.FAILED, Status.OK]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (TransactionFilter(status=Status.FAILED), ("failed",)),
        (TransactionFilter(status=Status.OK), ("both", "coin", "plain")),
        (TransactionFilter(mint=COIN), ("both", "coin")),
        (TransactionFilter(kind=Kind.TRADE), ("both",)),
        (TransactionFilter(kind=Kind.TRANSFER), ("both", "coin")),
        (TransactionFilter(mint=COIN, kind=Kind.TRANSFER), ("coin",)),
        (TransactionFilter(mint=COIN, kind=Kind.TRADE), ("both",)),
        (TransactionFilter(mint=SOL_MINT, status=Status.FAILED), ("failed",)),
        (TransactionFilter(mint=Mint(address("unknown mint"))), ()),
        (TransactionFilter(since=UnixSeconds(GENESIS + 20)), ("both", "failed", "coin")),
        (TransactionFilter(until=UnixSeconds(GENESIS + 20)), ("plain",)),
        (
            TransactionFilter(
                since=UnixSeconds(GENESIS + 20), until=UnixSeconds(GENESIS + 40), kind=Kind.TRANSFER
            ),
            ("coin",),
        ),
        (TransactionFilter(since=UnixSeconds(GENESIS + 999)), ()),
        (TransactionFilter(until=UnixSeconds(0)), ()),
    ],
)
def test_filters_narrow(facts: Facts, wanted: TransactionFilter, expected: tuple[str, ...]) -> None:
    """Each filter alone and together, `since` inclusive and `until` exclusive."""
    coin = movement(ANN, 7, kind=Kind.TRANSFER, mint=COIN)
    facts.store(
        transaction("plain", payer=ANN, slot=10, time=GENESIS + 10),
        transaction("coin", payer=ANN, slot=20, time=GENESIS + 20, movements=(coin,)),
        transaction("failed", payer=ANN, slot=30, time=GENESIS + 30, failed=True),
        transaction(
            "both",
            payer=ANN,
            slot=40,
            time=GENESIS + 40,
            movements=(
                movement(ANN, 7, kind=Kind.TRADE, mint=COIN),
                movement(ANN, 7, kind=Kind.TRANSFER, mint=MINT),
            ),
        ),
    )

    assert _names(_all(facts, wanted)) == _signatures(*expected)


def test_a_missing_time_is_estimated_between_neighbours(facts: Facts) -> None:
    """Evenly between two known slots, at the network's pace beyond them; and filtered by that."""
    facts.store(
        transaction("before", payer=ANN, slot=90, time=None),
        transaction("low", payer=ANN, slot=100, time=GENESIS),
        transaction("between", payer=ANN, slot=125, time=None),
        transaction("high", payer=ANN, slot=200, time=GENESIS + 81),
        transaction("same slot", payer=ANN, slot=200, index=5, time=None),
        transaction("after", payer=ANN, slot=210, time=None),
    )

    times = {each.signature: (each.block_time, each.is_time_estimated) for each in _all(facts)}

    assert times == {
        signature("before"): (GENESIS - 4, True),
        signature("low"): (GENESIS, False),
        signature("between"): (GENESIS + 20, True),
        signature("high"): (GENESIS + 81, False),
        signature("same slot"): (GENESIS + 81, True),
        signature("after"): (GENESIS + 85, True),
    }
    within = TransactionFilter(since=UnixSeconds(GENESIS + 20), until=UnixSeconds(GENESIS + 81))
    assert _names(_all(facts, within)) == _signatures("between")
    later = TransactionFilter(since=UnixSeconds(GENESIS + 82))
    assert _names(_all(facts, later)) == _signatures("after")
    earlier = TransactionFilter(until=UnixSeconds(GENESIS))
    assert _names(_all(facts, earlier)) == _signatures("before")


def test_without_any_time_there_is_none(facts: Facts) -> None:
    """Nothing is made up where nothing is known, and a time filter then finds nothing."""
    facts.store(transaction("a", payer=ANN, time=None))

    (record,) = _all(facts)
    assert (record.block_time, record.is_time_estimated) == (None, False)
    assert _all(facts, TransactionFilter(since=UnixSeconds(0))) == []


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_join_to_the_whole(facts: Facts, limit: int) -> None:
    """Pages of any size, with ties within a slot known and unknown, repeat and skip nothing."""
    facts.store(
        *(
            transaction(f"{slot}-{n}", payer=ANN, slot=slot, index=None if n % 3 else n)
            for slot in (5, 6, 9)
            for n in range(4)
        )
    )

    whole = _names(_all(facts))
    assert len(whole) == 12
    assert _names(_all(facts, limit=limit)) == whole


def test_newer_rows_between_pages_change_nothing_below(facts: Facts) -> None:
    """What lands above, or late within the very slot of the cursor, repeats and skips nothing."""
    facts.store(
        *(transaction(f"old {n}", payer=ANN, slot=10, index=None) for n in range(5)),
        transaction("older", payer=ANN, slot=4),
    )
    first = facts.reader.transactions(ANN, ALL, after=None, limit=3)
    assert first is not None
    facts.store(
        transaction("new", payer=ANN, slot=11),
        transaction("late", payer=ANN, slot=10, index=3),
    )

    rest = _all(facts, after=first.next_key)

    seen = _names(first.records)
    assert not set(_names(rest)) & set(seen)
    expected = {*_signatures(*(f"old {n}" for n in range(5)), "older", "late")}
    assert {*seen, *_names(rest)} == expected


def test_a_narrow_filter_goes_on_where_it_stopped_looking(postgres_dsn: str) -> None:
    """A page that found little in its window still leads to the match far below."""
    database = Database(lambda: postgres_dsn)
    facts = PostgresFacts(database)
    facts.store(
        transaction("match", payer=ANN, slot=1, failed=True),
        *(transaction(f"n{slot}", payer=ANN, slot=slot) for slot in range(2, 2_102)),
    )

    first = facts.reader.transactions(
        ANN, TransactionFilter(status=Status.FAILED), after=None, limit=5
    )

    assert first is not None
    assert first.records == ()
    assert first.next_key is not None
    rest = _all(facts, TransactionFilter(status=Status.FAILED), after=first.next_key)
    assert _names(rest) == _signatures("match")
    database.close()


def test_holdings_are_newest_post_balances_by_mint(facts: Facts) -> None:
    """All accounts of a mint together, as the chain stated them last; emptied ones on request."""
    account_1, account_2 = address("account 1"), address("account 2")
    decimals = {SOL_MINT: 9, MINT: 6, COIN: 0}
    facts.store(
        transaction(
            "a",
            payer=ANN,
            slot=10,
            movements=(movement(ANN, 50, mint=MINT), movement(ANN, 9, mint=COIN)),
            balances=(
                balance(ANN, 90_000, 80_000),
                balance(ANN, 0, 50, mint=MINT, account=account_1),
                balance(ANN, 0, 9, mint=COIN, account=account_2),
            ),
        )._replace(decimals=decimals),
        transaction(
            "b",
            payer=ANN,
            slot=20,
            movements=(movement(ANN, 2**70, mint=MINT), movement(ANN, -9, mint=COIN)),
            balances=(
                balance(ANN, 80_000, 75_000),
                balance(ANN, 0, 2**70, mint=MINT, account=account_2),
                balance(ANN, 9, 0, mint=COIN, account=account_2),
            ),
        )._replace(decimals=decimals),
    )

    held = facts.reader.holdings(ANN, after=None, limit=10, with_empty=False)
    with_empty = facts.reader.holdings(ANN, after=None, limit=10, with_empty=True)

    assert held is not None
    assert with_empty is not None
    by_mint = {each.mint: each for each in held.records}
    assert {mint: each.raw for mint, each in by_mint.items()} == {
        SOL_MINT: 75_000,
        MINT: 2**70 + 50,
    }
    assert (by_mint[MINT].accounts, by_mint[MINT].decimals, by_mint[MINT].slot) == (2, 6, 20)
    assert by_mint[MINT].signature == signature("b")
    assert {each.mint for each in with_empty.records} == {SOL_MINT, MINT, COIN}


def test_holdings_below_the_covered_span_say_so(facts: Facts) -> None:
    """What came after them may not be stored: provisional, unless the account's listing ended."""
    old, ended, other = address("account 1"), address("account 2"), Mint(address("other"))
    facts.store(
        transaction(
            "a",
            payer=ANN,
            slot=10,
            balances=(
                balance(ANN, 0, 50, mint=MINT, account=old),
                balance(ANN, 0, 9, mint=COIN, account=ended),
                balance(ANN, 0, 9, mint=other, account=address("account 3")),
            ),
        )._replace(decimals={SOL_MINT: 9, MINT: 6, COIN: 0, other: 0}),
        transaction(
            "b",
            payer=ANN,
            slot=20,
            balances=(
                balance(ANN, 80_000, 75_000),
                balance(ANN, 9, 8, mint=other, account=address("account 3")),
            ),
        ),
    )
    facts.cover(
        ListedAddress(ANN, Slot(20), None, None, is_ended=False),
        ListedAddress(ended, Slot(0), None, None, is_ended=True),
    )

    held = facts.reader.holdings(ANN, after=None, limit=10, with_empty=False)

    assert held is not None
    assert {each.mint for each in held.records if each.is_history_partial} == {MINT}
    assert len(held.records) == 4


def test_pages_of_holdings_join_to_the_whole(facts: Facts) -> None:
    """Mints keep their places, so pages repeat and skip none even as balances change."""
    mints = [Mint(address(f"mint {n}")) for n in range(5)]
    facts.store(*(_holding(mint, n) for n, mint in enumerate(mints)))

    pages, after = [], None
    while True:
        page = facts.reader.holdings(ANN, after=after, limit=2, with_empty=False)
        assert page is not None
        pages.append([each.mint for each in page.records])
        after = page.next_key
        if after is None:
            break
        facts.store(_holding(mints[4], 10 * len(pages)))

    assert [len(page) for page in pages] == [2, 2, 1]
    assert {mint for page in pages for mint in page} == set(mints)


def _holding(mint: Mint, n: int) -> NormalizedTransaction:
    account = address(f"account of {mint}")
    stored = transaction(
        f"{mint} {n}",
        payer=ANN,
        slot=10 + n,
        movements=(movement(ANN, 1, mint=mint),),
        balances=(balance(ANN, n, n + 1, mint=mint, account=account),),
    )
    return stored._replace(decimals={SOL_MINT: 9, mint: 0})


def _all(
    facts: Facts,
    wanted: TransactionFilter = ALL,
    *,
    after: PageKey | None = None,
    limit: int = 50,
) -> list[TransactionRecord]:
    """Every record from `after` on, page by page."""
    records: list[TransactionRecord] = []
    while True:
        page = facts.reader.transactions(ANN, wanted, after=after, limit=limit)
        assert page is not None
        records += page.records
        after = page.next_key
        if after is None:
            return records


def _names(records: list[TransactionRecord] | tuple[TransactionRecord, ...]) -> list[str]:
    return [each.signature for each in records]


def _signatures(*names: str) -> list[str]:
    return [signature(name) for name in names]
