"""The exits of a mint that made or lost the most, whichever slot they are in."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from oof.domain.moments.case import Case
from oof.domain.moments.evidence import STORED, Finding, Told, lot_part
from oof.domain.moments.formulas import Formulas, units_of
from oof.domain.moments.model import Exit, Json
from oof.domain.moments.worth import Legs, worth_of
from oof.domain.prices.series import Priced
from oof.domain.units import RawAmount

FORMULAS: Final[Formulas] = {
    "pnl_usd": "proceeds_usd - cost_usd - fees_usd",
    "usd": "abs(pnl_usd)",
    "pct": "pnl_usd / cost_usd",
}
_STORED_CONFIDENCE: Final = 50


def valued_exits(case: Case) -> Iterator[tuple[Decimal, Exit]]:
    """Yield profit and exit, in chain order, where the profit of some units is known."""
    if case.is_quote or case.decimals is None:
        return
    exits = {(e.stamp.order, e.place): e for e in (*case.story.records, *case.story.exits)}
    for key in sorted(exits):
        exit_ = exits[key]
        cost, at = exit_.cost_usd, exit_.stamp.at
        if exit_.pnl_usd is None or not cost or at is None or not exit_.qty_raw:
            continue
        if cost >= case.config.dust_usd and None not in (exit_.proceeds_usd, exit_.fees_usd):
            yield exit_.pnl_usd, exit_


def record_of(case: Case, exit_: Exit, *, severity: str, thresholds: tuple[str, ...]) -> Finding:
    """Return what to tell of an exit from `valued_exits`."""
    zero, decimals = Decimal(0), case.decimals or 0
    listed = exit_.lots[: case.config.evidence_lots]
    lots: list[Json] = [lot_part(lot, decimals) for lot in listed]
    prices = [Told("exit", case.story.mint, priced) for priced in _prices(case, exit_)]
    return Finding(
        stamp=exit_.stamp,
        place=exit_.place,
        qty_raw=exit_.qty_raw,
        formulas={**FORMULAS, "severity": severity},
        inputs={
            "units": units_of(exit_.qty_raw, decimals),
            "proceeds_usd": exit_.proceeds_usd or zero,
            "cost_usd": exit_.cost_usd or zero,
            "fees_usd": exit_.fees_usd or zero,
        },
        thresholds=(*thresholds, "dust_usd"),
        prices=prices,
        source=STORED,
        confidence=100 if prices else _STORED_CONFIDENCE,
        uses_lots=True,
        evidence={
            "decimals": decimals,
            "lots": lots,
            "lots_left_out": len(exit_.lots) - len(listed),
            "unknown_raw": str(exit_.unknown_raw),
            "unmatched_raw": str(exit_.unmatched_raw),
        },
    )


def _prices(case: Case, exit_: Exit) -> Iterator[Priced]:
    """Yield the price that the proceeds were told by, where the book still has it."""
    legs = Legs(case.story.mint, RawAmount(exit_.sold_raw), exit_.bought_mint, exit_.bought_raw)
    worth = worth_of(legs, exit_.stamp.at, case.story.prices)
    if worth is not None:
        yield worth.priced
