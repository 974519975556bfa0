"""A whole backfill in this process: the machine's file, its steps, and the stand-in behind them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from oof.app.finish_chunk import FinishDeps
from oof.app.lease_signatures import LeaseDeps
from oof.app.open_wallet import OpenCaps, OpenDeps
from oof.app.plan_backfill import PlanDeps
from oof.app.record_failure import FailureDeps
from oof.app.repair_tail import TailCheckDeps, TailPlanDeps
from oof.app.report_work import WorkReporter
from oof.app.run_documents import RunDocuments
from oof.domain.backfill import Limits, share_of
from oof.domain.limits import Share
from oof.domain.units import Address
from oof.entrypoints import backfill_steps, tail_steps
from oof.entrypoints.step import RunState, TailState
from oof.ports.memory.backfill import MemoryBackfillStore
from oof.ports.memory.blobs import MemoryBlobs
from oof.ports.memory.jobs import MemoryWorkStore
from oof.ports.memory.limiter import MemoryOpenQuota
from oof.ports.memory.reads import MemoryReadMarks
from oof.ports.memory.tails import MemoryTailStore
from oof.ports.memory.workflow import MemoryRunStarter
from oof.ports.workflow import Run
from tests.support.asl import Execution, execute
from tests.support.listed_facts import ListedFacts
from tests.support.upstream import Provider

LIMITS = Limits(
    first_page=25,
    page=250,
    open_days=14,
    open_signatures=2_000,
    chunk_days=30,
    chunk_signatures=5_000,
    ceiling_days=730,
    too_active_per_day=1_000,
    tail_fresh_s=120,
)


class MovableClock:
    """A clock that stands until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """See `Clock`."""
        return self.at

    def pass_(self, seconds: float) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)


