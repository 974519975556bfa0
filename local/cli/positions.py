"""`./oof positions FILE…`: trades in, what each exit realized and what is still open out."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import orjson
import zstandard

from local.cli.faults import CliFault
from local.cli.normalize import (
    EXIT_FILE_UNREADABLE,
    EXIT_LINES_ERRED,
    EXIT_OK,
    open_source,
)
from oof.domain.positions.lots import Method, Moment, Slice
from oof.domain.positions.matching import (
    Open,
    Realized,
    TradeRow,
    Unmatched,
    match_trades,
)
from oof.domain.positions.pricing import PricePoint, PriceTable
from oof.domain.tokens import USDC_MINT, USDT_MINT
from oof.domain.units import (
    SOL_DECIMALS,
    SOL_MINT,
    Address,
    Mint,
    RawAmount,
    Slot,
    UnixSeconds,
)

KNOWN_DECIMALS: Final = {SOL_MINT: SOL_DECIMALS, USDC_MINT: 6, USDT_MINT: 6}
USD_DECIMALS: Final = 8
_MAX_DECIMALS: Final = 255
_DIGITS: Final = 100
"""Of a number that means something: of the largest amount there is, and of a price's exponent."""


class _Wrong(ValueError):
    """A line is not what it should be: which field, and what was expected."""


def positions_command(
    files: list[str], *, method: Method, prices: str | None, decimals: str | None
) -> int:
    """Match the trades of `files`, and write one JSON line an exit and an open lot.

    A line is a trade or what `normalize` printed; one that is neither becomes
    `{"error": {code, detail}, "line": n}`, written first. Returns the exit code: 1 if any line
    erred, 2 if a file could not be read. Raises CliFault for a bad line of prices or decimals.
    """
    known = dict(KNOWN_DECIMALS)
    if decimals is not None:
        known |= dict(_side_lines(decimals, _decimals))
    table = None
    if prices is not None:
        table = PriceTable(_side_lines(prices, _price), known)
    rows: list[TradeRow] = []
    exit_code = EXIT_OK
    for name in files:
        try:
            with open_source(name) as source:
                if not _read(source, rows):
                    exit_code = max(exit_code, EXIT_LINES_ERRED)
        except (OSError, zstandard.ZstdError) as fault:
            sys.stdout.flush()
            sys.stderr.write(f"oof: cannot read {name}: {fault}\n")
            exit_code = EXIT_FILE_UNREADABLE
    price_of = None if table is None else table.value
    for found in match_trades(rows, method=method, price_of=price_of):
        _write(render(found, method))
    sys.stdout.flush()
    return exit_code


def render(found: Realized | Unmatched | Open, method: Method) -> dict[str, Any]:
    """Give the plain values of one result, raw amounts as strings."""
    if isinstance(found, Open):
        lot = found.lot
        return {
            "type": "open",
            "wallet": found.wallet,
            "mint": found.mint,
            "slot": lot.entry.opened.slot,
            "tx_index": lot.entry.opened.tx_index,
            "qty_raw": str(lot.qty_raw),
            "cost_raw": _raws(lot.cost_raw),
        }
    opening = {
        "type": "realized" if isinstance(found, Realized) else "unmatched",
        "wallet": found.wallet,
        "mint": found.mint,
        "slot": found.moment.slot,
        "tx_index": found.moment.tx_index,
        "qty_raw": str(found.qty_raw),
    }
    proceeds = _raws(found.proceeds_raw)
    if isinstance(found, Unmatched):
        return opening | {"proceeds_raw": proceeds}
    realized = opening | {
        "cost_raw": _raws(found.cost_raw),
        "proceeds_raw": proceeds,
        "pnl_usd": None if found.pnl_usd is None else found.pnl_usd.text(USD_DECIMALS),
        "lots": [] if method is Method.AVERAGE else [_slice(part) for part in found.slices],
    }
    if found.method_fallback is not None:
        realized["method_fallback"] = found.method_fallback.value
    return realized


def _slice(part: Slice) -> dict[str, Any]:
    slot, tx_index = part.entry.opened
    return {"slot": slot, "tx_index": tx_index, "qty_raw": str(part.qty_raw)}


