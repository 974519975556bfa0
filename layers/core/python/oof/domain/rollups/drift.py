"""Rollups as they are stored, worked out anew from what they are made of, and compared exactly.

What is stored is advanced piece by piece; this is the other way to the same numbers: the fold of
the whole ledger, the fold of the whole history, and sums over trades and days as they stand.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from oof.domain.positions.days import DayFigures, DayRow, summed
from oof.domain.positions.holding_days import HoldingDay
from oof.domain.positions.money import NO_USD, sum_usd
from oof.domain.rollups.windows import TokenWindow, WalletWindow, token_window
from oof.domain.snapshot.fold import FoldPlan
from oof.domain.snapshot.transfers import FlowKey, FlowSum
from oof.domain.units import Address, Mint, UnixSeconds
from oof.domain.windows import Window, window_days


class Drift(NamedTuple):
    """A table that says something else than what it is made of."""

    wallet: Address
    table: str
    rows: int
    """How many differ, are missing, or are too many."""
    key: str
    """The first of them."""
    stored: str | None
    wanted: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRollups:
    """What is advanced with a wallet's ledger."""

    counters: Mapping[str, int]
    hours: Mapping[UnixSeconds, int]
    activity: Mapping[tuple[int, str], int]
    flows: Mapping[FlowKey, FlowSum]


class TradedExit(NamedTuple):
    """What a day sums of one sale."""

    mint: Mint
    day: int
    pnl_lamports: int
    """0 where it has none."""
    proceeds_usd: Decimal | None
    cost_usd: Decimal | None
    fees_usd: Decimal | None
    pnl_usd: Decimal | None
    """None without a price for every part: then nothing of it is in a sum of dollars."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueRollups:
    """What is summed of a wallet's trades, and what that is made of; SOL and dollars aside."""

    exits: Sequence[TradedExit]
    buys: Mapping[tuple[Mint, int], int]
    """Purchases by mint and day."""
    position_days: Sequence[DayRow]
    wallet_days: Mapping[int, DayFigures]
    wallet_windows: Mapping[Window, WalletWindow]
    token_windows: Mapping[tuple[Window, Mint], TokenWindow]


class DaySums(NamedTuple):
    """What a day's sums are that follow from its exits and purchases alone."""

    buys: int
    exits: int
    wins: int
    losses: int
    realized_lamports: int
    realized_usd: Decimal
    proceeds_usd: Decimal
    cost_usd: Decimal
    fees_usd: Decimal


def ledger_drifts(wallet: Address, stored: LedgerRollups, plan: FoldPlan) -> list[Drift]:
    """Compare what is stored with the fold of the whole ledger; what is 0 counts as not there."""
    pairs: tuple[tuple[str, Mapping[Any, Any], Mapping[Any, Any]], ...] = (
        ("wallet_counters", stored.counters, plan.counters),
        ("wallet_hours", stored.hours, plan.hours),
        ("wallet_activity_days", stored.activity, plan.activity),
        ("wallet_flow_days", stored.flows, dict(plan.flows.changes())),
    )
    return [d for pair in pairs if (d := _compared(wallet, *pair)) is not None]


def holding_drifts(
    wallet: Address, stored: Iterable[HoldingDay], wanted: Iterable[HoldingDay]
) -> list[Drift]:
    """Compare holdings by day with the fold of the whole history."""
    have, want = ({(row.mint, row.day): row for row in rows} for rows in (stored, wanted))
    drift = _compared(wallet, "holding_days", have, want)
    return [] if drift is None else [drift]


def value_drifts(wallet: Address, stored: ValueRollups) -> list[Drift]:
    """Compare days with their trades, and windows with their days."""
    of_wallet: dict[int, list[DayRow]] = defaultdict(list)
    of_mint: dict[Mint, list[DayRow]] = defaultdict(list)
    for row in stored.position_days:
        of_wallet[row.day].append(row)
        of_mint[row.mint].append(row)
    pairs: list[tuple[str, Mapping[Any, Any], Mapping[Any, Any]]] = [
        ("position_days", {(d.mint, d.day): _sums(d.figures) for d in stored.position_days},
         _of_trades(stored)),
        ("wallet_days", stored.wallet_days,
         {day: summed(rows) for day, rows in of_wallet.items()}),
    ]  # fmt: skip
    if stored.wallet_windows:
        last = stored.wallet_windows[Window.ALL].to_day
        pairs += [
            (
                "wallet_windows",
                {w: (each.to_day, each.figures) for w, each in stored.wallet_windows.items()},
                {w: (last, _within(stored.wallet_days, w, last)) for w in Window},
            ),
            ("token_windows", stored.token_windows, _token_windows(of_mint, last)),
        ]
    return [d for pair in pairs if (d := _compared(wallet, *pair)) is not None]


def _compared(
    wallet: Address, table: str, stored: Mapping[Any, Any], wanted: Mapping[Any, Any]
) -> Drift | None:
    other = [
        key
        for key in stored.keys() | wanted.keys()
        if (stored.get(key) or None) != (wanted.get(key) or None)
    ]
    if not other:
        return None
    first = min(other, key=repr)
    texts = (repr(rows[first]) if first in rows else None for rows in (stored, wanted))
    return Drift(wallet, table, len(other), repr(first), *texts)


def _within(days: Mapping[int, DayFigures], window: Window, last: int) -> DayFigures:
    span = window_days(window, last)
    whole = DayFigures()
    for day, figures in days.items():
        if span.has(day):
            whole.add(figures)
    return whole


def _token_windows(
    of_mint: Mapping[Mint, Sequence[DayRow]], last: int
) -> dict[tuple[Window, Mint], TokenWindow]:
    found = (
        ((window, mint), token_window(mint, rows, window_days(window, last)))
        for mint, rows in of_mint.items()
        for window in Window
    )
    return {key: each for key, each in found if each is not None}


def _of_trades(stored: ValueRollups) -> dict[tuple[Mint, int], DaySums]:
    exits: dict[tuple[Mint, int], list[TradedExit]] = defaultdict(list)
    for sold in stored.exits:
        exits[sold.mint, sold.day].append(sold)
    buys = Counter(stored.buys)
    return {key: _summed(buys[key], exits[key]) for key in {*exits, *buys}}


def _summed(buys: int, exits: Sequence[TradedExit]) -> DaySums:
    valued = [sold for sold in exits if sold.pnl_usd is not None]
    return DaySums(
        buys,
        len(exits),
        sum((sold.pnl_usd or 0) > 0 for sold in valued),
        sum((sold.pnl_usd or 0) < 0 for sold in valued),
        sum(sold.pnl_lamports for sold in exits),
        sum_usd(sold.pnl_usd or NO_USD for sold in valued),
        sum_usd(sold.proceeds_usd or NO_USD for sold in valued),
        sum_usd(sold.cost_usd or NO_USD for sold in valued),
        sum_usd(sold.fees_usd or NO_USD for sold in valued),
    )


def _sums(figures: DayFigures) -> DaySums:
    return DaySums(*(getattr(figures, name) for name in DaySums._fields))
