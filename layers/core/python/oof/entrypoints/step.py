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


class Fault(BaseModel):
    """What the workflow caught."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    Error: str
    Cause: str = ""


class RunState(BaseModel):
    """A run between two steps."""

    model_config = ConfigDict(frozen=True, extra="ignore")

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

    def then(self, next_: Next, **changes: Any) -> dict[str, Any]:
        """Return the state for the next step, as JSON."""
        return self.model_copy(update={"next": next_, **changes}).model_dump(mode="json")

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


class TailState(BaseModel):
    """A tail repair between two steps."""

    model_config = ConfigDict(frozen=True, extra="ignore")

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

    def then(self, next_: Next, **changes: Any) -> dict[str, Any]:
        """Return the state for the next step, as JSON."""
        return self.model_copy(update={"next": next_, **changes}).model_dump(mode="json")


class WatchNext(StrEnum):
    """Where a reconciliation of webhooks goes."""

    PUT = "put"
    CONFIRM = "confirm"
    DONE = "done"


class WatchState(BaseModel):
    """A reconciliation of webhooks between two steps."""

    model_config = ConfigDict(frozen=True, extra="ignore")

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

    def then(self, next_: WatchNext, **changes: Any) -> dict[str, Any]:
        """Return the state for the next step, as JSON."""
        return self.model_copy(update={"next": next_, **changes}).model_dump(mode="json")
