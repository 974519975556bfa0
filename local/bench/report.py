"""Measured figures as tables, each with the goal it is held against."""

from collections.abc import Iterable
from typing import NamedTuple

from rich import box
from rich.console import Console
from rich.table import Table

_MARKS = {True: "[green]✓[/]", False: "[yellow]✗[/]", None: ""}


class Figure(NamedTuple):
    """One measured thing."""

    what: str
    value: str
    goal: str = ""
    is_met: bool | None = None
    """None where there is no goal; a missed goal is shown, never raised."""
    note: str = ""


def print_figures(console: Console, title: str, figures: Iterable[Figure]) -> None:
    """Print one table of figures."""
    table = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False
    )
    table.add_column("what", no_wrap=True)
    table.add_column("measured", justify="right", no_wrap=True)
    table.add_column("goal", justify="right", no_wrap=True)
    table.add_column("")
    table.add_column("how", style="dim")
    for each in figures:
        table.add_row(each.what, each.value, each.goal, _MARKS[each.is_met], each.note)
    console.print(table)


def latency(what: str, seconds: float, *, goal_s: float | None = None, note: str = "") -> Figure:
    """A duration, held against a longest one where there is a goal."""
    if goal_s is None:
        return Figure(what, duration(seconds), note=note)
    return Figure(what, duration(seconds), f"≤ {duration(goal_s)}", seconds <= goal_s, note)


def duration(seconds: float) -> str:
    """Seconds as a person reads them: microseconds to minutes."""
    if seconds < 0.001:
        return f"{seconds * 1e6:.0f} µs"
    if seconds < 1:
        milliseconds = seconds * 1e3
        return f"{milliseconds:.1f} ms" if milliseconds < 10 else f"{milliseconds:.0f} ms"
    if seconds < 120:
        return f"{seconds:g} s" if seconds == round(seconds) else f"{seconds:.2f} s"
    return f"{seconds / 60:.1f} min"


def rate(per_second: float, unit: str) -> str:
    """So many of something a second."""
    return f"{per_second:,.0f} {unit}/s"
