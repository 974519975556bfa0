"""How amounts are named on a console."""

import io

from rich.console import Console
from rich.table import Table

from local.cli.amounts import token

MINT = "DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263"


def shown(symbol: str | None) -> str:
    """What a table shows of a token."""
    out = io.StringIO()
    table = Table.grid()
    table.add_row(token({"symbol": symbol, "mint": MINT}))
    Console(file=out, width=60).print(table)
    return out.getvalue().strip()


def test_a_symbol_is_shown_where_there_is_one() -> None:
    """Else the mint, shortened."""
    assert shown("BONK") == "BONK"
    assert shown(None) == shown("") == "DezXAZ…PB263"


def test_a_symbol_steers_no_table() -> None:
    """Whoever makes a mint writes its symbol: what looks like markup is letters, and few."""
    assert shown("[red]X[/]") == "[red]X[/]"
    assert shown("[link=x]y") == "[link=x]y"
    assert shown("x" * 32) == "x" * 11 + "…"
