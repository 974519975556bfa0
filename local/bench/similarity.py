"""What it takes to compare wallets, to work a wallet's vector out, and to find all neighbours.

Vectors are those of made-up traders who buy some of the same few thousand tokens, every fifth of
them a few seconds after another. They are worked out by the code that does so for stored wallets,
and stored; requests go through the route in this process, over a database of the bench's own.
"""

import random
import subprocess
import sys
from array import array
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Final, NamedTuple

import orjson
import psycopg

from local.bench.database import bench_database
from local.bench.in_process import unlogged
from local.bench.report import Figure, duration, latency, print_figures
from local.bench.samples import median, percentile, timed
from local.bench.session import Session
from local.bench.stages import StoredWallet
from local.bench.trader import Trader
from local.crowd.inside import Inside
from local.crowd.recording import RecordingDatabase
from local.runtime.faults import LocalRuntimeFault
from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.postgres.rows import address_of
from oof.app.compare_wallets import MAX_WALLETS
from oof.app.embed_wallet import embed_wallet
from oof.domain.similarity.codec import encode_vector
from oof.domain.similarity.features import TRAITS, MintPurchases, vector_of
from oof.domain.similarity.model import WalletVector
from oof.domain.units import Address, Mint, Slot, UnixSeconds
from stacks.build_deps import MAX_UNZIPPED_BYTES, unzipped_bytes
from stacks.settings import ROOT, SMALL

_TOKENS: Final = 4_000
_DAY_S: Final = 86_400
_HOUR_S: Final = 3_600
_NEWEST: Final = 1_750_000_000
_GOAL_S: Final = 2.0
_P95: Final = 0.95
_AT: Final = datetime(2025, 6, 15, tzinfo=UTC)
_PATH: Final = "/v1/analyses/similarity"
_FILL: Final = """
INSERT INTO wallets (address) SELECT sha256(('wallet ' || n)::bytea) FROM generate_series(1, {w}) n;
INSERT INTO tracked_wallets (wallet_id, state, tracked_at, changed_at)
    SELECT n, 'SEEN_FULL', now(), now() FROM generate_series(1, {w}) n;
INSERT INTO mints (address, decimals)
    SELECT sha256(('token ' || n)::bytea), 6 FROM generate_series(1, {t}) n;
INSERT INTO packs (object_key, dictionary_id, frames, bytes, stored_at)
    VALUES ('p', 'none', 1, 1, now());
INSERT INTO transactions (block_time, fee_lamports, slot, fee_payer_id, pack_id, frame_offset,
                          frame_length, normalizer_version, failed, signature)
    SELECT n, 5000, n, 1, 1, 0, 1, 1, false, sha512(n::text::bytea)
    FROM generate_series(1, {t}) n;
"""
_IMPORT: Final = """
import time
begun = time.perf_counter()
import {module}
print(time.perf_counter() - begun)
"""


class Sizes(NamedTuple):
    """How much is measured."""

    wallets: int = 2_000
    """With a vector."""
    repeats: int = 40
    trades: int = 10_000
    """Transactions of the wallet whose vector is worked out."""


class Figures(NamedTuple):
    """What was measured."""

    vector_bytes: list[int]
    compared_s: Mapping[int, list[float]]
    """By how many wallets were compared."""
    database_s: list[float]
    """Of the largest comparison, until the database had answered."""
    answer_bytes: int
    """Of the same."""
    neighbours_s: float
    embedded_s: list[float]


def run(session: Session) -> None:
    """Print how long comparing takes, and what it needs."""
    sizes = Sizes()
    with bench_database() as dsn:
        found = measure(dsn, sizes)
    most, few = max(found.compared_s), min(found.compared_s)
    slowest = percentile(found.compared_s[most], _P95)
    note = (
        f"p50 {duration(median(found.compared_s[most]))}, of which "
        f"{duration(median(found.database_s))} SQL; {found.answer_bytes / 1e3:,.0f} KB of answer"
    )
    vectors = sorted(found.vector_bytes)
    figures = [
        latency(f"compare {most} wallets, p95", slowest, goal_s=_GOAL_S, note=note),
        latency(f"compare {few} wallets, p95", percentile(found.compared_s[few], _P95)),
        latency("import its function, cold", _imported("functions.api_compare_wallets.handler")),
        latency("  the other routes'", _imported("functions.api_serve_wallets.handler")),
        Figure(
            "bytes of a vector",
            f"{vectors[-1]:,}",
            "≤ 8,192",
            vectors[-1] <= 8_192,
            f"the largest of {len(vectors):,}; median {median(vectors):,.0f}",
        ),
        latency(
            f"work a vector out, {sizes.trades:,} transactions",
            median(found.embedded_s),
            note="four statements, in the wallet's own transaction",
        ),
        latency(
            f"find neighbours of {sizes.wallets:,} wallets",
            found.neighbours_s,
            note=f"all with all; {found.neighbours_s / sizes.wallets * 1e3:.1f} ms a wallet",
        ),
        *_layer_figures(),
    ]
    title = f"Similarity among {sizes.wallets:,} wallets, in process"
    print_figures(session.console, title, figures)


