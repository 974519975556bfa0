"""Ten thousand inner instructions take four times what 2,500 take: no square anywhere.

Steps are counted, not timed: calls, jumps and branches of the normalizer, the same on every
machine. What happens inside one step (a search through a list) is held by processor time, with
room for noise.
"""

import sys
from collections.abc import Callable
from types import CodeType
from typing import Any

import pytest

from oof.domain.transactions.model import NormalizedTransaction
from oof.domain.transactions.normalize import normalize
from tests.support.effort import least_processor_s
from tests.unit.domain.transactions.building import (
    CLOSE,
    OPEN,
    SYSTEM_PROGRAM,
    TOKEN_PROGRAM,
    TOKEN_RENT,
    WSOL,
    Draft,
    create,
    key,
    send,
    transfer,
)

SMALL, LARGE = 2_500, 10_000
POOL_PROGRAM = "CPMMoo8L3F4NbTegBCKVNunggL7H1ZpdTHKxQB5qKP1C"
ROUTER = "JUP6LkbZbjS1jKKwapdHNy74zcZ3tLUZoi5QNyVTaV4"
CURVE = "6EF8rrecthR5Dkzon8Nwu78hRvfCKubJ14M5uBEwF6P"
MARKET = "617jbWo616ggkDxvW1Le8pV38XLbVSyWY8ae6QUmGBAU"
LIMIT_ORDERS = "j1o2qRpjcyUwEvwtcfhEQefh773ZgjxcVRry7LDqg5X"
FILL = bytes.fromhex("e87a7319c78f88a2")
SWAP = bytes.fromhex("8fbe5adac41e33de")
BUY = bytes.fromhex("66063d1201daebea")


class Crowd(Draft):
    """A draft that finds its keys at once, for bodies of thousands."""

    def __init__(self, *signers: str) -> None:
        super().__init__(*signers)
        self._positions = {account: index for index, account in enumerate(self.keys)}

    def index(self, account: str) -> int:
        """Give the position of an account among the keys, adding it if it is new."""
        if account not in self._positions:
            self._positions[account] = len(self.keys)
            self.keys.append(account)
        return self._positions[account]


def same_transfers(count: int) -> dict[str, Any]:
    """One call that moved one unit very often between the same two."""
    alice, bob, coin = key("alice"), key("bob"), key("coin")
    source, target = key("a coin"), key("b coin")
    draft = Crowd(alice)
    draft.tokens(source, alice, coin, count, 0).tokens(target, bob, coin, 0, count)
    draft.call(key("program"), [alice])
    for _ in range(count):
        draft.invoke(TOKEN_PROGRAM, [source, target, alice], transfer(1))
    return draft.body()


def airdrop(count: int) -> dict[str, Any]:
    """One call that moved one unit to very many owners."""
    alice, coin, source = key("alice"), key("coin"), key("a coin")
    draft = Crowd(alice).tokens(source, alice, coin, count, 0)
    draft.call(key("program"), [alice])
    for number in range(count):
        target = key(f"account {number}")
        draft.tokens(target, key(f"owner {number}"), coin, 0, 1)
        draft.invoke(TOKEN_PROGRAM, [source, target, alice], transfer(1))
    return draft.body()


def route(count: int) -> dict[str, Any]:
    """One route through very many pools, each into another mint."""
    alice, hops = key("alice"), count // 3
    draft = Crowd(alice)
    draft.tokens(key("a0"), alice, key("m0"), 1, 0)
    draft.tokens(key(f"a{hops}"), alice, key(f"m{hops}"), 0, 1)
    draft.call(ROUTER, [alice])
    for hop in range(hops):
        pool, vault_in, vault_out = key(f"p{hop}"), key(f"i{hop}"), key(f"o{hop}")
        mine, next_one = key(f"a{hop}"), key(f"a{hop + 1}")
        draft.tokens(vault_in, pool, key(f"m{hop}"), 0, 1)
        draft.tokens(vault_out, pool, key(f"m{hop + 1}"), 1, 0)
        draft.invoke(POOL_PROGRAM, [alice, pool, vault_in, vault_out, mine, next_one], SWAP)
        draft.invoke(TOKEN_PROGRAM, [mine, vault_in, alice], transfer(1), height=3)
        draft.invoke(TOKEN_PROGRAM, [vault_out, next_one, pool], transfer(1), height=3)
    return draft.body()


