"""WORST_TRADE: the exit of a mint that lost the most, of units whose cost is known.

Of equals the first. `usd` is its loss after fees, as a positive amount; `pct` the same of the
cost, negative.
"""

from collections.abc import Iterator
from typing import Final

from oof.domain.moments.case import Case
from oof.domain.moments.evidence import Detector, moment_of
from oof.domain.moments.model import Moment, MomentKind
from oof.domain.moments.records import record_of, valued_exits

DETECTOR: Final = Detector(MomentKind.WORST_TRADE, 1)
_SEVERITY: Final = "max(0, min(1, abs(pct)))"


def detect(case: Case) -> Iterator[Moment]:
    """Yield the worst exit, if it lost enough."""
    worst = min(valued_exits(case), key=lambda pair: pair[0], default=None)
    if worst is not None and -worst[0] >= case.config.record_usd:
        found = record_of(case, worst[1], severity=_SEVERITY, thresholds=("record_usd",))
        yield moment_of(DETECTOR, case, found)
