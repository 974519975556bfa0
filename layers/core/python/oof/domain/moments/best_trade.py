"""BEST_TRADE: the exit of a mint that made the most, of units whose cost is known.

Of equals the first. `usd` is its profit after fees, `pct` the same of the cost.
"""

from collections.abc import Iterator
from typing import Final

from oof.domain.moments.case import Case
from oof.domain.moments.evidence import Detector, moment_of
from oof.domain.moments.model import Moment, MomentKind
from oof.domain.moments.records import record_of, valued_exits

DETECTOR: Final = Detector(MomentKind.BEST_TRADE, 1)
_SEVERITY: Final = "max(0, min(1, pct / record_full_pct))"


def detect(case: Case) -> Iterator[Moment]:
    """Yield the best exit, if it made enough."""
    best = max(valued_exits(case), key=lambda pair: pair[0], default=None)
    if best is not None and best[0] >= case.config.record_usd:
        thresholds = ("record_usd", "record_full_pct")
        found = record_of(case, best[1], severity=_SEVERITY, thresholds=thresholds)
        yield moment_of(DETECTOR, case, found)
