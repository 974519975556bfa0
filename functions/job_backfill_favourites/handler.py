"""By night: bring in favourites' history; by hand: favour wallets, or favour them no more."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.app.backfill_favourites import backfill_favourites
from oof.app.favour_wallets import favour_wallets
from oof.bootstrap.favourites import overnight_deps
from oof.entrypoints.observability import logger


def handler(event: Mapping[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Begin the night's runs; `{"add": [address], "remove": [address]}` changes the list alone."""
    deps = overnight_deps()
    if "add" in event or "remove" in event:
        favoured = favour_wallets(deps, add=event.get("add", ()), remove=event.get("remove", ()))
        return {"favourites": list(favoured)}
    night = backfill_favourites(deps)._asdict()
    logger().info("night_begun", **night)
    return night
