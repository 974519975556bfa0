"""Histories brought down the store path, as webhooks deliver them."""

from collections.abc import Iterable
from typing import Any

import orjson

from local.upstream.generated.chain import GeneratedChain
from local.upstream.model import Record
from local.upstream.webhooks import raw_item
from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.system import SystemClock, random_id
from oof.app.store_transactions import StoreDeps, store_transactions
from oof.domain.packs import NO_DICTIONARY
from oof.domain.units import Address
from oof.ports.facts import FactStore
from oof.ports.memory.blobs import MemoryBlobs
from oof.ports.memory.queues import MemoryFetchRequester, MemoryWalletWaker


def deps_over(facts: FactStore) -> StoreDeps:
    """What storing works with, in memory but for the facts."""
    return StoreDeps(
        facts=facts,
        blobs=MemoryBlobs(),
        waker=MemoryWalletWaker(),
        fetches=MemoryFetchRequester(),
        clock=SystemClock(),
        new_id=random_id,
        dictionary=NO_DICTIONARY,
    )


def raw_items(history: Iterable[Record]) -> list[dict[str, Any]]:
    """The elements of a raw webhook's array."""
    return [raw_item(record.load("json"), record.tx_index) for record in history]


def store_history(database: Database, chain: GeneratedChain, wallet: str) -> None:
    """Store everything that a generated chain has of one of its wallets, named by role."""
    deps = deps_over(PostgresFactStore(database))
    history = chain.history(Address(chain.world.wallet(wallet)))
    store_transactions(orjson.dumps(raw_items(history)), source="webhook", deps=deps)
