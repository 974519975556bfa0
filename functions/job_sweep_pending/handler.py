"""Each minute: wake forgotten wallets, project lagging summaries; by hand: mend after a loss."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.app.apply_wallet import unblock_wallet
from oof.app.drop_views import drop_views
from oof.app.sweep_pending import reproject_all, sweep_pending
from oof.app.untrack_unread import untrack_unread
from oof.bootstrap.facts import apply_deps, sweep_deps
from oof.bootstrap.ingest import untrack_deps
from oof.bootstrap.runs import gate_reader
from oof.bootstrap.views import drop_views_deps
from oof.domain.units import Address
from oof.entrypoints.gauges import tell_provider
from oof.entrypoints.observability import logger


def handler(event: Mapping[str, Any], _context: LambdaContext) -> dict[str, int]:
    """Sweep; `{"reproject": "all"}` projects every wallet, `{"unblock": [address]}` frees some."""
    for wallet in event.get("unblock", ()):
        unblock_wallet(Address(wallet), deps=apply_deps())
    is_everything = event.get("reproject") == "all"
    report = (reproject_all if is_everything else sweep_pending)(deps=sweep_deps())
    untracked = untrack_unread(deps=untrack_deps())
    dropped = drop_views(deps=drop_views_deps())
    tell_provider(gate_reader().reading())
    logger().info(
        "swept",
        woken=report.woken,
        projected=report.projected,
        untracked=untracked,
        views_dropped=dropped,
    )
    return {"woken": report.woken, "projected": report.projected}
