"""What facts cost to keep, and how fast they are stored and applied.

Rows are counted in an embedded Postgres of this run, over the recorded mix: each transaction is
inserted several times under fresh signatures and moved slots, so that indexes have some depth.
Bodies are measured apart: a dictionary trained on 70 % of the signatures, by hash, and the mean
over the rest.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import psycopg
import zstandard

from local.bench.database import bench_database, sizes
from local.bench.position_storage import result_figures
from local.bench.report import Figure, print_figures, rate
from local.bench.samples import timed
from local.bench.session import Session
from local.bench.wire import Relay, Traffic, counted
from local.upstream.chain import GeneratedChain, WalletSpec
from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.system import SystemClock, random_id
from oof.app.apply_wallet import BATCH as APPLY_BATCH
from oof.app.apply_wallet import ApplyDeps, apply_wallet
from oof.app.store_transactions import StoreDeps, store_transactions
from oof.bootstrap.packs import shipped_dictionary
from oof.domain.packs import PackDictionary, encode_frame, train_dictionary
from oof.domain.snapshot.model import WalletState
from oof.domain.transactions.base58 import encode_base58
from oof.domain.transactions.bodies import read_bodies
from oof.domain.transactions.model import NormalizedTransaction, Unreadable
from oof.domain.transactions.normalize import normalize
from oof.domain.units import Address, Signature, Slot
from oof.ports.facts import PackedTransaction, PackRecord
from oof.ports.memory.blobs import MemoryBlobs
from oof.ports.memory.queues import MemoryFetchRequester, MemoryWalletWaker

COPIES = 12
BATCH = 100
MAX_DICTIONARY = 512 * 1024
PLAIN_LEVEL = 19
_TRAINED_SHARE = 0.7
_YEAR_2021 = range(1_609_459_200, 1_640_995_200)
_YEAR_2025 = range(1_735_689_600, 1_767_225_600)
_TRADE_INDEXES = ("trades_sold", "trades_bought")
_GOALS = {"participants": 90, "actions": 150}


class Sample(NamedTuple):
    """One transaction of the corpus."""

    body: Any
    normalized: NormalizedTransaction


def run(session: Session) -> None:
    """Print bytes a row, bytes a body, and rates."""
    folder = session.chain_dir()
    corpus = list(_recorded(folder)) if folder else list(_generated(1_500))
    name = "recorded" if folder else "generated"
    with bench_database() as dsn:
        speeds = _rate_figures(dsn)
        rows = _row_figures(dsn, corpus)
        results = result_figures(dsn)
    print_figures(session.console, f"Bytes a row with its indexes, {name} mix", rows)
    print_figures(session.console, "Bytes of results for each transaction of a wallet", results)
    print_figures(session.console, "Store and apply, one connection, durable commits", speeds)
    title = f"Bytes a raw body, {name}: dictionary from 70 % of the signatures, mean of the rest"
    print_figures(session.console, title, _body_figures(corpus))


def _recorded(folder: Path) -> Iterator[Sample]:
    seen: set[str] = set()
    for path in sorted([*folder.glob("rpc/**/*.jsonl.zst"), *folder.glob("wallet_histories/*")]):
        text = zstandard.ZstdDecompressor().stream_reader(path.read_bytes()).read()
        for line in text.splitlines():
            for body in read_bodies(line):
                result = body if isinstance(body, Unreadable) else normalize(body)
                if not isinstance(result, Unreadable) and result.signature not in seen:
                    seen.add(result.signature)
                    yield Sample(body, result)


def _generated(transactions: int) -> Iterator[Sample]:
    spec = WalletSpec(name="trader", transactions=transactions, days=120, bot_fee=True)
    chain = GeneratedChain(seed=3, wallets=(spec,))
    chain.catch_up()
    for record in chain.since(None):
        body = chain.transaction(record.signature)
        result = normalize(body)
        if body is not None and not isinstance(result, Unreadable):
            yield Sample(body, result)


def _row_figures(dsn: str, corpus: Sequence[Sample]) -> list[Figure]:
    placed = [sample.normalized for sample in corpus if sample.normalized.slot is not None]
    database = Database(lambda: dsn)
    store = PostgresFactStore(database)
    for copy in range(COPIES):
        for start in range(0, len(placed), BATCH):
            part = [_copied(t, copy) for t in placed[start : start + BATCH]]
            record = PackRecord(f"packs/{copy}/{start}", "none", len(part), 1)
            with store.transaction() as transaction:
                packed = [PackedTransaction(t, 0, 1) for t in part]
                transaction.insert(record, packed, at=datetime.now(UTC))
    database.close()
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        held = sizes(connection)
        return [
            *(
                _row_figure(connection, table, held[table])
                for table in ("participants", "actions", "transactions", "trades", "balances")
            ),
            *(_index_figure(connection, "trades", index) for index in _TRADE_INDEXES),
        ]


def _row_figure(connection: psycopg.Connection[Any], table: str, size: int) -> Figure:
    query = psycopg.sql.SQL("SELECT count(*) FROM {}").format(psycopg.sql.Identifier(table))
    row = connection.execute(query).fetchone()
    count = int(row[0]) if row else 0
    each = size / max(count, 1)
    goal = _GOALS.get(table)
    return Figure(
        f"one row of {table}",
        f"{each:.0f} B",
        f"≤ {goal} B" if goal else "",
        each <= goal if goal else None,
        f"{count:,} rows",
    )


def _index_figure(connection: psycopg.Connection[Any], table: str, index: str) -> Figure:
    query = psycopg.sql.SQL("SELECT pg_relation_size({}), count(*) FROM {}").format(
        psycopg.sql.Literal(index), psycopg.sql.Identifier(table)
    )
    row = connection.execute(query).fetchone()
    size, count = (int(row[0]), int(row[1])) if row else (0, 0)
    each = f"{size / max(count, 1):.0f} B"
    return Figure(f"  of it the index {index}", each, note=f"for each row of {table}")


def _copied(t: NormalizedTransaction, copy: int) -> NormalizedTransaction:
    fresh = hashlib.sha512(f"{t.signature}:{copy}".encode()).digest()
    # Copies in neighbouring slots: a wallet's rows arrive over time, not all at once.
    slot = Slot((t.slot or 0) + copy * 1_000)
    return t._replace(signature=Signature(encode_base58(fresh)), slot=slot)


def _rate_figures(dsn: str) -> list[Figure]:
    with counted(dsn) as (address, relay):
        return _rates(address, relay)


def _rates(dsn: str, relay: Relay) -> list[Figure]:
    corpus = list(_generated(1_500))
    wallet = _busiest(corpus)
    database = Database(lambda: dsn)
    store = PostgresFactStore(database)
    with store.transaction() as transaction:
        transaction.track(wallet, WalletState.SEEN_FULL, at=datetime.now(UTC))
    texts = [
        orjson.dumps([sample.body for sample in corpus[start : start + BATCH]])
        for start in range(0, len(corpus), BATCH)
    ]
    deps = StoreDeps(
        facts=store,
        blobs=MemoryBlobs(),
        waker=MemoryWalletWaker(),
        fetches=MemoryFetchRequester(),
        clock=SystemClock(),
        new_id=random_id,
        dictionary=shipped_dictionary(),
    )
    begun = relay.traffic
    store_s, _ = timed(lambda: [store_transactions(t, source="bench", deps=deps) for t in texts])
    storing = relay.traffic.since(begun)
    again_s, _ = timed(lambda: [store_transactions(t, source="bench", deps=deps) for t in texts])
    begun = relay.traffic
    apply_s, applied = timed(
        lambda: _apply_all(wallet, ApplyDeps(facts=store, clock=SystemClock()))
    )
    applying = relay.traffic.since(begun)
    database.close()
    note = f"batches of {BATCH}, JSON in, packed and committed"
    return [
        Figure("stored transactions", rate(len(corpus) / store_s, "tx"), note=note),
        Figure("delivered again", rate(len(corpus) / again_s, "tx"), note="nothing new in them"),
        Figure("applied ledger rows", rate(applied / apply_s, "rows"), note="one wallet"),
        *_traffic_figures("a stored transaction", storing, len(corpus), len(texts)),
        *_traffic_figures("an applied row", applying, applied, -(-applied // APPLY_BATCH)),
    ]


def _traffic_figures(of: str, sent: Traffic, rows: int, batches: int) -> list[Figure]:
    """What was sent for each row and each batch; `tests/contracts/test_statements.py` holds it."""
    each = f"{sent.statements / batches:.1f} a batch"
    trips = f"{sent.round_trips / batches:.1f} a batch"
    return [
        Figure(f"SQL statements, {of}", f"{sent.statements / rows:.3f}", note=each),
        Figure(f"round trips, {of}", f"{sent.round_trips / rows:.3f}", note=trips),
    ]


def _busiest(corpus: Sequence[Sample]) -> Address:
    payers = [sample.normalized.fee_payer for sample in corpus]
    return max(set(payers), key=payers.count)


def _apply_all(wallet: Address, deps: ApplyDeps) -> int:
    applied = 0
    while True:
        report = apply_wallet(wallet, deps=deps)
        applied += report.appended
        if not report.has_more:
            return applied


def _body_figures(corpus: Sequence[Sample]) -> list[Figure]:
    trained = [sample for sample in corpus if _is_trained_on(sample)]
    rest = [sample for sample in corpus if not _is_trained_on(sample)]
    ours = train_dictionary([s.body for s in trained], max_bytes=MAX_DICTIONARY)
    shipped = shipped_dictionary()
    figures: list[Figure] = []
    for name, belongs in _CLASSES:
        chosen = [sample.body for sample in rest if belongs(sample.normalized)]
        if chosen:
            figures += _class_figures(name, chosen, ours, shipped)
    return figures


def _class_figures(
    name: str, bodies: Sequence[Any], ours: PackDictionary, shipped: PackDictionary
) -> list[Figure]:
    plain_codec = zstandard.ZstdCompressor(level=PLAIN_LEVEL)
    plain = sum(len(plain_codec.compress(orjson.dumps(body))) for body in bodies)
    count = f"{len(bodies)} bodies"
    figures = [
        Figure(f"{name}: plain zstd-{PLAIN_LEVEL}", f"{plain / len(bodies):.0f} B", note=count)
    ]
    for which, dictionary in (("ours", ours), ("generated-chain dictionary, shipped", shipped)):
        size = sum(len(encode_frame(body, dictionary)) for body in bodies)
        share = size / plain
        has_goal = which == "ours"
        figures.append(
            Figure(
                f"{name}: {which}",
                f"{size / len(bodies):.0f} B",
                "≤ 0.50 of plain" if has_goal else "",
                share <= 0.5 if has_goal else None,
                f"{share:.3f} of plain, dictionary of {len(dictionary.content) // 1024} KB",
            )
        )
    return figures


def _is_trained_on(sample: Sample) -> bool:
    digest = hashlib.sha256(sample.normalized.signature.encode()).digest()
    return int.from_bytes(digest[:4], "big") < _TRAINED_SHARE * 2**32


def _in_year(year: range) -> Callable[[NormalizedTransaction], bool]:
    return lambda t: t.block_time is not None and t.block_time in year


_CLASSES: tuple[tuple[str, Callable[[NormalizedTransaction], bool]], ...] = (
    ("all", lambda _t: True),
    ("DEX trades", lambda t: bool(t.trades)),
    ("2021", _in_year(_YEAR_2021)),
    ("2025", _in_year(_YEAR_2025)),
)
