"""FEE_BURNER: fees that were large against what was traded.

What the wallet paid around a transaction (network, priority, tips, fees of platforms and bots; no
rent) is shared evenly by its trades; the trades whose home this story is bear theirs together.
`usd` is that share, `pct` the same of what these trades were worth.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final

from oof.domain.moments.case import Case
from oof.domain.moments.evidence import Detector, Finding, Told, leg_of, moment_of
from oof.domain.moments.formulas import Formulas, total_of
from oof.domain.moments.model import Moment, MomentKind, StoryFees, StoryTrade
from oof.domain.moments.worth import worth_of
from oof.domain.units import SOL_MINT, RawAmount, Signature

DETECTOR: Final = Detector(MomentKind.FEE_BURNER, 1)
_FORMULAS: Final[Formulas] = {
    "usd": "fees_usd * own_trades / trades",
    "pct": "usd / worth_usd",
    "severity": "max(0, min(1, pct / fee_full_pct))",
}


def detect(case: Case) -> Iterator[Moment]:
    """Yield the transactions whose fees ate much of what was traded."""
    trades: dict[Signature, list[StoryTrade]] = defaultdict(list)
    for trade in case.swaps:
        trades[trade.stamp.signature].append(trade)
    for fees in case.story.fees:
        own = trades.get(fees.stamp.signature, [])
        found = _found(case, fees, own) if own else None
        if found is not None:
            yield moment_of(DETECTOR, case, found)


def _found(case: Case, fees: StoryFees, own: Sequence[StoryTrade]) -> Finding | None:
    story, config, at = case.story, case.config, fees.stamp.at
    worths = [worth_of(trade, at, story.prices) for trade in own]
    known = [worth for worth in worths if worth is not None]
    lamports = RawAmount(sum(fees.lamports.values()))
    paid = None if at is None else story.prices.value(SOL_MINT, lamports, at)
    if paid is None or len(known) < len(own) or fees.trades < len(own):
        return None
    worth = total_of(each.usd for each in known)
    share = Fraction(paid.usd) * len(own) / fees.trades
    least = max(Fraction(worth) * Fraction(config.fee_pct), Fraction(config.fee_usd))
    if worth < config.dust_usd or share < least:
        return None
    decimals = story.prices.decimals(SOL_MINT)
    return Finding(
        stamp=fees.stamp,
        qty_raw=None,
        formulas=_FORMULAS,
        inputs={
            "fees_usd": paid.usd,
            "own_trades": len(own),
            "trades": fees.trades,
            "worth_usd": worth,
        },
        thresholds=("fee_pct", "fee_usd", "fee_full_pct", "dust_usd"),
        prices=(
            Told("fees", SOL_MINT, paid.priced, lamports, decimals),
            *(leg_of("worth", each, case) for each in known),
        ),
        evidence={
            "lamports": {kind.value: str(fees.lamports[kind]) for kind in sorted(fees.lamports)}
        },
    )
