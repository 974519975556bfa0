"""A wallet's moments on a console: the dearest of each kind."""

from decimal import Decimal
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from local.cli.amounts import GAIN, LOSS, moment, named, readable, signed

_FIELDS: Final = {
    "highest_win": "best trade",
    "highest_loss": "worst trade",
    "sold_too_early": "sold too early",
    "bag_holder": "bag holder",
    "bad_route": "bad route",
    "idle_yield": "idle yield",
    "rug": "rug",
    "paper_hands": "paper hands",
    "diamond_hands": "diamond hands",
    "round_trip": "round trip",
    "sandwich": "sandwiched",
    "fee_burner": "fee burner",
}
_GAINS: Final = frozenset({"highest_win", "diamond_hands"})
_WIDE: Final = 120
"""Columns from which a table has room for everything."""


def show_moments(console: Console, extremes: dict[str, Any]) -> None:
    """Print one line a kind, dearest first; what it cost is negative, what it made positive."""
    found = [(field, extremes[field]) for field in _FIELDS if extremes[field] is not None]
    console.print()
    if not found:
        looking = " yet; they are being looked for" if extremes["looking"] else ""
        console.print(f"[bold]Moments[/]\n  none{looking}")
        return
    is_wide = console.width >= _WIDE
    table = Table(
        title="Moments, the dearest of each kind",
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    table.add_column("what", no_wrap=True)
    table.add_column("USD", justify="right", no_wrap=True)
    table.add_column("token", no_wrap=True)
    table.add_column("time (UTC)", no_wrap=True, style="dim")
    table.add_column("of", justify="right", no_wrap=True)
    if is_wide:
        table.add_column("change", justify="right", no_wrap=True)
        table.add_column("price by", no_wrap=True, style="dim")
        table.add_column("why it may change", style="dim")
    for field, item in sorted(found, key=_dearest):
        count = extremes["counts"].get(item["kind"], 1)
        table.add_row(*_row(field, item, count, is_wide=is_wide))
    console.print(table)
    if any(item["provisional"] for _, item in found):
        console.print("[dim]~ may still change or go[/]")
    if extremes["looking"]:
        console.print("[dim]more is being looked at[/]")


def _dearest(found: tuple[str, dict[str, Any]]) -> tuple[bool, Decimal]:
    usd = found[1]["usd"]
    return usd is None, -Decimal(usd or 0)


def _row(field: str, item: dict[str, Any], count: int, *, is_wide: bool) -> tuple[str | Text, ...]:
    row = (
        f"{_FIELDS[field]}{' ~' if item['provisional'] else ''}",
        _usd(field, item["usd"]),
        named(item["symbol"], item["mint"]),
        moment(item["at"], is_brief=not is_wide),
        f"{count:,}",
    )
    if not is_wide:
        return row
    pct = item["pct"]
    change = "" if pct is None else f"{readable(Decimal(pct) * 100)} %"
    source = f"{item['price_source']} {item['confidence']} %"
    return *row, change, source, ", ".join(item["provisional"]).replace("_", " ")


def _usd(field: str, usd: str | None) -> Text:
    if usd is None:
        return Text("?", style="dim")
    is_gain = field in _GAINS
    amount = Decimal(usd).quantize(Decimal("0.01"))
    return Text(signed(amount if is_gain else -amount), style=GAIN if is_gain else LOSS)
