"""Every fault this package raises.

::

    OofError
    ├── TransientError          try again: nothing was decided
    │   ├── UpstreamUnavailable     429, 5xx, time-out; `retry_after_s` where the provider said so
    │   ├── StoreUnavailable        the database, queue or object store did not answer
    │   ├── BudgetSpent             the day's credits; `reset_s` tells when there are new ones
    │   └── Conflict                another writer was first; the next try sees its result
    └── PermanentError          trying again cannot help: recorded, then acknowledged
        ├── UpstreamRejected        the provider refused the request itself
        │   └── NotInPlan           the plan does not include the call
        ├── InvalidInput            names the field and what was expected
        ├── NotFound
        ├── Forbidden
        ├── LimitReached            as many as are allowed; `reset_s` tells when that changes
        │   └── TooManyAnalyses         of views begun within a minute
        └── KeyReused               an idempotency key stands for another request

Odd chain data is no fault: it is an `Anomaly` or an `Unreadable` in the result.
"""

from typing import ClassVar


class OofError(Exception):
    """The root of all faults. `code` is stable and safe to show; messages hold no secret."""

    code: ClassVar[str] = "error"


class TransientError(OofError):
    """Retried by whoever delivers the work."""

    code = "transient"


class UpstreamUnavailable(TransientError):
    """The provider throttled or failed; `retry_after_s` is its own advice, if it gave any.

    `reason` is a stable code of what it was.
    """

    code = "upstream_unavailable"

    def __init__(
        self, message: str, *, retry_after_s: float | None = None, reason: str = "unavailable"
    ) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.reason = reason


class StoreUnavailable(TransientError):
    """A store of ours did not answer."""

    code = "store_unavailable"


class BudgetSpent(TransientError):
    """The day's credits are spent as far as such work may; new ones come in `reset_s` seconds."""

    code = "budget_spent"

    def __init__(self, message: str, *, reset_s: int) -> None:
        super().__init__(message)
        self.reset_s = reset_s


class Conflict(TransientError):
    """Another writer was first."""

    code = "conflict"


class PermanentError(OofError):
    """Recorded and acknowledged; never retried."""

    code = "permanent"


class UpstreamRejected(PermanentError):
    """The provider refused the request itself (bad key, bad parameters).

    `reason` is a stable code of what it was, such as `slot_skipped`.
    """

    code = "upstream_rejected"

    def __init__(self, message: str, *, reason: str = "rejected") -> None:
        super().__init__(message)
        self.reason = reason


class NotInPlan(UpstreamRejected):
    """The provider's plan does not include the call; there is another way to ask."""

    code = "not_in_plan"


class InvalidInput(PermanentError):
    """`field` is wrong; `expected` says what would be right."""

    code = "invalid_input"

    def __init__(self, field: str, expected: str, *, code: str | None = None) -> None:
        super().__init__(f"{field}: expected {expected}")
        self.field = field
        self.expected = expected
        self.problem_code = code or self.code


class NotFound(PermanentError):
    """No such thing, or not the caller's."""

    code = "not_found"


class Forbidden(PermanentError):
    """The caller may not do this."""

    code = "forbidden"


class LimitReached(PermanentError):
    """As many as `limit` allows; there is room again after `reset_s` seconds."""

    code = "limit_reached"

    def __init__(self, message: str, *, limit: int, reset_s: int) -> None:
        super().__init__(message)
        self.limit = limit
        self.reset_s = reset_s


class TooManyAnalyses(LimitReached):
    """As many analyses were begun within this minute as may be."""

    code = "too_many_analyses"


class KeyReused(PermanentError):
    """An idempotency key was first used for another request."""

    code = "idempotency_key_reused"
