"""The golden wallet on a generated chain: shown as any other, with prices of its own."""

import pytest

from local.upstream.clock import Clock
from local.upstream.generated.chain import DEFAULT_GENESIS, YEAR, GeneratedChain
from local.upstream.generated.people import DAY, WalletSpec
from local.upstream.golden.guest import invite_golden, prices_of
from local.upstream.golden.life import FOUR_YEARS, live
from local.upstream.golden.market import Market
from local.upstream.golden.prices import GoldenPrices
from local.upstream.golden.script import Golden

HOSTS = (WalletSpec(name="host", transactions=60, days=300),)
SOL, USDC = (
    "So11111111111111111111111111111111111111112",
    "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",
)
END = DEFAULT_GENESIS + YEAR


@pytest.fixture(scope="module")
def chain() -> GeneratedChain:
    """A year of one wallet, with the golden one as a guest."""
    found = GeneratedChain(5, HOSTS, Clock(END + DAY), guests=invite_golden(5, END))
    found.catch_up()
    return found


@pytest.fixture(scope="module")
def life() -> Golden:
    """The life of that guest."""
    return live(5, END)


@pytest.fixture(scope="module")
def prices(chain: GeneratedChain) -> GoldenPrices:
    """The price APIs of that chain."""
    return prices_of(chain)


def test_a_guest_has_its_whole_history_on_the_chain(chain: GeneratedChain, life: Golden) -> None:
    """Every transaction, in its order, three years of them before the chain's own beginning."""
    shown = chain.history_with_tokens(life.address, changed_only=True)

    assert [record.signature for record in shown] == [event.signature for event in life.events]
    assert shown[0].block_time is not None
    assert shown[0].block_time < DEFAULT_GENESIS - 2 * YEAR
    assert chain.wallets()["golden"] == life.address


def test_a_guest_changes_nothing_for_its_hosts(chain: GeneratedChain) -> None:
    """Without it they live the same lives."""
    alone = GeneratedChain(5, HOSTS, Clock(END + DAY))
    host = alone.wallets()["host"]

    lived = [chain.transaction(record.signature) for record in chain.history(host)]

    assert lived == [alone.transaction(record.signature) for record in alone.history(host)]


def test_candles_are_told_but_in_gaps(prices: GoldenPrices) -> None:
    """SOL and dollars as Pyth's symbols, tokens as pools; what nobody recorded is not told."""
    market = Market(5, END - FOUR_YEARS, END)
    first = prices_of_span(prices, END - 10 * DAY)
    assert len(first) == 240
    assert all(low <= min(a, b) <= max(a, b) <= high for _, a, high, low, b in first)
    coin = next(coin.mint for coin in market.majors)
    bars = prices.pool_bars(coin, step=3_600, before=END, limit=1_000)
    assert bars is not None
    assert 900 < len(bars) < 1_000
    assert bars == sorted(bars, reverse=True)
    assert prices.pool_bars(market.spam[0], step=3_600, before=END, limit=10) is None
    assert set(prices.jupiter([SOL, USDC, coin, market.spam[0]])) == {SOL, USDC, coin}


def prices_of_span(prices: GoldenPrices, start: int) -> list[tuple[float, ...]]:
    """Ten days of SOL by the hour."""
    answer = prices.history("Crypto.SOL/USD", "60", start, start + 10 * DAY - 1)
    return list(zip(*(answer[name] for name in "tohlc"), strict=True))
