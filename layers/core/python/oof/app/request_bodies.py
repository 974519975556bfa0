"""Ask for notified bodies, but never for one that somebody is fetching already."""

from collections.abc import Sequence
from datetime import datetime

from oof.domain.errors import TransientError
from oof.domain.units import Signature, UnixSeconds
from oof.ports.backfill import BackfillStore
from oof.ports.queues import FetchRequester
from oof.ports.system import Clock, NewId


class LeasedFetchRequester:
    """A `FetchRequester` that leases what it asks for, like any run that fetches.

    Providers repeat notifications: the second one finds the body stored, or being fetched. A
    request that could not be sent gives its leases back, so that it is made again.
    """

    def __init__(
        self,
        *,
        store: BackfillStore,
        requester: FetchRequester,
        clock: Clock,
        new_id: NewId,
        lease_s: int,
    ) -> None:
        self._store = store
        self._requester = requester
        self._clock = clock
        self._new_id = new_id
        self._lease_s = lease_s

    def request(self, signatures: Sequence[Signature], *, reason: str, delay_s: int = 0) -> None:
        """See `FetchRequester`."""
        run_id = f"notified-{self._new_id()}"
        at = _seconds(self._clock.now())
        leases = self._store.lease(run_id, signatures, at=at, until=UnixSeconds(at + self._lease_s))
        if not leases.mine:
            return
        try:
            self._requester.request(leases.mine, reason=reason, delay_s=delay_s)
        except TransientError:
            self._store.release(run_id)
            raise


def _seconds(moment: datetime) -> UnixSeconds:
    return UnixSeconds(int(moment.timestamp()))
