"""All rules, and what they say of a wallet. A new one is one line in `axes` or `badges`."""

from typing import Final

from oof.domain.classification.axes import AXES
from oof.domain.classification.badges import BADGES
from oof.domain.classification.model import Case, Rule, Verdict, verdict

RULES: Final[tuple[Rule, ...]] = (*AXES, *BADGES)


def classify(case: Case) -> tuple[Verdict, ...]:
    """Return what every rule says, in the order of `RULES`."""
    return tuple(verdict(rule, case) for rule in RULES)
