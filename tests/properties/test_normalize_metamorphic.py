"""What must not matter does not: recorded trades stay theirs however the transaction is changed."""

import random
from pathlib import Path
from typing import Any

import pytest

from oof.domain.transactions.model import Kind, NormalizedTransaction, Trade
from oof.domain.transactions.normalize import normalize
from oof.domain.transactions.programs.helpers import HELPERS
from oof.domain.transactions.programs.jito import TIP_ACCOUNTS
from oof.domain.transactions.programs.program import Role
from oof.domain.transactions.programs.registry import BY_ID
from oof.domain.transactions.programs.terminals import FEE_ACCOUNTS
from tests.support import metamorphs
from tests.unit.domain.transactions.conftest import read_recorded

type Traded = list[tuple[dict[str, Any], NormalizedTransaction]]

pytestmark = pytest.mark.chain

PUBLIC = frozenset({*BY_ID, *HELPERS, *FEE_ACCOUNTS, *TIP_ACCOUNTS}) | metamorphs.SYSTEM_KEYS
CHANGES: list[metamorphs.Change] = [
    metamorphs.encode,
    metamorphs.resolve_tables,
    metamorphs.load_from_tables,
    metamorphs.reverse_keys,
    metamorphs.add_strangers,
    metamorphs.drop_heights,
    metamorphs.move_to_token_2022,
    metamorphs.rename_token_accounts,
    metamorphs.add_tip,
    metamorphs.sponsor,
    metamorphs.wrap,
]
VENUES = frozenset(
    key for key, each in BY_ID.items() if each.role in {Role.POOL, Role.ROUTER, Role.TERMINAL}
)
FEWEST = 80
"""The recorded trades that each change applies to at least."""


@pytest.fixture(scope="module")
def traded(chain_dir: Path) -> Traded:
    """Give the recorded transactions of encoding `json` that trade, with their results."""
    found: dict[str, tuple[dict[str, Any], NormalizedTransaction]] = {}
    for path in sorted((chain_dir / "rpc").glob("*.jsonl.zst")):
        for body in read_recorded(path):
            message = body["transaction"]["message"]
            blockhash = message.get("recentBlockhash") or "="
            if not isinstance(message["accountKeys"][0], str) or blockhash.endswith("="):
                continue
            result = normalize(body)
            if isinstance(result, NormalizedTransaction) and result.trades:
                found.setdefault(result.signature, (body, result))
    return list(found.values())


def sides(trade: Trade) -> tuple[Any, ...]:
    """Give who traded what, on which side."""
    exchanged = (trade.sold_mint, trade.sold_raw, trade.bought_mint, trade.bought_raw)
    return (trade.trader, *exchanged, trade.role, trade.arbitrage)


def read(body: dict[str, Any]) -> NormalizedTransaction:
    """Normalize a changed body."""
    found = normalize(body)
    assert isinstance(found, NormalizedTransaction)
    return found


def name(change: metamorphs.Change) -> str:
    """Name a change in a test's id."""
    return getattr(change, "__name__", "change")


@pytest.mark.parametrize("change", CHANGES, ids=name)
def test_change_leaves_trades_alone(traded: Traded, change: metamorphs.Change) -> None:
    """Encodings, strangers, sponsors, wrappers and other addresses change no trade."""
    applied = 0
    for body, result in traded:
        changed = change(body)
        if changed is None:
            continue
        applied += 1
        found = read(changed)
        before, after = (sorted(map(sides, each.trades)) for each in (result, found))
        assert after == before, result.signature
        assert not any(each.kind is Kind.UNKNOWN for each in found.movements) or any(
            each.kind is Kind.UNKNOWN for each in result.movements
        ), result.signature
    assert applied >= FEWEST


@pytest.mark.parametrize("change", CHANGES[:6], ids=name)
def test_order_and_listing_leave_movements_alone(traded: Traded, change: metamorphs.Change) -> None:
    """How keys are listed, and what is beside a transaction, change no movement."""
    for body, result in traded[::3]:
        changed = change(body)
        if changed is not None:
            assert sorted(map(str, read(changed).movements)) == sorted(map(str, result.movements))


def test_no_address_is_known_by_heart(traded: Traded) -> None:
    """With every wallet, pool and vault renamed the same trades are found at the same venues."""
    applied = 0
    for body, result in traded[::4]:
        changed = metamorphs.rename_keys(body, PUBLIC)
        if changed is None:
            continue
        applied += 1
        expected = [
            (metamorphs.renamed(trade.trader), *sides(trade)[1:], trade.venue, trade.route)
            for trade in result.trades
        ]
        found = [(*sides(trade), trade.venue, trade.route) for trade in read(changed).trades]
        assert found == expected, result.signature
    assert applied >= FEWEST // 4


@pytest.mark.parametrize("seed", range(4))
def test_transactions_done_in_one_keep_their_trades(traded: Traded, seed: int) -> None:
    """Two transactions of anybody in one, both signed, give the trades of both: none merge."""
    draw = random.Random(seed)
    applied = 0
    for _ in range(60):
        (one, first), (two, second) = draw.sample(traded, 2)
        joined = metamorphs.join(one, two)
        if joined is None:
            continue
        applied += 1
        expected = sorted(map(sides, first.trades + second.trades))
        assert sorted(map(sides, read(joined).trades)) == expected, (
            first.signature,
            second.signature,
        )
    assert applied >= FEWEST // 4


@pytest.mark.parametrize("seed", range(4))
def test_changes_one_after_the_other_leave_trades_alone(traded: Traded, seed: int) -> None:
    """Several changes together change no more than each of them."""
    draw = random.Random(seed)
    for _ in range(50):
        body, result = draw.choice(traded)
        for change in draw.sample(CHANGES[1:], 3):
            body = change(body) or body
        expected = sorted(map(sides, result.trades))
        assert sorted(map(sides, read(body).trades)) == expected, result.signature


def test_balances_tell_trades_of_venues_nobody_knows(traded: Traded) -> None:
    """With every pool, router and terminal unknown, nearly all trades are found, and no others.

    What is lost was traded by an account without a key against a pool: nothing tells them apart.
    """
    applied = same = 0
    for body, result in traded:
        changed = metamorphs.forget(body, VENUES)
        if changed is None:
            continue
        applied += 1
        found = read(changed)
        assert len(found.trades) <= len(result.trades), result.signature
        exchanged = [
            sorted((each.trader, each.sold_mint, each.bought_mint) for each in one.trades)
            for one in (found, result)
        ]
        same += exchanged[0] == exchanged[1]
    assert applied >= FEWEST
    assert same >= applied * 95 // 100
