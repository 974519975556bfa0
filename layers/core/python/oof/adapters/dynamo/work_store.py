"""Work and its log in DynamoDB."""

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final

from pynamodb.exceptions import TransactWriteError

from oof.adapters.dynamo.items import (
    TRANSACTION_CANCELLED,
    EventItem,
    HotTable,
    WorkItem,
    faults_named,
)
from oof.domain.errors import Conflict, NotFound
from oof.domain.jobs import (
    SEQS_PER_ATTEMPT,
    Progress,
    Work,
    WorkEvent,
    WorkKind,
    WorkRequest,
    WorkStatus,
    begin_attempt,
    event_of,
    finish_attempt,
    report_progress,
    request_cancel,
)
from oof.domain.units import Address, UnixSeconds
from oof.ports.jobs import Begun

# Names of executions stay taken for 90 days on AWS; an attempt number must not come back sooner.
_KEEP_WORK_S: Final = 120 * 86_400
_KEEP_EVENTS_S: Final = 30 * 86_400
_TRIES: Final = 5


class DynamoWorkStore:
    """A `WorkStore` over the hot table: state and log line are written in one transaction."""

    def __init__(self, table: HotTable) -> None:
        self._table = table

    def begin(self, request: WorkRequest, *, at: UnixSeconds, stale_after_s: int) -> Begun:
        """See `WorkStore`. Raises Conflict when others keep being first."""
        for _ in range(_TRIES):
            seen = self.get(request.work_id)
            work = begin_attempt(seen, request, at=at, stale_after_s=stale_after_s)
            if work is None and seen is not None:
                return Begun(work=seen, is_new=False)
            if work is not None and self._write(seen, work, note=None):
                return Begun(work=work, is_new=True)
        raise Conflict(f"work {request.work_id} is contended")

    def get(self, work_id: str) -> Work | None:
        """See `WorkStore`."""
        with faults_named():
            try:
                item = self._table.works.get(_pk(work_id), "WORK", consistent_read=True)
            except self._table.works.DoesNotExist:
                return None
        return _work(item)

    def report(
        self,
        work_id: str,
        attempt: int,
        progress: Progress,
        *,
        at: UnixSeconds,
        note: str | None = None,
    ) -> bool:
        """See `WorkStore`."""
        return self._change(
            work_id, lambda seen: report_progress(seen, attempt, progress, at=at), note=note
        )

    def finish(
        self,
        work_id: str,
        attempt: int,
        status: WorkStatus,
        *,
        at: UnixSeconds,
        reason: str | None = None,
    ) -> bool:
        """See `WorkStore`."""
        return self._change(
            work_id, lambda seen: finish_attempt(seen, attempt, status, at=at, reason=reason)
        )

    def request_cancel(self, work_id: str, attempt: int, *, at: UnixSeconds) -> bool:
        """See `WorkStore`."""
        return self._change(
            work_id, lambda seen: request_cancel(seen, attempt, at=at), note="cancel_requested"
        )

    def events(self, work_id: str, *, after_seq: int, limit: int) -> Sequence[WorkEvent]:
        """See `WorkStore`."""
        items = self._table.events
        with faults_named():
            found = items.query(
                _pk(work_id),
                items.sk.between(_sk(after_seq + 1), _sk(10**15 - 1)),
                limit=limit,
                consistent_read=True,
            )
            return tuple(_event(item) for item in islice(found, limit))

    def last_event(self, work_id: str, attempt: int) -> WorkEvent | None:
        """See `WorkStore`."""
        items = self._table.events
        first = attempt * SEQS_PER_ATTEMPT
        with faults_named():
            found = items.query(
                _pk(work_id),
                items.sk.between(_sk(first), _sk(first + SEQS_PER_ATTEMPT - 1)),
                limit=1,
                scan_index_forward=False,
                consistent_read=True,
            )
            return next((_event(item) for item in found), None)

    def _change(
        self, work_id: str, decide: Callable[[Work], Work | None], *, note: str | None = None
    ) -> bool:
        for _ in range(_TRIES):
            seen = self.get(work_id)
            if seen is None:
                raise NotFound(f"no work {work_id}")
            work = decide(seen)
            if work is None:
                return False
            if self._write(seen, work, note=note):
                return True
        raise Conflict(f"work {work_id} is contended")

    def _write(self, seen: Work | None, work: Work, *, note: str | None) -> bool:
        """Write the new state and its log line, unless the state is no longer as seen."""
        items = self._table.works
        if seen is None:
            condition = items.pk.does_not_exist()
        else:
            condition = (items.attempt == seen.attempt) & (items.last_seq == seen.last_seq)
        try:
            with self._table.transaction() as transaction:
                transaction.save(self._work_item(work), condition=condition)
                transaction.save(self._event_item(work, note))
        except TransactWriteError as fault:
            if fault.cause_response_code == TRANSACTION_CANCELLED:
                return False
            with faults_named():
                raise
        return True

    def _work_item(self, work: Work) -> WorkItem:
        return self._table.works(
            pk=_pk(work.work_id),
            kind=work.kind,
            wallet=work.wallet,
            params=dict(work.params),
            attempt=work.attempt,
            status=work.status,
            done=work.progress.done,
            total=work.progress.total,
            expected=work.progress.expected,
            unit=work.progress.unit,
            last_seq=work.last_seq,
            created_at=work.created_at,
            started_at=work.started_at,
            updated_at=work.updated_at,
            finished_at=work.finished_at,
            reason=work.reason,
            is_cancel_requested=work.is_cancel_requested,
            expires_at=work.updated_at + _KEEP_WORK_S,
        )

    def _event_item(self, work: Work, note: str | None) -> EventItem:
        event = event_of(work, note=note)
        return self._table.events(
            pk=_pk(work.work_id),
            sk=_sk(event.seq),
            at=event.at,
            status=event.status,
            done=event.progress.done,
            total=event.progress.total,
            expected=event.progress.expected,
            unit=event.progress.unit,
            reason=event.reason,
            note=event.note,
            expires_at=event.at + _KEEP_EVENTS_S,
        )


def _pk(work_id: str) -> str:
    return f"WORK#{work_id}"


def _sk(seq: int) -> str:
    return f"EVENT#{seq:015d}"


def _work(item: WorkItem) -> Work:
    return Work(
        work_id=item.pk.removeprefix("WORK#"),
        kind=WorkKind(item.kind),
        wallet=Address(item.wallet),
        params=item.params,
        attempt=int(item.attempt),
        status=WorkStatus(item.status),
        progress=_progress(item),
        last_seq=int(item.last_seq),
        created_at=UnixSeconds(int(item.created_at)),
        started_at=_moment(item.started_at),
        updated_at=UnixSeconds(int(item.updated_at)),
        finished_at=_moment(item.finished_at),
        reason=item.reason,
        is_cancel_requested=item.is_cancel_requested,
    )


def _event(item: EventItem) -> WorkEvent:
    return WorkEvent(
        seq=int(item.sk.removeprefix("EVENT#")),
        at=UnixSeconds(int(item.at)),
        status=WorkStatus(item.status),
        progress=_progress(item),
        reason=item.reason,
        note=item.note,
    )


def _progress(item: WorkItem | EventItem) -> Progress:
    total = None if item.total is None else int(item.total)
    expected = None if item.expected is None else int(item.expected)
    return Progress(done=int(item.done), total=total, unit=item.unit, expected=expected)


def _moment(value: float | None) -> UnixSeconds | None:
    return None if value is None else UnixSeconds(int(value))
