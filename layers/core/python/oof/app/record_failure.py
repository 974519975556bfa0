"""Record that a run gave up: the wallet keeps its state and says what went wrong."""

from collections.abc import Callable
from dataclasses import dataclass

from oof.app.report_work import WorkReporter
from oof.domain import errors
from oof.domain.jobs import WorkStatus
from oof.domain.units import Address
from oof.domain.wallets import failed
from oof.ports.backfill import BackfillStore
from oof.ports.system import Clock, unix_now
from oof.ports.workflow import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureDeps:
    """What recording a failure needs."""

    store: BackfillStore
    reporter: WorkReporter
    project: Callable[[Address], None]
    """Shows the wallet as it now is."""
    clock: Clock


def record_failure(deps: FailureDeps, run: Run, *, error: str) -> str:
    """Record the failure named by its exception's class, and return its stable code.

    Leases are given back; what was stored so far stays stored. A run that the day's budget ended
    is partial: asked for again, it goes on where it stopped.
    """
    kind = _fault(error)
    code = "internal" if kind is None else kind.code
    is_spent = kind is errors.BudgetSpent
    retryable = kind is None or not issubclass(kind, errors.PermanentError)
    now = unix_now(deps.clock)
    deps.store.release(run.run_id)
    deps.store.fail(run.wallet, failed(code, at=now, retryable=retryable))
    deps.project(run.wallet)
    status = WorkStatus.PARTIAL if is_spent else WorkStatus.FAILED
    deps.reporter.finish(run, status, reason=code)
    return code


def _fault(name: str) -> type[errors.OofError] | None:
    """Return the fault of that class name; time-outs and everything unforeseen have none."""
    found = getattr(errors, name.rpartition(".")[2], None)
    is_fault = isinstance(found, type) and issubclass(found, errors.OofError)
    return found if is_fault else None
