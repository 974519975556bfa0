"""How good a wallet's results were, on a console: a panel of metrics."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from local.cli.amounts import GAIN, LOSS, cents, readable, signed

_WHY: Final = {
    "too_few_results": "too few results",
    "no_results": "no results",
    "no_losses": "no loss so far",
}


def show_overview(console: Console, overview: dict[str, Any]) -> None:
    """Print the panel; nothing of a wallet that sold nothing at a price."""
    if not overview["result_days"]:
        return
    grid = Table.grid(padding=(0, 3))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    for name, value in overview_facts(overview):
        grid.add_row(name, value)
    title = f"Results, {_span(overview['window'])}"
    console.print()
    console.print(Panel(grid, title=title, title_align="left", box=box.ROUNDED, expand=False))


def overview_facts(told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield metrics by name; what has too small a sample says so."""
    volume, roi = readable(cents(Decimal(told["volume_usd"]))), told["roi"]
    of_cost = "" if roi is None else f", {_percent(roi, is_signed=True)} of what was sold cost"
    days = "1 day" if told["active_days"] == 1 else f"{told['active_days']:,} days"
    yield "traded", f"{volume} USD on {days}{of_cost}"
    yield "win rate", _metric(told, "win_rate", _percent)
    yield "profit factor", _metric(told, "profit_factor", _times)
    averages = told["average_win_usd"], told["average_loss_usd"]
    parts = (
        "" if None in averages else f": wins {_plain(averages[0])}, losses {_plain(averages[1])}"
    )
    yield "expectancy", f"{_metric(told, 'expectancy_usd', _usd)}{parts}"
    yield "drawdown", _fall(told["max_drawdown"])
    yield from _streaks(told["streaks"])
    best, worst = told["best_day"], told["worst_day"]
    yield "best day", f"{_usd(best['realized_usd'])} on {best['day']}"
    yield "worst day", f"{_usd(worst['realized_usd'])} on {worst['day']}"


def _streaks(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    longest = [
        f"{found[name]['days']:,} {name} until {found[name]['last_day']}"
        for name in ("winning", "losing")
        if found[name] is not None
    ]
    if longest:
        yield "longest streaks", ", ".join(longest)
    now = found["current"]
    if now is not None:
        sign = "winning" if found["current_is_winning"] else "losing"
        days = "day" if now["days"] == 1 else "days"
        yield "streak now", f"{now['days']:,} {sign} {days} since {now['first_day']}"


def _fall(fall: dict[str, Any]) -> str:
    if fall["trough_day"] is None:
        return "never below its highest"
    since = "the begin" if fall["peak_day"] is None else fall["peak_day"]
    return f"{_plain(fall['usd'])} at most, from {since} to {fall['trough_day']}"


def _span(window: dict[str, Any]) -> str:
    if window["code"] == "all":
        return f"up to {window['to']}"
    return f"{window['from']} to {window['to']}"


def _metric(told: dict[str, Any], name: str, shown: Any) -> str:
    if told[name] is None:
        return f"[dim]{_WHY[told['reasons'][name]]}[/]"
    return str(shown(told[name]))


def _percent(ratio: str, *, is_signed: bool = False) -> str:
    value = (Decimal(ratio) * 100).quantize(Decimal("0.01"))
    return f"{signed(value) if is_signed else readable(value)} %"


def _times(ratio: str) -> str:
    return f"{readable(Decimal(ratio))}, profits to losses"


def _usd(usd: str) -> str:
    amount = cents(Decimal(usd))
    text = f"{signed(amount)} USD"
    return text if not amount else f"[{GAIN if amount > 0 else LOSS}]{text}[/]"


def _plain(usd: str) -> str:
    return f"{readable(cents(Decimal(usd)))} USD"
