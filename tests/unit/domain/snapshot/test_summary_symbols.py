"""Symbols in a summary's bytes: the one part that others wrote takes what room is left."""

from dataclasses import replace

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oof.domain.snapshot.codec import MAX_BYTES, decode_summary, encode_summary
from oof.domain.units import Mint
from tests.support.transactions import address
from tests.unit.domain.snapshot.test_summary import EMPTY, LARGEST

HELD = tuple(each.mint for each in LARGEST.balances)
SMALL = replace(EMPTY, balances=LARGEST.balances, moments=LARGEST.moments)


def test_symbols_come_back_from_their_bytes():
    """Of balances and of moments; a mint that is neither shown nor told has none."""
    told = {HELD[1]: "CAT", HELD[19]: "猫", Mint(address("elsewhere")): "DOG"}
    found = decode_summary(encode_summary(replace(SMALL, symbols=told)))
    assert found.symbols == {HELD[1]: "CAT", HELD[19]: "猫"}
    assert replace(found, symbols={}) == SMALL


@given(st.dictionaries(st.sampled_from(HELD), st.text(min_size=1, max_size=32), max_size=20))
@pytest.mark.parametrize("summary", [SMALL, LARGEST])
def test_whatever_symbols_are_the_item_fits(summary, symbols):
    """None of them pushes anything else out, and those that are kept are kept whole."""
    named = replace(summary, symbols={mint: _clean(each) for mint, each in symbols.items()})
    data = encode_summary(named)
    found = decode_summary(data)
    assert len(data) <= MAX_BYTES
    assert found.symbols.items() <= named.symbols.items()
    assert replace(found, symbols={}) == replace(summary, symbols={})


def test_where_room_is_short_the_first_balances_are_named():
    """The newest first, as they are shown; a shorter one may still fit behind a longer one."""
    named = replace(LARGEST, symbols=dict.fromkeys(HELD, "x" * 32))
    free = MAX_BYTES - len(encode_summary(LARGEST))
    found = decode_summary(encode_summary(named)).symbols
    assert tuple(found) == HELD[: len(found)]
    assert len(found) * 32 <= free


def test_an_item_written_before_symbols_were_told_is_read():
    """It has none."""
    fields = msgpack.unpackb(encode_summary(replace(SMALL, symbols={HELD[0]: "CAT"})))
    del fields["symbols"]
    assert decode_summary(msgpack.packb(fields)) == SMALL


def _clean(text: str) -> str:
    """Text as it is stored: without halves of characters."""
    return text.encode(errors="replace").decode()
