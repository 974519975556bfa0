"""After the storm: what operators and schedules would do, until everything is at rest."""

import time
from collections.abc import Callable, Collection, Sequence
from typing import Final

import httpx

from local.chaos.machinery import REPAIR_TAIL, SETTLE_FINALITY, Machinery
from local.chaos.provider import Provider
from local.chaos.tally import Tally
from local.runtime import LocalRuntimeFault
from oof.domain.transactions.base58 import decode_base58

LOOK_EVERY_S: Final = 0.5
_SWEEP_EVERY_S: Final = 5
_QUIET_LOOKS: Final = 3
_MONTH_DAYS: Final = 60
_BLOCKHASH_S: Final = 150
"""Longer than the 300 slots after which a node knows what became of a transaction."""
_OPEN: Final = """
SELECT (SELECT count(*) FROM soft_transactions),
    (SELECT count(*) FROM unordered_transactions WHERE due_at IS NOT NULL)
"""

_STALE: Final = "SELECT count(*) FROM position_heads WHERE stale_from IS NOT NULL"


class NeverRests(Exception):
    """The stack did not come to rest within its time; says what was still under way."""


class Recovery:
    """Mends what the storm left, with nothing that a deployed stage would not have."""

    def __init__(
        self,
        machinery: Machinery,
        provider: Provider,
        tally: Tally,
        *,
        deadline: float,
        tell: Callable[[str], None],
    ) -> None:
        self._machinery = machinery
        self._provider = provider
        self._tally = tally
        self._deadline = deadline
        self._tell = tell

    def calm(self) -> None:
        """Let the provider behave."""
        self._provider.control("faults", rules=[])
        self._provider.control("plan", address_history=True)

    def rest(self, doing: str) -> None:
        """Wait until no queue holds anything, nothing runs and nothing waits to be applied.

        Raises NeverRests.
        """
        swept, quiet = 0.0, 0
        while quiet < _QUIET_LOOKS:
            busy = self._busy()
            quiet = 0 if busy else quiet + 1
            self._tell(f"{doing}: {busy or 'at rest'}")
            if time.monotonic() > self._deadline:
                places = [self._machinery.place_of(name) for name in self._machinery.running()]
                raise NeverRests(f"{doing}: {busy}: {'; '.join(places[:3])}")
            self._tally.redriven.update(self._machinery.redrive_executions())
            if time.monotonic() - swept > _SWEEP_EVERY_S:
                self._sweep()
                swept = time.monotonic()
            time.sleep(LOOK_EVERY_S)

    def _busy(self) -> str:
        parts = [
            f"{held} in {name}"
            for name, url in self._machinery.queues.items()
            if (held := self._machinery.held(url))
        ]
        if running := self._machinery.running():
            parts.append(f"{len(running)} executions, {running[0]} first")
        ((pending,),) = self._machinery.query("SELECT count(*) FROM pending")
        if pending:
            parts.append(f"{pending} pending")
        ((stale,),) = self._machinery.query(_STALE)
        if stale:
            parts.append(f"positions of {stale} wallets to be folded")
        return ", ".join(parts)

    def _sweep(self) -> None:
        """Sweep as the schedule does; one that failed is followed by another."""
        try:
            self._machinery.stack.invoke("job_sweep_pending", {})
        except LocalRuntimeFault as fault:
            self._tell(f"the sweep failed: {fault}")

    def open(self, wallets: Sequence[str]) -> None:
        """Open wallets until each is served whole, asking as a reader does. Raises NeverRests."""
        with httpx.Client(base_url=self._machinery.stack.api_url, timeout=60) as api:
            waiting = list(wallets)
            while waiting := [wallet for wallet in waiting if not self._is_whole(api, wallet)]:
                self._tell(f"{len(waiting)} of {len(wallets)} wallets are being opened")
                if time.monotonic() > self._deadline:
                    raise NeverRests(f"{len(waiting)} wallets were not opened: {waiting[:3]}")
                self._tally.redriven.update(self._machinery.redrive_executions())
                time.sleep(LOOK_EVERY_S)

    def _is_whole(self, api: httpx.Client, wallet: str) -> bool:
        try:
            answer = api.get(f"/v1/wallets/{wallet}/summary")
            state = answer.json()["state"] if answer.is_success else ""
            if state == "SEEN_PARTIAL":
                api.post(f"/v1/wallets/{wallet}/history/backfill?older={_MONTH_DAYS}d")
        except httpx.TransportError:
            # A reader who gets no answer in time asks again.
            return False
        return bool(state == "SEEN_FULL")

    def repair_tails(self, *, audit: bool) -> None:
        """Look at every tail as if its time had come; an audit lists whatever balances say."""
        aged = "tail_checked_at = tail_checked_at - interval '1 hour'"
        if audit:
            aged += ", listed_at = listed_at - interval '2 days'"
        self._machinery.execute(f"UPDATE tracked_wallets SET {aged}")  # noqa: S608 - our own text
        self._run(REPAIR_TAIL, "the daily audit" if audit else "tail repair by evidence")

    def settle(self) -> None:
        """Ask what is final and in which order, as often as it takes for nothing to be open.

        The chain goes on meanwhile, so that what a fork held can no longer land.
        """
        self._provider.control("clock", advance=_BLOCKHASH_S)
        while any(self._machinery.query(_OPEN)[0]):
            for table in ("soft_transactions", "unordered_transactions"):
                aged = "due_at = due_at - interval '1 hour'"
                self._machinery.execute(f"UPDATE {table} SET {aged}")  # noqa: S608 - our own text
            self._run(SETTLE_FINALITY, "finality and order")

    def _run(self, machine: str, doing: str) -> None:
        """Run a scheduled machine until it succeeds; what its ticks began comes to rest."""
        is_done = False
        while not is_done:
            tick = self._machinery.start(machine)
            self.rest(doing)
            is_done = self._machinery.has_succeeded(tick)

    def redrive_dead_letters(self) -> None:
        """Move dead letters back once, and let them be worked."""
        for name, url in self._machinery.dead_letters.items():
            if self._machinery.held(url):
                self._tally.letters_redriven += self._machinery.redrive(name)
        self.rest("dead letters redriven")

    def count_found(self, moment: str, signatures: Collection[str]) -> None:
        """Count how many of these are stored by now."""
        rows = self._machinery.query("SELECT signature FROM transactions WHERE NOT revoked")
        stored = {bytes(row[0]) for row in rows}
        self._tally.found[moment] = sum(decode_base58(each) in stored for each in signatures)
