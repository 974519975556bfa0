"""Positions and summaries in dollars over a generated history: what is shown adds up."""

import csv
import io
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from oof.app.project_wallet import project_wallet
from oof.app.value_positions import value_positions
from oof.domain.prices.candles import Source, Width, flat
from oof.domain.transactions.model import NormalizedTransaction
from oof.domain.transactions.normalize import normalize
from oof.domain.units import SOL_MINT
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.prices import MemoryPriceStore
from tests.exactly_once.histories import generated_history
from tests.exactly_once.world import World, clean_pass
from tests.support.serving import NOW_S, Serving, caller

PARTS = ("proceeds_usd", "cost_usd", "fees_usd", "pnl_usd")


@cache
def valued() -> tuple[World, MemoryPriceStore]:
    """A world whose wallets are valued at prices of SOL, and hold a coin that has a price now."""
    facts = MemoryFactStore()
    prices = MemoryPriceStore(facts)
    world = World(generated_history(11, 12), facts)
    read = [normalize(each.rich) for each in world.history.bodies.values()]
    bodies = [body for body in read if isinstance(body, NormalizedTransaction)]
    prices.store(bodies)
    clean_pass(world)
    minutes: Any = {body.block_time // 60 * 60 for body in bodies if body.block_time is not None}
    prices.keep({SOL_MINT: [flat(at, Width.MINUTE, sol(at), Source.PYTH, 95) for at in minutes]})
    for wallet in world.history.wallets:
        value_positions(wallet, deps=world.advancing.applying)
        worth = facts.worth(wallet, at=minutes.copy().pop())
        start: Any = NOW_S // 60 * 60
        for held in worth.held:
            prices.keep({held.mint: [flat(start, Width.MINUTE, Decimal(2), Source.JUPITER, 75)]})
    return world, prices


def sol(moment: int) -> Decimal:
    """A price of SOL that is another one each minute."""
    return Decimal(100) + moment // 60 % 97


@pytest.fixture
def wallet():
    """The wallet with the longest history."""
    listings = valued()[0].history.listings
    return max(listings, key=lambda each: len(listings[each]))


@pytest.fixture
def call():
    """Calls of an API over that world."""
    world, prices = valued()
    serving = Serving(facts=world.inner, prices=prices, summaries=world.summaries)
    return caller(serving.api())


def test_a_position_explains_its_dollars(call, wallet):
    """Its profit is the sum of its exits', each proceeds less cost less fees, to the last digit."""
    path, explained = f"/v1/wallets/{wallet}/positions", 0
    for item in call("GET", path).json["items"]:
        detail = call("GET", f"{path}/{item['held']['mint']}?limit=200").json
        assert detail["position"] == item
        usd = item["usd"]
        told = [exit_ for exit_ in detail["exits"] if exit_["pnl_usd"] is not None]
        assert sum(Decimal(e["pnl_usd"]) for e in told) == Decimal(item["realized_pnl_usd"])
        assert usd["pending_exits"] + usd["unpriced_exits"] <= len(detail["exits"]) - len(told)
        for sold in told:
            proceeds, cost, fees, pnl = (Decimal(sold["usd"][part]) for part in PARTS)
            assert proceeds - cost - fees == pnl
            lots = [lot["usd"] for lot in sold["lots"] if lot["usd"] is not None]
            assert sum(Decimal(lot["cost_usd"]) for lot in lots) == cost
            paid = sum(Decimal(lot["fees_usd"]) for lot in lots)
            assert paid + Decimal(sold["usd"]["exit_fees_usd"]) == fees
            assert sold["usd"]["priced_by"]["source"] == "pyth"
            assert sold["usd"]["missing"] == []
            explained += 1
        open_cost = [
            Decimal(lot["usd"]["cost_usd"])
            for lot in detail["lots"]
            if lot["usd"] is not None and not lot["usd"]["missing"]
        ]
        assert sum(open_cost) == Decimal(usd["held_cost_usd"])
    assert explained


def test_what_is_held_is_told_at_the_newest_price(call, wallet):
    """With when and by whom; SOL is what worth is told in."""
    items = call("GET", f"/v1/wallets/{wallet}/positions?quotes=true").json["items"]
    held = [item for item in items if item["now"] is not None]
    assert held
    for item in held:
        now = item["now"]
        assert (now["source"], now["confidence"]) == ("jupiter", 75)
        assert Decimal(now["value_usd"]) == 2 * Decimal(item["held"]["ui"])
        if now["unrealized_pnl_usd"] is not None:
            spent = Decimal(item["usd"]["held_cost_usd"]) + Decimal(item["usd"]["held_fees_usd"])
            worth = 2 * Decimal(item["usd"]["held_cost_covers"]["ui"])
            assert Decimal(now["unrealized_pnl_usd"]) == worth - spent
    [in_sol] = [item for item in items if item["held"]["mint"] == SOL_MINT]
    assert (in_sol["price"], in_sol["usd"]) == ("not_valued", None)
    assert {item["price"] for item in items} <= {"priced", "pending", "unpriced", "not_valued"}


def test_csv_tells_the_same_dollars(call, wallet):
    """Empty where something is not known."""
    path = f"/v1/wallets/{wallet}/positions?quotes=true"
    told = call("GET", path).json["items"]
    lines = list(csv.DictReader(io.StringIO(call("GET", f"{path}&format=csv").text)))

    for line, item in zip(lines, told, strict=True):
        assert line["realized_pnl_usd"] == (item["realized_pnl_usd"] or "")
        usd, now = item["usd"] or {}, item["now"] or {}
        assert line["usd.fees_usd"] == usd.get("fees_usd", "")
        assert line["usd.held_cost_covers_raw"] == usd.get("held_cost_covers", {}).get("raw", "")
        assert line["now.value_usd"] == (now.get("value_usd") or "")


def test_a_summary_tells_what_all_tokens_came_to(call, wallet):
    """The sums of the list, with what is left out beside them."""
    world, _ = valued()
    world.clock.pass_(NOW_S - world.clock.now().timestamp() + 30)
    project_wallet(wallet, deps=world.advancing.projecting)
    items = call("GET", f"/v1/wallets/{wallet}/positions").json["items"]
    pnl = call("GET", f"/v1/wallets/{wallet}/summary").json["pnl"]

    assert Decimal(pnl["realized_usd"]) == sum(Decimal(i["realized_pnl_usd"]) for i in items)
    wins, losses = (sum(item["usd"][name] for item in items) for name in ("wins", "losses"))
    assert (pnl["wins"], pnl["losses"]) == (wins, losses)
    assert pnl["win_rate"] == f"{Decimal(wins) / (wins + losses):.4f}"
    left = sum(item["usd"]["pending_exits"] for item in items)
    assert pnl["left_out"]["pending_exits"] == left
    total = Decimal(pnl["realized_usd"]) + Decimal(pnl["unrealized_usd"])
    assert Decimal(pnl["total_usd"]) == total
    assert pnl["left_out"]["unvalued_tokens"] == 0
