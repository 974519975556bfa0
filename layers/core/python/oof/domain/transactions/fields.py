"""Single values of a body, checked where they are read.

JSON carries the same number in several ways: protobuf writes 64-bit ones as text and wraps times.
"""

from typing import Any

type Json = Any
"""A decoded JSON value of a body: checked where it is read, never trusted."""


class MalformedBodyError(ValueError):
    """A field is not what every complete body has; `code` is stable."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def read_integer(value: Json, field: str) -> int:
    """Read an integer that JSON may carry as text (protobuf writes 64-bit ones so).

    Raises:
        MalformedBodyError: it is neither, or wider than anything on chain.
    """
    if type(value) is str and value.isdigit() and value.isascii() and len(value) <= 20:
        value = int(value)
    if type(value) is int and 0 <= value < 1 << 64:
        return value
    raise MalformedBodyError("bad_number", f"{field}: expected an integer")


def read_optional_integer(value: Json) -> int | None:
    """Read a signed 64-bit integer that may be absent; one that is no such number is absent."""
    if value is None or (type(value) is int and 0 <= value < 1 << 63):
        return value
    try:
        found = read_integer(value, "")
    except MalformedBodyError:
        return None
    return found if found < 1 << 63 else None


def read_first_integer(raw: dict[str, Json], names: tuple[str, ...]) -> int | None:
    """Read the first of some optional integers that is there."""
    for name in names:
        if name in raw:
            found = read_optional_integer(raw[name])
            if found is not None:
                return found
    return None


def read_block_time(raw: dict[str, Json]) -> int | None:
    """Read the time under either spelling; protobuf wraps it as `{"timestamp"}`."""
    for name in ("blockTime", "blocktime"):
        value = raw.get(name)
        if type(value) is dict:
            value = value.get("timestamp")
        found = read_optional_integer(value)
        if found is not None:
            return found
    return None
