"""Refreshing what tokens are called through the deployed machine and handlers."""

import asyncio
import importlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import stamina
from pydantic import ValidationError

from local.upstream.faults import Fault, FaultKind
from local.upstream.generated.chain import GeneratedChain
from local.upstream.generated.people import WalletSpec
from local.upstream.prices import Prices
from local.upstream.state import Upstream
from local.upstream.tokens import token_of
from oof.adapters.helius.transport import Endpoint, Transport
from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.token_store import PostgresTokenStore
from oof.adapters.prices.client import PriceClient
from oof.adapters.system import random_id
from oof.adapters.tokens.dexscreener import DexScreenerTokens
from oof.adapters.tokens.helius import HeliusTokens
from oof.adapters.tokens.jupiter import JupiterTokens
from oof.app.refresh_tokens import HOLD_S, AskTokensDeps, RefreshTokensDeps
from oof.domain.errors import UpstreamRejected, UpstreamUnavailable
from oof.domain.gate import plan_of
from oof.domain.limits import Share
from oof.domain.tokens_facts import Said, TokenSource, ToldToken, told_token
from oof.domain.units import SOL_MINT, Mint, UnixSeconds
from oof.entrypoints import token_steps
from oof.entrypoints.token_steps import TokenState
from oof.ports.memory.blobs import MemoryBlobs
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.limiter import MemoryRateLimiter
from oof.ports.memory.locks import MemoryFencedLock
from oof.ports.memory.tokens import MemoryTokenStore
from tests.support.asl import execute
from tests.support.serving import SetClock
from tests.support.storing import store_history
from tests.support.transactions import address
from tests.support.upstream import InProcess

STEPS = ("step_settle_tokens", "step_ask_tokens")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINTS = tuple(Mint(address(f"coin {at}")) for at in range(6))


class Context:
    """A function that has its whole time left."""

    def get_remaining_time_in_millis(self) -> int:
        """Return ten minutes."""
        return 600_000


class Telling:
    """A provider that knows some mints, or fails."""

    def __init__(self, source: TokenSource, *known: Mint, batch: int = 4) -> None:
        self.source, self.known, self.batch = source, set(known), batch
        self.reads = 0
        self.asked: list[Mint] = []
        self.fault: Exception | None = None

    def tell(self, mints: Sequence[Mint]) -> Mapping[Mint, ToldToken]:
        """See `TokenProvider`."""
        self.reads += 1
        self.asked += mints
        if self.fault is not None:
            raise self.fault
        said = Said(symbol=self.source[:3].upper(), name=None, decimals=6)
        found = {mint: told_token(mint, self.source, said) for mint in mints if mint in self.known}
        return {mint: told for mint, told in found.items() if told is not None}


