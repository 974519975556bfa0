"""Jobs and remembered requests in DynamoDB."""

import hashlib
from typing import Final

from pynamodb.exceptions import PutError

from oof.adapters.dynamo.items import CONDITION_FAILED, FollowerItem, HotTable, faults_named
from oof.domain.errors import Conflict
from oof.domain.jobs import Job, WorkKind
from oof.domain.units import Address, UnixSeconds
from oof.ports.jobs import RememberedRequest

_TRIES: Final = 3


class DynamoJobStore:
    """A `JobStore` over the hot table."""

    def __init__(self, table: HotTable) -> None:
        self._table = table

    def put(self, job: Job, *, expires_at: UnixSeconds) -> None:
        """See `JobStore`."""
        item = self._table.jobs(
            pk=_job_pk(job.job_id),
            owner=job.owner,
            work_id=job.work_id,
            attempt=job.attempt,
            kind=job.kind,
            wallet=job.wallet,
            created_at=job.created_at,
            expires_at=expires_at,
        )
        follower = self._follower(job)
        follower.expires_at = expires_at
        with faults_named():
            follower.save()
            try:
                item.save(condition=self._table.jobs.pk.does_not_exist())
            except PutError as fault:
                if fault.cause_response_code != CONDITION_FAILED:
                    raise

    def leave(self, job: Job) -> bool:
        """See `JobStore`."""
        items = self._table.followers
        with faults_named():
            self._follower(job).delete()
            others = items.query(
                f"WORK#{job.work_id}",
                items.sk.startswith(_followers_of(job)),
                limit=1,
                consistent_read=True,
            )
            return next(iter(others), None) is not None

    def _follower(self, job: Job) -> FollowerItem:
        return self._table.followers(
            pk=f"WORK#{job.work_id}", sk=f"{_followers_of(job)}{job.job_id}"
        )

    def get(self, job_id: str) -> Job | None:
        """See `JobStore`."""
        with faults_named():
            try:
                item = self._table.jobs.get(_job_pk(job_id), "JOB", consistent_read=True)
            except self._table.jobs.DoesNotExist:
                return None
        return Job(
            job_id=job_id,
            owner=item.owner,
            work_id=item.work_id,
            attempt=int(item.attempt),
            kind=WorkKind(item.kind),
            wallet=Address(item.wallet),
            created_at=UnixSeconds(int(item.created_at)),
        )


class DynamoRequestMemory:
    """A `RequestMemory` over the hot table."""

    def __init__(self, table: HotTable) -> None:
        self._table = table

    def remember(
        self,
        caller: str,
        key: str,
        request: RememberedRequest,
        *,
        at: UnixSeconds,
        expires_at: UnixSeconds,
    ) -> RememberedRequest:
        """See `RequestMemory`. Raises Conflict when others keep being first."""
        items = self._table.requests
        item = items(
            pk=f"CALLER#{caller}",
            sk=_key_sk(key),
            fingerprint=request.fingerprint,
            job_id=request.job_id,
            expires_at=expires_at,
        )
        for _ in range(_TRIES):
            with faults_named():
                try:
                    item.save(condition=items.pk.does_not_exist() | (items.expires_at <= at))
                except PutError as fault:
                    if fault.cause_response_code != CONDITION_FAILED:
                        raise
                else:
                    return request
            kept = self.recall(caller, key, at=at)
            if kept is not None:
                return kept
        raise Conflict("the idempotency key is contended")

    def recall(self, caller: str, key: str, *, at: UnixSeconds) -> RememberedRequest | None:
        """See `RequestMemory`."""
        items = self._table.requests
        with faults_named():
            try:
                item = items.get(f"CALLER#{caller}", _key_sk(key), consistent_read=True)
            except items.DoesNotExist:
                return None
        if item.expires_at <= at:
            return None
        return RememberedRequest(fingerprint=item.fingerprint, job_id=item.job_id)


def _job_pk(job_id: str) -> str:
    return f"JOB#{job_id}"


def _followers_of(job: Job) -> str:
    return f"FOLLOWER#{job.attempt}#"


def _key_sk(key: str) -> str:
    # A caller's key may be long or odd; its digest is neither.
    return f"KEY#{hashlib.sha256(key.encode()).hexdigest()}"
