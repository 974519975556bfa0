"""SANDWICH: a trade between the two legs of somebody else's, in one slot.

By place in the block, never by time or signature: the same trader traded the same pair at a shared
venue before the wallet's trade, in its direction, and after it, in the other one; the back leg
gives what the front leg took, give or take `sandwich_match_pct`. Of several the nearest front leg
counts, and after it the nearest back leg. Where a place is not known, nothing is told.

What the trade would have given at the front leg's own price is what it is measured by: that price
was already moved by the front leg itself, so at least so much was lost. `pct` is what is missing of
it; `usd` the same of what the trade was worth, None where nobody prices it.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from oof.domain.moments.case import Case
from oof.domain.moments.evidence import Detector, Finding, leg_of, moment_of
from oof.domain.moments.formulas import Formulas
from oof.domain.moments.model import Json, Moment, MomentKind, Neighbour, StoryTrade
from oof.domain.moments.worth import worth_of
from oof.domain.units import Mint, Slot

DETECTOR: Final = Detector(MomentKind.SANDWICH, 1)
_FORMULAS: Final[Formulas] = {
    "expected_raw": "sold_raw * front_bought_raw / front_sold_raw",
    "pct": "1 - bought_raw / expected_raw",
    "severity": "max(0, min(1, pct / sandwich_full_pct))",
}
_PRICED: Final[Formulas] = {**_FORMULAS, "usd": "worth_usd * pct"}


class Attack(NamedTuple):
    """The two legs around a trade, of one trader."""

    front: Neighbour
    back: Neighbour


def detect(case: Case) -> Iterator[Moment]:
    """Yield the trades that were sandwiched."""
    near: dict[Slot, list[Neighbour]] = defaultdict(list)
    for neighbour in case.story.neighbours:
        near[neighbour.stamp.slot].append(neighbour)
    for trade in case.swaps:
        attack = _attack(case, trade, near.get(trade.stamp.slot, []))
        found = None if attack is None else _found(case, trade, attack)
        if found is not None:
            yield moment_of(DETECTOR, case, found)


def _attack(case: Case, trade: StoryTrade, same_slot: Sequence[Neighbour]) -> Attack | None:
    index = trade.stamp.tx_index
    if index is None or trade.stamp.at is None:
        return None
    near = [n for n in same_slot if _is_near(case, trade, n)]
    pair = (trade.sold_mint, trade.bought_mint)
    fronts = [n for n in near if _pair(n) == pair and (n.stamp.tx_index or 0) < index]
    backs = [n for n in near if _pair(n) == pair[::-1] and (n.stamp.tx_index or 0) > index]
    for front in reversed(fronts):
        back = next((b for b in backs if _closes(case, front, b)), None)
        if back is not None:
            return Attack(front, back)
    return None


def _is_near(case: Case, trade: StoryTrade, neighbour: Neighbour) -> bool:
    """Whether it is somebody else's, at a known place and a shared venue."""
    return (
        neighbour.stamp.tx_index is not None
        and neighbour.trader != case.story.wallet
        and min(neighbour.sold_raw, neighbour.bought_raw) > 0
        and not _venues(neighbour).isdisjoint(_venues(trade))
    )


def _closes(case: Case, front: Neighbour, back: Neighbour) -> bool:
    off = abs(back.sold_raw - front.bought_raw)
    is_match = off <= case.config.sandwich_match_pct * front.bought_raw
    return back.trader == front.trader and is_match


def _found(case: Case, trade: StoryTrade, attack: Attack) -> Finding | None:
    story, config, front = case.story, case.config, attack.front
    expected = Fraction(trade.sold_raw) * front.bought_raw / front.sold_raw
    worth = worth_of(trade, trade.stamp.at, story.prices)
    is_dust = worth is not None and worth.usd < config.dust_usd
    if is_dust or expected - trade.bought_raw < Fraction(config.sandwich_pct) * expected:
        return None
    inputs = {
        "sold_raw": trade.sold_raw,
        "bought_raw": trade.bought_raw,
        "front_sold_raw": front.sold_raw,
        "front_bought_raw": front.bought_raw,
    }
    return Finding(
        stamp=trade.stamp,
        place=trade.leg,
        qty_raw=trade.bought_raw if trade.bought_mint == story.mint else trade.sold_raw,
        formulas=_FORMULAS if worth is None else _PRICED,
        inputs=inputs if worth is None else {**inputs, "worth_usd": worth.usd},
        thresholds=("sandwich_pct", "sandwich_full_pct", "sandwich_match_pct", "dust_usd"),
        prices=() if worth is None else (leg_of("worth", worth, case),),
        confidence=config.sandwich_confidence,
        evidence={
            "sold_mint": trade.sold_mint,
            "bought_mint": trade.bought_mint,
            "tx_index": trade.stamp.tx_index,
            "attacker": front.trader,
            "front": _leg(front),
            "back": _leg(attack.back),
            "attacker_gain_raw": str(attack.back.bought_raw - front.sold_raw),
            "between": _between(case.swaps, attack),
        },
    )


def _between(swaps: Sequence[StoryTrade], attack: Attack) -> list[Json]:
    """Return which trades of the wallet lie between the legs."""
    first, last = attack.front.stamp, attack.back.stamp
    return [t.stamp.signature for t in swaps if first.order < t.stamp.order < last.order]


def _pair(neighbour: Neighbour) -> tuple[Mint, Mint]:
    return neighbour.sold_mint, neighbour.bought_mint


def _venues(trade: StoryTrade | Neighbour) -> frozenset[str]:
    return frozenset(trade.route or (trade.venue,))


def _leg(leg: Neighbour) -> dict[str, Json]:
    return {
        "signature": leg.stamp.signature,
        "tx_index": leg.stamp.tx_index,
        "sold_mint": leg.sold_mint,
        "sold_raw": str(leg.sold_raw),
        "bought_mint": leg.bought_mint,
        "bought_raw": str(leg.bought_raw),
        "venue": leg.venue,
        "route": list(leg.route),
    }
