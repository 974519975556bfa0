"""Whatever is done to a body, normalizing it never raises and never loses exactness."""

import copy
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oof.domain.transactions.bodies import split_bodies
from oof.domain.transactions.enhanced import normalize_enhanced
from oof.domain.transactions.model import Unreadable
from oof.domain.transactions.normalize import normalize
from oof.domain.transactions.render import render
from tests.support.effort import least_processor_s
from tests.unit.domain.transactions.building import (
    CLOSE,
    OPEN,
    SYNC,
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
from tests.unit.domain.transactions.conftest import read_recorded

JUNK: list[Any] = [
    None,
    True,
    0,
    -1,
    255,
    2**63,
    2**64,
    2**80,
    1e300,
    "",
    "x",
    "0",
    "-5",
    "=====",
    "AAA=",
    "1" * 44,
    "\x00",
    [],
    [[]],
    [None],
    {},
    {"a": 1},
]
"""Wrong types, huge numbers, and text that is valid in two encodings."""


def swap() -> dict[str, Any]:
    """Give a body with most things a body can have: a pool, a temporary account, a tip."""
    alice, pool = key("alice"), key("pool")
    coin, a_coin, p_coin = key("coin"), key("a coin"), key("p coin")
    a_wsol, p_wsol = key("a wsol"), key("p wsol")
    draft = Draft(alice)
    draft.lamports(alice, 10**12, 10**12 - 5_000 - 700).lamports(a_wsol, 0, 0)
    draft.lamports(p_wsol, TOKEN_RENT, TOKEN_RENT + 700).tokens(p_wsol, pool, WSOL, 0, 700)
    draft.tokens(p_coin, pool, coin, 90, 50).tokens(a_coin, alice, coin, 0, 40)
    draft.call(SYSTEM_PROGRAM, [alice, a_wsol], create(TOKEN_RENT + 600))
    draft.call(TOKEN_PROGRAM, [a_wsol, WSOL, alice], OPEN)
    draft.call(SYSTEM_PROGRAM, [alice, a_wsol], send(400))
    draft.call(TOKEN_PROGRAM, [a_wsol], SYNC)
    swap_data = bytes.fromhex("8fbe5adac41e33de")
    venue = "CPMMoo8L3F4NbTegBCKVNunggL7H1ZpdTHKxQB5qKP1C"
    draft.call(venue, [alice, pool, p_wsol, p_coin], swap_data)
    draft.invoke(TOKEN_PROGRAM, [a_wsol, p_wsol, alice], transfer(700))
    draft.invoke(TOKEN_PROGRAM, [p_coin, a_coin, pool], transfer(40))
    draft.call(TOKEN_PROGRAM, [a_wsol, alice, alice], CLOSE)
    return draft.body()


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List the way to every value inside a document."""
    items: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    found = []
    for name, inner in items:
        found.append((*path, name))
        found += places(inner, (*path, name))
    return found


@st.composite
def mutated(draw: st.DrawFn, bodies: list[dict[str, Any]]) -> Any:
    """Draw a body with up to four of its values gone, replaced, cut short or repeated."""
    body = copy.deepcopy(draw(st.sampled_from(bodies)))
    for _ in range(draw(st.integers(1, 4))):
        options = places(body)
        if not options:
            break
        path = draw(st.sampled_from(options))
        holder = body
        for name in path[:-1]:
            holder = holder[name]
        change(draw, holder, path[-1])
    return body


def change(draw: st.DrawFn, holder: Any, name: Any) -> None:
    """Spoil one value in its holder."""
    value = holder[name]
    action = draw(st.sampled_from(["drop", "junk", "cut", "repeat", "number"]))
    if action == "drop":
        del holder[name]
    elif action == "cut" and isinstance(value, list) and value:
        del value[draw(st.integers(0, len(value) - 1)) :]
    elif action == "repeat" and isinstance(value, list) and value:
        value.append(copy.deepcopy(draw(st.sampled_from(value))))
    elif action == "number" and type(value) is int:
        holder[name] = draw(st.integers(-1, 2**64))
    else:
        holder[name] = copy.deepcopy(draw(st.sampled_from(JUNK)))


def assert_sound(body: Any) -> None:
    """A result is a value, its JSON can be written, and its movements equal its balances."""
    found = normalize(body)
    list(split_bodies(body))
    if isinstance(found, Unreadable):
        assert found.code
        return
    assert orjson.dumps(render(found))
    assert found.fee_payer in found.participants
    sums: dict[tuple[str | None, str], int] = defaultdict(int)
    for movement in found.movements:
        sums[movement.owner, movement.mint] += movement.delta_raw
        assert movement.delta_raw != 0
    for balance in found.balances:
        sums[balance.owner, balance.mint] -= balance.post_raw - balance.pre_raw
    assert not any(sums.values())


@settings(max_examples=400, deadline=None)
@given(mutated([swap()]))
def test_spoiled_body_never_raises(body: Any) -> None:
    """A body with values missing, of wrong types, huge or repeated stays a value."""
    assert_sound(body)


@pytest.fixture(scope="module")
def various(chain_dir: Path) -> list[dict[str, Any]]:
    """Recorded bodies of many shapes: old and new, every encoding."""
    singles = list(read_recorded(chain_dir / "rpc" / "singles.jsonl.zst"))[::6]
    return singles + list(read_recorded(chain_dir / "rpc" / "mainnet_no_blocktime.jsonl.zst"))[::4]


@pytest.mark.chain
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_spoiled_recorded_body_never_raises(
    various: list[dict[str, Any]], data: st.DataObject
) -> None:
    """The same holds of recorded bodies, whatever program they touch."""
    assert_sound(data.draw(mutated(various)))


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.sampled_from(JUNK),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    ["meta", "transaction", "message", "result", "payload", "accountData"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=20,
    )
)
def test_any_document_is_accounted_for(document: Any) -> None:
    """Documents that are nothing like a transaction come back as values too."""
    for body in split_bodies(document):
        if not isinstance(body, Unreadable):
            assert normalize(body)
            assert normalize_enhanced(body)


def test_ten_thousand_inner_instructions_take_no_square() -> None:
    """Ten times the instructions take about ten times as long, not a hundred."""
    small, large = (
        least_processor_s(partial(assert_sound, body)) for body in map(crowded, (1_000, 10_000))
    )
    assert large < 40 * small + 0.5


def crowded(count: int) -> dict[str, Any]:
    """Give a body whose one instruction invoked very many transfers."""
    alice, bob, coin = key("alice"), key("bob"), key("coin")
    a_coin, b_coin = key("a coin"), key("b coin")
    draft = Draft(alice)
    draft.tokens(a_coin, alice, coin, count, 0).tokens(b_coin, bob, coin, 0, count)
    draft.call(key("program"), [alice])
    for _ in range(count):
        draft.invoke(TOKEN_PROGRAM, [a_coin, b_coin, alice], transfer(1))
    return draft.body()