def many_traders(count: int) -> dict[str, Any]:
    """One call that let very many people trade with one pool."""
    pool, coin, other = key("pool"), key("coin"), key("other")
    people = count // 3
    draft = Crowd(key("alice"))
    draft.call(ROUTER, [key("alice")])
    draft.tokens(key("pc"), pool, coin, people, 0).tokens(key("po"), pool, other, 0, people)
    for number in range(people):
        owner, gets, gives = key(f"u{number}"), key(f"g{number}"), key(f"s{number}")
        draft.tokens(gets, owner, coin, 0, 1).tokens(gives, owner, other, 1, 0)
        accounts = [owner, pool, key("po"), key("pc"), gets, gives]
        draft.invoke(POOL_PROGRAM, accounts, SWAP)
        draft.invoke(TOKEN_PROGRAM, [gives, key("po"), owner], transfer(1), height=3)
        draft.invoke(TOKEN_PROGRAM, [key("pc"), gets, pool], transfer(1), height=3)
    return draft.body()


def fees(count: int) -> dict[str, Any]:
    """One purchase that paid very many receivers."""
    alice, curve = key("alice"), key("curve")
    draft = Crowd(alice).lamports(alice, 10**12, 10**12 - 5_000 - 2 * count)
    draft.lamports(curve, 10**6, 10**6 + count)
    draft.tokens(key("pc"), curve, key("coin"), 5, 0).tokens(key("ac"), alice, key("coin"), 0, 5)
    draft.call(CURVE, [alice, curve, alice, curve], BUY)
    draft.invoke(TOKEN_PROGRAM, [key("pc"), key("ac"), curve], transfer(5))
    draft.invoke(SYSTEM_PROGRAM, [alice, curve], send(count))
    for number in range(count):
        draft.lamports(key(f"f{number}"), 0, 1)
        draft.invoke(SYSTEM_PROGRAM, [alice, key(f"f{number}")], send(1))
    return draft.body()


