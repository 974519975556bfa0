"""`./oof similar A B …`: how alike wallets are, who leads whom, and what they share."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from local.cli.amounts import moment, named, readable, short

_WIDE: Final = 120
_PAIRS: Final = 15
_TOKENS: Final = 15
_HOLDERS: Final = 4
_COLUMN: Final = 5
_LABEL: Final = 20
"""Columns of a matrix's number and name."""
_SHADES: Final = ((0.75, "bold #ffffff on #1f5f99"), (0.5, "#ffffff on #3a8fd0"), (0.25, "#3a8fd0"))
"""The more alike, the more blue; the number says the same."""
_JOINT: Final = "\N{NO-BREAK SPACE}"
_PARTS: Final = ("allocation", "timing", "cotrading", "behaviour")
_REASONS: Final[Mapping[str, str]] = {
    "never_opened": "never opened: `./oof wallet` opens it",
    "refused": "no wallet, or too active",
    "not_yet": "its vector is on its way",
    "too_few_purchases": "too few purchases of tokens within its year",
}


def show_similarity(console: Console, body: dict[str, Any]) -> None:
    """Print who is compared, the matrix, groups, pairs and shared tokens."""
    numbers = {each["address"]: n for n, each in enumerate(body["wallets"], 1)}
    _show_wallets(console, body, numbers)
    if len(body["order"]) < 2:
        console.print("\nFewer than two of them can be compared.", style="yellow")
        return
    _show_matrix(console, body, numbers)
    _show_clusters(console, body, numbers)
    _show_pairs(console, body, numbers)
    _show_tokens(console, body, numbers)


