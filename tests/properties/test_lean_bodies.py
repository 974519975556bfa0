"""Whatever a body holds, taking it apart and putting it together gives it back."""

import copy
import random
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import orjson
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from oof.domain.lean_bodies import lean, restore
from oof.domain.lean_columns import KnownKeys
from oof.domain.packs import NO_DICTIONARY, decode_frame, encode_frame, train_dictionary
from oof.domain.transactions.base58 import decode_base58, encode_base58
from tests.support.transactions import address, signature

LEAN = 1
"""The form byte of a frame that is not verbatim."""
NAMES = [
    "transaction",
    "message",
    "meta",
    "accountKeys",
    "pubkey",
    "loadedAddresses",
    "writable",
    "readonly",
    "instructions",
    "innerInstructions",
    "index",
    "accounts",
    "data",
    "programId",
    "programIdIndex",
    "logMessages",
    "preBalances",
    "postBalances",
    "preTokenBalances",
    "postTokenBalances",
    "accountIndex",
    "owner",
    "mint",
    "uiTokenAmount",
    "amount",
    "decimals",
    "uiAmount",
    "uiAmountString",
    "returnData",
]
PROGRAM = address("program")
KNOWN = KnownKeys(decode_base58(PROGRAM))
REFUSALS = (
    AttributeError,
    IndexError,
    KeyError,
    OverflowError,
    RecursionError,
    TypeError,
    ValueError,
)

leaves = (
    st.none()
    | st.booleans()
    | st.integers(-300, 300)
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(
        [
            PROGRAM,
            signature("a"),
            address("other"),
            "1" * 32,
            "1" * 44,
            "0",
            "15",
            "015",
            "",
            "\x00",
            "\x01",
            f"Program {PROGRAM} invoke [1]",
            f"Program {PROGRAM} invoke [2]",
            f"Program {PROGRAM} invoke [01]",
            f"Program {PROGRAM} consumed 12 of 200 compute units",
            f"Program {PROGRAM} consumed 012 of 200 compute units",
            f"Program {PROGRAM} success",
            f"Program {PROGRAM} failed: custom program error: 0x1",
            f"Program return: {PROGRAM} AQID",
            f"Program log: {PROGRAM}",
            "Program data: AQID",
            "Program data: AQI=",
            "Program data: AQJ=",
            "Program data: AQID AQID",
        ]
    )
    | st.binary(min_size=1, max_size=80).map(encode_base58)
)
objects = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=3), inner, max_size=6)
    ),
    max_leaves=25,
)


def written(value: object) -> bytes:
    """Return a decoded JSON value's text, by which values are the same, number kinds included."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


@given(objects)
def test_any_json_comes_back_exactly(body):
    """Nothing that looks like what bodies are taken apart into is mistaken for it."""
    frame = encode_frame(body, NO_DICTIONARY)

    assert written(decode_frame(frame, NO_DICTIONARY)) == written(body)


@given(st.binary(max_size=200), st.binary(max_size=100))
def test_bytes_that_are_no_body_are_refused_or_read(columns, apart):
    """Damage is told by the exceptions that `restore` names, never by another."""
    with suppress(*REFUSALS):
        restore(apart, columns, KNOWN)


@pytest.fixture(scope="module")
def recorded(chain_dir):
    """Every recorded body, of all encodings and years."""
    bodies = []
    for path in sorted((chain_dir / "rpc").rglob("*.jsonl.zst")):
        text = zstandard.ZstdDecompressor().stream_reader(path.read_bytes()).read()
        bodies += [orjson.loads(line) for line in text.splitlines()]
    return bodies


@pytest.mark.chain
def test_every_recorded_body_is_taken_apart_and_comes_back(recorded):
    """No recorded body falls back to being kept as it came."""
    plain = [frame for body in recorded if (frame := encode_frame(body, NO_DICTIONARY))[0] != LEAN]

    assert len(recorded) > 2_000
    assert plain == []


@pytest.mark.chain
def test_recorded_bodies_come_back_under_a_dictionary(recorded):
    """Keys by number in the dictionary's table are restored; what recurs is shorter by far."""
    bodies = recorded[::5]
    dictionary = train_dictionary(bodies, max_bytes=64 * 1024)
    shared, alone = 0, 0
    for body in bodies:
        frame = encode_frame(body, dictionary)
        assert written(decode_frame(frame, dictionary)) == written(body)
        shared += len(frame)
        alone += len(encode_frame(body, NO_DICTIONARY))

    assert shared < alone / 2


@pytest.mark.chain
@pytest.mark.parametrize("seed", range(4))
def test_mutated_recorded_bodies_come_back_exactly(recorded, seed):
    """A body with parts lost, swapped or replaced is restored just so, whatever form it takes."""
    chance = random.Random(seed)
    for body in recorded[seed::8]:
        mutated = copy.deepcopy(body)
        for _ in range(chance.randint(1, 4)):
            _mutate(mutated, chance)
        frame = encode_frame(mutated, NO_DICTIONARY)
        assert written(decode_frame(frame, NO_DICTIONARY)) == written(mutated)


@pytest.mark.chain
def test_damaged_columns_are_refused_or_read(recorded):
    """A flipped byte gives another value or one of the named exceptions."""
    chance, refused = random.Random(1), 0
    for body in recorded[::10]:
        apart, columns = lean(body, KNOWN)
        damaged = bytearray(columns)
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        try:
            restore(apart, bytes(damaged), KNOWN)
        except REFUSALS:
            refused += 1

    assert refused > 0


def _mutate(body: Any, chance: random.Random) -> None:
    spots = list(_spots(body))
    holder, place = chance.choice(spots)
    value = holder[place]
    replacements: tuple[Any, ...] = (
        None,
        True,
        0,
        255,
        300,
        -1,
        2**63,
        0.5,
        "",
        "1" * 44,
        PROGRAM,
        [],
        {},
        [value],
        {"data": value},
    )
    action = chance.randrange(4)
    if action == 0 and isinstance(holder, dict):
        del holder[place]
    elif action == 1 and isinstance(holder, list):
        holder.append(copy.deepcopy(value))
    elif action == 2:
        other, there = chance.choice(spots)
        holder[place] = copy.deepcopy(other[there])
    else:
        holder[place] = copy.deepcopy(chance.choice(replacements))


def _spots(value: Any) -> Iterator[tuple[Any, Any]]:
    places = value.items() if isinstance(value, dict) else enumerate(value)
    for place, inner in places:
        yield value, place
        if isinstance(inner, dict | list):
            yield from _spots(inner)
