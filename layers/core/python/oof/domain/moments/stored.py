"""Moments as they are kept: what a new look changes, how many there are, and the dearest of each.

Ids are stable, so a look that finds what is stored changes nothing, whoever looks how often.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, NamedTuple

from oof.domain.moments.model import Moment, MomentId, MomentKind, Provisional
from oof.domain.snapshot.model import MomentTotals, TopMoment
from oof.domain.units import Address, Mint, Signature, Slot, UnixSeconds

RECORD_KINDS: Final = frozenset({MomentKind.BEST_TRADE, MomentKind.WORST_TRADE})
"""Of these a position has one each, wherever in its history."""
OPEN: Final = frozenset({Provisional.WINDOW_OPEN, Provisional.ORDER_UNRESOLVED})
"""Doubts that a further look clears. Others are stored as what a moment depends on, and hold as
long as the wallet's history is partial, or its transaction soft."""
TOP: Final = 3
"""How many a summary shows."""


class StoredMoment(NamedTuple):
    """One moment as stored."""

    id: MomentId
    tx_id: int
    """The transaction it is about."""
    moment: Moment

    @property
    def rank(self) -> tuple[bool, Decimal, Decimal, Slot, MomentId]:
        """Sort key: the dearest first, then the most severe, the earliest, and by id."""
        m = self.moment
        return m.usd is None, -(m.usd or Decimal(0)), -m.severity, m.slot, self.id


class MomentPlan(NamedTuple):
    """What a look changes."""

    put: tuple[StoredMoment, ...]
    """New, or not as they are stored."""
    gone: tuple[StoredMoment, ...]
    """Stored, but not found any more."""
    counts: "Mapping[MomentKind, KindCount]"
    """By how much the counts change."""

    @property
    def is_empty(self) -> bool:
        """Whether all is stored as it was found."""
        return not self.put and not self.gone


class KindCount(NamedTuple):
    """How many moments of one kind there are."""

    total: int = 0
    provisional: int = 0
    """Of these, those that a further look may change: their windows are open, say."""


class Extreme(NamedTuple):
    """The dearest moment of a kind, in short."""

    kind: MomentKind
    id: MomentId
    mint: Mint
    usd: Decimal | None
    severity: Decimal
    at: UnixSeconds


@dataclass(frozen=True, slots=True)
class Extremes:
    """What a wallet's moments come to."""

    counts: Mapping[MomentKind, KindCount] = field(default_factory=dict)
    """Kinds of which there are none are left out."""
    dearest: tuple[Extreme, ...] = ()
    """One a kind, the dearest first."""

    @property
    def totals(self) -> MomentTotals:
        """These as a summary shows them."""
        return MomentTotals(
            {kind: count.total for kind, count in self.counts.items()},
            sum(count.provisional for count in self.counts.values()),
            tuple(TopMoment(e.kind, e.id, e.mint, e.usd, e.at) for e in self.dearest[:TOP]),
        )


NO_EXTREMES: Final = Extremes()


def plan_moments(
    stored: Iterable[StoredMoment], found: Iterable[StoredMoment], *, from_slot: Slot
) -> MomentPlan:
    """Return what makes the stored moments of one position those that were found.

    Only moments from `from_slot` on, and those of which there is one a position, are compared; of
    others nothing is said.
    """
    before = {each.id: each for each in stored if _is_told(each, from_slot)}
    after = {each.id: each for each in found if _is_told(each, from_slot)}
    put = [each for id_, each in after.items() if before.get(id_) != each]
    gone = [each for id_, each in before.items() if id_ not in after]
    return MomentPlan(
        tuple(sorted(put, key=_by_id)),
        tuple(sorted(gone, key=_by_id)),
        _difference(before.values(), after.values()),
    )


def joined(plans: Sequence[MomentPlan]) -> MomentPlan:
    """Return several plans as one."""
    return MomentPlan(
        tuple(sorted((each for plan in plans for each in plan.put), key=_by_id)),
        tuple(sorted((each for plan in plans for each in plan.gone), key=_by_id)),
        _added(plan.counts for plan in plans),
    )


def with_counts(
    counts: Mapping[MomentKind, KindCount], change: Mapping[MomentKind, KindCount]
) -> dict[MomentKind, KindCount]:
    """Return counts after a change, without kinds of which nothing is left."""
    return {kind: count for kind, count in _added([counts, change]).items() if count.total}


def extreme_of(stored: StoredMoment) -> Extreme:
    """Return a moment in short."""
    m = stored.moment
    return Extreme(m.kind, stored.id, m.mint, m.usd, m.severity, m.at)


def dearest_of_each(stored: Iterable[StoredMoment]) -> tuple[Extreme, ...]:
    """Return the dearest moment of each kind, the dearest first."""
    best: dict[MomentKind, StoredMoment] = {}
    for each in sorted(stored, key=lambda each: each.rank):
        best.setdefault(each.moment.kind, each)
    return tuple(extreme_of(each) for each in best.values())


def _is_told(stored: StoredMoment, from_slot: Slot) -> bool:
    return stored.moment.slot >= from_slot or stored.moment.kind in RECORD_KINDS


def _by_id(stored: StoredMoment) -> MomentId:
    return stored.id


def _difference(
    before: Iterable[StoredMoment], after: Iterable[StoredMoment]
) -> dict[MomentKind, KindCount]:
    counts: Counter[MomentKind] = Counter()
    open_: Counter[MomentKind] = Counter()
    for sign, side in ((-1, before), (1, after)):
        for each in side:
            counts[each.moment.kind] += sign
            open_[each.moment.kind] += sign * bool(each.moment.provisional & OPEN)
    changed = sorted({kind for side in (counts, open_) for kind, by in side.items() if by})
    return {kind: KindCount(counts[kind], open_[kind]) for kind in changed}


def _added(parts: Iterable[Mapping[MomentKind, KindCount]]) -> dict[MomentKind, KindCount]:
    total: dict[MomentKind, KindCount] = {}
    for part in parts:
        for kind, count in part.items():
            had = total.get(kind, KindCount())
            total[kind] = KindCount(had.total + count.total, had.provisional + count.provisional)
    return dict(sorted(total.items()))


def wallet_moments(
    wallet: Address, moments: Iterable[Moment], tx_ids: Mapping[Signature, int]
) -> tuple[StoredMoment, ...]:
    """Return moments of a wallet as they are stored; `tx_ids` by signature."""
    return tuple(
        StoredMoment(moment.id_of(wallet), tx_ids[moment.signature], moment) for moment in moments
    )