def _raws(amounts: Mapping[Mint, RawAmount]) -> dict[str, str]:
    return {mint: str(raw) for mint, raw in amounts.items()}


def _write(line: Mapping[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))


def _read(source: Any, rows: list[TradeRow]) -> bool:
    """Add the trades of a file; write a line for each that is none, and tell whether all were."""
    is_clean = True
    for number, line in enumerate(source, 1):
        if not line.strip():
            continue
        try:
            rows.extend(_trades(_parsed(line)))
        except _Wrong as fault:
            is_clean = False
            _write({"error": {"code": "bad_line", "detail": str(fault)}, "line": number})
    return is_clean


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        # Not orjson: it would read an amount beyond 64 bits, or a price, as a float.
        value = json.loads(line, parse_float=Decimal)
    except (ValueError, RecursionError) as fault:
        raise _Wrong("not a JSON document") from fault
    if not isinstance(value, dict):
        raise _Wrong("expected an object")
    return value


def _trades(line: Mapping[str, Any]) -> Iterator[TradeRow]:
    """Give the trades of a line: itself, or those within what `normalize` printed."""
    if isinstance(line.get("trades"), list) and "signature" in line:
        for trade in line["trades"]:
            if not isinstance(trade, dict):
                raise _Wrong("trades: expected objects")
            yield _trade({**line, **trade, "wallet": trade.get("trader")})
        return
    yield _trade(line)


def _trade(line: Mapping[str, Any]) -> TradeRow:
    index = line.get("tx_index")
    time = line.get("block_time")
    return TradeRow(
        wallet=Address(_text(line, "wallet")),
        moment=Moment(
            Slot(_count(line, "slot")), None if index is None else _count(line, "tx_index")
        ),
        block_time=None if time is None else UnixSeconds(_count(line, "block_time")),
        sold_mint=Mint(_text(line, "sold_mint")),
        sold_raw=RawAmount(_count(line, "sold_raw")),
        bought_mint=Mint(_text(line, "bought_mint")),
        bought_raw=RawAmount(_count(line, "bought_raw")),
    )


def _price(line: Mapping[str, Any]) -> PricePoint:
    usd = line.get("usd")
    try:
        price = Decimal(usd) if isinstance(usd, str | int | Decimal) else None
    except InvalidOperation:
        price = None
    if price is None or isinstance(usd, bool) or not price.is_finite() or price < 0:
        raise _Wrong("usd: expected a number that is not negative")
    if abs(price.adjusted()) > _DIGITS:
        raise _Wrong("usd: expected a number that a price may be")
    return PricePoint(Mint(_text(line, "mint")), UnixSeconds(_count(line, "ts")), price)


def _decimals(line: Mapping[str, Any]) -> tuple[Mint, int]:
    decimals = _count(line, "decimals")
    if decimals > _MAX_DECIMALS:
        raise _Wrong(f"decimals: expected at most {_MAX_DECIMALS}")
    return Mint(_text(line, "mint")), decimals


def _side_lines[T](name: str, read: Callable[[Mapping[str, Any]], T]) -> list[T]:
    """Read a file that all results rest on. Raises CliFault at the first line that is wrong."""
    found: list[T] = []
    try:
        with open_source(name) as source:
            for number, line in enumerate(source, 1):
                if line.strip():
                    try:
                        found.append(read(_parsed(line)))
                    except _Wrong as fault:
                        raise CliFault(f"{name}, line {number}: {fault}") from fault
    except (OSError, zstandard.ZstdError) as fault:
        raise CliFault(f"cannot read {name}: {fault}") from fault
    return found


def _text(line: Mapping[str, Any], field: str) -> str:
    value = line.get(field)
    if not isinstance(value, str) or not value:
        raise _Wrong(f"{field}: expected text")
    return value


def _count(line: Mapping[str, Any], field: str) -> int:
    """An integer from 0, written as a number or as text."""
    value = line.get(field)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _DIGITS:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise _Wrong(f"{field}: expected a whole number that is not negative")
