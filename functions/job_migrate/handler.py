"""Bring the database's schema up to this release."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.adapters.postgres.migrate import apply_migrations, extend_partitions, raise_epoch
from oof.bootstrap.facts import migration_dsn
from oof.entrypoints.observability import logger


def handler(event: Mapping[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Apply what is outstanding; `{"raise_epoch": true}` after the database was restored."""
    dsn = migration_dsn()
    applied = apply_migrations(dsn)
    partitions = extend_partitions(dsn)
    epoch = raise_epoch(dsn) if event.get("raise_epoch") is True else None
    logger().info("migrated", applied=applied, partitions=partitions, epoch=epoch)
    return {"applied": list(applied), "partitions": list(partitions), "epoch": epoch}
