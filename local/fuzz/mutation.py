"""Spoils JSON documents: the same seed spoils the same document in the same way.

Random bytes would hardly ever be JSON, so documents are spoiled as documents: fields go missing or
take wrong types, numbers grow huge, arrays are cut, indexes point back, text is made to be valid in
base58 and base64 at once. Programs, discriminators and token operations that the normalizer knows
are planted, so that its branches are reached.
"""

import copy
import json
import random
import struct
from collections.abc import Callable
from typing import Any, Final

import orjson

from oof.domain.transactions.addresses import ASSOCIATED_TOKEN, STAKE, SYSTEM, TOKEN, TOKEN_2022
from oof.domain.transactions.base58 import ALPHABET, encode_base58
from oof.domain.transactions.programs.jito import TIP_ACCOUNTS
from oof.domain.transactions.programs.registry import PROGRAMS
from oof.domain.transactions.programs.terminals import FEE_ACCOUNTS
from oof.domain.units import SOL_MINT

type Json = Any

JUNK: Final[tuple[Json, ...]] = (
    None, True, False, 0, -1, 1, 255, 256, 2**31, 2**63, 2**64 - 1, 2**64, 2**80, -(2**63),
    1e300, 0.5, "", "x", "0", "-5", "18446744073709551616", "=====", "AAA=", "A" * 44,
    "1" * 44, "\x00", "٣", [], [[]], [None], [-1], [2**40], {}, {"a": 1}, {"meta": {}},
    {"result": None},
)  # fmt: skip
"""Wrong types, huge numbers, digits that are no ASCII, text in no encoding or in two."""

_BOTH: Final = ALPHABET
"""Base58's letters are all base64's too: a multiple of four of them is valid in both."""
_KNOWN_KEYS: Final = tuple(
    sorted(
        {program.program_id for program in PROGRAMS}
        | {SYSTEM, TOKEN, TOKEN_2022, ASSOCIATED_TOKEN, STAKE, SOL_MINT}
        | {min(TIP_ACCOUNTS), min(FEE_ACCOUNTS)}
    )
)
_STARTS: Final = tuple(
    sorted({start for program in PROGRAMS for start in (*program.swaps, *program.incomes)})
)
_INDEXES: Final = ("accountIndex", "programIdIndex", "index", "stackHeight")
_MOST_CHANGES = 5


def mutate(text: bytes, max_size: int, seed: int) -> bytes:
    """Return the document spoiled in one to five places; never more than `max_size` bytes."""
    source = random.Random(seed)
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        document = source.choice(JUNK)
    for _ in range(source.randint(1, _MOST_CHANGES)):
        document = _change(source, document)
    return _written(document, text, max_size)


def cross(text: bytes, other: bytes, max_size: int, seed: int) -> bytes:
    """Return the first document with a part of the second in a place of the same name."""
    source = random.Random(seed)
    try:
        document, donor = orjson.loads(text), orjson.loads(other)
    except orjson.JSONDecodeError:
        return text[:max_size]
    named: dict[Json, list[Json]] = {}
    for holder, name in _places(donor):
        named.setdefault(name, []).append(holder[name])
    places = [place for place in _places(document) if place[1] in named]
    if places:
        holder, name = source.choice(places)
        holder[name] = copy.deepcopy(source.choice(named[name]))
    return _written(document, text, max_size)


def _written(document: Json, before: bytes, max_size: int) -> bytes:
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
    return text if len(text) <= max_size else before[:max_size]


def _places(document: Json) -> list[tuple[Json, Json]]:
    """List every value inside a document by its holder and its name there."""
    found: list[tuple[Json, Json]] = []
    left = [document] if isinstance(document, dict | list) else []
    while left:
        holder = left.pop()
        names = holder if isinstance(holder, dict) else range(len(holder))
        for name in names:
            found.append((holder, name))
            if isinstance(holder[name], dict | list):
                left.append(holder[name])
    return found


def _change(source: random.Random, document: Json) -> Json:
    if not isinstance(document, dict | list) or not document:
        return copy.deepcopy(source.choice(JUNK))
    if source.random() < 0.02:
        return {source.choice(("result", "payload", "data", "transactions")): [document]}
    planted = source.choice(_PLANTS)
    if source.random() < 0.5 and planted(source, document):
        return document
    holder, name = source.choice(_places(document))
    source.choice(_CHANGES)(source, holder, name)
    return document


def _drop(_source: random.Random, holder: Json, name: Json) -> None:
    del holder[name]


