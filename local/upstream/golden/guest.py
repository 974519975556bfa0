"""The golden wallet as a guest of a generated chain, and the prices that go with it."""

from collections.abc import Sequence

from local.upstream.generated.chain import YEAR, GeneratedChain, Guest
from local.upstream.golden.life import FOUR_YEARS, ROLE, live
from local.upstream.golden.market import Market
from local.upstream.golden.prices import GoldenPrices


def invite_golden(seed: int, end: int) -> Sequence[Guest]:
    """Return the golden wallet, whose four years end with the chain's first."""
    golden = live(seed, end)
    return (Guest(ROLE, golden.address, golden.drafts),)


def prices_of(chain: GeneratedChain) -> GoldenPrices:
    """Return the price APIs for a chain that has it as a guest."""
    end = chain.genesis + YEAR
    return GoldenPrices(chain, Market(chain.seed, end - FOUR_YEARS, end))
