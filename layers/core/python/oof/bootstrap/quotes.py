"""What quoting wallets that are being read works with."""

from functools import cache

from oof.adapters.dynamo.read_marks import DynamoReadMarks
from oof.adapters.system import SystemClock
from oof.app.project_wallet import ProjectDeps
from oof.app.quote_wallets import QuoteDeps
from oof.bootstrap.facts import fact_store, summary_store
from oof.bootstrap.runs import dynamo_client
from oof.settings import JobQuoteWalletsSettings


@cache
def quote_deps() -> QuoteDeps:
    """Dependencies of `quote_wallets`."""
    table = JobQuoteWalletsSettings.from_env().hot_table
    return QuoteDeps(
        projecting=ProjectDeps(
            facts=fact_store(), summaries=summary_store(table), clock=SystemClock()
        ),
        marks=DynamoReadMarks(dynamo_client(), table),
    )
