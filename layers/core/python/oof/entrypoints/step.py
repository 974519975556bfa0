"""Steps of the state machines: the workflow's small state in, the next one out.

The state names what lies in the object store and never carries it. Every step says itself what
comes `next`, so the machines only route, and a step that is tried again does the same again.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from oof.app.plan_backfill import Next
from oof.domain.backfill import Mode
from oof.domain.units import Address, UnixSeconds
from oof.entrypoints.observability import logger
from oof.ports.system import Clock, NewId
from oof.ports.workflow import Run

LOGGED: Final = (
    "run_id",
    "wallet",
    "mode",
    "page",
    "round",
    "next",
    "calls",
    "tick",
    "due",
    "moved",
    "credits",
    "started",
    "waiting",
    "verdict",
    "puts",
    "named",
    "fault",
)
MAX_STATE_BYTES: Final = 200_000
"""What a step may hand on; the workflow service refuses 256 KB."""


def run_step[S: BaseModel](
    event: Mapping[str, Any], model: type[S], step: Callable[[S], Mapping[str, Any]]
) -> dict[str, Any]:
    """Read the state, take the step, and log where the run goes on."""
    state = model.model_validate(event)
    answer = dict(step(state))
    logged = {name: answer[name] for name in LOGGED if name in answer}
    logger().info("step_done", **logged)
    return answer


def new_tick(clock: Clock, new_id: NewId) -> str:
    """Name a tick by its second, and so that no other one of that second has the name."""
    return f"{clock.now():%Y%m%dT%H%M%S}-{new_id()[:8]}"


class StepState(BaseModel):
    """What a machine hands from one step to the next."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    def then(self, next_: StrEnum, **changes: Any) -> dict[str, Any]:
        """Return the state for the next step, as JSON."""
        return self.model_copy(update={"next": next_, **changes}).model_dump(mode="json")


class Fault(BaseModel):
    """What the workflow caught."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    Error: str
    Cause: str = ""


class RunState(StepState):
    """A run between two steps."""

    run_id: str = Field(min_length=1, max_length=80)
    wallet: str = Field(min_length=32, max_length=44)
    mode: Mode
    target_time: int | None = None
    work_id: str | None = None
    attempt: int = 0
    next: Next = Next.PLAN
    page: int = Field(default=0, ge=0)
    verdict: str | None = None
    """What the guard said; None before it was asked."""
    round: int = Field(default=0, ge=0)
    """How often this page was leased."""
    fetches: int = Field(default=0, ge=0)
    """How often this page was fetched."""
    rested: bool = False
    """Whether it waited since its last fetch: what is not there yet may come."""
    settles: int = Field(default=0, ge=0)
    """How often this page's end was looked at."""
    keys: tuple[str, ...] = ()
    """Where fetched bodies lie."""
    pages: int = Field(default=1, ge=1)
    """How many pages, from `page` on, were listed at once."""
    batch: tuple[dict[str, Any], ...] = ()
    """A state for each of those that have something to bring in, side by side."""
    done: tuple[dict[str, Any], ...] = ()
    """The states that these ended with."""
    steps: int = 0
    """Steps of this execution so far."""
    execution: int = 1
    """Which of the run's executions this is: a long run goes on in another one."""
    calls: int = 0
    """What the run asked of the provider so far, as it counts."""
    credits: int = 0
    repeats: int = 0
    """Bodies that pages brought again."""
    error: Fault | None = None

    @property
    def run(self) -> Run:
        """The run as use cases know it."""
        target = None if self.target_time is None else UnixSeconds(self.target_time)
        return Run(
            run_id=self.run_id,
            wallet=Address(self.wallet),
            mode=self.mode,
            target_time=target,
            work_id=self.work_id,
            attempt=self.attempt,
        )

    def then(self, next_: StrEnum, **changes: Any) -> dict[str, Any]:
        """See `StepState.then`; the step is counted."""
        return super().then(next_, **{"steps": self.steps + 1, **changes})

    def of_page(self, page: int) -> dict[str, Any]:
        """Return the state in which one page of the batch is brought in; it counts for itself."""
        fresh = RunState.of(self.run).model_copy(update={"next": Next.LEASE, "page": page})
        return fresh.model_dump(mode="json", exclude={"batch", "done", "error"})

    def with_batch(self) -> "RunState":
        """Return the state with what its pages spent added up, and the batch put away."""
        ended = [RunState.model_validate(each) for each in self.done]
        return self.model_copy(
            update={
                "batch": (),
                "done": (),
                "steps": self.steps + sum(each.steps + 1 for each in ended),
                "calls": self.calls + sum(each.calls for each in ended),
                "credits": self.credits + sum(each.credits for each in ended),
                "repeats": self.repeats + sum(each.repeats for each in ended),
            }
        )

    @classmethod
    def of(cls, run: Run) -> "RunState":
        """Return the state a run begins with."""
        return cls(
            run_id=run.run_id,
            wallet=run.wallet,
            mode=run.mode,
            target_time=run.target_time,
            work_id=run.work_id,
            attempt=run.attempt,
        )


class OutageInput(BaseModel):
    """What an operator reports: events were lost between two times."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    began_at: AwareDatetime
    ended_at: AwareDatetime


class TailState(StepState):
    """A tail repair between two steps."""

    tick: str = ""
    """Names this repair; the first step sets it."""
    round: int = Field(default=-1, ge=-1)
    """The round under way; -1 before the first."""
    outage: OutageInput | None = None
    """Set by an operator who starts a repair by hand."""
    due: int = 0
    moved: int = 0
    """Wallets found moved, over all rounds."""
    calls: int = 0
    """What the looks asked of the provider, as it counts."""
    credits: int = 0
    started: int = 0
    waiting: int = 0
    """Wallets to be listed whose turn did not come."""
    next: Next = Next.PLAN


class WatchNext(StrEnum):
    """Where a reconciliation of webhooks goes."""

    PUT = "put"
    CONFIRM = "confirm"
    DONE = "done"


class WatchState(StepState):
    """A reconciliation of webhooks between two steps."""

    id: str = ""
    """The schedule's own name of this tick: the same however often a step is tried."""
    tick: str = ""
    """Names this reconciliation; the first step sets it."""
    rotate: bool = False
    """Set by an operator: a new value for deliveries is to be brought in."""
    puts: int = 0
    credits: int = 0
    named: int = 0
    """Wallets that the provider reports from now on."""
    fault: str | None = None
    held: bool = False
    """Whether another reconciliation was under way, so that this one did nothing."""
    rotating: bool = False
    """Whether what deliveries carry is being changed."""
    next: WatchNext = WatchNext.PUT


class FinalityState(StepState):
    """A settling of finality between two steps."""

    tick: str = ""
    """Names this settling; the first step sets it."""
    round: int = Field(default=-1, ge=-1)
    """The round under way; -1 before the first."""
    due: int = 0
    """Signatures and slots of the round."""
    calls: int = 0
    """What was asked of the provider, as it counts, over all rounds."""
    credits: int = 0
    next: Next = Next.PLAN
