"""A refresh of prices over stored facts in Postgres, with the stand-in as every provider."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
import stamina

from local.upstream.generated.chain import GeneratedChain
from local.upstream.generated.people import WalletSpec
from local.upstream.prices import Prices
from local.upstream.state import Upstream
from oof.adapters.helius.transport import Endpoint, Transport
from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.price_store import PostgresPriceStore
from oof.adapters.prices.client import PriceClient, decimals_of
from oof.adapters.prices.geckoterminal import GeckoTerminalPrices
from oof.adapters.prices.jupiter import JupiterPrices
from oof.adapters.prices.pyth import PythPrices
from oof.adapters.system import random_id
from oof.app.refresh_prices import AskPricesDeps, RefreshDeps
from oof.domain.gate import plan_of
from oof.domain.limits import Share
from oof.domain.prices.candles import Source
from oof.domain.units import SOL_MINT, Mint, UnixSeconds
from oof.entrypoints import price_steps
from oof.entrypoints.price_steps import PriceState
from oof.ports.memory.blobs import MemoryBlobs
from oof.ports.memory.limiter import MemoryRateLimiter
from oof.ports.memory.locks import MemoryFencedLock
from tests.support.asl import execute
from tests.support.serving import SetClock
from tests.support.storing import store_history
from tests.support.upstream import InProcess


def test_prices_of_a_generated_trader(postgres_dsn: str) -> None:
    """SOL by Pyth, coins by Jupiter now and by our own trades then; nothing is asked twice."""
    chain = GeneratedChain(seed=8, wallets=(WalletSpec(name="trader", transactions=80, days=3),))
    chain.catch_up()
    database = Database(lambda: postgres_dsn)
    store_history(database, chain, "trader")
    store, blobs = PostgresPriceStore(database), MemoryBlobs()
    clock = SetClock(datetime.fromtimestamp(chain.now(), UTC))
    keeping = RefreshDeps(
        store=store,
        lock=MemoryFencedLock(),
        wake=lambda: None,
        blobs=blobs,
        clock=clock,
        new_id=random_id,
        max_reads=1_000,
    )
    plan = plan_of(rpc_per_s=10**6, enhanced_per_s=1, credits_per_day=10**6)
    upstream = Upstream(chain=chain, prices=Prices(chain.quote, chain.candles))

    with (
        stamina.set_testing(True, attempts=2, cap=True),
        asyncio.Runner() as runner,
        httpx.Client(transport=InProcess(upstream, runner), base_url="http://prices") as http,
    ):

        def client() -> PriceClient:
            return PriceClient(
                Transport(
                    client=http,
                    endpoint=Endpoint("", ""),
                    limiter=MemoryRateLimiter(plan, lambda: 0),
                    share=Share.TAIL,
                    decode=decimals_of,
                )
            )

        def asking() -> AskPricesDeps:
            providers = (
                PythPrices(client()),
                GeckoTerminalPrices(client()),
                JupiterPrices(client()),
            )
            return AskPricesDeps(providers=providers, blobs=blobs)

        tasks: dict[str, Any] = {
            "step_settle_prices": lambda state: price_steps.settle(
                PriceState.model_validate(state), keeping
            ),
            "step_ask_prices": lambda state: price_steps.ask(
                PriceState.model_validate(state), asking()
            ),
        }
        first = execute("refresh_prices", tasks, {})
        second = execute("refresh_prices", tasks, {})

    assert first.succeeded
    assert second.succeeded
    assert second.state["reads"] == 0
    now = UnixSeconds(int(chain.now()) + 60)
    mints = [Mint(coin) for coin in touched(database)]
    kept = {mint: store.candles(mint, since=UnixSeconds(0), until=now) for mint in mints}
    database.close()
    assert Source.PYTH in {candle.source for candle in kept[SOL_MINT]}
    coins = {candle.source for mint in mints if mint != SOL_MINT for candle in kept[mint]}
    assert {Source.SWAPS, Source.JUPITER} <= coins
    assert all(candle.is_sound for candles in kept.values() for candle in candles)


def touched(database: Database) -> list[str]:
    """Mints that trades touched, through the store's own statement."""
    store = PostgresPriceStore(database)
    soon = datetime(2100, 1, 1, tzinfo=UTC)
    return [str(mint) for mint in store.due_quotes(quoted_before=soon, limit=1_000)]
