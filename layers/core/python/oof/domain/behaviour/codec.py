"""A portrait as it is stored: JSON, with decimals as text."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from oof.domain.behaviour.model import Behaviour


def encode_behaviour(behaviour: Behaviour) -> dict[str, Any]:
    """Return a portrait by the names of its fields."""
    told: dict[str, Any] = _told(behaviour)
    return told


def decode_behaviour(told: Mapping[str, Any]) -> Behaviour:
    """Undo `encode_behaviour`."""
    read: Behaviour = _read(Behaviour, told)
    return read


def _told(value: Any) -> Any:
    if is_dataclass(value):
        return {part.name: _told(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, tuple):
        return [_told(each) for each in value]
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.value if isinstance(value, Enum) else value


def _read(kind: Any, told: Any) -> Any:
    if get_origin(kind) is UnionType:
        if told is None:
            return None
        [kind] = [each for each in get_args(kind) if each is not NoneType]
    if is_dataclass(kind) and isinstance(kind, type):
        return kind(**{name: _read(hint, told[name]) for name, hint in _hints(kind).items()})
    if get_origin(kind) is tuple:
        return tuple(_read(get_args(kind)[0], each) for each in told)
    return kind(told)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)
