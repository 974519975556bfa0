"""A wallet as tables on a console."""

from collections import Counter
from typing import Any

from rich import box
from rich.console import Console, Group
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from local.cli.amounts import moment, quantity, short, sol, token
from local.cli.pnl import pnl_facts

_STATE_COLOURS = {"SEEN_FULL": "green", "SEEN_PARTIAL": "cyan", "WARMING_UP": "yellow"}
_WIDE = 120
"""Columns from which a table has room for everything."""
_KIND_COLOURS = {"swap": "cyan", "transfer": "magenta", "failed": "red"}


def show_summary(console: Console, summary: dict[str, Any], page: dict[str, Any]) -> None:
    """The wallet in a panel: what it did, what it paid, how much of it is known."""
    grid = Table.grid(padding=(0, 3))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    for name, value in _facts(summary, page):
        grid.add_row(name, value)
    state = summary["state"]
    title = Text.assemble(
        (summary["address"], "bold"), "  ", (state, _STATE_COLOURS.get(state, "red"))
    )
    console.print(Panel(grid, title=title, title_align="left", box=box.ROUNDED, expand=False))


def show_holdings(console: Console, page: dict[str, Any], *, limit: int) -> None:
    """What the wallet holds, one mint a line: SOL first, then what changed last."""
    items = sorted(
        page["items"], key=lambda item: (item["amount"]["symbol"] != "SOL", -item["slot_ref"])
    )
    table = _table("Holdings")
    table.add_column("token", no_wrap=True)
    table.add_column("amount", justify="right", no_wrap=True)
    table.add_column("mint", style="dim", no_wrap=True)
    is_wide = console.width >= _WIDE
    if is_wide:
        table.add_column("since slot", justify="right", style="dim")
    for item in items[:limit]:
        amount = item["amount"]
        row = (token(amount), quantity(amount), amount["mint"], f"{item['slot_ref']:,}")
        table.add_row(*row[: 4 if is_wide else 3])
    left = len(items) - limit
    is_cut = page["next_cursor"] is not None
    _close(console, table, more=max(0, left), at_least=is_cut)


def show_transactions(
    console: Console, page: dict[str, Any], *, limit: int, trades_only: bool
) -> None:
    """The newest transactions, or the newest trades alone."""
    items = [item for item in page["items"] if item["trades"] or not trades_only]
    table = _table("Latest trades" if trades_only else "Latest transactions")
    table.add_column("time (UTC)", no_wrap=True, style="dim")
    table.add_column("what", no_wrap=True)
    table.add_column("gave", justify="right", no_wrap=True)
    table.add_column("got", justify="right", no_wrap=True)
    table.add_column("where", no_wrap=True, overflow="ellipsis")
    is_wide = console.width >= _WIDE
    if is_wide:
        table.add_column("fee SOL", justify="right", style="dim", no_wrap=True)
        table.add_column("signature", style="dim", no_wrap=True)
    for item in items[:limit]:
        for row in _rows(item, is_brief=not is_wide):
            table.add_row(*row[: 7 if is_wide else 5])
    left = len(items) - limit
    is_cut = page["next_cursor"] is not None
    _close(console, table, more=max(0, left), at_least=is_cut)


def show_address(console: Console, base_url: str, address: str) -> None:
    """Where the same is had by program."""
    curl = f"curl -s {base_url}/v1/wallets/{address}/summary"
    lines = Group(
        Text.assemble(("API     ", "dim"), (base_url, "bold")),
        Text.assemble(("Docs    ", "dim"), f"{base_url}/v1/openapi.json"),
        Text.assemble(("Try     ", "dim"), curl),
    )
    console.print()
    console.print(lines, soft_wrap=True)


def tally(page: dict[str, Any]) -> str:
    """`33 swaps, 1 transfer, 2 failed` of a page of transactions."""
    kinds = Counter(kind_of(item) for item in page["items"])
    ordered = sorted(kinds.items(), key=lambda each: (each[0] == "failed", -each[1], each[0]))
    return ", ".join(
        f"{count} {kind if kind == 'failed' or count == 1 else f'{kind}s'}"
        for kind, count in ordered
    )


def kind_of(item: dict[str, Any]) -> str:
    """What a transaction was to the wallet, in one word."""
    if item["status"] == "failed":
        return "failed"
    if item["trades"]:
        return "swap"
    kinds = [movement["kind"] for movement in item["movements"]]
    others = [kind for kind in kinds if not kind.endswith("_fee") and kind not in {"tip", "rent"}]
    if "transfer" in others:
        return "transfer"
    return others[0].replace("_", " ") if others else "call"


