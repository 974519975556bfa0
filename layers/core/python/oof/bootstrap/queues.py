"""Hand-overs by queue, for functions on either side of the network."""

from functools import cache

from oof.adapters.sqs.queues import SqsFetchRequester, SqsStoreHandover
from oof.adapters.system import SystemClock
from oof.bootstrap.clients import sqs_client
from oof.settings import FetchQueueSettings, StoreQueueSettings


@cache
def store_handover() -> SqsStoreHandover:
    """Hands bodies to the one store path."""
    url = StoreQueueSettings.from_env().store_queue_url
    return SqsStoreHandover(sqs_client(), url, SystemClock())


@cache
def fetch_requester() -> SqsFetchRequester:
    """Has bodies asked for by signature."""
    return SqsFetchRequester(sqs_client(), FetchQueueSettings.from_env().fetch_queue_url)
