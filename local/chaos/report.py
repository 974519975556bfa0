"""What a person sees of a storm: one line while it lasts, one table at its end."""

import time
from collections.abc import Sequence
from typing import Final

from rich import box
from rich.console import Console
from rich.status import Status
from rich.table import Table

from local.bench.report import duration
from local.bench.samples import percentile
from local.chaos.schedule import Disruption, Fate
from local.chaos.tally import Posted, Tally

_LINE_EVERY_S: Final = 10
_FATES: Final = {
    Fate.ONCE: "told once",
    Fate.TOGETHER: "told together with others",
    Fate.REPEATED: "told two or three times",
    Fate.LATE: "told late, behind others",
    Fate.NOTIFIED: "notified without a body",
    Fate.WITHHELD: "never told",
}


class LiveLine:
    """One line that changes in place; where nobody watches, a line now and then."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._begun = self._printed = time.monotonic()
        self._status: Status | None = None
        if console.is_terminal:
            self._status = console.status("")
            self._status.start()

    def tell(self, text: str) -> None:
        """Show what is going on now."""
        elapsed = time.monotonic() - self._begun
        line = f"{elapsed:5.0f} s  {text}"
        if self._status is not None:
            self._status.update(line)
        elif time.monotonic() - self._printed > _LINE_EVERY_S:
            self._console.print(line, soft_wrap=True)
            self._printed = time.monotonic()

    def close(self) -> None:
        """Leave nothing on the screen."""
        if self._status is not None:
            self._status.stop()


def print_tally(console: Console, tally: Tally, counters: dict[str, object]) -> None:
    """Print what was injected and what survived."""
    table = Table(title="What was injected", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("what")
    table.add_column("how often", justify="right")
    table.add_column("what became of it", style="dim")
    for row in (*_fates(tally), *_faults(counters), *_disruptions(tally)):
        table.add_row(*row)
    console.print(table)
    table = Table(title="Deliveries", title_justify="left", box=box.SIMPLE_HEAD)
    for name in ("", "posts", "acknowledged", "p50", "p95", "max"):
        table.add_column(name, justify="left" if not name else "right")
    table.add_row(*_latencies("while Postgres was up", [p for p in tally.posts if not p.in_outage]))
    in_outage = [post for post in tally.posts if post.in_outage]
    table.add_row(*_latencies(f"Postgres down for {tally.outage_s:.0f} s", in_outage))
    console.print(table)


def _fates(tally: Tally) -> list[tuple[str, str, str]]:
    rows = [
        (f"transactions {_FATES[fate]}", f"{count:,}", "") for fate, count in tally.fates.items()
    ]
    found = ", ".join(f"{count} {moment}" for moment, count in tally.found.items())
    rows.append(("transactions no delivery brought", f"{tally.untold:,}", f"stored: {found}"))
    lost = len(tally.at_closed_doors)
    if lost:
        rows.append(("posts while nobody was there", f"{lost:,}", "given up by the provider"))
    return rows


def _faults(counters: dict[str, object]) -> list[tuple[str, str, str]]:
    faults = counters["faults"]
    if not isinstance(faults, dict):
        return []
    return [
        (f"answers spoiled: {kind.replace('_', ' ')}", f"{count:,}", "asked again")
        for kind, count in sorted(faults.items())
    ]


def _disruptions(tally: Tally) -> list[tuple[str, str, str]]:
    what = {
        Disruption.KILL_WORKERS: f"{tally.workers_killed} processes",
        Disruption.REORG: f"{len(tally.dropped)} dropped, {len(tally.moved)} landed elsewhere",
    }
    rows = [
        (str(kind), f"{count:,}", what.get(kind, "")) for kind, count in tally.disruptions.items()
    ]
    rows += [
        (f"executions ended by {error}", f"{count:,}", "started again")
        for error, count in tally.redriven.items()
    ]
    rows.append(("bodies asked for again", f"{tally.asked_again:,}", "their holder was killed"))
    rows.append(("bodies asked for to verify", f"{tally.verified:,}", "counted apart"))
    if tally.letters_redriven:
        rows.append(("dead letters", f"{tally.letters_redriven:,}", "redriven"))
    return rows


def _latencies(name: str, posts: Sequence[Posted]) -> tuple[str, ...]:
    taken = [post.outcome.seconds for post in posts if post.outcome.is_delivered]
    if not taken:
        return name, str(len(posts)), "0", "", "", ""
    shown = (percentile(taken, 0.5), percentile(taken, 0.95), max(taken))
    return name, f"{len(posts):,}", f"{len(taken):,}", *(duration(each) for each in shown)
