"""Wallets that are being read are shown at the newest prices, and no others are projected."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from oof.app.quote_wallets import READ_WITHIN_S, QuoteDeps, QuoteReport, quote_wallets
from oof.domain.prices.candles import Source, Width, flat
from oof.domain.tokens import QUOTES
from oof.domain.transactions.model import NormalizedTransaction
from oof.domain.transactions.normalize import normalize
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.prices import MemoryPriceStore
from oof.ports.memory.reads import MemoryReadMarks
from tests.exactly_once.histories import generated_history
from tests.exactly_once.world import World, clean_pass


class Quiet:
    """Three wallets that hold things and move no more."""

    def __init__(self) -> None:
        self.facts = MemoryFactStore()
        self.prices = MemoryPriceStore(self.facts)
        self.world = World(generated_history(11, 12), self.facts)
        read = (normalize(each.rich) for each in self.world.history.bodies.values())
        self.prices.store(body for body in read if isinstance(body, NormalizedTransaction))
        clean_pass(self.world)
        self.marks = MemoryReadMarks()
        self.deps = QuoteDeps(projecting=self.world.advancing.projecting, marks=self.marks)

    @property
    def now(self) -> Any:
        """What time it is."""
        return int(self.world.clock.now().timestamp())

    def holder(self) -> tuple[Any, Any]:
        """A wallet, and a token it holds."""
        for wallet in self.world.history.wallets:
            worth = self.facts.worth(wallet, at=self.now)
            for position in worth.held:
                if position.held_raw and position.mint not in QUOTES:
                    return wallet, position.mint
        raise AssertionError("nobody holds anything")

    def tell(self, mint: Any, usd: int) -> None:
        """Tell what a token is worth now."""
        start = Width.MINUTE.bucket(self.now)
        self.prices.keep({mint: [flat(start, Width.MINUTE, Decimal(usd), Source.JUPITER, 75)]})

    def shown(self, wallet: Any) -> Any:
        """What a wallet's summary tells."""
        return self.world.summaries.get(wallet)


@pytest.fixture
def quiet() -> Quiet:
    """A quiet world."""
    return Quiet()


def test_a_new_price_is_shown_to_who_reads(quiet: Quiet) -> None:
    """Once; the same price again changes nothing, and a wallet nobody reads stays as it was."""
    wallet, mint = quiet.holder()
    other, *_ = [each for each in quiet.world.history.wallets if each != wallet]
    quiet.tell(mint, 3)
    before = {each: quiet.shown(each) for each in (wallet, other)}
    assert before[wallet].pnl.value_usd == 0
    quiet.marks.mark(wallet, at=quiet.now)

    assert quote_wallets(quiet.deps) == QuoteReport(read=1, projected=1)
    shown = quiet.shown(wallet)
    assert shown.pnl.value_usd > 0
    assert shown.revision == before[wallet].revision + 1
    assert shown.pnl.prices_as_of <= quiet.now
    assert quiet.shown(other) == before[other]
    at = datetime.fromtimestamp(shown.pnl.prices_as_of, UTC)
    assert abs((quiet.world.clock.now() - at).total_seconds()) < 120

    quiet.world.clock.pass_(120)
    assert quote_wallets(quiet.deps) == QuoteReport(read=1, projected=1)
    assert quote_wallets(quiet.deps) == QuoteReport(read=1, projected=0)


def test_who_is_read_no_more_is_left_alone(quiet: Quiet) -> None:
    """A day after the last read."""
    wallet, mint = quiet.holder()
    quiet.marks.mark(wallet, at=quiet.now)
    quiet.world.clock.pass_(READ_WITHIN_S + 5)
    quiet.tell(mint, 3)
    assert quote_wallets(quiet.deps) == QuoteReport(read=0, projected=0)
