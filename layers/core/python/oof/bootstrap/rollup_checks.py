"""What checking rollups works with."""

from functools import cache

from oof.adapters.postgres.rollup_checks import PostgresRollupCheckStore
from oof.adapters.system import SystemClock
from oof.app.check_rollups import CheckDeps
from oof.bootstrap.facts import database
from oof.settings import JobCheckRollupsSettings


@cache
def check_deps() -> CheckDeps:
    """Dependencies of `check_rollups`."""
    settings = JobCheckRollupsSettings.from_env()
    return CheckDeps(
        store=PostgresRollupCheckStore(database()),
        clock=SystemClock(),
        wallets=settings.checked_wallets,
    )
