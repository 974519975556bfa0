"""What a classification is: verdicts, each with its rule, evidence and confidence."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final, NamedTuple

from oof.domain.behaviour.model import Behaviour, Reason
from oof.domain.behaviour.portray import SpanPart
from oof.domain.behaviour.spreads import share
from oof.domain.classification.config import ClassConfig
from oof.domain.moments.model import MomentKind

type Figure = str | int | None
"""A metric's value as it is shown: counts and seconds are numbers, decimals are texts."""

SHOWN: Final = 3
"""Transactions that evidence names at most."""


class VerdictKind(StrEnum):
    """What sort of verdict it is."""

    AXIS = "axis"
    """One value of several."""
    BADGE = "badge"
    """`yes` or `no`."""


class Case(NamedTuple):
    """What a rule is applied to."""

    part: SpanPart
    behaviour: Behaviour
    config: ClassConfig

    def moments(self, kind: MomentKind) -> list[int]:
        """Return the transactions of the span's moments of a kind, newest first."""
        found = sorted((m for m in self.part.moments if m.kind is kind), key=_newest_first)
        return [moment.tx_id for moment in found]


def _newest_first(moment: tuple[MomentKind, int, int]) -> tuple[int, int]:
    return -moment[2], moment[1]


class Finding(NamedTuple):
    """What a rule found."""

    value: str | None
    """None where nothing is said."""
    sample: int
    """How many it rests on."""
    evidence: Mapping[str, Figure]
    """The metrics it rests on, by their names in `Behaviour`."""
    tx_ids: Sequence[int] = ()
    """Transactions that show it, the most telling first."""
    missing: Reason | None = None
    """Why nothing is said."""
    surety: Decimal | None = None
    """In place of the rule's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One axis or badge."""

    name: str
    kind: VerdictKind
    values: tuple[str, ...]
    """All it may say."""
    words: Callable[[ClassConfig], str]
    """The rule in words."""
    judge: Callable[[Case], Finding]
    least: Callable[[ClassConfig], int]
    """Its least sample."""
    surety: Decimal
    """How far a rule of thumb like this can be trusted, 0 to 1, given all the sample there is."""


class Verdict(NamedTuple):
    """What a rule says of one wallet within one span."""

    name: str
    kind: VerdictKind
    value: str | None
    """One of the rule's values; of badges `yes` or `no`. None: nothing is said."""
    rule: str
    """In words, with its thresholds."""
    sample: int
    least: int
    evidence: Mapping[str, Figure]
    tx_ids: tuple[int, ...]
    """Up to three transactions that show it."""
    confidence: Decimal | None
    """`surety * sample / (sample + least)`, six places: half the surety at the least sample,
    towards all of it with more. None where nothing is said."""
    missing: Reason | None
    """Why nothing is said."""


def verdict(rule: Rule, case: Case) -> Verdict:
    """Apply a rule; below its least sample it says nothing, whatever it found."""
    found, least = rule.judge(case), rule.least(case.config)
    missing = found.missing
    if missing is None and found.sample < least:
        missing = Reason.TOO_FEW
    value = None if missing else found.value
    surety = Fraction(found.surety if found.surety is not None else rule.surety)
    return Verdict(
        name=rule.name,
        kind=rule.kind,
        value=value,
        rule=rule.words(case.config),
        sample=found.sample,
        least=least,
        evidence=found.evidence,
        tx_ids=tuple(found.tx_ids[:SHOWN]) if value not in {None, "no"} else (),
        confidence=(None if value is None else share(surety * found.sample, found.sample + least)),
        missing=missing,
    )


def shown(value: Decimal | int | str | None) -> Figure:
    """Return a metric's value as evidence shows it."""
    return f"{value:f}" if isinstance(value, Decimal) else value


def yes_if(holds: bool) -> str:
    """Return a badge's value."""
    return "yes" if holds else "no"
