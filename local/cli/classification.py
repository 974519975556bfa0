"""What a wallet is classed as, on a console: axes, badges, and why."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from local.cli.amounts import short
from local.cli.behaviour import duration, reason

_WIDE: Final = 120
"""Columns from which a table has room for evidence."""
_SHOWN: Final = 3
_SECONDS: Final = tuple(f"{part}.median" for part in ("hold", "gap", "delay", "winners", "losers"))
"""Figures that are durations."""


def show_classification(console: Console, body: dict[str, Any]) -> None:
    """Print what every axis and badge says, and which cannot say anything yet."""
    console.print()
    told = [each for each in (*body["axes"], *_worn(body["badges"])) if each["value"] is not None]
    if not told:
        console.print("[bold]Classification[/]\n  too little is known to say anything")
        return
    console.print(_table(told, is_wide=console.width >= _WIDE))
    _print_others(console, "not", [e for e in body["badges"] if e["value"] == "no"])
    silent = [each for each in (*body["axes"], *body["badges"]) if each["value"] is None]
    for missing in sorted({each["missing"] for each in silent}):
        why = f"nothing said ({reason(missing)})"
        _print_others(console, why, [each for each in silent if each["missing"] == missing])


def _table(told: Sequence[dict[str, Any]], *, is_wide: bool) -> Table:
    table = Table(
        title="Classification",
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    table.add_column("what", no_wrap=True)
    table.add_column("is", no_wrap=True, style="bold")
    table.add_column("sure", justify="right", no_wrap=True)
    table.add_column("of", justify="right", no_wrap=True)
    table.add_column("because", overflow="fold")
    if is_wide:
        table.add_column("see", no_wrap=True, style="dim")
    for each in told:
        row: list[str | Text] = [
            _words(each["name"]),
            _words(each["value"]),
            f"{Decimal(each['confidence']) * 100:.0f} %",
            f"{each['sample']:,}",
            _evidence(each["evidence"]),
        ]
        if is_wide:
            row.append(short(each["signatures"][0]) if each["signatures"] else "")
        table.add_row(*row)
    return table


def _worn(badges: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in badges if each["value"] == "yes"]


def _evidence(evidence: dict[str, Any]) -> str:
    known = [(name, value) for name, value in evidence.items() if value is not None]
    return ", ".join(f"{_metric(name)} {_figure(name, value)}" for name, value in known[:_SHOWN])


def _metric(name: str) -> str:
    return name.partition(".")[2].replace(".", " ").replace("_", " ") or name


def _figure(name: str, value: Any) -> str:
    if isinstance(value, int):
        return duration(value) if name.endswith(_SECONDS) else f"{value:,}"
    return f"{Decimal(value).normalize():,f}"


def _print_others(console: Console, why: str, verdicts: Sequence[dict[str, Any]]) -> None:
    if verdicts:
        names = ", ".join(_words(each["name"]) for each in verdicts)
        console.print(Text.assemble((f"  {why}: ", "dim"), names))


def _words(name: str) -> str:
    return name.replace("_", " ")
