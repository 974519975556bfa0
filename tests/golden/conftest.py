"""One golden life for all tests of it: they run in one process, which reads it once."""

from pathlib import Path

import pytest

from local.upstream.golden.life import FOUR_YEARS, live
from local.upstream.golden.market import Market
from local.upstream.golden.script import Golden
from oof.domain.positions.valuation import Prices
from oof.domain.prices.book import PriceBook
from tests.golden.book import book_of
from tests.golden.engine import Folded, Told, fold, read_all
from tests.golden.reference import Reckoning, reckon
from tests.golden.reference_usd import PlainPrices

HERE = Path(__file__).parent
SEED = 1
ENDS = 1_795_305_600
"""2026-11-22T00:00:00Z: when the golden life ends here."""
NOW = ENDS + 120 * 86_400
"""Bars of the last two months are five minutes wide, all others an hour."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep everything here in one process."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("golden"))


@pytest.fixture(scope="session")
def golden() -> Golden:
    """Four years of one wallet."""
    return live(SEED, ENDS)


@pytest.fixture(scope="session")
def market() -> Market:
    """Its markets."""
    return Market(SEED, ENDS - FOUR_YEARS, ENDS)


@pytest.fixture(scope="session")
def told(golden: Golden) -> list[Told]:
    """What the project reads in its transactions."""
    return read_all(golden)


@pytest.fixture(scope="session")
def folded(golden: Golden, told: list[Told]) -> Folded:
    """What the engine keeps of it."""
    return fold(told, golden.address)


@pytest.fixture(scope="session")
def reckoned(golden: Golden, told: list[Told]) -> Reckoning:
    """What four years came to, plainly."""
    indices = {str(each.transaction.signature): each.tx_index for each in told}
    return reckon(golden.events, index_of=indices)


@pytest.fixture(scope="session")
def plain(market: Market) -> PlainPrices:
    """Prices as the reckoning reads them."""
    return PlainPrices(market, NOW)


@pytest.fixture(scope="session")
def book(golden: Golden, market: Market) -> PriceBook:
    """Prices as the engine looks them up."""
    return book_of(golden, market, NOW)


@pytest.fixture(scope="session")
def valuing(book: PriceBook) -> Prices:
    """What values sales by them."""
    return Prices(book=book)
