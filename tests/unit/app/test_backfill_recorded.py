"""Backfills of recorded wallets: the machine's own file over the use cases and the stand-in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.upstream.clock import Clock
from local.upstream.prices import recorded_prices
from local.upstream.recorded import RecordedChain
from local.upstream.state import Upstream
from oof.app.open_wallet import open_wallet, start_backfill
from oof.domain.jobs import WorkStatus
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Address
from tests.support.backfill import Backfills
from tests.support.upstream import Provider, providing

pytestmark = pytest.mark.chain
WALLET = Address("8rvAsDKeAcEjEkiZMug9k8v1y8mW6gQQiMobd89Uy7qR")


@pytest.fixture(params=[True, False], ids=["history_pages", "signatures_only"])
def provider(request: pytest.FixtureRequest, chain_dir: Path) -> Iterator[Provider]:
    """The recorded chain, under a plan with and without an address's history."""
    upstream = Upstream(
        chain=RecordedChain(chain_dir, Clock()),
        prices=recorded_prices(chain_dir / "prices"),
        has_address_history=request.param,
    )
    with providing(upstream) as provider:
        yield provider


@pytest.fixture
def backfills(provider: Provider) -> Backfills:
    """Machines around that provider."""
    return Backfills(provider)


def test_the_first_open_brings_in_the_whole_wallet(backfills):
    """All 36 recorded transactions are stored once, the wallet ends fully seen."""
    work = open_wallet(backfills.opening, WALLET, caller="203.0.113.7")
    assert work is not None
    [execution] = backfills.execute_started()

    assert execution.succeeded
    assert len(backfills.facts.linked[WALLET]) == 36
    assert set(backfills.facts.stores.values()) == {1}
    known = backfills.store.coverage(WALLET)
    assert known.state is WalletState.SEEN_FULL
    assert known.is_complete
    done = backfills.works.get(work.work_id)
    assert done.status is WorkStatus.SUCCEEDED
    assert done.progress.done == 36


def test_a_second_analysis_asks_nothing(backfills):
    """While coverage spans the request and the tail is fresh, no call is made."""
    open_wallet(backfills.opening, WALLET, caller="203.0.113.7")
    backfills.execute_started()
    before = backfills.provider.calls

    work = start_backfill(backfills.opening, WALLET, days=30)
    [execution] = backfills.execute_started()

    assert execution.visited == ("Plan", "Route", "Done")
    assert backfills.provider.calls == before
    assert backfills.works.get(work.work_id).status is WorkStatus.SUCCEEDED
