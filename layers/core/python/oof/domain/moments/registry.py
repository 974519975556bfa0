"""All detectors. A new one is one file, one line here and one of its own tests.

Each is pure: it reads one case and yields moments of one kind. Its version is raised whenever the
same story may come to other moments; ids do not change with it.
"""

from collections.abc import Callable, Iterator
from typing import Final

from oof.domain.moments import (
    bad_route,
    bag_holder,
    best_trade,
    diamond_hands,
    fee_burner,
    idle_yield,
    paper_hands,
    round_trip,
    rug,
    sandwich,
    sold_too_early,
    worst_trade,
)
from oof.domain.moments.case import Case, case_of
from oof.domain.moments.config import DEFAULTS, MomentConfig
from oof.domain.moments.evidence import Detector
from oof.domain.moments.model import Moment, Story

DETECTORS: Final[tuple[tuple[Detector, Callable[[Case], Iterator[Moment]]], ...]] = tuple(
    (module.DETECTOR, module.detect)
    for module in (
        sold_too_early,
        bag_holder,
        bad_route,
        idle_yield,
        rug,
        paper_hands,
        diamond_hands,
        round_trip,
        sandwich,
        fee_burner,
        best_trade,
        worst_trade,
    )
)


def detect(story: Story, config: MomentConfig = DEFAULTS) -> tuple[Moment, ...]:
    """Return all moments of a story, in chain order; the order of its parts does not matter."""
    case = case_of(story, config)
    found = [moment for _, run in DETECTORS for moment in run(case)]
    return tuple(sorted(found, key=lambda moment: moment.order))
