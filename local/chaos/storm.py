"""The storm itself: the schedule, turn by turn, on a deployed stack."""

import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final

import httpx

from local.chaos.machinery import REPAIR_TAIL, Machinery
from local.chaos.provider import Provider
from local.chaos.schedule import EXCLUSIVE, Disruption, Event, Fate, Post, Schedule
from local.chaos.setting import Plant, Setting
from local.chaos.tally import Posted, Span, Tally
from local.runtime import process

_SENDERS: Final = 4
_WRONG_SECRET: Final = "nobody's"  # noqa: S105 - what a stranger would say
_KILLED_AT_MOST: Final = 3
_SURELY_SOFT_S: Final = 8
"""A slot is final some 13 seconds after it: what is final is never dropped."""
_DROPPED_SHARE: Final = 0.6
_LATER: Final = EXCLUSIVE | {Disruption.REORG}
"""What is done while posts are under way, or after them."""
_FAULTS: Final[tuple[dict[str, Any], ...]] = (
    {"kind": "rate_limited", "retry_after": 1},
    {"kind": "server_error"},
    {"kind": "timeout", "seconds": 3},
    {"kind": "truncated"},
)

type Told = Callable[[str], None]
"""Shows a person where the storm is."""


class Storm:
    """One storm over one stack."""

    def __init__(
        self,
        machinery: Machinery,
        provider: Provider,
        wallets: Sequence[str],
        setting: Setting,
        tally: Tally,
    ) -> None:
        self._machinery = machinery
        self._stack = machinery.stack
        self._provider = provider
        self._wallets = wallets
        self._setting = setting
        self._tally = tally
        self._signatures: list[str] = []
        self._happened_at = 0.0
        self._ends: list[tuple[int, Callable[[], None]]] = []
        self._waiting: deque[Event] = deque()
        self._is_exclusive = False
        self._outage_since: float | None = None
        self._api = httpx.Client(base_url=self._stack.api_url, timeout=60)

    def rage(self, schedule: Schedule, tell: Told) -> list[str]:
        """Run every turn; return the signatures in the order they happened.

        Whatever was stopped or switched off is back at the end.
        """
        with ThreadPoolExecutor(_SENDERS) as senders:
            for at, turn in enumerate(schedule.turns):
                tell(f"turn {at + 1} of {len(schedule.turns)}, {self._so_far(schedule)}")
                self._end_what_is_over(at)
                self._signatures += self._happen(turn.wallets)
                self._happened_at = time.monotonic()
                self._begin(at, [e for e in turn.events if e.kind not in _LATER])
                under_way = [senders.submit(self._post, post) for post in turn.posts]
                self._waiting += [e for e in turn.events if e.kind in EXCLUSIVE]
                self._begin_exclusive(at)
                self._collect(under_way)
                for event in turn.events:
                    if event.kind is Disruption.REORG:
                        self._reorganize(turn.posts, schedule.fates, event.about)
        self._finish(tell)
        self._tally.fates.update(schedule.fates)
        self._api.close()
        return self._signatures

    def _so_far(self, schedule: Schedule) -> str:
        done = ", ".join(f"{count} {kind}" for kind, count in self._tally.disruptions.items())
        return f"{len(self._tally.posts)} of {schedule.deliveries} posts ({done})"

    # --- deliveries -----------------------------------------------------------------------

    def _happen(self, numbers: Sequence[int]) -> list[str]:
        return self._provider.happen([self._wallets[at] for at in numbers]) if numbers else []

    def _post(self, post: Post) -> Posted:
        is_planted = self._setting.plant is Plant.REFUSE_A_DELIVERY and post.transactions[0] == 1
        in_outage = self._outage_since is not None
        begun = time.time()
        outcome = self._provider.deliver(
            [self._signatures[at] for at in post.transactions],
            is_enhanced=post.is_enhanced,
            secret=_WRONG_SECRET if is_planted else None,
        )
        name = ", ".join(self._signatures[at][:12] for at in post.transactions)
        return Posted(name, Span(begun, time.time()), outcome, in_outage)

    def _collect(self, under_way: Sequence[Future[Posted]]) -> None:
        self._tally.posts += [future.result() for future in under_way]

    # --- disruptions ----------------------------------------------------------------------

    def _begin(self, at: int, events: Sequence[Event]) -> None:
        for event in events:
            self._tally.disruptions[event.kind] += 1
            if event.kind is Disruption.WEATHER:
                self._change_weather(event.about)
            elif event.kind is Disruption.PLAN:
                self._provider.control("plan", address_history=event.about % 2 == 0)
            elif event.kind is Disruption.OPEN:
                self._open(self._wallets[event.about])
            elif event.kind is Disruption.REPAIR_TAIL:
                self._machinery.start(REPAIR_TAIL)
            elif event.kind is Disruption.KILL_WORKERS:
                self._kill_workers(event.about)
            else:
                self._switch_off(at, event)

    def _change_weather(self, seed: int) -> None:
        """Draw which faults the provider has for a while; now and then it has none."""
        rng = random.Random(seed)
        rules = [
            {"method": "*", "count": None, "probability": rng.choice((0, 0, 0.05, 0.15)), **fault}
            for fault in _FAULTS
        ]
        self._provider.control("faults", rules=rules, seed=seed)

    def _open(self, wallet: str) -> None:
        """Ask for a wallet as a reader does; who gets no answer asks again when all is over."""
        try:
            self._api.get(f"/v1/wallets/{wallet}/summary")
        except httpx.TransportError:
            return

    def _kill_workers(self, seed: int) -> None:
        rng = random.Random(seed)
        workers = sorted(self._stack.workers(), key=lambda worker: worker.pid)
        for victim in rng.sample(workers, min(len(workers), rng.randint(1, _KILLED_AT_MOST))):
            process.kill(victim)
            self._tally.workers_killed += 1
        self._tally.killed.append(time.time())

    def _reorganize(self, posts: Sequence[Post], fates: Sequence[Fate], seed: int) -> None:
        """Drop or move the last transaction that was told in this turn.

        Not where it may be final by now, nor where others stand behind it in its block: those
        would keep their slot and have another place in it, which no fork does.
        """
        rng = random.Random(seed)
        told = [at for post in posts for at in post.transactions if fates[at] is Fate.ONCE]
        if not told:
            return
        victim = self._signatures[max(told)]
        slot = self._provider.slot_ended_by(victim)
        if slot is None or time.monotonic() - self._happened_at > _SURELY_SOFT_S:
            return
        self._tally.disruptions[Disruption.REORG] += 1
        if rng.random() < _DROPPED_SHARE:
            self._provider.drop(victim)
            self._tally.dropped.add(victim)
        else:
            self._provider.move(victim, to_slot=slot - rng.randint(1, 3))
            self._tally.moved.add(victim)

    def _switch_off(self, at: int, event: Event) -> None:
        mapping = self._machinery.mappings[event.about % len(self._machinery.mappings)]
        self._machinery.switch(mapping, on=False)
        self._ends.append((at + event.turns, lambda: self._machinery.switch(mapping, on=True)))

    def _begin_exclusive(self, at: int) -> None:
        """Begin the next of those that must not overlap, while posts are under way."""
        if self._is_exclusive or not self._waiting:
            return
        event = self._waiting.popleft()
        self._is_exclusive = True
        self._tally.disruptions[event.kind] += 1
        if event.kind is Disruption.OUTAGE:
            self._stack.stop_postgres()
            self._outage_since = time.time()
        elif event.kind is Disruption.KILL_POSTGRES:
            self._stack.kill_postgres()
            self._ends.append((at + event.turns, self._start_postgres))
        else:
            self._stop_aws()
            self._ends.append((at + 1, self._start_aws))

    def _stop_aws(self) -> None:
        begun = time.time()
        self._tally.killed.append(begun)
        self._stack.stop_aws()
        self._tally.killed.append(time.time())
        self._tally.stops.append(Span(begun, float("inf")))

    def _start_aws(self) -> None:
        self._stack.start_aws()
        self._tally.stops[-1] = Span(self._tally.stops[-1].begun, time.time())
        self._is_exclusive = False

    def _start_postgres(self) -> None:
        self._stack.start_postgres()
        self._is_exclusive = False

    def _end_what_is_over(self, at: int | None) -> None:
        """End what was to last until this turn; with None all that lasts."""
        over = [end for until, end in self._ends if at is None or until <= at]
        self._ends = [each for each in self._ends if at is not None and each[0] > at]
        for end in sorted(over, key=lambda end: end != self._start_aws):
            end()
        if self._outage_since is not None and self._outage_left() <= 0:
            self._end_outage()

    def _outage_left(self) -> float:
        return (self._outage_since or 0) + self._setting.outage_s - time.time()

    def _end_outage(self) -> None:
        self._tally.outage_s = time.time() - (self._outage_since or 0)
        self._outage_since = None
        self._start_postgres()

    def _finish(self, tell: Told) -> None:
        """Let the outage last its time, and bring everything back."""
        while self._outage_since is not None and (left := self._outage_left()) > 0:
            tell(f"Postgres is down for another {left:.0f} s")
            time.sleep(min(left, 1))
        self._end_what_is_over(None)
        while self._waiting:
            tell(f"{self._waiting[0].kind}, which the outage held up")
            self._begin_exclusive(0)
            self._end_what_is_over(None)


def untold(schedule: Schedule, signatures: Sequence[str], tally: Tally) -> set[str]:
    """Return the signatures that no acknowledged post carried: withheld, or lost on the way."""
    told: set[int] = set()
    posts = [post for turn in schedule.turns for post in turn.posts]
    for post, posted in zip(posts, tally.posts, strict=True):
        if posted.outcome.is_delivered:
            told.update(post.transactions)
    withheld = {at for at, fate in enumerate(schedule.fates) if fate is Fate.WITHHELD}
    missed = {signatures[at] for at in range(len(signatures)) if at not in told or at in withheld}
    return missed - tally.dropped
