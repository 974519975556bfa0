"""What working views out works with; each built once an environment."""

from functools import cache

from oof.adapters.dynamo.items import hot_table
from oof.adapters.dynamo.work_store import DynamoWorkStore
from oof.adapters.postgres.token_results import PostgresTokenResults
from oof.adapters.postgres.view_store import PostgresViewStore
from oof.adapters.system import SystemClock
from oof.app.fold_view import FoldViewDeps
from oof.app.read_view import ViewDeps
from oof.app.sum_tokens import SumTokensDeps
from oof.bootstrap.facts import database
from oof.settings import WorkerFoldViewSettings


@cache
def view_store() -> PostgresViewStore:
    """Views, and what they are made of."""
    return PostgresViewStore(database())


@cache
def fold_view_deps() -> FoldViewDeps:
    """Dependencies of `fold_view`."""
    table = hot_table(WorkerFoldViewSettings.from_env().hot_table)
    return FoldViewDeps(views=view_store(), works=DynamoWorkStore(table), clock=SystemClock())


@cache
def token_sums() -> PostgresTokenResults:
    """Tokens over days that somebody asked for."""
    return PostgresTokenResults(database())


@cache
def sum_tokens_deps() -> SumTokensDeps:
    """Dependencies of `sum_tokens`."""
    table = hot_table(WorkerFoldViewSettings.from_env().hot_table)
    return SumTokensDeps(sums=token_sums(), works=DynamoWorkStore(table), clock=SystemClock())


@cache
def drop_views_deps() -> ViewDeps:
    """Dependencies of `drop_views`."""
    return ViewDeps(views=view_store(), clock=SystemClock())
