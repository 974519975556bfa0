"""How many entries a run will probably take, told from what it took so far."""

import pytest

from oof.domain.backfill import Cursor, Mode, Page, Phase, cursor_after, expected_total
from oof.domain.listing import Listed
from oof.domain.units import Address, Signature, Slot, UnixSeconds

DAY_S = 86_400
NOW = 100 * DAY_S


def cursor(target_days: int | None = 30) -> Cursor:
    """Return a deep run's cursor that goes so many days back."""
    target = None if target_days is None else UnixSeconds(NOW - target_days * DAY_S)
    return Cursor(
        wallet=Address("wallet"),
        mode=Mode.DEEP,
        phase=Phase.HISTORY,
        sources=[],
        is_first=False,
        wants_history=False,
        target_time=target,
    )


def page(*days_ago: float | None, is_phase_done: bool = False) -> Page:
    """Return a page of entries so many days old, newest first."""
    entries = tuple(
        Listed(
            signature=Signature(str(place)),
            slot=Slot(1_000 - place),
            block_time=None if days is None else UnixSeconds(int(NOW - days * DAY_S)),
            tx_index=None,
        )
        for place, days in enumerate(days_ago)
    )
    return Page(entries, is_phase_done=is_phase_done, stopped_by=None)


@pytest.mark.parametrize(
    ("target_days", "days_ago", "expected"),
    [
        (30, (0, 5, 10), 9),
        (30, (0, 15), 4),
        (30, (10, 20), 4),
        (30, (0, 30), 2),
        (30, (0, 40), 2),
        (30, (0, None, 15), 6),
        (None, (0, 10), None),
        (30, (5,), None),
        (30, (), None),
    ],
)
def test_the_rest_of_the_time_is_expected_to_hold_as_many(target_days, days_ago, expected):
    """In proportion, rounded up; none without a time to go to, or with none covered."""
    assert expected_total(cursor(target_days), page(*days_ago)) == expected


def test_the_pace_is_that_of_the_whole_stretch():
    """From its newest entry on, over all its pages; what an earlier phase took is only added."""
    tail = cursor()
    history = cursor_after(tail, page(0, 1, 2, is_phase_done=True))
    second = cursor_after(history, page(10, 12))

    assert expected_total(second, page(15)) == 3 + 3 + 9