def _spoil(source: random.Random, holder: Json, name: Json) -> None:
    holder[name] = copy.deepcopy(source.choice(JUNK))


def _cut(source: random.Random, holder: Json, name: Json) -> None:
    value = holder[name]
    if isinstance(value, list | str) and value:
        holder[name] = value[: source.randrange(len(value))]


def _repeat(source: random.Random, holder: Json, name: Json) -> None:
    value = holder[name]
    if isinstance(value, list) and value:
        many = source.choice((1, 1, 2, 16))
        value.extend(copy.deepcopy(source.choice(value)) for _ in range(many))


def _shuffle(source: random.Random, holder: Json, name: Json) -> None:
    if isinstance(holder[name], list):
        source.shuffle(holder[name])


def _renumber(source: random.Random, holder: Json, name: Json) -> None:
    value = holder[name]
    if isinstance(value, str) and value.isascii() and value.isdigit():
        holder[name] = str(source.choice((0, int(value) + 1, 2**64 - 1, source.getrandbits(64))))
    elif type(value) is int:
        holder[name] = source.choice(
            (value + 1, value - 1, source.getrandbits(source.choice((3, 64))))
        )


def _type_over(_source: random.Random, holder: Json, name: Json) -> None:
    """Write a number as text, text as a number, one thing as a list of it."""
    value = holder[name]
    if type(value) is int:
        holder[name] = str(value)
    elif isinstance(value, str) and value.isascii() and value.isdigit():
        holder[name] = int(value) if len(value) < 30 else 0
    else:
        holder[name] = [value]


_CHANGES: Final[tuple[Callable[[random.Random, Json, Json], None], ...]] = (
    _drop,
    _spoil,
    _cut,
    _repeat,
    _shuffle,
    _renumber,
    _type_over,
)


def _dicts(document: Json, *names: str) -> list[dict[str, Json]]:
    """List the objects of a document that have one of these fields."""
    return [
        holder for holder, name in _places(document) if isinstance(holder, dict) and name in names
    ]


def _wear(source: random.Random, document: Json) -> bool:
    """Let one account be a program, a tip or a fee account that is known."""
    holders = _dicts(document, "accountKeys")
    keys = source.choice(holders)["accountKeys"] if holders else None
    if not isinstance(keys, list) or not keys:
        return False
    keys[source.randrange(len(keys))] = source.choice(_KNOWN_KEYS)
    return True


def _speak(source: random.Random, document: Json) -> bool:
    """Give one instruction the data of something known, or of two encodings at once."""
    calls = _dicts(document, "data")
    if not calls:
        return False
    tail = source.randbytes(source.choice((0, 8, 24, 60)))
    amount = source.choice((0, 1, 1_000, 2**63, 2**64 - 1))
    both = "".join(source.choice(_BOTH) for _ in range(4 * source.randint(1, 9)))
    source.choice(calls)["data"] = source.choice(
        (
            encode_base58(source.choice(_STARTS) + tail),
            encode_base58(struct.pack("<BQ", source.choice((3, 7, 8, 12, 14, 15)), amount)),
            encode_base58(bytes([source.randrange(45)]) + tail),
            encode_base58(struct.pack("<IQ", source.randrange(13), amount) + tail),
            both,
        )
    )
    return True


def _point(source: random.Random, document: Json) -> bool:
    """Let an index point elsewhere: to itself, back, beyond the end."""
    places = _dicts(document, *_INDEXES, "accounts")
    if not places:
        return False
    holder = source.choice(places)
    for name in _INDEXES:
        if name in holder:
            holder[name] = source.choice((0, 1, source.randrange(12), 255, -1))
    if isinstance(holder.get("accounts"), list):
        count = source.choice((0, 1, 3, 4, 12, 24))
        holder["accounts"] = [source.randrange(12) for _ in range(count)]
    return True


def _invoke(source: random.Random, document: Json) -> bool:
    """Plant an instruction that another one invoked."""
    groups = _dicts(document, "innerInstructions")
    if not groups:
        return False
    holder = source.choice(groups)
    if not isinstance(holder["innerInstructions"], list):
        return False
    call = {
        "programIdIndex": source.randrange(12),
        "accounts": [source.randrange(12) for _ in range(source.randrange(6))],
        "data": "",
        "stackHeight": source.randint(1, 5),
    }
    _speak(source, call)
    holder["innerInstructions"].append({"index": source.randrange(4), "instructions": [call]})
    return True


_PLANTS: Final = (_wear, _speak, _point, _invoke)