def _show_wallets(console: Console, body: dict[str, Any], numbers: Mapping[str, int]) -> None:
    table = _table("Wallets, each by its year up to its newest transaction")
    table.add_column("", justify="right", style="bold")
    table.add_column("wallet", no_wrap=True)
    for name in ("purchases", "tokens", "days"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", style="dim")
    for each in body["wallets"]:
        counts = (each["purchases"], each["tokens"], each["active_days"])
        told = ("" if count is None else f"{count:,}" for count in counts)
        table.add_row(str(numbers[each["address"]]), short(each["address"]), *told, _remark(each))
    _print(console, table)


def _remark(wallet: dict[str, Any]) -> str:
    if wallet["reason"] is not None:
        return _REASONS.get(wallet["reason"], wallet["reason"])
    small = ", ".join(wallet["too_small"])
    return f"too little to tell {small}" if small else ""


def _show_matrix(console: Console, body: dict[str, Any], numbers: Mapping[str, int]) -> None:
    order = body["order"]
    most = max(2, (console.width - _LABEL) // _COLUMN)
    columns = order[:most]
    table = _table("How alike, from 0 to 1")
    table.add_column("", justify="right", style="bold")
    table.add_column("", no_wrap=True)
    for address in columns:
        table.add_column(str(numbers[address]), justify="right", no_wrap=True)
    for address, row in zip(order, body["matrix"]["overall"], strict=True):
        cells = [
            Text("·", "dim") if other == address else _cell(score)
            for other, score in zip(columns, row, strict=False)
        ]
        table.add_row(str(numbers[address]), short(address), *cells)
    _print(console, table)
    if len(order) > most:
        console.print(f"{len(order) - most} more columns need a wider terminal", style="dim")


def _cell(score: float | None) -> Text:
    if score is None:
        return Text("?", "dim")
    style = next((style for least, style in _SHADES if score >= least), "dim")
    return Text(f"{score:.2f}", style)


def _show_clusters(console: Console, body: dict[str, Any], numbers: Mapping[str, int]) -> None:
    console.print()
    if not body["clusters"]:
        text = f"No group of them is alike (mean score {body['cluster_threshold']:g} or more)."
        console.print(text)
    for each in body["clusters"]:
        members = ", ".join(str(n) for n in sorted(numbers[wallet] for wallet in each["wallets"]))
        line = Text.assemble(
            ("Group  ", "bold"), members, (f"   mean score {each['cohesion']:.2f}", "dim")
        )
        console.print(line)


def _show_pairs(console: Console, body: dict[str, Any], numbers: Mapping[str, int]) -> None:
    if not body["pairs"]:
        console.print("No two of them bought the same token.", style="dim")
        return
    is_wide = console.width >= _WIDE
    table = _table("Pairs that share tokens, by their first purchases")
    table.add_column("pair", no_wrap=True, style="bold")
    table.add_column("alike", justify="right", no_wrap=True)
    for part in _PARTS if is_wide else ():
        table.add_column(part, justify="right", no_wrap=True)
    for name in ("shared", "≤ 1 min", "median gap"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("who was first", overflow="fold")
    for pair in body["pairs"][:_PAIRS]:
        scores = pair["scores"]
        one, other = numbers[pair["first"]], numbers[pair["second"]]
        table.add_row(
            f"{min(one, other)} and {max(one, other)}",
            _cell(scores["overall"]),
            *(_cell(scores[part]) for part in _PARTS if is_wide),
            f"{pair['shared_tokens']:,}",
            f"{pair['within_60s']:,}",
            _seconds(pair["median_gap_sec"]),
            _first(pair, one, other, numbers),
        )
    _print(console, table)
    _more(console, body["pairs_count"] - min(len(body["pairs"]), _PAIRS))


def _first(pair: dict[str, Any], one: int, other: int, numbers: Mapping[str, int]) -> Text:
    led = sorted([(one, pair["first_led"]), (other, pair["second_led"])])
    counts = ", ".join(f"{number}: {count}" for number, count in led)
    if pair["same_slot"]:
        counts += f", same slot: {pair['same_slot']}"
    if pair["leader"] is None:
        return Text(counts, "dim")
    leader = numbers[pair["leader"]]
    follower = other if leader == one else one
    return Text.assemble((f"{follower} follows {leader}", "bold yellow"), (f"  {counts}", "dim"))


def _show_tokens(console: Console, body: dict[str, Any], numbers: Mapping[str, int]) -> None:
    if not body["tokens"]:
        return
    table = _table("Shared tokens, by their first purchases")
    table.add_column("token", no_wrap=True)
    table.add_column("first (UTC)", no_wrap=True, style="dim")
    table.add_column("by", overflow="fold")
    for token in body["tokens"][:_TOKENS]:
        holders = token["wallets"]
        table.add_row(
            named(token["symbol"], token["mint"]),
            moment(holders[0]["at"]),
            "  ".join(_holders(holders, numbers)),
        )
    _print(console, table)
    _more(console, body["tokens_count"] - min(len(body["tokens"]), _TOKENS))


def _holders(holders: Sequence[dict[str, Any]], numbers: Mapping[str, int]) -> Iterator[str]:
    first = holders[0]
    for each in holders[:_HOLDERS]:
        share = each["share"]
        told = "" if share is None else f" ({_percent(share)} %)"
        gap = "" if each is first else f" +{_lag(first, each)}"
        yield f"{numbers[each['address']]}{gap}{told}".replace(" ", _JOINT)
    if len(holders) > _HOLDERS:
        yield f"and {len(holders) - _HOLDERS} more"


def _percent(share: float) -> str:
    return readable(Decimal(f"{share * 100:.{0 if share >= 0.1 else 1}f}"))


def _lag(first: dict[str, Any], other: dict[str, Any]) -> str:
    if first["at"] is None or other["at"] is None:
        return f"{other['slot'] - first['slot']:,} slots"
    return _seconds(_at(other) - _at(first))


def _at(purchase: dict[str, Any]) -> float:
    return datetime.fromisoformat(purchase["at"]).timestamp()


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return "?"
    for size, letter in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.0f} {letter}"
    return f"{seconds:.0f} s"


def _more(console: Console, count: int) -> None:
    if count > 0:
        console.print(f"and {count:,} more", style="dim")


def _print(console: Console, table: Table) -> None:
    console.print()
    console.print(table)


def _table(title: str) -> Table:
    return Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
    )
