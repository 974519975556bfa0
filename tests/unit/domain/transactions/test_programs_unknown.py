"""Programs that nobody registered: balances alone tell who traded what."""

import pytest

from oof.domain.transactions.model import Kind, NormalizedTransaction, Role
from oof.domain.transactions.normalize import normalize
from tests.unit.domain.transactions.building import TOKEN_PROGRAM, Draft, key, transfer

USER, OTHER, ROUTER_AUTHORITY = key("user"), key("other"), key("authority")
ONE, TWO, THREE = key("mint one"), key("mint two"), key("mint three")
WRAPPER, FIRST_POOL, SECOND_POOL = key("wrapper"), key("first pool"), key("second pool")


def read(draft: Draft) -> NormalizedTransaction:
    """Normalize a draft."""
    found = normalize(draft.body())
    assert isinstance(found, NormalizedTransaction)
    return found


class Chain:
    """A call of an unknown wrapper through unknown pools, whose balances follow its transfers."""

    def __init__(self, *signers: str) -> None:
        self.draft = Draft(*signers)
        self.draft.call(WRAPPER, [*signers, FIRST_POOL, SECOND_POOL])
        self.held: dict[tuple[str, str], int] = {}

    def enter(self, pool: str) -> "Chain":
        """Call a pool."""
        self.draft.invoke(pool, [key("state"), key("a"), key("b"), USER], height=2)
        return self

    def send(self, source: str, target: str, mint: str, amount: int, height: int = 3) -> "Chain":
        """Transfer tokens between two owners."""
        for owner, sign in ((source, -1), (target, 1)):
            self.held[owner, mint] = self.held.get((owner, mint), 0) + sign * amount
        ends = [key(f"{source[:9]} {mint[:9]}"), key(f"{target[:9]} {mint[:9]}"), source]
        self.draft.invoke(TOKEN_PROGRAM, ends, transfer(amount), height=height)
        return self

    def read(self) -> NormalizedTransaction:
        """State the balances, and normalize."""
        for (owner, mint), net in self.held.items():
            account = key(f"{owner[:9]} {mint[:9]}")
            self.draft.tokens(account, owner, mint, 10_000, 10_000 + net)
        return read(self.draft)


def test_circle_through_unknown_pools_is_arbitrage() -> None:
    """What goes out and comes back through two pools nobody knows is one arbitrage."""
    chain = Chain(USER)
    chain.enter(FIRST_POOL).send(USER, FIRST_POOL, ONE, 100).send(FIRST_POOL, USER, TWO, 40)
    chain.enter(SECOND_POOL).send(USER, SECOND_POOL, TWO, 40).send(SECOND_POOL, USER, ONE, 103)
    (trade,) = chain.read().trades
    assert trade.arbitrage
    assert (trade.trader, trade.sold_mint, trade.sold_raw) == (USER, ONE, 100)
    assert (trade.bought_mint, trade.bought_raw) == (ONE, 103)
    assert trade.route == ("unknown", "unknown")


@pytest.mark.parametrize("height", [2, 3])
def test_fee_of_an_unknown_pool_is_apart_from_its_routers(height: int) -> None:
    """What is paid below a pool is the pool's fee; what its router takes itself is the router's."""
    chain = Chain(USER)
    chain.enter(FIRST_POOL).send(USER, FIRST_POOL, ONE, 100).send(FIRST_POOL, USER, TWO, 40)
    chain.send(USER, key("collector"), ONE, 2, height)
    fee = Kind.PROTOCOL_FEE if height == 3 else Kind.PLATFORM_FEE
    found = chain.read()
    assert [(each.sold_raw, each.bought_raw) for each in found.trades] == [(100, 40)]
    paid = [each.kind for each in found.movements if each.owner == key("collector")]
    assert paid == [fee]


@pytest.mark.parametrize("left", [0, 3, -3])
def test_unknown_pools_leave_intermediates_over(left: int) -> None:
    """A remainder of the intermediate, or some of it added, makes no second trade."""
    chain = Chain(USER)
    chain.enter(FIRST_POOL).send(USER, FIRST_POOL, ONE, 100).send(FIRST_POOL, USER, TWO, 40)
    chain.enter(SECOND_POOL).send(USER, SECOND_POOL, TWO, 40 - left)
    chain.send(SECOND_POOL, USER, THREE, 7)
    (trade,) = chain.read().trades
    assert (trade.trader, trade.sold_mint, trade.sold_raw) == (USER, ONE, 100)
    assert (trade.bought_mint, trade.bought_raw) == (THREE, 7)


def test_fee_out_of_an_unknown_intermediate_is_bought_by_nobody() -> None:
    """What an unknown router's authority pays of an intermediate is the user's fee, no trade."""
    collector = key("collector")
    chain = Chain(USER)
    chain.enter(FIRST_POOL).send(USER, FIRST_POOL, ONE, 100)
    chain.send(FIRST_POOL, ROUTER_AUTHORITY, TWO, 40)
    chain.enter(SECOND_POOL).send(SECOND_POOL, USER, THREE, 7)
    chain.send(ROUTER_AUTHORITY, SECOND_POOL, TWO, 38).send(ROUTER_AUTHORITY, collector, TWO, 2)
    found = chain.read()
    (trade,) = found.trades
    assert (trade.sold_mint, trade.sold_raw) == (ONE, 100)
    assert (trade.bought_mint, trade.bought_raw) == (THREE, 7)
    fees = [each for each in found.movements if each.owner == collector]
    assert [(each.kind, each.delta_raw) for each in fees] == [(Kind.PROTOCOL_FEE, 2)]


