"""What a wallet's tokens came to over time, on a console."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from rich.console import Console

from local.cli.amounts import GAIN, LOSS, cents, moment, readable, signed
from local.cli.curve import Day, show_curve

_LAMPORTS_PER_SOL: Final = Decimal(10**9)

_COUNTED: Final = (
    ("pending_exits", "exit", "exits", "waiting for a price"),
    ("unpriced_exits", "exit", "exits", "without a price"),
    ("unquoted_tokens", "token", "tokens", "held without a quote"),
    ("uncosted_tokens", "token", "tokens", "held in part at unknown cost"),
    ("unvalued_tokens", "token", "tokens", "still to be valued"),
)


def show_pnl(console: Console, chart: dict[str, Any]) -> None:
    """Draw what was realized: in USD, or in SOL where nothing has a price in USD yet."""
    items = [item for item in chart["items"] if item["exits"]]
    if not items:
        return
    is_priced = any(item["wins"] or item["losses"] for item in items)
    unit = "USD" if is_priced else "SOL"
    days = [_day(item, is_priced=is_priced) for item in items]
    console.print()
    show_curve(console, f"Realized PnL (FIFO, net of fees, {unit})", days)
    for line in (*_told(days, unit), *(_missing(items) if is_priced else ())):
        console.print(line, style="dim")


def pnl_facts(pnl: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what a summary says of profit, as lines of its panel."""
    facts = [("realized", _realized(pnl))]
    if pnl["prices_as_of"] is not None:
        held = f"{_usd(pnl['unrealized_usd'])} on {_plain(pnl['value_usd'])} held"
        facts.append(("unrealized", f"{held}, prices of {moment(pnl['prices_as_of'])}"))
    if pnl["win_rate"] is not None:
        rate = readable(Decimal(pnl["win_rate"]) * 100)
        facts.append(("win rate", f"{rate} % of {pnl['wins'] + pnl['losses']:,} exits"))
    if left := ", ".join(_left_out(pnl["left_out"])):
        facts.append(("left out", left))
    return facts


def _realized(pnl: dict[str, Any]) -> str:
    if not pnl["wins"] + pnl["losses"] and pnl["left_out"]["pending_exits"]:
        return "[dim]waits for prices[/]"
    return f"{_usd(pnl['realized_usd'])}, net of {_plain(pnl['fees_usd'])} of fees"


def _left_out(left: dict[str, Any]) -> Iterator[str]:
    """Say what is in neither profit, and why."""
    if Decimal(left["excluded_usd"]):
        yield f"{_plain(left['excluded_usd'])} received at unknown cost"
    for name, one, more, why in _COUNTED:
        if count := left[name]:
            yield f"{count:,} {one if count == 1 else more} {why}"


def _usd(usd: str) -> str:
    amount = cents(Decimal(usd))
    text = f"{signed(amount)} USD"
    return text if not amount else f"[{GAIN if amount > 0 else LOSS}]{text}[/]"


def _plain(usd: str) -> str:
    return f"{readable(cents(Decimal(usd)))} USD"


def _day(item: dict[str, Any], *, is_priced: bool) -> Day:
    if is_priced:
        return Day(date.fromisoformat(item["day"]), Decimal(item["realized_usd"]))
    lamports = Decimal(item["realized_lamports"])
    return Day(date.fromisoformat(item["day"]), lamports / _LAMPORTS_PER_SOL)


def _told(days: Sequence[Day], unit: str) -> Iterator[str]:
    best, worst = max(days, key=_by_change), min(days, key=_by_change)
    total = sum((each.change for each in days), Decimal(0))
    among = "1 day" if len(days) == 1 else f"{len(days):,} days"
    yield f"{signed(cents(total))} {unit} on {among} with exits"
    told = [f"best {signed(cents(best.change))} on {best.day}"] if best.change > 0 else []
    if worst.change < 0:
        told.append(f"worst {signed(cents(worst.change))} on {worst.day}")
    if told:
        yield ", ".join(told)


def _missing(items: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Say how many exits the sum in dollars leaves out."""
    for name, why in (("pending", "waiting for a price"), ("unpriced", "without any")):
        if count := sum(item[name] for item in items):
            yield f"left out: {count:,} {'exit' if count == 1 else 'exits'} {why}"


def _by_change(day: Day) -> Decimal:
    return day.change
