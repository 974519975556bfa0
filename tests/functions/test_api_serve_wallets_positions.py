"""`/v1/wallets/{address}/positions…` over a generated history: what is shown adds up."""

import csv
import io
from functools import cache

import pytest

from oof.domain.units import SOL_MINT
from oof.ports.memory.facts import MemoryFactStore
from tests.exactly_once.histories import generated_history
from tests.exactly_once.world import World, clean_pass
from tests.support.serving import Serving, caller

SEED, SIZE = 11, 12


@cache
def facts() -> World:
    """A world whose wallets are folded."""
    world = World(generated_history(SEED, SIZE), MemoryFactStore())
    clean_pass(world)
    return world


@pytest.fixture
def wallet():
    """The wallet with the longest history."""
    listings = facts().history.listings
    return max(listings, key=lambda each: len(listings[each]))


@pytest.fixture
def call():
    """Calls of an API over that world."""
    return caller(Serving(facts=facts().inner).api())


def pages(call, path):
    """Every page of a collection, one item a page."""
    found, cursor = [], ""
    while True:
        page = call("GET", f"{path}{'&' if '?' in path else '?'}limit=1{cursor}").json
        found += page.get("items", page.get("exits"))
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


def raw(amount):
    """An amount's base units."""
    return int(amount["raw"])


@pytest.mark.parametrize("sort", ["recent", "pnl", "met"])
@pytest.mark.parametrize("status", ["open", "closed", "all"])
def test_pages_join_to_the_whole(call, wallet, sort, status):
    """In every order and of every status, once each; what is held is what the chain says."""
    path = f"/v1/wallets/{wallet}/positions?sort={sort}&status={status}&quotes=true"

    whole = call("GET", path)

    assert pages(call, path) == whole.json["items"]
    assert whole.json["folding"] is False
    for item in whole.json["items"]:
        assert raw(item["difference"]) == 0
        assert raw(item["held"]) == raw(item["on_chain"])
        assert status == "all" or item["is_open"] == (status == "open")


def test_open_and_closed_are_all(call, wallet):
    """Nothing is in both, nothing in neither; quotes are shown where they are asked for."""
    path = f"/v1/wallets/{wallet}/positions"
    found = {s: call("GET", f"{path}?status={s}&sort=met").json["items"] for s in ("open", "all")}
    closed = call("GET", f"{path}?status=closed&sort=met").json["items"]
    quotes = call("GET", f"{path}?quotes=true").json["items"]

    assert len(found["open"]) + len(closed) == len(found["all"]) > 0
    assert not any(item["is_quote"] for item in found["all"])
    assert SOL_MINT in {item["held"]["mint"] for item in quotes if item["is_quote"]}


def test_the_highest_profit_comes_first(call, wallet):
    """By realized profit in lamports."""
    items = call("GET", f"/v1/wallets/{wallet}/positions?sort=pnl").json["items"]

    profits = [int(item["realized_pnl_lamports"]) for item in items]
    assert profits == sorted(profits, reverse=True)
    assert any(profits)


def test_a_position_explains_itself(call, wallet):
    """Its profit is the sum of its exits', each worked out of its lots, to the lamport."""
    path = f"/v1/wallets/{wallet}/positions"
    explained = 0
    for item in call("GET", path).json["items"]:
        detail = call("GET", f"{path}/{item['held']['mint']}").json
        assert detail["position"] == item
        assert pages(call, f"{path}/{item['held']['mint']}") == detail["exits"]
        assert len(detail["exits"]) == item["exits"]
        told = [int(e["pnl_lamports"]) for e in detail["exits"] if e["pnl_lamports"] is not None]
        assert sum(told) == int(item["realized_pnl_lamports"])
        assert sum(raw(lot["amount"]) for lot in detail["lots"]) == raw(item["held"])
        for sold in detail["exits"]:
            explained += sold["pnl_lamports"] is not None
            check_exit(sold)
    assert explained


def check_exit(sold):
    """An exit's lots cover what was matched, and its parts make its profit."""
    taken = sum(raw(lot["amount"]) for lot in sold["lots"])
    assert taken == raw(sold["matched"]) + raw(sold["unknown_basis"])
    if sold["pnl_lamports"] is None:
        return
    costs = ("cost_lamports", "entry_fees_lamports", "exit_fees_lamports")
    profit = int(sold["proceeds_lamports"]) - sum(int(sold[each]) for each in costs)
    # Each part is rounded once, the profit too.
    assert abs(profit - int(sold["pnl_lamports"])) <= 2


def test_an_unseen_wallet_has_no_positions(call, wallet):
    """An empty page for a wallet nobody opened; no position is a problem."""
    other = "9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin"

    page = call("GET", f"/v1/wallets/{other}/positions")
    gone = call("GET", f"/v1/wallets/{wallet}/positions/{other}")

    assert (page.status, page.json["items"], page.json["state"]) == (200, [], "UNSEEN")
    assert (gone.status, gone.json["code"]) == (404, "not_found")


def test_a_cursor_of_another_order_is_refused(call, wallet):
    """Cursors belong to their sort and filters."""
    path = f"/v1/wallets/{wallet}/positions"
    cursor = call("GET", f"{path}?limit=1&sort=recent").json["next_cursor"]

    for query in ("sort=pnl", "sort=recent&status=open", "sort=recent&quotes=true"):
        answer = call("GET", f"{path}?{query}&cursor={cursor}")
        assert (answer.status, answer.json["code"]) == (400, "invalid_cursor")


def test_the_list_is_had_as_csv(call, wallet):
    """A line a position, the same numbers; the next page is linked."""
    path = f"/v1/wallets/{wallet}/positions?sort=pnl&quotes=true"
    told = call("GET", path).json["items"]
    lines: list[dict[str, str]] = []
    target = f"{path}&format=csv&limit=2"
    while target:
        page = call("GET", target)
        assert page.headers["Content-Type"] == "text/csv"
        lines += csv.DictReader(io.StringIO(page.text))
        link = page.headers.get("Link", "")
        target = link.removeprefix("<").partition(">")[0]

    assert len(lines) == len(told) > 2
    for line, item in zip(lines, told, strict=True):
        assert line["mint"] == item["held"]["mint"]
        assert line["held_raw"] == item["held"]["raw"]
        assert line["realized_pnl_lamports"] == item["realized_pnl_lamports"]
        assert line["opening_raw"] == item["left_out"]["opening"]["raw"]
        assert line["is_open"] == str(item["is_open"]).lower()
