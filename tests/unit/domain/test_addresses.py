"""What people type is an address, or it is said which field is not."""

import base58
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oof.domain.addresses import parse_address
from oof.domain.errors import InvalidInput


@given(st.binary(min_size=32, max_size=32))
def test_every_key_has_its_address(key: bytes) -> None:
    """Any 32 bytes, leading zeros included."""
    text = base58.b58encode(key).decode()

    assert parse_address(text, field="address") == text


@given(st.binary(max_size=64).filter(lambda raw: len(raw) != 32))
def test_other_lengths_are_refused(raw: bytes) -> None:
    """A signature or half a key is no address."""
    with pytest.raises(InvalidInput, match="mint: expected"):
        parse_address(base58.b58encode(raw).decode(), field="mint")


@pytest.mark.parametrize(
    "text", ["", "0OIl" * 10, "8rvAsDKeAcEjEkiZMug9k8v1y8mW6gQQiMobd89Uy7q\u00e9", " " * 40]
)
def test_what_is_no_base58_is_refused(text: str) -> None:
    """Letters that base58 leaves out, and letters of other alphabets."""
    with pytest.raises(InvalidInput):
        parse_address(text, field="address")
