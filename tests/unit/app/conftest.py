"""A small generated chain behind the real adapter, and machines around it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from local.upstream.chain import GeneratedChain, WalletSpec
from local.upstream.prices import Prices
from local.upstream.state import Upstream
from oof.domain.units import Address
from tests.support.backfill import LIMITS, Backfills
from tests.support.upstream import providing

PEOPLE = (
    WalletSpec(name="trader", transactions=150, days=120),
    WalletSpec(name="friend", transactions=40, days=10),
    WalletSpec(name="bot", transactions=120, days=0.3, curves_only=True, funding_sol=200),
    WalletSpec(name="empty", transactions=0, days=0, live=False, receives=False),
)


class World(Backfills):
    """Machines over a chain of a few named wallets."""

    def __init__(self, provider, chain: GeneratedChain, limits) -> None:
        super().__init__(provider, limits=limits)
        self.chain = chain
        self.clock.at = datetime.fromtimestamp(chain.now(), UTC)

    def wallet(self, name: str) -> Address:
        """The address of a named wallet."""
        return Address(self.chain.wallets()[name])

    def history(self, name: str) -> list[str]:
        """What the chain holds of a wallet and its token accounts, oldest first."""
        records = self.chain.history_with_tokens(self.wallet(name), changed_only=False)
        return [record.signature for record in records]

    @property
    def counters(self):
        """What the stand-in counted."""
        return self.provider.upstream.counters

    def pass_(self, seconds: float) -> None:
        """Let time pass, here and on the chain."""
        self.clock.pass_(seconds)
        self.chain.clock.advance(seconds)


@pytest.fixture(params=[True, False], ids=["history_pages", "signatures_only"])
def has_history_pages(request: pytest.FixtureRequest) -> bool:
    """Whether the plan lists an owner's whole history."""
    return bool(request.param)


@pytest.fixture
def make_world(has_history_pages: bool) -> Iterator[Callable[..., World]]:
    """Makes a world; keywords change the limits."""
    chain = GeneratedChain(seed=5, wallets=PEOPLE)
    chain.catch_up()
    prices = Prices(chain.quote, chain.candles)
    upstream = Upstream(chain=chain, prices=prices, has_address_history=has_history_pages)
    with providing(upstream) as provider:
        yield lambda **limits: World(provider, chain, LIMITS._replace(**limits))


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """A world with the default limits."""
    return make_world()
