"""The golden wallet's moments: the detectors', against five kinds reckoned plainly."""

from collections import Counter

import pytest

from local.upstream.golden.market import Market
from local.upstream.golden.script import Golden
from oof.domain.moments.registry import detect
from oof.domain.prices.book import PriceBook
from tests.golden.book import days_of
from tests.golden.conftest import NOW
from tests.golden.engine import Folded, Told
from tests.golden.reference import Reckoning
from tests.golden.reference_moments import Found, Teller
from tests.golden.reference_usd import PlainPrices
from tests.golden.stories import stories_of

KINDS = {"S2E", "BHD", "BAD_ROUTE", "IDLE_YIELD", "RUG"}


@pytest.fixture(scope="module")
def expected(golden: Golden, reckoned: Reckoning, plain: PlainPrices) -> set[Found]:
    """What happened, plainly."""
    return Teller(golden.events, reckoned, plain, days_of(golden, NOW)).all()


def test_the_moments_are_those_that_happened(
    golden: Golden, told: list[Told], folded: Folded, book: PriceBook, expected: set[Found]
) -> None:
    """Kind, transaction, quantity, dollars, fraction and severity, none more and none less."""
    found = set()
    for story in stories_of(golden, told, folded, book, NOW):
        for each in detect(story):
            if each.kind.value in KINDS:
                assert each.usd is not None
                assert each.pct is not None
                name = (each.kind.value, each.mint, each.signature, each.place, each.qty_raw or 0)
                found.add(Found(*name, each.usd, each.pct, each.severity))

    assert found - expected == set()
    assert expected - found == set()


def test_every_kind_happened(golden: Golden, market: Market, expected: set[Found]) -> None:
    """Bad routes are those that were made bad, and those of tokens that tax what is sent."""
    counts = Counter(found.kind for found in expected)
    assert counts.keys() == KINDS
    assert counts["S2E"] > 50
    assert counts["BHD"] > 50
    assert counts["RUG"] >= 3
    events = {event.signature: event for event in golden.events}
    routes = [found for found in expected if found.kind == "BAD_ROUTE"]
    swaps = [events[found.signature].swaps[found.place] for found in routes]
    assert sum(swap.is_bad for swap in swaps) > 20
    for swap in swaps:
        coin = market.coins.get(swap.sold_mint)
        assert swap.is_bad or (coin is not None and coin.withheld_bps)
