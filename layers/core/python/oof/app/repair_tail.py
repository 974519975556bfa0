"""Find out cheaply which wallets moved, and list only those, a bounded number at once.

A repair goes round by round: a page of wallets is looked at, what differs from the last
post-balances we know moved. Lamports are looked at each time, token accounts once an hour. Who
moved, whose daily audit is due and who may have lost events waits in a queue; at the end of each
repair as many are started as may run at once, the most urgent first. So an outage of hours is
mended at the pace the provider's plan allows, and nobody who reads their wallet waits behind those
who do not.

What differs though the newest end was listed since is beyond a listing (an amount that changes
without a transaction, an order that nothing tells): the same difference is not listed for again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any, Final, NamedTuple

import orjson

from oof.domain.backfill import Mode
from oof.domain.evidence import (
    TOKENS_EVERY_S,
    LastBalance,
    Reason,
    evidence_of,
    is_due,
    is_silent,
    reason_to_list,
)
from oof.domain.limits import Share
from oof.domain.units import Address, RawAmount, UnixSeconds
from oof.ports.blobs import Blobs
from oof.ports.limiter import GateReader
from oof.ports.reads import ReadMarks
from oof.ports.system import Clock, unix_now
from oof.ports.tails import Confirmation, DueTail, Evidence, TailStore
from oof.ports.upstream import MAX_ACCOUNTS, AccountState, ChainSource
from oof.ports.workflow import Run, RunStarter

LISTING_LAG_S: Final = 30
"""How far a provider's listing may run behind its accounts: one that ended sooner after a look has
not answered what the look saw."""
PATIENCE_S: Final = 180
"""A look may see what a webhook is about to deliver: a live wallet that was confirmed since is
looked at once more before it is listed, which costs a hundred times as much."""
PAGE: Final = 1_000
"""Wallets looked at in one round."""
GIVEN_UP_AFTER_S: Final = 900
"""A listing that did not end by then runs no more, as far as the queue is concerned."""
READ_LATELY_S: Final = 7_200
"""Reads are marked to the hour. Whoever reads a wallet is shown each look at it."""
SHOWN_EVERY_S: Final = 3_600
"""How often a look that found nothing is shown where nobody reads."""


class Outage(NamedTuple):
    """Events were lost between these times."""

    began_at: UnixSeconds
    ended_at: UnixSeconds


@dataclass(frozen=True, slots=True, kw_only=True)
class TailPlanDeps:
    """What planning a round needs; it reaches the database, not the provider."""

    store: TailStore
    marks: ReadMarks
    blobs: Blobs
    starter: RunStarter
    gate: GateReader
    clock: Clock
    fresh_s: int
    runs_at_once: int
    silence_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TailCheckDeps:
    """What looking needs; it reaches the provider, not the database."""

    chain: ChainSource
    blobs: Blobs


class Started(NamedTuple):
    """How a repair ended."""

    started: int
    running: int
    """Listings under way, these included."""
    waiting: int
    wallets: int
    """All wallets whose tails are followed."""
    oldest_s: int
    """Since when the wallet that waits longest was not confirmed, in seconds."""
    is_silent: bool
    """Whether wallets moved while no webhook delivered."""


class Checked(NamedTuple):
    """What a round's looks found and cost."""

    moved: int
    calls: int
    credits: int


