"""What settling finality works with on the database's side."""

from functools import cache

from oof.adapters.dynamo.fenced_lock import DynamoFencedLock
from oof.adapters.system import SystemClock, random_id
from oof.app.project_wallet import ProjectDeps, project_wallet
from oof.app.settle_finality import SettleDeps
from oof.bootstrap.facts import fact_store, summary_store, wallet_waker
from oof.bootstrap.leases import leased_fetches
from oof.bootstrap.runs import dynamo_client, run_blobs
from oof.domain.units import Address
from oof.settings import StepSettleFinalitySettings


@cache
def settle_deps() -> SettleDeps:
    """Dependencies of `plan_finality` and `settle_finality`."""
    settings = StepSettleFinalitySettings.from_env()
    projecting = ProjectDeps(
        facts=fact_store(), summaries=summary_store(settings.hot_table), clock=SystemClock()
    )

    def project(wallet: Address) -> None:
        project_wallet(wallet, deps=projecting)

    return SettleDeps(
        facts=fact_store(),
        lock=DynamoFencedLock(dynamo_client(), settings.hot_table, name="finality"),
        blobs=run_blobs(),
        waker=wallet_waker(),
        fetches=leased_fetches(settings.lease_s),
        project=project,
        clock=SystemClock(),
        new_id=random_id,
    )
