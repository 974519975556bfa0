"""Learn what the mints we met are called, and ask again from time to time.

In rounds, like refreshing prices: the database's side writes down whom to ask about, the providers'
side asks, and the next round begins by keeping the answers. A mint that somebody failed to answer
about, and nobody else knew, is not settled: it is due again at the next tick.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
from typing import Any, Final, NamedTuple

import orjson

from oof.domain.errors import BudgetSpent, UpstreamRejected, UpstreamUnavailable
from oof.domain.tokens_facts import TokenSource, ToldToken
from oof.domain.units import Mint
from oof.ports.blobs import Blobs
from oof.ports.locks import FencedLock
from oof.ports.system import Clock, NewId, unix_now
from oof.ports.tokens import KeptTokens, TokenProvider, TokenStore

HOLD_S: Final = 360
"""For how long a refresh may be silent before another takes over: longer than a round may ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshTokensDeps:
    """What planning and keeping need; they reach the database, not the providers."""

    store: TokenStore
    lock: FencedLock
    """Of refreshes: two at once would ask for the same."""
    blobs: Blobs
    clock: Clock
    new_id: NewId
    max_mints: int = 3_000
    """Mints of one tick; what does not fit is asked about by the next."""
    mints_a_round: int = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class AskTokensDeps:
    """What asking needs; it reaches the providers, not the database."""

    providers: Sequence[TokenProvider]
    """The first is asked first; who comes later is asked for what is still missing."""
    blobs: Blobs


class AskedTokens(NamedTuple):
    """What a round asked."""

    reads: int
    failed: int
    """Mints that somebody failed to answer about, and that are due again."""


def plan_tokens(deps: RefreshTokensDeps, *, tick: str, round_: int, asked: int) -> int:
    """Write down which mints a round has to ask about; return how many.

    None while another refresh is at it. `asked` counts those of earlier rounds.
    """
    if deps.lock.enter(tick, at=unix_now(deps.clock), for_s=HOLD_S) is None:
        return 0
    at = deps.clock.now()
    limit = min(deps.max_mints - asked, deps.mints_a_round)
    mints = deps.store.due(at=at, limit=limit) if limit > 0 else ()
    if mints:
        plan = {"at": at.isoformat(), "mints": mints}
        deps.blobs.put(_key(tick, round_, "wants"), orjson.dumps(plan))
    return len(mints)


def end_tokens(deps: RefreshTokensDeps, *, tick: str) -> None:
    """Let the next refresh begin."""
    deps.lock.leave(tick)


def ask_tokens(deps: AskTokensDeps, *, tick: str, round_: int) -> AskedTokens:
    """Ask the providers in their order, and write down what each mint got."""
    plan = orjson.loads(deps.blobs.get(_key(tick, round_, "wants")))
    mints = [Mint(mint) for mint in plan["mints"]]
    told: dict[Mint, ToldToken] = {}
    failed: set[Mint] = set()
    for provider in deps.providers:
        missing = [mint for mint in mints if mint not in told]
        is_silent = False
        for group in batched(missing, provider.batch, strict=False):
            try:
                told |= {} if is_silent else provider.tell(group)
            except (UpstreamUnavailable, BudgetSpent):
                is_silent = True
            except UpstreamRejected:
                # asking the same again will not help
                continue
            if is_silent:
                failed.update(group)
    failed -= told.keys()
    answers = [(mint, told.get(mint)) for mint in mints if mint not in failed]
    deps.blobs.put(_key(tick, round_, "told"), orjson.dumps(answers, default=tuple))
    return AskedTokens(sum(provider.reads for provider in deps.providers), len(failed))


def keep_tokens(deps: RefreshTokensDeps, *, tick: str, round_: int) -> KeptTokens:
    """Keep a round's answers, as of when the round was planned.

    Keeping the same ones again changes nothing. Raises `StoreUnavailable` or `Conflict`.
    """
    plan = orjson.loads(deps.blobs.get(_key(tick, round_, "wants")))
    rows = orjson.loads(deps.blobs.get(_key(tick, round_, "told")))
    at = datetime.fromisoformat(plan["at"]).astimezone(UTC)
    return deps.store.settle({Mint(mint): _told(row) for mint, row in rows}, at=at)


def _told(row: Sequence[Any] | None) -> ToldToken | None:
    if row is None:
        return None
    mint, source, *rest = row
    return ToldToken(Mint(mint), TokenSource(source), *rest)


def _key(tick: str, round_: int, what: str) -> str:
    return f"runs/tokens-{tick}/{round_:05}-{what}.json"
