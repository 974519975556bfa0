"""The items of the one hot table, and the connection they share.

`pk` and `sk` are as the table below; `expires_at` is the table's TTL attribute::

    WALLET#<address>  SUMMARY            the projected summary
    WALLET#<address>  READ               when it was last read, to the hour
    BUCKET#<provider> BUCKET             its gate: rates, pauses, breaker, the day's credits
    LOCK#<name>       LOCK               who may change something outside, one at a time
    WORK#<id>         WORK               a work and its latest attempt
    WORK#<id>         EVENT#<seq>        one line of its log
    WORK#<id>         FOLLOWER#<a>#<job> a job whose owner still waits for attempt a
    JOB#<id>          JOB                one caller's view of one attempt
    CALLER#<caller>   KEY#<sha256>       what an Idempotency-Key was first used for
    CALLER#<caller>   DAY#<date>         how many wallets it opened; `CALLER#*` counts everybody's
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pynamodb.attributes import (
    BinaryAttribute,
    BooleanAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.connection import Connection
from pynamodb.exceptions import PynamoDBException
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from oof.domain.errors import StoreUnavailable


class SummaryItem(Model):
    """A summary; (epoch, revision) orders what was projected."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True, default="SUMMARY")
    epoch = NumberAttribute()
    revision = NumberAttribute()
    body = BinaryAttribute(legacy_encoding=False)


class WorkItem(Model):
    """A work; (attempt, last_seq) orders its states."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True, default="WORK")
    kind = UnicodeAttribute()
    wallet = UnicodeAttribute()
    params = JSONAttribute()
    attempt = NumberAttribute()
    status = UnicodeAttribute()
    done = NumberAttribute()
    total = NumberAttribute(null=True)
    expected = NumberAttribute(null=True)
    unit = UnicodeAttribute()
    last_seq = NumberAttribute()
    created_at = NumberAttribute()
    started_at = NumberAttribute(null=True)
    updated_at = NumberAttribute()
    finished_at = NumberAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    is_cancel_requested = BooleanAttribute()
    expires_at = NumberAttribute()


class EventItem(Model):
    """A line of a work's log."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    at = NumberAttribute()
    status = UnicodeAttribute()
    done = NumberAttribute()
    total = NumberAttribute(null=True)
    expected = NumberAttribute(null=True)
    unit = UnicodeAttribute()
    reason = UnicodeAttribute(null=True)
    note = UnicodeAttribute(null=True)
    expires_at = NumberAttribute()


class JobItem(Model):
    """A job."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True, default="JOB")
    owner = UnicodeAttribute()
    work_id = UnicodeAttribute()
    attempt = NumberAttribute()
    kind = UnicodeAttribute()
    wallet = UnicodeAttribute()
    created_at = NumberAttribute()
    expires_at = NumberAttribute()


class FollowerItem(Model):
    """A job that follows an attempt."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    expires_at = NumberAttribute()


class RequestItem(Model):
    """A remembered request."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    fingerprint = UnicodeAttribute()
    job_id = UnicodeAttribute()
    expires_at = NumberAttribute()


class CounterItem(Model):
    """A count within a day."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    taken = NumberAttribute()
    expires_at = NumberAttribute()


@dataclass(frozen=True, slots=True, kw_only=True)
class HotTable:
    """The item classes bound to one table, and what a transaction needs."""

    summaries: type[SummaryItem]
    works: type[WorkItem]
    events: type[EventItem]
    jobs: type[JobItem]
    followers: type[FollowerItem]
    requests: type[RequestItem]
    counters: type[CounterItem]
    connection: Connection

    def transaction(self) -> TransactWrite:
        """A transaction to be used with `with`; it commits at the end."""
        return TransactWrite(connection=self.connection)


def hot_table(name: str, *, endpoint: str | None = None, region: str | None = None) -> HotTable:
    """Bind the items to the table of that name; opens nothing until first used."""
    meta = {
        "table_name": name,
        "host": endpoint,
        "region": region,
        "connect_timeout_seconds": 1,
        "read_timeout_seconds": 3,
        "max_retry_attempts": 2,
    }
    return HotTable(
        summaries=_bound(SummaryItem, meta),
        works=_bound(WorkItem, meta),
        events=_bound(EventItem, meta),
        jobs=_bound(JobItem, meta),
        followers=_bound(FollowerItem, meta),
        requests=_bound(RequestItem, meta),
        counters=_bound(CounterItem, meta),
        connection=Connection(
            region=region,
            host=endpoint,
            connect_timeout_seconds=1,
            read_timeout_seconds=3,
            max_retry_attempts=2,
        ),
    )


def _bound[M: Model](item: type[M], meta: dict[str, Any]) -> type[M]:
    return type(item.__name__, (item,), {"Meta": type("Meta", (), dict(meta))})


CONDITION_FAILED = "ConditionalCheckFailedException"
TRANSACTION_CANCELLED = "TransactionCanceledException"


@contextmanager
def faults_named() -> Iterator[None]:
    """Turn what the driver raises into StoreUnavailable."""
    try:
        yield
    except PynamoDBException as fault:
        code = fault.cause_response_code or type(fault).__name__
        raise StoreUnavailable(f"the hot table did not answer: {code}") from fault
