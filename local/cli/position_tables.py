"""What a wallet's tokens came to, on a console."""

from decimal import Decimal
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from local.cli.amounts import GAIN, LOSS, cents, quantity, readable, signed, sol, token

_COLUMNS, _NARROW_COLUMNS = 10, 6
_WIDE = 120
"""Columns from which a table has room for everything."""


def show_positions(
    console: Console, page: dict[str, Any], totals: dict[str, Any], *, limit: int
) -> None:
    """One token a line, latest changed first, and what all of them came to."""
    console.print()
    if not page["items"]:
        console.print("[bold]Positions[/]\n  none")
        return
    is_wide = console.width >= _WIDE
    table = Table(
        title="Positions, realized in SOL and USD (FIFO, net of fees)",
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    table.add_column("token", no_wrap=True)
    for name in ("held", "in SOL", "in USD", "unrealized", "wins/exits"):
        table.add_column(name, justify="right", no_wrap=True)
    if is_wide:
        for name in ("cost SOL each", "fees SOL", "episodes"):
            table.add_column(name, justify="right", no_wrap=True)
        table.add_column("left out", style="dim")
    for item in page["items"][:limit]:
        table.add_row(*_row(item)[: _COLUMNS if is_wide else _NARROW_COLUMNS])
    console.print(table)
    more = len(page["items"]) - limit
    if more > 0 or page["next_cursor"] is not None:
        least = "at least " if page["next_cursor"] is not None else ""
        console.print(f"[dim]… and {least}{max(more, 1)} more[/]")
    console.print(_totals(totals))


def _row(item: dict[str, Any]) -> tuple[str | Text, ...]:
    cost = item["avg_cost_sol"]
    return (
        token(item["held"]),
        quantity(item["held"]),
        _profit(item["realized_pnl_lamports"]),
        _realized(item),
        _dollars((item["now"] or {}).get("unrealized_pnl_usd")),
        f"{item['wins']}/{item['exits']}",
        "" if cost is None else readable(Decimal(cost)),
        sol(item["fees_lamports"]),
        str(item["episodes"]),
        _left_out(item),
    )


def _left_out(item: dict[str, Any]) -> str:
    """Why an exit is in no profit, and what does not agree with the chain."""
    left, told = item["left_out"], []
    if int(left["unknown_basis"]["raw"]):
        told.append("unknown cost")
    if int(left["unmatched"]["raw"]):
        told.append("unmatched")
    if left["unpriced_exits"]:
        told.append("not in SOL")
    if item["usd"] is not None and item["usd"]["pending_exits"]:
        told.append(f"{item['usd']['pending_exits']} without a price yet")
    if int(item["difference"]["raw"]):
        told.append(f"{quantity(item['difference'])} off the chain")
    return ", ".join(told)


def _totals(totals: dict[str, Any]) -> Text:
    rate = totals["win_rate"]
    told = f"{totals['open']} open, {totals['closed']} closed"
    if rate is not None:
        told += f", {readable(Decimal(rate) * 100)} % of {totals['wins'] + totals['losses']} won"
    if int(totals["excluded_lamports"]):
        told += f", {sol(totals['excluded_lamports'])} SOL received at unknown cost left out"
    if totals["folding"]:
        told += ", more is being counted"
    return Text.assemble(
        ("realized ", "dim"),
        _profit(totals["realized_pnl_lamports"]),
        (f" SOL after {sol(totals['fees_lamports'])} SOL of fees; {told}", "dim"),
    )


def _realized(item: dict[str, Any]) -> Text:
    """Profit in USD, once a single exit has any: none is not the same as zero."""
    usd = item["usd"]
    if usd is not None and usd["wins"] + usd["losses"]:
        return _dollars(item["realized_pnl_usd"])
    return Text("pending" if item["price"] == "pending" else "", style="dim")


def _dollars(usd: str | None) -> Text:
    """Profit in USD; nothing where nobody can tell, or not yet."""
    if usd is None:
        return Text()
    amount = cents(Decimal(usd))
    return Text(signed(amount), style=_style(amount))


def _style(amount: Decimal | int) -> str:
    return GAIN if amount > 0 else LOSS if amount < 0 else ""


def _profit(lamports: str) -> Text:
    amount = int(lamports)
    return Text(f"{'+' if amount > 0 else ''}{sol(lamports)}", style=_style(amount))
