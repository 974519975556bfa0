"""Thresholds by name, for an operator who wants detectors set otherwise."""

from collections.abc import Mapping
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

from oof.domain.errors import InvalidInput
from oof.domain.moments.config import DEFAULTS, MomentConfig


def with_thresholds(
    thresholds: Mapping[str, Decimal], config: MomentConfig = DEFAULTS
) -> MomentConfig:
    """Return a configuration with some numbers changed.

    Raises InvalidInput for a name that no number has, and for a part of what is counted whole.
    """
    numbers = {
        part.name: getattr(config, part.name)
        for part in fields(config)
        if isinstance(getattr(config, part.name), Decimal | int)
    }
    changes: dict[str, Any] = {}
    for name, value in thresholds.items():
        known = numbers.get(name)
        if known is None or not value.is_finite() or value < 0:
            raise InvalidInput(name, f"a number of at least 0 for one of {', '.join(numbers)}")
        if isinstance(known, Decimal):
            changes[name] = value
        elif value == value.to_integral_value():
            changes[name] = int(value)
        else:
            raise InvalidInput(name, "a whole number")
    return replace(config, **changes)