def measure(dsn: str, sizes: Sizes) -> Figures:
    """Fill a database with vectors and measure; it is left as it is then."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(_FILL.format(w=sizes.wallets, t=_TOKENS).encode())
    database = RecordingDatabase(dsn)
    vector_bytes = list(_store(database, sizes.wallets))
    inside = Inside(database)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        rows = connection.execute("SELECT address FROM wallets ORDER BY wallet_id").fetchall()
    addresses = [address_of(row[0]) for row in rows]
    compared: dict[int, list[float]] = {}
    waited: list[float] = []
    answer = 0
    with unlogged():
        for count in (2, MAX_WALLETS):
            compared[count], waited, answer = _compared(
                inside, database, addresses[:count], sizes.repeats
            )
        neighbours_s, _ = timed(inside.find_neighbours)
    inside.close()
    return Figures(vector_bytes, compared, waited, answer, neighbours_s, _embedded(dsn, sizes))


def _store(database: Database, wallets: int) -> Iterator[int]:
    """Store a vector of each wallet; yield their sizes."""
    facts = PostgresFactStore(database)
    leader: tuple[MintPurchases, ...] = ()
    for wallet_id in range(1, wallets + 1):
        is_copier = wallet_id % 5 == 0
        chance = random.Random(wallet_id)
        bought = _copied(leader, chance) if is_copier else _bought(chance)
        leader = leader if is_copier else bought
        made = _vector(bought, chance)
        with facts.transaction() as transaction:
            transaction.save_vector(wallet_id, made, purchases=made.purchases, at=_AT)
        yield len(encode_vector(made))


def _bought(chance: random.Random) -> tuple[MintPurchases, ...]:
    """Purchases of some tokens; popular ones are bought more often."""
    count = min(1 + int(chance.paretovariate(0.7) * 12), 600)
    tokens = {int(_TOKENS * chance.random() ** 3) + 1 for _ in range(count)} | set(range(1, 4))
    return tuple(_purchase(token, chance) for token in sorted(tokens))


def _purchase(token: int, chance: random.Random) -> MintPurchases:
    at = _NEWEST - chance.randrange(300 * _DAY_S)
    lamports = chance.randrange(10**8, 10**11)
    return MintPurchases(
        mint_number=token,
        mint=Mint(address_of(sha256(f"token {token}".encode()).digest())),
        first_slot=Slot(at // 4),
        first_at=UnixSeconds(at),
        first_tx=token,
        purchases=4,
        priced=4,
        lamports=lamports,
        lamport_dollars=Decimal(lamports) * 150,
        micros=0,
    )


def _copied(leader: tuple[MintPurchases, ...], chance: random.Random) -> tuple[MintPurchases, ...]:
    """Most of what another bought, seconds later."""
    lag = chance.randrange(1, 30)
    return tuple(
        each._replace(
            first_slot=Slot(each.first_slot + 2 * lag),
            first_at=UnixSeconds((each.first_at or 0) + lag),
        )
        for each in leader
        if chance.random() < 0.8 or each.mint_number < 4
    )


def _vector(bought: tuple[MintPurchases, ...], chance: random.Random) -> WalletVector:
    hours: dict[UnixSeconds, int] = {}
    for each in bought:
        hour = UnixSeconds((each.first_at or 0) // _HOUR_S * _HOUR_S)
        hours[hour] = hours.get(hour, 0) + each.purchases
    made = vector_of(bought, hours, array("f", (chance.random() for _ in TRAITS)))
    if made is None:
        raise LocalRuntimeFault("a made-up trader bought too little to have a vector")
    return made


def _compared(
    inside: Inside, database: RecordingDatabase, addresses: list[Address], repeats: int
) -> tuple[list[float], list[float], int]:
    """Compare wallets so often; return seconds, those of the database, and bytes of the answer."""
    body = orjson.dumps({"wallets": addresses})
    headers = {"Content-Type": "application/json"}
    seconds, waited, size = [], [], 0
    for _ in range(repeats + 1):
        before = database.waited_s
        took, answer = timed(lambda: inside.call("POST", _PATH, body=body, headers=headers))
        if answer.status != 200:
            raise LocalRuntimeFault(f"{answer.status} {answer.text[:300]}")
        seconds.append(took)
        waited.append(database.waited_s - before)
        size = len(answer.text)
    return seconds[1:], waited[1:], size


def _embedded(dsn: str, sizes: Sizes) -> list[float]:
    """Work the vector of a wallet with a long history out; return the seconds of each time."""
    trader = Trader(seed=3)
    stored = StoredWallet(dsn, trader.wallet)
    stored.track()
    stored.store(trader.steps(sizes.trades))
    stored.price(trader.candles())
    stored.advance()
    stored.close()
    database = Database(lambda: dsn)

    def embed() -> None:
        with PostgresFactStore(database).transaction() as transaction:
            held = transaction.lock(trader.wallet)
            if held is not None:
                embed_wallet(transaction, held.wallet_id, None, at=_AT)

    seconds = _again(embed, 5)
    database.close()
    return seconds


def _again(work: Callable[[], None], repeats: int) -> list[float]:
    return [timed(work)[0] for _ in range(repeats)]


def _imported(module: str) -> float:
    """Return the median of how long a new process takes to import a module."""
    program = _IMPORT.format(module=module)
    runs = [
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        for _ in range(3)
    ]
    return median([float(run.stdout) for run in runs])


def _layer_figures() -> Iterator[Figure]:
    """Tell how large the layers of its function are, where they are built."""
    folders = {
        "our package": ROOT / "layers" / "core",
        "third-party layer": SMALL.deps_layer_dir,
        "NumPy and SciPy": SMALL.science_layer_dir,
    }
    sizes = {what: unzipped_bytes(folder) for what, folder in folders.items() if folder.is_dir()}
    whole = sum(sizes.values())
    note = ", ".join(f"{what} {size / 1e6:.0f} MB" for what, size in sizes.items())
    yield Figure(
        "its layers, unzipped",
        f"{whole / 1e6:.0f} MB",
        f"≤ {MAX_UNZIPPED_BYTES / 1e6:.0f} MB",
        whole <= MAX_UNZIPPED_BYTES,
        note,
    )