class Backfills:
    """Everything around the machines, in memory but for the provider's adapter."""

    def __init__(self, provider: Provider, *, limits: Limits = LIMITS) -> None:
        self.provider = provider
        self.limits = limits
        self.clock = MovableClock(datetime(2026, 3, 10, 12, tzinfo=UTC))
        self.facts = ListedFacts()
        self.store = MemoryBackfillStore(self.facts)
        self.tails = MemoryTailStore(self.store)
        self.marks = MemoryReadMarks()
        self.tail_runs_at_once = 50
        self.blobs = MemoryBlobs()
        self.works = MemoryWorkStore()
        self.starter = MemoryRunStarter()
        self.opening = OpenDeps(
            works=self.works,
            quota=MemoryOpenQuota(),
            gate=provider.limiter,
            starter=self.starter,
            clock=self.clock,
            limits=limits,
            caps=OpenCaps(per_caller=50, per_day=5_000),
        )
        self.projected: list[Address] = []
        self.asked_to_fold: list[Address] = []
        self.asked_for_prices: list[str] = []
        self.asked_for_tokens: list[str] = []
        self.executions: list[str] = []
        """Names of the executions that runs went on in."""
        self._reporter = WorkReporter(self.works, self.clock)

    def execute(self, run: Run, **kept: Any) -> Execution:
        """Run the machine over one run's state to its end."""
        state = RunState.of(run).model_dump(mode="json")
        return execute("backfill_wallet", self.tasks(), state, on_wait=self.clock.pass_, **kept)

    def execute_started(self) -> list[Execution]:
        """Run what was started and has not run yet; where a run goes on, its last execution."""
        runs = list(self.starter.runs.values())
        self.starter.runs.clear()
        return [self._to_its_end(self.execute(run)) for run in runs]

    def _to_its_end(self, execution: Execution) -> Execution:
        while self.starter.continued:
            [name] = self.starter.continued
            self.executions.append(name)
            state = json.loads(json.dumps(self.starter.continued.pop(name)))
            execution = execute("backfill_wallet", self.tasks(), state, on_wait=self.clock.pass_)
        return execution

    def repair_tail(self, **input_: Any) -> Execution:
        """Run the tail machine to its end; the runs it starts wait in `starter`."""
        tasks = {
            "step_plan_tail": lambda s: tail_steps.plan(
                TailState.model_validate(s), self.tail_plan_deps()
            ),
            "step_check_tail": lambda s: tail_steps.check(
                TailState.model_validate(s), self.tail_check_deps()
            ),
        }
        return execute("repair_tail", tasks, {"time": "2026-03-10T12:00:00Z", **input_})

    def tasks(self) -> dict[str, Any]:
        """The steps by function name."""
        steps = {
            "step_plan_backfill": lambda s: backfill_steps.plan(s, self.plan_deps(s.run)),
            "step_check_account": lambda s: backfill_steps.check(s, self.chain_of(s.run)),
            "step_list_signatures": lambda s: backfill_steps.list_page(
                s, self.chain_of(s.run), self.documents(s.run), self.limits
            ),
            "step_lease_signatures": lambda s: backfill_steps.lease(s, self.lease_deps(s.run)),
            "step_fetch_transactions": lambda s: backfill_steps.fetch(
                s, self.chain_of(s.run), self.documents(s.run)
            ),
            "step_store_transactions": lambda s: backfill_steps.store(s, self.store_object),
            "step_finish_chunk": lambda s: backfill_steps.finish(
                s, self.finish_deps(s.run), self.failure_deps(), self.starter
            ),
        }
        return {
            name: lambda s, step=step: step(RunState.model_validate(s))
            for name, step in steps.items()
        }

    def store_object(self, key: str, source: str) -> None:
        """The store path: bodies become facts."""
        assert source in {"backfill", "tail"}
        self.facts.store(self.blobs.get(key))

    def documents(self, run: Run) -> RunDocuments:
        """The documents of one run."""
        return RunDocuments(self.blobs, run.run_id)

    def chain_of(self, run: Run) -> Any:
        """The provider, as this run may ask it."""
        return self.provider.chain(share_of(run.mode))

    def plan_deps(self, run: Run) -> PlanDeps:
        """Dependencies of `plan_backfill`."""
        return PlanDeps(
            store=self.store,
            documents=self.documents(run),
            reporter=self._reporter,
            project=self.projected.append,
            clock=self.clock,
            limits=self.limits,
        )

    def lease_deps(self, run: Run) -> LeaseDeps:
        """Dependencies of `lease_signatures`."""
        return LeaseDeps(
            store=self.store,
            documents=self.documents(run),
            link=self.facts.link,
            clock=self.clock,
            lease_s=120,
        )

    def finish_deps(self, run: Run) -> FinishDeps:
        """Dependencies of `finish_chunk`."""
        return FinishDeps(
            store=self.store,
            documents=self.documents(run),
            reporter=self._reporter,
            project=self.projected.append,
            fold=self.asked_to_fold.append,
            ask_prices=self.asked_for_prices.append,
            ask_tokens=self.asked_for_tokens.append,
            clock=self.clock,
            pause=self.clock.pass_,
            limits=self.limits,
        )

    def failure_deps(self) -> FailureDeps:
        """Dependencies of `record_failure`."""
        return FailureDeps(
            store=self.store,
            reporter=self._reporter,
            project=self.projected.append,
            clock=self.clock,
        )

    def tail_plan_deps(self) -> TailPlanDeps:
        """Dependencies of `plan_tail` and `start_tails`."""
        return TailPlanDeps(
            store=self.tails,
            marks=self.marks,
            blobs=self.blobs,
            starter=self.starter,
            gate=self.provider.limiter,
            clock=self.clock,
            fresh_s=120,
            runs_at_once=self.tail_runs_at_once,
            silence_s=600,
        )

    def tail_check_deps(self) -> TailCheckDeps:
        """Dependencies of `check_tail`."""
        return TailCheckDeps(chain=self.provider.chain(Share.TAIL), blobs=self.blobs)