def plan_tail(deps: TailPlanDeps, *, tick: str, round_: int, outage: Outage | None) -> int:
    """Record what the last round found, write the next, return its size; rounds count from 0.

    A round of no wallets is the last: `start_tails` follows.
    """
    now = unix_now(deps.clock)
    after = None
    if round_ > 0:
        after = _record(deps, orjson.loads(deps.blobs.get(_key(tick, round_ - 1, "checked"))), now)
    else:
        if outage is not None:
            deps.store.end_outage(**outage._asdict(), reported=True)
        deps.store.forget_listed()
    checked_before = UnixSeconds(now - deps.fresh_s // 2)
    due = deps.store.due(checked_before=checked_before, after=after, limit=PAGE)
    if due:
        _want_overdue(deps.store, due, now)
        document = {"planned_at": now, "tails": _looks(deps.store, due, now)}
        deps.blobs.put(_key(tick, round_, "due"), orjson.dumps(document, default=tuple))
    return len(due)


def check_tail(deps: TailCheckDeps, *, tick: str, round_: int) -> Checked:
    """Look at the round's accounts, and write down who moved."""
    planned = orjson.loads(deps.blobs.get(_key(tick, round_, "due")))
    looks = [_look(row) for row in planned["tails"]]
    lamports = _lamports(deps.chain, (each.lamports for each in looks if each.lamports))
    tokens = _tokens(deps.chain, (b for each in looks for b in each.tokens or ()))
    moved: dict[Address, Evidence] = {}
    confirmed = []
    for each in looks:
        if each.lamports is None:
            continue
        held = {b.account: _raw_of(each.wallet, tokens[b.account]) for b in each.tokens or ()}
        found = evidence_of([each.lamports], lamports), evidence_of(each.tokens or (), held)
        news = _news(each, *found)
        if any(news):
            if not each.is_patient:
                moved[each.wallet] = news
        else:
            confirmed.append(Confirmation(each.wallet, each.tokens is not None))
    document = {
        "planned_at": planned["planned_at"],
        "confirmed": confirmed,
        "moved": moved,
        "last": looks[-1].wallet,
    }
    deps.blobs.put(_key(tick, round_, "checked"), orjson.dumps(document, default=tuple))
    usage = deps.chain.usage
    return Checked(len(moved), usage.calls, usage.credits)


def start_tails(deps: TailPlanDeps, *, tick: str, moved: int) -> Started:
    """End the repair: see whether events are being lost, and start whose turn it is.

    `moved` counts the wallets that this repair found moved.
    """
    now = unix_now(deps.clock)
    silent = _watch_deliveries(deps, moved, now)
    claim = deps.store.claim(
        tick,
        at=now,
        at_once=deps.runs_at_once,
        given_up_before=UnixSeconds(now - GIVEN_UP_AFTER_S),
        deferred=_deferred(deps.gate),
    )
    for wallet in claim.wallets:
        deps.starter.start(Run(run_id=f"tail-{wallet}-{tick}", wallet=wallet, mode=Mode.TAIL))
    lag = deps.store.lag()
    oldest_s = 0 if lag.oldest_confirmed_at is None else max(now - lag.oldest_confirmed_at, 0)
    return Started(len(claim.wallets), claim.running, claim.waiting, lag.wallets, oldest_s, silent)


def _record(deps: TailPlanDeps, checked: dict[str, Any], now: UnixSeconds) -> Address:
    """Record what a round found, and return its last wallet."""
    confirmed = [Confirmation(Address(w), has_tokens) for w, has_tokens in checked["confirmed"]]
    moved = {Address(w): Evidence(*found) for w, found in checked["moved"].items()}
    deps.store.note_reads(deps.marks.last_of([*(each.wallet for each in confirmed), *moved]))
    deps.store.confirm(
        confirmed,
        at=now,
        read_since=UnixSeconds(now - READ_LATELY_S),
        shown_before=UnixSeconds(now - SHOWN_EVERY_S),
    )
    deps.store.note_evidence(moved, due_at=UnixSeconds(checked["planned_at"] + LISTING_LAG_S))
    deps.store.want(dict.fromkeys(moved, Reason.MOVED), at=now)
    return Address(checked["last"])


def _want_overdue(store: TailStore, due: Sequence[DueTail], now: UnixSeconds) -> None:
    ended_at = store.outage_ended_at()
    reasons = {
        tail.wallet: reason_to_list(
            tail.wallet,
            listed_at=tail.listed_at,
            has_missing=tail.has_missing,
            outage_ended_at=ended_at,
            now=now,
        )
        for tail in due
    }
    store.want({wallet: r for wallet, r in reasons.items() if r is not None}, at=now)


class _Look(NamedTuple):
    """What is compared of one wallet."""

    wallet: Address
    lamports: LastBalance | None
    tokens: tuple[LastBalance, ...] | None
    """None where their hour has not come."""
    answered: Evidence
    is_patient: bool
    """Whether a difference is left to the next look."""


def _looks(store: TailStore, due: Sequence[DueTail], now: UnixSeconds) -> list[_Look]:
    with_tokens = [
        tail.wallet
        for tail in due
        if is_due(tail.wallet, tail.tokens_checked_at, now, every_s=TOKENS_EVERY_S)
    ]
    tokens = store.token_balances(with_tokens) if with_tokens else {}
    return [
        _Look(t.wallet, t.lamports, tokens.get(t.wallet), t.answered, _is_patient(t, now))
        for t in due
    ]


def _is_patient(tail: DueTail, now: UnixSeconds) -> bool:
    return tail.is_live and tail.checked_at is not None and now - tail.checked_at < PATIENCE_S


def _look(row: list[Any]) -> _Look:
    wallet, lamports, tokens, answered, is_patient = row
    return _Look(
        Address(wallet),
        None if lamports is None else _balance(lamports),
        None if tokens is None else tuple(_balance(each) for each in tokens),
        Evidence(*answered),
        is_patient,
    )


def _balance(row: list[Any]) -> LastBalance:
    account, raw, rivals = row
    return LastBalance(Address(account), RawAmount(raw), tuple(RawAmount(each) for each in rivals))


def _news(look: _Look, lamports: str | None, tokens: str | None) -> Evidence:
    """Return the evidence that no listing has answered."""
    return Evidence(
        None if lamports == look.answered.lamports else lamports,
        None if tokens == look.answered.tokens else tokens,
    )


def _lamports(chain: ChainSource, balances: Iterable[LastBalance]) -> dict[Address, int]:
    held: dict[Address, int] = {}
    for group in batched(sorted({b.account for b in balances}), MAX_ACCOUNTS, strict=False):
        held.update(zip(group, chain.lamports(group), strict=True))
    return held


def _tokens(
    chain: ChainSource, balances: Iterable[LastBalance]
) -> dict[Address, AccountState | None]:
    states: dict[Address, AccountState | None] = {}
    for group in batched(sorted({b.account for b in balances}), MAX_ACCOUNTS, strict=False):
        states.update(zip(group, chain.accounts(group), strict=True))
    return states


def _raw_of(wallet: Address, state: AccountState | None) -> int:
    """Return what a token account holds for the wallet: nothing where it is another's, or gone."""
    token = None if state is None else state.token
    return token.raw if token is not None and token.owner == wallet else 0


def _deferred(gate: GateReader) -> tuple[Reason, ...]:
    """Return what waits while the day's budget runs out: audits stop with older history."""
    reading = gate.reading()
    return () if reading is None or reading.spend.allows(Share.DEEP) else (Reason.AUDIT,)


def _watch_deliveries(deps: TailPlanDeps, moved: int, now: UnixSeconds) -> bool:
    """Begin an outage where wallets move in silence, end it with the next delivery."""
    began_at, heard_at = deps.store.outage_began_at(), deps.store.last_heard()
    if heard_at is None:
        return False
    if began_at is None:
        silent = is_silent(heard_at, now, moved=moved, after_s=deps.silence_s)
        return silent and deps.store.begin_outage(began_at=heard_at)
    if heard_at > began_at:
        deps.store.end_outage(began_at=None, ended_at=heard_at, reported=False)
        return False
    return True


def _key(tick: str, round_: int, what: str) -> str:
    return f"runs/tail-{tick}/{round_:05}-{what}.json"
