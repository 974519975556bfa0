"""Histories brought down the store path, as webhooks deliver them."""

import orjson

from local.upstream.generated.chain import GeneratedChain
from local.upstream.webhooks import raw_item
from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.system import SystemClock, random_id
from oof.app.store_transactions import StoreDeps, store_transactions
from oof.domain.packs import NO_DICTIONARY
from oof.domain.units import Address
from oof.ports.memory.blobs import MemoryBlobs
from oof.ports.memory.queues import MemoryFetchRequester, MemoryWalletWaker


def store_history(database: Database, chain: GeneratedChain, wallet: str) -> None:
    """Store everything that a generated chain has of one of its wallets, named by role."""
    deps = StoreDeps(
        facts=PostgresFactStore(database),
        blobs=MemoryBlobs(),
        waker=MemoryWalletWaker(),
        fetches=MemoryFetchRequester(),
        clock=SystemClock(),
        new_id=random_id,
        dictionary=NO_DICTIONARY,
    )
    history = chain.history(Address(chain.world.wallet(wallet)))
    bodies = [raw_item(record.load("json"), record.tx_index) for record in history]
    store_transactions(orjson.dumps(bodies), source="webhook", deps=deps)
