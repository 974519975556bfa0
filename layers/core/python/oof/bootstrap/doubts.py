"""What the job works with that has doubted bodies asked for."""

from functools import cache

from oof.adapters.postgres.doubt_store import PostgresDoubtStore
from oof.adapters.system import SystemClock
from oof.app.check_bodies import CheckDeps
from oof.bootstrap.facts import database
from oof.bootstrap.queues import fetch_requester


@cache
def check_deps() -> CheckDeps:
    """Dependencies of `check_bodies`."""
    return CheckDeps(
        doubts=PostgresDoubtStore(database()),
        requester=fetch_requester(),
        clock=SystemClock(),
    )
