"""What each step of refreshing token facts does with the workflow's state."""

from oof.app.plan_backfill import Next
from oof.app.refresh_tokens import (
    AskTokensDeps,
    RefreshTokensDeps,
    ask_tokens,
    end_tokens,
    keep_tokens,
    plan_tokens,
)
from oof.entrypoints.observability import tell_counts
from oof.entrypoints.step import StepState, new_tick
from oof.ports.tokens import KeptTokens


class TokenState(StepState):
    """A refresh of token facts between two steps."""

    tick: str = ""
    """Names this refresh; the first step sets it."""
    round: int = -1
    """The round under way; -1 before the first."""
    due: int = 0
    """Mints that the round asks about."""
    asked: int = 0
    """Mints asked about, over all rounds."""
    reads: int = 0
    """Requests sent to providers, over all rounds."""
    failed: int = 0
    """Of the round: a round with failures is the last one."""
    next: Next = Next.PLAN


def settle(state: TokenState, deps: RefreshTokensDeps) -> dict[str, object]:
    """Keep the last round's answers and write the next round; done where nothing is due."""
    tick = state.tick or new_tick(deps.clock, deps.new_id)
    if state.round >= 0:
        _tell(keep_tokens(deps, tick=tick, round_=state.round), state)
    round_, asked = state.round + 1, state.asked + state.due
    due = 0
    if not state.failed:
        due = plan_tokens(deps, tick=tick, round_=round_, asked=asked)
    if not due:
        end_tokens(deps, tick=tick)
        return state.then(Next.DONE, tick=tick, round=round_, due=0, asked=asked)
    return state.then(Next.CHECK, tick=tick, round=round_, due=due, asked=asked)


def ask(state: TokenState, deps: AskTokensDeps) -> dict[str, object]:
    """Ask the providers what the round's mints are called."""
    asked = ask_tokens(deps, tick=state.tick, round_=state.round)
    return state.then(Next.PLAN, reads=state.reads + asked.reads, failed=asked.failed)


def _tell(kept: KeptTokens, state: TokenState) -> None:
    counts = {
        "TokensTold": kept.told,
        "TokensMissed": kept.missed,
        "TokensRenamed": kept.renamed,
        "TokensFailed": state.failed,
    }
    tell_counts(counts)
