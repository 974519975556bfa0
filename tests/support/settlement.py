"""The store path and the machine that settles finality, over one generated chain."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import orjson

from local.upstream.chain import GeneratedChain, WalletSpec
from local.upstream.model import Record
from local.upstream.prices import Prices
from local.upstream.state import Upstream
from oof.app.advance_wallet import AdvanceDeps, advance_wallet
from oof.app.apply_wallet import ApplyDeps
from oof.app.project_wallet import ProjectDeps, project_wallet
from oof.app.settle_finality import AskDeps, SettleDeps
from oof.app.store_transactions import StoreDeps, store_transactions
from oof.domain.packs import NO_DICTIONARY
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Address
from oof.entrypoints import finality_steps
from oof.entrypoints.step import FinalityState
from oof.ports.memory.blobs import MemoryBlobs
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.locks import MemoryFencedLock
from oof.ports.memory.queues import MemoryFetchRequester, MemoryWalletWaker
from oof.ports.memory.snapshots import MemorySummaryStore
from tests.support.asl import execute
from tests.support.backfill import MovableClock
from tests.support.upstream import Provider, providing

PEOPLE = (WalletSpec(name="ann", transactions=60, days=3),)


@contextmanager
def settling() -> Iterator["Settlement"]:
    """Make a settlement over a chain whose present stands still."""
    chain = GeneratedChain(seed=3, wallets=PEOPLE)
    chain.catch_up()
    chain.clock.freeze(chain.now())
    upstream = Upstream(chain=chain, prices=Prices(chain.quote, chain.candles))
    with providing(upstream) as provider:
        yield Settlement(provider, chain)


class Settlement:
    """The store path and the machine, over one generated chain."""

    def __init__(self, provider: Provider, chain: GeneratedChain) -> None:
        self.provider, self.chain = provider, chain
        self.clock = MovableClock(datetime.fromtimestamp(chain.now(), UTC))
        self.facts, self.blobs = MemoryFactStore(), MemoryBlobs()
        self.waker, self.fetches = MemoryWalletWaker(), MemoryFetchRequester()
        self.summaries = MemorySummaryStore()
        self.wallet = Address(chain.wallets()["ann"])
        numbers = count()
        new_id = lambda: f"id-{next(numbers)}"  # noqa: E731 - a port in one line
        self.storing = StoreDeps(
            facts=self.facts,
            blobs=self.blobs,
            waker=self.waker,
            fetches=self.fetches,
            clock=self.clock,
            new_id=new_id,
            dictionary=NO_DICTIONARY,
        )
        projecting = ProjectDeps(facts=self.facts, summaries=self.summaries, clock=self.clock)
        self.advancing = AdvanceDeps(
            applying=ApplyDeps(facts=self.facts, clock=self.clock),
            projecting=projecting,
            waker=self.waker,
            new_id=new_id,
        )
        self.settling = SettleDeps(
            facts=self.facts,
            lock=MemoryFencedLock(),
            blobs=self.blobs,
            waker=self.waker,
            fetches=self.fetches,
            project=lambda wallet: project_wallet(wallet, deps=projecting),
            clock=self.clock,
            new_id=new_id,
        )
        with self.facts.transaction() as transaction:
            transaction.track(self.wallet, WalletState.SEEN_FULL, at=self.clock.now())

    @property
    def calls(self) -> Any:
        """What was asked of the provider, by method."""
        return self.provider.upstream.counters.calls

    @property
    def summary(self) -> Any:
        """The wallet's summary."""
        return self.summaries.get(self.wallet)

    def deliver(self, *records: Record, with_index: bool = True) -> None:
        """Store the bodies of records, as they are now, as a webhook's; apply the wallet."""
        bodies = [{**r.load("json"), "slot": r.slot, "blockTime": r.block_time} for r in records]
        for body, record in zip(bodies, records, strict=True):
            if with_index:
                body["transactionIndex"] = record.tx_index
        store_transactions(orjson.dumps(bodies), source="webhook", deps=self.storing)
        self.advance()

    def advance(self) -> None:
        """Apply and project the wallet."""
        advance_wallet(self.wallet, receives=1, deps=self.advancing)

    def pass_(self, seconds: float) -> None:
        """Let time pass, here and on the chain."""
        self.clock.at += timedelta(seconds=seconds)
        self.chain.clock.advance(seconds)

    def tick(self) -> dict[str, Any]:
        """Run the machine; return the state it ended with."""
        asking = AskDeps(chain=self.provider.chain(), blobs=self.blobs)
        tasks = {
            "step_settle_finality": lambda state: finality_steps.settle(
                FinalityState.model_validate(state), self.settling
            ),
            "step_check_finality": lambda state: finality_steps.check(
                FinalityState.model_validate(state), asking
            ),
        }
        execution = execute("settle_finality", tasks, {})
        assert execution.succeeded
        return execution.state