def test_two_signers_who_exchange_have_both_traded() -> None:
    """Where two signers give each other what they have, each has a row of its own."""
    chain = Chain(USER, OTHER)
    chain.send(USER, OTHER, ONE, 100, 2).send(OTHER, USER, TWO, 7, 2)
    rows = [
        (each.trader, each.sold_mint, each.sold_raw, each.bought_raw, each.role)
        for each in chain.read().trades
    ]
    assert rows == [(USER, ONE, 100, 7, Role.TAKER), (OTHER, TWO, 7, 100, Role.MAKER)]


def test_joining_two_unknown_pools_is_no_trade() -> None:
    """Pools that both only take from the user got deposits."""
    chain = Chain(USER)
    chain.enter(FIRST_POOL).send(USER, FIRST_POOL, ONE, 100).send(USER, FIRST_POOL, TWO, 5)
    chain.enter(SECOND_POOL).send(USER, SECOND_POOL, ONE, 30).send(USER, SECOND_POOL, TWO, 6)
    assert not chain.read().trades


def test_unknown_router_within_an_unknown_wrapper_has_the_pools_it_calls() -> None:
    """The pools are those that a router nobody knows calls, however deep, not the router."""
    chain = Chain(USER)
    chain.enter(key("router"))
    for pool, given, taken in ((FIRST_POOL, ONE, TWO), (SECOND_POOL, TWO, ONE)):
        vault_out = key(f"out of {pool[:9]}")
        chain.draft.invoke(pool, [key("state"), key("a"), key("b"), USER], height=3)
        chain.send(USER, pool, given, 100, 4).send(vault_out, USER, taken, 100 + len(taken), 4)
        chain.draft.invoke(key("router"), [key("event")], height=3)
    found = chain.read()
    (trade,) = found.trades
    assert trade.route == ("unknown", "unknown")
    assert trade.arbitrage
    assert not any(each.kind is Kind.PLATFORM_FEE for each in found.movements)


def test_keeper_of_vaults_below_an_unknown_pool_is_no_pool() -> None:
    """What a pool has another program move for it is the pool's swap."""
    chain = Chain(USER)
    chain.enter(FIRST_POOL)
    for source, target, mint in ((USER, FIRST_POOL, ONE), (FIRST_POOL, USER, TWO)):
        chain.draft.invoke(key("vault keeper"), [key("state"), key("a"), key("b")], height=3)
        chain.send(source, target, mint, 100, 4)
    chain.enter(SECOND_POOL)
    chain.send(USER, SECOND_POOL, TWO, 100).send(SECOND_POOL, USER, ONE, 101)
    (trade,) = chain.read().trades
    assert (trade.arbitrage, trade.route) == (True, ("unknown", "unknown"))
    assert (trade.sold_raw, trade.bought_raw) == (100, 101)


FOUR = key("mint four")
KNOWN_POOL = "CPMMoo8L3F4NbTegBCKVNunggL7H1ZpdTHKxQB5qKP1C"


def swaps(*legs: tuple[str, str, int, str, int]) -> NormalizedTransaction:
    """Let an unknown bot swap in known pools, one after the other."""
    chain = Chain(USER)
    for pool, sold, given, bought, taken in legs:
        accounts = [USER, key(pool), key("a")]
        chain.draft.invoke(KNOWN_POOL, accounts, bytes.fromhex("8fbe5adac41e33de"), height=2)
        chain.send(USER, key(pool), sold, given).send(key(pool), USER, bought, taken)
    return chain.read()


def exchanged(found: NormalizedTransaction) -> list[tuple[str, int, str, int]]:
    """Give what each trade exchanged."""
    return [
        (each.sold_mint, each.sold_raw, each.bought_mint, each.bought_raw) for each in found.trades
    ]


def test_bot_that_sells_two_coins_has_made_two_trades() -> None:
    """Sales of two coins in one call have a price each, not one of their sum."""
    found = swaps(("p", ONE, 100, TWO, 7), ("q", THREE, 50, TWO, 9))
    assert exchanged(found) == [(ONE, 100, TWO, 7), (THREE, 50, TWO, 9)]
    assert {each.trader for each in found.trades} == {USER}


def test_bot_that_buys_two_coins_has_made_two_trades() -> None:
    """Purchases of two coins in one call are two."""
    found = swaps(("p", ONE, 100, TWO, 7), ("q", ONE, 60, THREE, 9))
    assert exchanged(found) == [(ONE, 100, TWO, 7), (ONE, 60, THREE, 9)]


def test_one_trade_split_over_pools_stays_one() -> None:
    """Parallel pools, and what they bring carried on, are one trade, in whatever order."""
    split = swaps(("p", ONE, 60, TWO, 6), ("q", ONE, 40, TWO, 4), ("r", TWO, 10, THREE, 5))
    assert exchanged(split) == [(ONE, 100, THREE, 5)]
    two_ways = swaps(
        ("p", ONE, 60, TWO, 6),
        ("q", ONE, 40, FOUR, 4),
        ("r", TWO, 6, THREE, 5),
        ("s", FOUR, 4, THREE, 3),
    )
    assert exchanged(two_ways) == [(ONE, 100, THREE, 8)]


def test_what_one_sale_brought_pays_for_a_purchase() -> None:
    """A sale and a purchase with its proceeds are one exchange."""
    found = swaps(("p", ONE, 100, TWO, 7), ("q", TWO, 7, THREE, 9))
    assert exchanged(found) == [(ONE, 100, THREE, 9)]