def wrapping(count: int) -> dict[str, Any]:
    """One call that opened and closed very many temporary accounts."""
    alice = key("alice")
    draft = Crowd(alice)
    draft.call(key("program"), [alice])
    for number in range(count // 3):
        account = key(f"temporary {number}")
        draft.lamports(account, 0, 0)
        draft.invoke(SYSTEM_PROGRAM, [alice, account], create(TOKEN_RENT + 600))
        draft.invoke(TOKEN_PROGRAM, [account, WSOL, alice], OPEN)
        draft.invoke(TOKEN_PROGRAM, [account, alice, alice], CLOSE)
    return draft.body()


def nested(count: int) -> dict[str, Any]:
    """Calls that each invoked the next, deeper than any chain allows."""
    alice, bob = key("alice"), key("bob")
    draft = Crowd(alice).lamports(bob, 0, count)
    draft.lamports(alice, 10**12, 10**12 - 5_000 - count).call(key("program"), [alice])
    for depth in range(count):
        draft.invoke(SYSTEM_PROGRAM, [alice, bob], send(1), height=depth + 2)
    return draft.body()


def mailings(count: int) -> dict[str, Any]:
    """Very many mints, each handed to as many strangers as make a mailing."""
    alice = key("alice")
    draft = Crowd(alice)
    for number in range(count // 3):
        mint, stock = key(f"m{number // 5}"), key(f"s{number // 5}")
        if number % 5 == 0:
            draft.tokens(stock, alice, mint, 100, 0)
        target = key(f"t{number}")
        draft.tokens(target, key(f"o{number}"), mint, 1, 9 + number % 5)
        draft.call(TOKEN_PROGRAM, [stock, target, alice], transfer(8 + number % 5))
    return draft.body()


def paid_apart(count: int) -> dict[str, Any]:
    """One purchase, and very many payments beside it."""
    alice, curve = key("alice"), key("curve")
    draft = Crowd(alice).lamports(alice, 10**15, 10**15 - 5_000 - 10**9 - 7 * count)
    draft.lamports(curve, 10**6, 10**6 + 10**9)
    draft.tokens(key("pc"), curve, key("coin"), 5, 0).tokens(key("ac"), alice, key("coin"), 0, 5)
    draft.call(CURVE, [alice, curve, alice, curve], BUY)
    draft.invoke(TOKEN_PROGRAM, [key("pc"), key("ac"), curve], transfer(5))
    draft.invoke(SYSTEM_PROGRAM, [alice, curve], send(10**9))
    for number in range(count):
        draft.lamports(key(f"f{number}"), 5, 12)
        draft.call(SYSTEM_PROGRAM, [alice, key(f"f{number}")], send(7))
    return draft.body()


def listed(count: int) -> dict[str, Any]:
    """Very many NFTs that a market gives back, each by an instruction of its own."""
    alice, market = key("alice"), key("market")
    draft = Crowd(alice)
    for number in range(count // 2):
        kept, back = key(f"k{number}"), key(f"b{number}")
        draft.tokens(kept, market, key(f"n{number}"), 1, 0, decimals=0)
        draft.tokens(back, alice, key(f"n{number}"), 0, 1, decimals=0)
        draft.call(MARKET, [alice, kept, back])
        draft.invoke(TOKEN_PROGRAM, [kept, back, market], transfer(1))
    return draft.body()


def sold(count: int) -> dict[str, Any]:
    """One call in which a market sold very often, each time paid by the same to somebody else."""
    alice, vault, people = key("alice"), key("vault"), count // 2
    draft = Crowd(alice).lamports(alice, 10**12, 10**12 - 5_000 - people)
    draft.call(key("program"), [alice])
    for number in range(people):
        target = key(f"c{number}")
        draft.lamports(target, 5, 6)
        draft.invoke(MARKET, [vault, alice, SYSTEM_PROGRAM, target])
        draft.invoke(SYSTEM_PROGRAM, [alice, target], send(1), height=3)
    return draft.body()


def cyclic(count: int) -> dict[str, Any]:
    """Groups of inner instructions that all name the same call, or none."""
    body = same_transfers(count)
    calls = body["meta"]["innerInstructions"][0]["instructions"]
    body["meta"]["innerInstructions"] = [
        {"index": number % 2, "instructions": [call]} for number, call in enumerate(calls)
    ]
    return body


def orders(count: int) -> dict[str, Any]:
    """One call that filled very many orders, each of another maker."""
    keeper, coin, taken = key("alice"), key("coin"), key("taken")
    draft = Crowd(keeper).tokens(taken, keeper, coin, 0, count // 2)
    draft.call(key("program"), [keeper])
    for number in range(count // 2):
        maker, order, reserve = key(f"m{number}"), key(f"o{number}"), key(f"r{number}")
        draft.tokens(reserve, order, coin, 1, 0)
        draft.invoke(LIMIT_ORDERS, [keeper, maker, order, reserve], FILL)
        draft.invoke(TOKEN_PROGRAM, [reserve, taken, order], transfer(1), height=3)
    return draft.body()


SHAPES = [
    same_transfers,
    airdrop,
    route,
    many_traders,
    fees,
    wrapping,
    nested,
    cyclic,
    mailings,
    paid_apart,
    listed,
    sold,
    orders,
]


def steps(body: dict[str, Any]) -> int:
    """Count calls, jumps and branches of one normalization."""
    monitoring, counted = sys.monitoring, 0
    tool = next(number for number in range(6) if monitoring.get_tool(number) is None)

    def count(_code: CodeType, *_where: object) -> None:
        nonlocal counted
        counted += 1

    events = monitoring.events
    watched = (events.PY_START, events.JUMP, events.BRANCH, events.CALL)
    monitoring.use_tool_id(tool, "effort")
    try:
        for event in watched:
            monitoring.register_callback(tool, event, count)
        monitoring.set_events(tool, sum(watched))
        found = normalize(body)
    finally:
        monitoring.set_events(tool, 0)
        for event in watched:
            monitoring.register_callback(tool, event, None)
        monitoring.free_tool_id(tool)
    assert isinstance(found, NormalizedTransaction)
    return counted


def seconds(body: dict[str, Any]) -> float:
    """Give the processor time of one normalization."""
    return least_processor_s(lambda: normalize(body))


@pytest.mark.parametrize("shape", SHAPES)
def test_four_times_the_instructions_take_four_times_the_steps(
    shape: Callable[[int], dict[str, Any]],
) -> None:
    """A square would take sixteen times as many."""
    small, large = shape(SMALL), shape(LARGE)

    assert steps(large) < 5 * steps(small)


@pytest.mark.parametrize("shape", SHAPES)
def test_no_single_step_grows_with_the_body(shape: Callable[[int], dict[str, Any]]) -> None:
    """Processor time, which sees what steps hide, is far from a square in one of three tries."""
    small, large = shape(SMALL), shape(LARGE)

    ratios: list[float] = []
    while len(ratios) < 3 and not any(ratio < 9 for ratio in ratios):
        ratios.append(seconds(large) / seconds(small))
    assert min(ratios) < 9, ratios
