"""What the job works with that has doubted bodies asked for."""

from functools import cache

from oof.adapters.postgres.doubt_store import PostgresDoubtStore
from oof.adapters.sqs.queues import SqsFetchRequester
from oof.adapters.system import SystemClock
from oof.app.check_bodies import CheckDeps
from oof.bootstrap.clients import sqs_client
from oof.bootstrap.facts import database
from oof.settings import JobCheckBodiesSettings


@cache
def check_deps() -> CheckDeps:
    """Dependencies of `check_bodies`."""
    settings = JobCheckBodiesSettings.from_env()
    return CheckDeps(
        doubts=PostgresDoubtStore(database()),
        requester=SqsFetchRequester(sqs_client(), settings.fetch_queue_url),
        clock=SystemClock(),
    )
