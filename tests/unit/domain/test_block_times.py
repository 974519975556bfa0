"""Times of slots between and beyond known ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oof.domain.block_times import SlotTime, estimate_time
from oof.domain.units import Slot, UnixSeconds


def known(slot: int, time: int) -> SlotTime:
    """A slot whose time is known."""
    return SlotTime(Slot(slot), UnixSeconds(time))


@pytest.mark.parametrize(
    ("slot", "below", "above", "expected"),
    [
        (125, known(100, 1_000), known(200, 1_081), 1_020),
        (100, known(100, 1_000), known(200, 1_081), 1_000),
        (110, known(100, 1_000), None, 1_004),
        (90, None, known(100, 1_000), 996),
        (90, None, None, None),
    ],
)
def test_estimates(
    slot: int, below: SlotTime | None, above: SlotTime | None, expected: int | None
) -> None:
    """Evenly between two, at the usual pace beyond one, nothing without any."""
    assert estimate_time(Slot(slot), below, above) == expected


@given(
    low=st.integers(1, 10**9),
    gap=st.integers(1, 10**6),
    time=st.integers(0, 2 * 10**9),
    span=st.integers(0, 10**6),
    part=st.integers(0, 10**6),
)
def test_an_estimate_lies_between_its_neighbours(
    low: int, gap: int, time: int, span: int, part: int
) -> None:
    """Chain order and time order agree."""
    slot = low + part % gap

    estimate = estimate_time(Slot(slot), known(low, time), known(low + gap, time + span))

    assert estimate is not None
    assert time <= estimate <= time + span
