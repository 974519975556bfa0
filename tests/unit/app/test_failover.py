"""Two providers: what the second brings in where the first fails, and that nothing is missed."""

from contextlib import suppress

import pytest

from local.upstream.chain import GeneratedChain, WalletSpec
from local.upstream.faults import Fault, FaultKind
from local.upstream.prices import Prices
from local.upstream.state import Upstream
from oof.adapters.helius.failover import FailoverChainSource
from oof.app.open_wallet import open_wallet, start_backfill
from oof.domain.backfill import share_of
from oof.domain.errors import UpstreamUnavailable
from oof.domain.gate import CallClass, Demand
from oof.domain.jobs import WorkStatus
from oof.domain.limits import Share
from oof.domain.units import Signature
from oof.ports.workflow import Run
from tests.support.backfill import LIMITS
from tests.support.upstream import providing
from tests.unit.app.conftest import World

CALLER = "203.0.113.7"
TRADER = WalletSpec(name="trader", transactions=250, days=60)
PEERS = tuple(WalletSpec(name=f"peer_{n}", transactions=150, days=60) for n in range(5))


class TwoProviders(World):
    """Machines that ask a second provider where the first fails."""

    def __init__(self, first, second, chain, limits):
        """`second` is a plain node: it knows no histories of addresses."""
        super().__init__(first, chain, limits)
        self.second = second

    def chain_of(self, run: Run):
        """Both providers, for one event."""
        share = share_of(run.mode)
        return FailoverChainSource(self.provider.chain(share), self.second.chain(share))

    def tasks(self):
        """Every step takes a while, so that pauses end and trials are made."""
        return {name: self._slowly(task) for name, task in super().tasks().items()}

    def _slowly(self, task):
        def step(state):
            self.provider.now_ms += 12_000
            return task(state)

        return step


@pytest.fixture
def world():
    """Two providers over one chain; small pages and chunks."""
    chain = GeneratedChain(seed=1, wallets=(TRADER, *PEERS))
    chain.catch_up()
    prices = Prices(chain.quote, chain.candles)
    one = Upstream(chain=chain, prices=prices)
    two = Upstream(chain=chain, prices=prices, has_address_history=False)
    with providing(one) as first, providing(two) as second:
        yield TwoProviders(
            first, second, chain, LIMITS._replace(page=20, chunk_signatures=60, open_days=3)
        )


@pytest.fixture
def only_with_accounts(world):
    """Transactions that name the wallet nowhere: they are of its token accounts alone."""
    wallet = world.wallet("trader")
    named = {record.signature for record in world.chain.history(wallet)}
    found = set(world.history("trader")) - named
    assert len(found) > 2
    return found


def bring_in(world, name="trader"):
    """Open a wallet and bring in all of it."""
    open_wallet(world.opening, world.wallet(name), caller=CALLER)
    [opened] = world.execute_started()
    start_backfill(world.opening, world.wallet(name), days=730)
    [deepened] = world.execute_started()
    assert opened.succeeded
    assert deepened.succeeded


def test_a_healthy_first_provider_is_asked_alone(world):
    """The second one costs nothing while it is not needed."""
    bring_in(world)

    assert world.second.calls == 0
    assert world.facts.linked[world.wallet("trader")] == set(world.history("trader"))


def test_a_dead_first_provider_is_replaced(world):
    """Everything comes from the second, by signature, and is complete."""
    fault = Fault(method="*", kind=FaultKind.SERVER_ERROR, count=None)
    world.provider.upstream.faults.replace([fault])
    bring_in(world)

    assert world.second.upstream.counters.calls["getTransaction"] > 0
    assert world.second.upstream.counters.calls["getTransactionsForAddress"] == 0
    assert world.facts.linked[world.wallet("trader")] == set(world.history("trader"))
    assert world.store.coverage(world.wallet("trader")).is_complete
    # the breaker spares it: most steps asked the first one nothing at all
    assert world.provider.calls < world.second.upstream.counters.http_requests


@pytest.mark.parametrize("outage", [8, 16, None])
@pytest.mark.parametrize("begins_after", [1, 6, 14])
def test_a_provider_that_fails_in_between_misses_nothing(
    world, only_with_accounts, begins_after, outage
):
    """Listings go over to the second and back; what only token accounts show is not lost."""
    fault = Fault(method="*", kind=FaultKind.TRUNCATED, count=outage, skip=begins_after)
    world.provider.upstream.faults.replace([fault])
    bring_in(world)

    wallet = world.wallet("trader")
    assert world.facts.linked[wallet] == set(world.history("trader"))
    assert only_with_accounts <= world.facts.linked[wallet]
    assert world.store.coverage(wallet).is_complete
    assert set(world.facts.stores.values()) == {1}


def test_a_wallet_opened_with_one_is_deepened_with_the_other(world, only_with_accounts):
    """The first showed the token accounts with their owner; the second lists each by itself."""
    open_wallet(world.opening, world.wallet("trader"), caller=CALLER)
    world.execute_started()
    start_backfill(world.opening, world.wallet("trader"), days=20)
    world.execute_started()
    fault = Fault(method="*", kind=FaultKind.SERVER_ERROR, count=None)
    world.provider.upstream.faults.replace([fault])
    start_backfill(world.opening, world.wallet("trader"), days=730)
    world.execute_started()

    assert only_with_accounts - world.facts.linked[world.wallet("trader")] == set()
    assert world.facts.linked[world.wallet("trader")] == set(world.history("trader"))


def test_our_own_rate_is_no_reason_to_ask_the_second(world):
    """A plan that is used up is waited for; the second one's plan is not spent instead."""
    first, second = world.provider.chain(Share.DEEP), world.second.chain(Share.DEEP)
    for _ in range(25):
        with suppress(UpstreamUnavailable):
            world.provider.limiter.reserve(Demand(CallClass.RPC, Share.DEEP, 10, 0))
    source = FailoverChainSource(first, second)

    with pytest.raises(UpstreamUnavailable) as refused:
        source.transactions([Signature("1" * 64)] * 90)

    assert refused.value.reason == "over_rate"
    assert world.second.calls == 0
    assert source.has_history_pages


def test_a_day_s_budget_ends_a_run_where_it_is(world):
    """It is partial, keeps what it stored, and goes on from there the next day."""
    open_wallet(world.opening, world.wallet("trader"), caller=CALLER)
    world.execute_started()
    steps = world.tasks()
    fetch = steps["step_fetch_transactions"]

    def spending(state):
        fetched = fetch(state)
        world.provider.limiter.charge(850_000_000)
        return fetched

    world.tasks = lambda: {**steps, "step_fetch_transactions": spending}
    work = start_backfill(world.opening, world.wallet("trader"), days=730)
    [ended] = world.execute_started()
    assert not ended.succeeded
    wallet = world.wallet("trader")
    work = world.works.get(work.work_id)
    assert (work.status, work.reason) == (WorkStatus.PARTIAL, "budget_spent")
    assert world.store.last_error(wallet).retry_at is not None
    stored = set(world.facts.linked[wallet])

    world.provider.now_ms += 86_400_000
    world.tasks = lambda: steps
    start_backfill(world.opening, wallet, days=730)
    world.execute_started()

    assert stored < world.facts.linked[wallet] == set(world.history("trader"))
    assert set(world.facts.stores.values()) == {1}
