from collections import Counter

import pytest

from local.upstream.chain import GeneratedChain
from local.upstream.generated.actions import Intent
from oof.domain.transactions.model import Kind, NormalizedTransaction, Status
from oof.domain.transactions.normalize import normalize
from tests.upstream.test_generated_chain import SMALL

Read = list[tuple[Intent, NormalizedTransaction]]


@pytest.fixture(scope="module")
def read() -> Read:
    """What each generated transaction was made to do, and what the project reads in it."""
    chain = GeneratedChain(seed=11, wallets=SMALL)
    found = []
    for record in chain.since(None):
        result = normalize(record.load("json"))
        assert isinstance(result, NormalizedTransaction)
        found.append((chain.intents[record.signature], result))
    return found


def test_every_intended_trade_is_read_exactly(read: Read) -> None:
    """One trade for each that was made: trader, mints, amounts, venue and route."""
    for intent, result in read:
        if intent.fill is None:
            assert result.trades == ()
            continue
        (trade,) = result.trades
        assert (trade.trader, trade.venue, trade.route) == (
            intent.trader,
            intent.venue,
            intent.route,
        )
        sold = (trade.sold_mint, trade.sold_raw)
        bought = (trade.bought_mint, trade.bought_raw)
        assert sold == (intent.fill.sold_mint, intent.fill.sold_raw)
        assert bought == (intent.fill.bought_mint, intent.fill.bought_raw)


def test_nothing_stays_unexplained(read: Read) -> None:
    """No movement of a generated transaction is of kind unknown, none has an anomaly."""
    kinds = Counter(movement.kind for _, result in read for movement in result.movements)
    assert kinds[Kind.UNKNOWN] == 0
    assert {Kind.TIP, Kind.BOT_FEE, Kind.RENT, Kind.PLATFORM_FEE, Kind.TRANSFER} <= set(kinds)
    assert not any(result.anomalies for _, result in read)


def test_failures_are_read_as_failures(read: Read) -> None:
    """Exactly the transactions made to fail have failed."""
    for intent, result in read:
        assert (result.status is Status.FAILED) == (intent.kind == "failed")
