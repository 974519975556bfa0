"""What the provider's word on a signature means."""

import pytest

from oof.domain.finality import ABSENCES, WINDOW_SLOTS, Told, Verdict, is_dropped, judge
from oof.domain.units import Slot

SLOT = Slot(1_000)
BEYOND = Slot(SLOT + WINDOW_SLOTS)


@pytest.mark.parametrize(
    ("told", "node_slot", "is_witnessed", "verdict"),
    [
        (Told(SLOT, is_finalized=True), BEYOND, True, Verdict.FINAL),
        (Told(SLOT, is_finalized=True), SLOT, False, Verdict.FINAL),
        (Told(SLOT, is_finalized=False), BEYOND, True, Verdict.WAITING),
        (Told(Slot(SLOT + 2), is_finalized=True), BEYOND, True, Verdict.MOVED),
        (Told(Slot(SLOT + 2), is_finalized=False), BEYOND, True, Verdict.WAITING),
        (None, BEYOND, True, Verdict.ABSENT),
        (None, Slot(BEYOND - 1), True, Verdict.WAITING),
        (None, BEYOND, False, Verdict.WAITING),
    ],
)
def test_an_answer_is_judged_by_slot_finality_and_whose_it_is(
    told, node_slot, is_witnessed, verdict
):
    """Only a finalized slot decides, and only a sound node beyond the window may not know."""
    assert judge(SLOT, told, node_slot=node_slot, is_witnessed=is_witnessed) is verdict


def test_one_absence_is_not_enough():
    """It takes several in a row."""
    assert [is_dropped(absences) for absences in range(ABSENCES + 1)] == [False] * ABSENCES + [True]