def _facts(summary: dict[str, Any], page: dict[str, Any]) -> list[tuple[str, str]]:
    counts, coverage, paid = summary["tx_counts"], summary["coverage"], summary["paid"]
    scope = "" if page["next_cursor"] is None else f"the latest {len(page['items'])}: "
    told = tally(page)
    facts = [
        ("transactions", f"{counts['all']:,}" + (f"  ({scope}{told})" if told else "")),
        ("lately", f"{counts['1d']:,} in 1 d, {counts['7d']:,} in 7 d, {counts['30d']:,} in 30 d"),
        ("trades", _venues(summary)),
        *pnl_facts(summary["pnl"]),
        ("paid", _paid(paid)),
        ("from … to", f"{moment(summary['oldest_time'])} … {moment(summary['newest_time'])}"),
        ("stored", _coverage(coverage)),
        ("as of", _as_of(summary)),
    ]
    if summary["mentions"]:
        facts.insert(1, ("mentions", f"{summary['mentions']:,}"))
    if summary["provisional"]:
        facts.append(("provisional", ", ".join(summary["provisional"]).replace("_", " ")))
    if summary["last_error"]:
        facts.append(("last error", f"[red]{escape(summary['last_error']['code'])}[/]"))
    return facts


def _venues(summary: dict[str, Any]) -> str:
    named = [f"{each['venue']} {each['trades']:,}" for each in summary["venues"][:6]]
    more = len(summary["venues"]) - len(named)
    listed = ", ".join(named) + (f" and {more} more venues" if more > 0 else "")
    return f"{summary['trades_count']:,}" + (f"  ({listed})" if listed else "")


def _paid(paid: dict[str, Any]) -> str:
    kinds = {
        "network": paid["network_fee_lamports"],
        "priority": paid["priority_fee_lamports"],
        "tips": paid["tip_lamports"],
        **{
            kind.removesuffix("_fee").replace("_", " "): lamports
            for kind, lamports in paid["other_fees_lamports"].items()
        },
    }
    listed = ", ".join(f"{kind} {sol(value)}" for kind, value in kinds.items() if int(value))
    return f"{sol(paid['total_lamports'])} SOL" + (f"  ({listed})" if listed else "")


def _coverage(coverage: dict[str, Any]) -> str:
    span = "all of it" if coverage["complete"] else f"since {moment(coverage['oldest_time'])}"
    stopped = "" if coverage["stopped_by"] is None else f", stopped by {coverage['stopped_by']}"
    return f"{span}, over {coverage['addresses']} addresses{stopped}"


def _as_of(summary: dict[str, Any]) -> str:
    slot = summary["as_of_slot"]
    lag = summary["freshness_lag_sec"]
    shown = "no slot yet" if slot is None else f"slot {slot:,}"
    return shown if lag is None else f"{shown}, checked {lag:,} s ago"


def _rows(item: dict[str, Any], *, is_brief: bool) -> list[tuple[str | Text, ...]]:
    """A line a trade; for what is no trade one line of its largest movements."""
    kind = kind_of(item)
    what = Text(kind, style=_KIND_COLOURS.get(kind, ""))
    when = moment(item["block_time"], is_brief=is_brief) + ("~" if item["time_estimated"] else "")
    tail = (sol(item["fee_lamports"]), short(item["signature"]))
    if not item["trades"]:
        return [(when, what, _moved(item, sign="-"), _moved(item, sign=""), "", *tail)]
    rows: list[tuple[str | Text, ...]] = []
    for trade in item["trades"]:
        first = not rows
        rows.append(
            (
                when if first else "",
                what if first else "",
                f"{quantity(trade['sold'])} {token(trade['sold'])}",
                f"{quantity(trade['bought'])} {token(trade['bought'])}",
                _where(trade),
                *(tail if first else ("", "")),
            )
        )
    return rows


def _moved(item: dict[str, Any], *, sign: str) -> str:
    """What left (`-`) or reached the wallet beside fees: the first of it, and how much more."""
    moved = [
        movement["amount"]
        for movement in item["movements"]
        if movement["amount"]["raw"].startswith("-") == bool(sign)
        and not movement["kind"].endswith("_fee")
    ]
    if not moved:
        return ""
    more = f" +{len(moved) - 1}" if len(moved) > 1 else ""
    return f"{quantity(moved[0]).removeprefix('-')} {token(moved[0])}{more}"


def _where(trade: dict[str, Any]) -> str:
    """The venue, and the pools behind it: the first two, and how many more."""
    route = [venue for venue in trade["route"] if venue != trade["venue"]]
    more = f" +{len(route) - 2}" if len(route) > 2 else ""
    return f"{trade['venue']} → {', '.join(route[:2])}{more}" if route else str(trade["venue"])


def _table(title: str) -> Table:
    return Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False
    )


def _close(console: Console, table: Table, *, more: int, at_least: bool) -> None:
    console.print()
    if not table.row_count:
        console.print(f"[bold]{table.title}[/]\n  none")
        return
    console.print(table)
    if more or at_least:
        console.print(f"[dim]… and {'at least ' if at_least else ''}{more or 1} more[/]")
