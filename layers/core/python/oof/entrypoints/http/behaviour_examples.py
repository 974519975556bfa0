"""A portrait to show in the description: worked out of a small history, so it is never wrong."""

from decimal import Decimal
from functools import cache
from typing import Any, Final

from oof.domain.behaviour.codec import encode_behaviour
from oof.domain.behaviour.portray import parts_of, portray
from oof.domain.behaviour.records import (
    CostMark,
    EntryMark,
    EpisodeMark,
    ExitMark,
    FirstBuy,
    History,
    TradeMark,
)
from oof.domain.classification.codec import encode_verdicts, named
from oof.domain.classification.config import DEFAULTS
from oof.domain.classification.model import Case
from oof.domain.classification.registry import classify
from oof.domain.units import SOL_MINT, Lamports, Mint, Signature, Slot, UnixSeconds
from oof.domain.windows import DaySpan

_LAST_DAY: Final = 20_240
_FIRST_AT: Final = 1_748_700_000
"""A day before the span's end."""
_TOKENS: Final = ("BONK", "WIF", "JUP")
_ROUNDS: Final = 12


@cache
def example_portrait() -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The behaviour of twelve rounds of buying and selling, and what it is classed as."""
    history = History(
        trades=[trade for number in range(_ROUNDS) for trade in _trades(number)],
        costs=[_cost(number) for number in range(2 * _ROUNDS)],
        entries=[_entry(number) for number in range(_ROUNDS)],
        exits=[_exit(number) for number in range(_ROUNDS)],
        episodes=[_episode(number) for number in range(_ROUNDS)],
        first_buys=[_first_buy(number) for number in range(len(_TOKENS))],
    )
    [part] = parts_of(history, [DaySpan(_LAST_DAY - 29, _LAST_DAY)])
    behaviour = portray(part, history.episodes)
    signatures = {tx_id: Signature(f"{tx_id + 1}" * 44) for tx_id in range(2 * _ROUNDS)}
    verdicts = classify(Case(part, behaviour, DEFAULTS))
    return encode_behaviour(behaviour), encode_verdicts(named(v, signatures) for v in verdicts)


def _at(number: int, *, is_exit: bool) -> UnixSeconds:
    return UnixSeconds(_FIRST_AT + number * 3_000 + is_exit * (600 + 40 * number))


def _token(number: int) -> Mint:
    return Mint(_TOKENS[number % len(_TOKENS)])


def _trades(number: int) -> list[TradeMark]:
    sides = (SOL_MINT, _token(number)), (_token(number), SOL_MINT)
    return [
        TradeMark(
            2 * number + is_exit,
            0,
            Slot(1_000 + 2 * number + is_exit),
            _at(number, is_exit=bool(is_exit)),
            *sides[is_exit],
            "jupiter" if number % 3 else "pump_swap",
            None if number % 2 else "photon",
            is_maker=False,
            arbitrage=False,
        )
        for is_exit in (0, 1)
    ]


def _cost(number: int) -> CostMark:
    at = _at(number // 2, is_exit=bool(number % 2))
    tip = Lamports(100_000 if number % 2 else 0)
    priority = Lamports(20_000 + 1_000 * number)
    return CostMark(number, at, priority, tip, Lamports(0), Lamports(5_000 + priority + tip))


def _entry(number: int) -> EntryMark:
    lamports = Lamports(500_000_000 + 10_000_000 * number)
    usd = Decimal(lamports * 15) / 10**8
    at = _at(number, is_exit=False)
    return EntryMark(_token(number), 2 * number, Slot(1_000 + 2 * number), at, lamports, usd)


def _exit(number: int) -> ExitMark:
    pnl = Decimal(number - 4)
    return ExitMark(
        mint=_token(number),
        tx_id=2 * number + 1,
        place=0,
        slot=Slot(1_001 + 2 * number),
        tx_index=None,
        at=_at(number, is_exit=True),
        sold_raw=1_000,
        received_raw=0,
        hold_s=_at(number, is_exit=True) - _at(number, is_exit=False),
        proceeds_usd=75 + pnl,
        cost_usd=Decimal(75),
        fees_usd=Decimal("0.5"),
        pnl_usd=pnl,
        pnl_lamports=(number - 4) * 6_000_000,
    )


def _episode(number: int) -> EpisodeMark:
    return EpisodeMark(
        _token(number),
        number // len(_TOKENS) + 1,
        Slot(1_000 + 2 * number),
        _at(number, is_exit=False),
        Slot(1_001 + 2 * number),
        _at(number, is_exit=True),
    )


def _first_buy(number: int) -> FirstBuy:
    at = _at(number, is_exit=False)
    launched = UnixSeconds(at - 90 * number - 20)
    return FirstBuy(_token(number), 2 * number, at, launched, is_own=False, is_created=number == 0)
