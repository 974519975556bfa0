"""Positions on a console: a line a token, and what all of them came to."""

import io
import re
from functools import cache

import pytest
from rich.console import Console

from local.cli.amounts import sol
from local.cli.position_tables import show_positions
from oof.ports.memory.facts import MemoryFactStore
from tests.exactly_once.histories import generated_history
from tests.exactly_once.world import World, clean_pass
from tests.support.serving import Serving, caller


@cache
def answers():
    """What the API says of a generated wallet: its positions, and its summary's totals."""
    world = World(generated_history(11, 12), MemoryFactStore())
    clean_pass(world)
    listings = world.history.listings
    wallet = max(listings, key=lambda each: len(listings[each]))
    call = caller(Serving(facts=world.inner, summaries=world.summaries).api())
    path = f"/v1/wallets/{wallet}"
    return call("GET", f"{path}/positions").json, call("GET", f"{path}/summary").json["positions"]


def printed(page, totals, *, width, limit=20):
    """What is printed on a console of that width."""
    out = io.StringIO()
    show_positions(Console(file=out, width=width), page, totals, limit=limit)
    return out.getvalue()


def test_the_summary_counts_what_the_list_shows():
    """Open, closed, profit and wins are sums over the list."""
    page, totals = answers()
    items = page["items"]

    assert totals["open"] == sum(item["is_open"] for item in items)
    assert totals["closed"] == sum(not item["is_open"] for item in items)
    for name, part in (
        ("realized_pnl_lamports", "realized_pnl_lamports"),
        ("fees_lamports", "fees_lamports"),
        ("wins", "wins"),
        ("losses", "losses"),
    ):
        assert int(totals[name]) == sum(int(item[part]) for item in items)
    decided = totals["wins"] + totals["losses"]
    assert decided
    assert abs(float(totals["win_rate"]) - totals["wins"] / decided) < 1e-4


@pytest.mark.parametrize("width", [80, 140])
def test_each_token_has_a_line(width):
    """With its profit; episodes only where there is room."""
    page, totals = answers()

    text = printed(page, totals, width=width)

    rows = [line for line in text.splitlines() if re.search(r"\d/\d", line)]
    assert len(rows) == len(page["items"])
    for row, item in zip(rows, page["items"], strict=True):
        assert sol(item["realized_pnl_lamports"]) in row
        assert f"{item['wins']}/{item['exits']}" in row
    assert ("episodes" in text) == (width == 140)
    told = " ".join(text.split())
    assert f"{sol(totals['realized_pnl_lamports'])} SOL after" in told


def test_what_is_beyond_the_limit_is_counted():
    """As many more as the page has, at least."""
    page, totals = answers()

    text = printed(page, totals, width=140, limit=1)

    assert f"… and {len(page['items']) - 1} more" in text


def test_no_positions_are_none():
    """A wallet that never traded has none."""
    page, totals = answers()

    assert "none" in printed({**page, "items": []}, totals, width=80)


def test_profit_in_dollars_stands_beside_that_in_sol():
    """To the cent, what is held too; what waits for its first price is not called zero."""
    page, totals = answers()
    sold = next(item for item in page["items"] if item["exits"])
    counted = {"wins": 1, "losses": 0, "pending_exits": 2}
    told = {
        "price": "pending",
        "realized_pnl_usd": "12.34567890",
        "usd": (sold["usd"] or {}) | counted,
        "now": {"unrealized_pnl_usd": "-3.20000000"},
    }
    waiting = {"price": "pending", "realized_pnl_usd": None, "usd": None, "now": None}

    text = printed({**page, "items": [sold | told]}, totals, width=140)

    assert "+12.34 " in text
    assert "-3.2 " in text
    assert "2 without a price yet" in text
    assert "pending" in printed({**page, "items": [sold | waiting]}, totals, width=80)