class Refreshing:
    """The machine and all behind it, over facts in memory."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        facts = MemoryFactStore()
        facts.tables.decimals |= dict.fromkeys(MINTS, 6)
        self.store = MemoryTokenStore(facts)
        self.clock = SetClock(NOW)
        self.blobs = MemoryBlobs()
        self.lock = MemoryFencedLock()
        self.first = Telling(TokenSource.JUPITER, *MINTS[:2])
        self.second = Telling(TokenSource.HELIUS, *MINTS[:4], batch=100)
        self.max_mints = 100
        self.handlers: dict[str, Any] = {}
        made = (("refresh_tokens_deps", self._refresh), ("ask_tokens_deps", self._ask))
        for step, (name, deps) in zip(STEPS, made, strict=True):
            module = importlib.import_module(f"functions.{step}.handler")
            monkeypatch.setattr(module, name, deps)
            self.handlers[step] = lambda state, handle=module.handler: handle(state, Context())

    def tick(self) -> Any:
        """What the schedule starts."""
        ended = execute("refresh_tokens", self.handlers, {})
        assert ended.succeeded
        return ended.state

    def sources(self) -> list[TokenSource | None]:
        """Who told each mint."""
        found = [self.store.facts(mint) for mint in MINTS]
        return [None if facts is None else facts.source for facts in found]

    def due(self) -> set[Mint]:
        """What is to be asked at once."""
        return set(self.store.due(at=self.clock.now(), limit=1_000))

    def _refresh(self) -> RefreshTokensDeps:
        return RefreshTokensDeps(
            store=self.store,
            lock=self.lock,
            blobs=self.blobs,
            clock=self.clock,
            new_id=lambda: "0123456789abcdef",
            max_mints=self.max_mints,
            mints_a_round=3,
        )

    def _ask(self) -> AskTokensDeps:
        self.first.reads = self.second.reads = 0
        return AskTokensDeps(providers=(self.first, self.second), blobs=self.blobs)


@pytest.fixture
def refreshing(monkeypatch) -> Refreshing:
    """Six mints that nobody asked about yet."""
    return Refreshing(monkeypatch)


def test_each_mint_is_told_by_the_first_who_knows_it(refreshing):
    """In rounds; who comes later is asked for what is missing alone."""
    state = refreshing.tick()
    assert (state["next"], state["asked"], state["round"]) == ("done", 6, 2)
    jupiter, helius = TokenSource.JUPITER, TokenSource.HELIUS
    assert refreshing.sources() == [jupiter, jupiter, helius, helius, None, None]
    assert set(refreshing.second.asked) == set(MINTS[2:])
    assert refreshing.due() == set()


def test_nothing_due_asks_nothing(refreshing):
    """A second tick has no reads; what nobody knows is asked again soon, the rest after hours."""
    refreshing.tick()
    refreshing.first.asked.clear()
    assert refreshing.tick()["reads"] == 0
    refreshing.clock.advance(minutes=15)
    refreshing.tick()
    assert set(refreshing.first.asked) == set(MINTS[4:])
    refreshing.first.asked.clear()
    refreshing.clock.advance(hours=6)
    refreshing.tick()
    assert set(refreshing.first.asked) == set(MINTS)


def test_a_tick_asks_about_so_many_and_the_next_about_the_rest(refreshing):
    """Bounded, whatever came in."""
    refreshing.max_mints = 4
    assert refreshing.tick()["asked"] == 4
    assert len(refreshing.due()) == 2
    assert refreshing.tick()["asked"] == 2


def test_who_fails_is_left_alone_and_asked_at_the_next_tick(refreshing):
    """What another knows is kept; what nobody else knew stays due, and is not counted as missed."""
    refreshing.first.fault = UpstreamUnavailable("silent")
    state = refreshing.tick()
    assert state["failed"] == 2
    assert len(refreshing.first.asked) == 3
    helius = TokenSource.HELIUS
    assert refreshing.due() == {
        mint for mint in MINTS if refreshing.store.facts(mint).source is None
    }

    refreshing.first.fault = None
    refreshing.tick()
    assert refreshing.sources()[2:4] == [helius, helius]
    assert refreshing.due() == set()


def test_what_is_rejected_is_not_asked_of_that_provider_again(refreshing):
    """The next provider is asked, and the mint is settled."""
    refreshing.first.fault = UpstreamRejected("no")
    assert refreshing.tick()["failed"] == 0
    assert refreshing.sources()[:2] == [TokenSource.HELIUS] * 2
    assert refreshing.due() == set()


def test_two_refreshes_do_not_ask_for_the_same(refreshing):
    """While one is at it another asks nothing; once it is over, or silent for long, it may."""
    at = UnixSeconds(int(NOW.timestamp()))
    assert refreshing.lock.enter("other", at=at, for_s=HOLD_S) is not None
    assert refreshing.tick()["reads"] == 0
    refreshing.clock.advance(seconds=HOLD_S)
    assert refreshing.tick()["reads"] > 0


def test_a_step_that_runs_twice_changes_nothing(refreshing):
    """Keeping the same answers again, even later, leaves the same facts and the same waits."""
    settle, ask = (refreshing.handlers[step] for step in STEPS)
    asked = ask(settle({}))
    settle(asked)
    far = NOW + timedelta(days=30)
    before = refreshing.sources(), refreshing.store.due(at=far, limit=9)
    refreshing.clock.advance(hours=1)
    settle(asked)
    assert (refreshing.sources(), refreshing.store.due(at=far, limit=9)) == before


@pytest.mark.parametrize("name", STEPS)
def test_a_handler_refuses_what_is_no_state(refreshing, name):
    """An event nobody of ours made is an error of its own, at once."""
    with pytest.raises(ValidationError):
        refreshing.handlers[name]({"round": "many"})


def test_tokens_of_a_generated_trader_through_an_outage(postgres_dsn: str) -> None:
    """Every mint ends as the stand-in has it, though Jupiter failed at first."""
    chain = GeneratedChain(seed=8, wallets=(WalletSpec(name="trader", transactions=60, days=3),))
    chain.catch_up()
    database = Database(lambda: postgres_dsn)
    store_history(database, chain, "trader")
    upstream = Upstream(chain=chain, prices=Prices(chain.quote, chain.candles))
    upstream.faults.rules = [
        Fault(method="GET /tokens/v2/search", kind=FaultKind.SERVER_ERROR, count=2)
    ]
    store, clock, blobs = PostgresTokenStore(database), SetClock(NOW), MemoryBlobs()
    keeping = RefreshTokensDeps(
        store=store,
        lock=MemoryFencedLock(),
        blobs=blobs,
        clock=clock,
        new_id=random_id,
    )
    met = store.due(at=NOW, limit=1_000)
    with (
        stamina.set_testing(True, attempts=2, cap=True),
        asyncio.Runner() as runner,
        httpx.Client(transport=InProcess(upstream, runner), base_url="http://tokens") as http,
    ):
        plan = plan_of(rpc_per_s=10**6, enhanced_per_s=10**6, credits_per_day=10**6)

        def transport() -> Transport:
            limiter = MemoryRateLimiter(plan, lambda: 0)
            return Transport(
                client=http, endpoint=Endpoint("", ""), limiter=limiter, share=Share.TAIL
            )

        def asking() -> AskTokensDeps:
            providers = (
                JupiterTokens(PriceClient(transport())),
                HeliusTokens(transport()),
                DexScreenerTokens(PriceClient(transport())),
            )
            return AskTokensDeps(providers=providers, blobs=blobs)

        tasks: dict[str, Any] = {
            "step_settle_tokens": lambda state: token_steps.settle(
                TokenState.model_validate(state), keeping
            ),
            "step_ask_tokens": lambda state: token_steps.ask(
                TokenState.model_validate(state), asking()
            ),
        }
        failed = execute("refresh_tokens", tasks, {})
        first = execute("refresh_tokens", tasks, {})
        second = execute("refresh_tokens", tasks, {})

    found = {mint: store.facts(mint) for mint in met}
    database.close()
    assert failed.succeeded
    assert failed.state["failed"] > 0
    assert (first.succeeded, second.state["reads"]) == (True, 0)
    assert SOL_MINT in met
    assert len(met) > 3
    for mint, facts in found.items():
        token = token_of(upstream, mint)
        assert facts is not None
        assert (facts.source is not None) == bool(token.providers)
        if token.providers and token.symbol != "USDC":
            assert facts.symbol == token.symbol
