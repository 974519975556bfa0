"""Small records of trades, for portraits made by hand."""

from decimal import Decimal
from typing import Any

from oof.domain.behaviour.model import Behaviour
from oof.domain.behaviour.portray import SpanPart, parts_of, portray
from oof.domain.behaviour.records import (
    CostMark,
    EntryMark,
    EpisodeMark,
    ExitMark,
    FirstBuy,
    History,
    TradeMark,
)
from oof.domain.units import SOL_MINT, Lamports, Mint, Slot, UnixSeconds
from oof.domain.windows import DaySpan

DAY_S = 86_400
TODAY = 20_000
"""2024-10-04, a Friday."""
NOON = UnixSeconds(TODAY * DAY_S + 12 * 3_600)
ALWAYS = DaySpan(None, TODAY)
BONK, WIF = Mint("bonk"), Mint("wif")


def trade(tx_id: int, at: int | None, **told: Any) -> TradeMark:
    """A purchase of a token; its slot is its number."""
    mark = TradeMark(
        tx_id=tx_id,
        leg=0,
        slot=Slot(tx_id),
        at=None if at is None else UnixSeconds(at),
        sold_mint=SOL_MINT,
        bought_mint=BONK,
        venue="jupiter",
        terminal=None,
        is_maker=False,
        arbitrage=False,
    )
    return mark._replace(**told)


def cost(tx_id: int, **told: Any) -> CostMark:
    """A transaction that cost its base fee."""
    free = Lamports(0)
    mark = CostMark(tx_id, NOON, priority=free, tip=free, bot_fee=free, total=Lamports(5_000))
    return mark._replace(**told)


def entry(tx_id: int, **told: Any) -> EntryMark:
    """A purchase for one SOL, worth 100 USD."""
    mark = EntryMark(BONK, tx_id, Slot(tx_id), NOON, Lamports(10**9), Decimal(100))
    return mark._replace(**told)


def exit_(tx_id: int, **told: Any) -> ExitMark:
    """A sale of a hundred units after an hour, 10 USD above their cost of 100, 1 USD of it fees."""
    mark = ExitMark(
        mint=BONK,
        tx_id=tx_id,
        place=0,
        slot=Slot(tx_id),
        tx_index=0,
        at=NOON,
        sold_raw=100,
        received_raw=0,
        hold_s=3_600,
        proceeds_usd=Decimal(111),
        cost_usd=Decimal(100),
        fees_usd=Decimal(1),
        pnl_usd=Decimal(10),
        pnl_lamports=10**8,
    )
    return mark._replace(**told)


def episode(number: int, opened: int, closed: int | None, **told: Any) -> EpisodeMark:
    """An episode from slot to slot; its times are those many seconds after noon."""
    mark = EpisodeMark(
        BONK,
        number,
        Slot(opened),
        UnixSeconds(NOON + opened),
        None if closed is None else Slot(closed),
        None if closed is None else UnixSeconds(NOON + closed),
    )
    return mark._replace(**told)


def first_buy(number: int, delay: int, **told: Any) -> FirstBuy:
    """The first purchase of a token so long after somebody else's."""
    mark = FirstBuy(
        Mint(f"token {number}"),
        number,
        NOON,
        UnixSeconds(NOON - delay),
        is_own=False,
        is_created=False,
    )
    return mark._replace(**told)


def part(history: History, span: DaySpan = ALWAYS) -> SpanPart:
    """What of a history lies within a span."""
    [found] = parts_of(history, [span])
    return found


def portrait(span: DaySpan = ALWAYS, **records: Any) -> Behaviour:
    """The portrait of a history made of some records."""
    history = History(**records)
    return portray(part(history, span), history.episodes)
