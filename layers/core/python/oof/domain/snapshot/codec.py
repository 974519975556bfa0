"""A summary as bytes: MessagePack, at most 4 KB whatever the wallet.

Addresses are 32 raw bytes, amounts integers (as text beyond 64 bits), buckets their first start
and the counts from there on. Unknown versions are refused, so that a reader never guesses.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import msgpack

from oof.domain.moments.model import MomentId, MomentKind
from oof.domain.snapshot.fold import DAY_S, HOUR_S
from oof.domain.snapshot.model import (
    NO_MOMENTS,
    NO_PNL,
    NO_POSITIONS,
    Coverage,
    LastError,
    MintBalance,
    MomentTotals,
    PositionTotals,
    Provisional,
    TopMoment,
    Unseen,
    UnseenCode,
    WalletPnl,
    WalletState,
    WalletSummary,
    WatchedBy,
)
from oof.domain.transactions.base58 import decode_base58, encode_base58
from oof.domain.units import Address, Lamports, Mint, RawAmount, UnixSeconds

VERSION: Final = 1
MAX_BYTES: Final = 4_096
_INT8: Final = 2**63
_KINDS: Final = tuple(MomentKind)
"""In this order, to which kinds are only added at the end."""


def encode_summary(summary: WalletSummary) -> bytes:
    """Return the summary's bytes."""
    fields = {
        "v": VERSION,
        "address": decode_base58(summary.address),
        "state": summary.state.value,
        "epoch": summary.epoch,
        "revision": summary.revision,
        "seq": summary.as_of_seq,
        "slot": summary.as_of_slot,
        "balances": [_pack_balance(balance) for balance in summary.balances],
        "balances_count": summary.balances_count,
        "tx": summary.tx_count,
        "failed": summary.failed_count,
        "mentions": summary.mentions,
        "hourly": _pack_buckets(summary.hourly, HOUR_S),
        "daily": _pack_buckets(summary.daily, DAY_S),
        "venues": summary.venues,
        "trades": summary.trade_count,
        "fees": {kind: _pack_int(paid) for kind, paid in summary.fees_lamports.items()},
        "oldest": summary.oldest_time,
        "newest": summary.newest_time,
        "coverage": tuple(summary.coverage),
        "tail": summary.tail_checked_at,
        "lag": summary.applied_lag_s,
        "error": tuple(summary.last_error) if summary.last_error is not None else None,
        "positions": [_pack_int(each) for each in summary.positions],
        "pnl": [f"{each:f}" if isinstance(each, Decimal) else each for each in summary.pnl],
        "moments": _pack_moments(summary.moments),
        "provisional": sorted(summary.provisional),
        "at": summary.projected_at,
    }
    symbols = _pack_symbols(summary, MAX_BYTES - len(msgpack.packb(fields)))
    return bytes(msgpack.packb({**fields, **symbols}))


def decode_summary(data: bytes) -> WalletSummary:
    """Undo `encode_summary`. Raises ValueError for bytes of another version."""
    fields: dict[str, Any] = msgpack.unpackb(data)
    if fields.get("v") != VERSION:
        msg = f"a summary of version {fields.get('v')}, expected {VERSION}"
        raise ValueError(msg)
    return WalletSummary(
        address=Address(encode_base58(fields["address"])),
        state=WalletState(fields["state"]),
        epoch=fields["epoch"],
        revision=fields["revision"],
        as_of_seq=fields["seq"],
        as_of_slot=fields["slot"],
        balances=tuple(_unpack_balance(row) for row in fields["balances"]),
        balances_count=fields["balances_count"],
        tx_count=fields["tx"],
        failed_count=fields["failed"],
        mentions=fields["mentions"],
        hourly=_unpack_buckets(fields["hourly"], HOUR_S),
        daily=_unpack_buckets(fields["daily"], DAY_S),
        venues=fields["venues"],
        trade_count=fields["trades"],
        fees_lamports={kind: Lamports(int(paid)) for kind, paid in fields["fees"].items()},
        oldest_time=fields["oldest"],
        newest_time=fields["newest"],
        coverage=_unpack_coverage(fields["coverage"]),
        tail_checked_at=fields["tail"],
        applied_lag_s=fields.get("lag"),
        last_error=LastError(*fields["error"]) if fields["error"] is not None else None,
        positions=_unpack_positions(fields.get("positions")),
        pnl=_unpack_pnl(fields.get("pnl")),
        moments=_unpack_moments(fields.get("moments")),
        symbols=_unpack_symbols(fields),
        provisional=frozenset(Provisional(each) for each in fields["provisional"]),
        projected_at=fields["at"],
    )


def _pack_int(value: int) -> int | str:
    return value if -_INT8 <= value < _INT8 else str(value)


def _pack_balance(balance: MintBalance) -> tuple[Any, ...]:
    return (
        decode_base58(balance.mint),
        _pack_int(balance.raw),
        balance.decimals,
        balance.slot,
        sum(bool(doubt) << place for place, doubt in enumerate(balance[4:])),
    )


def _unpack_balance(row: tuple[Any, ...]) -> MintBalance:
    mint, raw, decimals, slot, doubts = row
    return MintBalance(
        mint=Mint(encode_base58(mint)),
        raw=RawAmount(int(raw)),
        decimals=decimals,
        slot=slot,
        order_unresolved=bool(doubts & 1),
        history_partial=bool(doubts & 2),
        soft=bool(doubts & 4),
        order_unknown=bool(doubts & 8),
    )


def _unpack_coverage(row: list[Any]) -> Coverage:
    """Items written before `unseen` or `watch` was told hold none."""
    coverage = Coverage(*row)
    unseen = (Unseen(UnseenCode(code), since, every_s) for code, since, every_s in coverage.unseen)
    return coverage._replace(unseen=tuple(unseen), watch=WatchedBy(coverage.watch))


def _unpack_positions(row: list[Any] | None) -> PositionTotals:
    """Items written before positions were told hold none."""
    if row is None:
        return NO_POSITIONS
    opened, closed, realized, fees, wins, losses, excluded, unpriced, is_folding = map(int, row)
    return PositionTotals(
        opened,
        closed,
        Lamports(realized),
        Lamports(fees),
        wins,
        losses,
        Lamports(excluded),
        unpriced,
        bool(is_folding),
    )


def _unpack_pnl(row: list[Any] | None) -> WalletPnl:
    """Items written before dollars were told hold none; text stands for money."""
    if row is None:
        return NO_PNL
    pnl: list[Any] = [Decimal(each) if isinstance(each, str) else each for each in row]
    return WalletPnl(*pnl)


def _pack_moments(moments: MomentTotals) -> list[Any]:
    counts = [(_KINDS.index(kind), count) for kind, count in moments.counts.items()]
    top = [
        (
            _KINDS.index(each.kind),
            bytes.fromhex(each.id),
            decode_base58(each.mint),
            None if each.usd is None else f"{each.usd:f}",
            each.at,
        )
        for each in moments.top
    ]
    return [counts, moments.open_count, top]


def _unpack_moments(row: list[Any] | None) -> MomentTotals:
    """Items written before moments were told hold none."""
    if row is None:
        return NO_MOMENTS
    counts, open_count, top = row
    return MomentTotals(
        {_KINDS[code]: count for code, count in counts},
        open_count,
        tuple(
            TopMoment(
                _KINDS[code],
                MomentId(id_.hex()),
                Mint(encode_base58(mint)),
                None if usd is None else Decimal(usd),
                UnixSeconds(at),
            )
            for code, id_, mint, usd, at in top
        ),
    )


def _pack_symbols(summary: WalletSummary, room: int) -> dict[str, list[str | None]]:
    """Return the symbols of balances, then of moments, as far as they fit; nothing where none does.

    They are the one part that others wrote: bounded by what the rest leaves, in this order.
    """
    shown = [
        *(balance.mint for balance in summary.balances),
        *(moment.mint for moment in summary.moments.top),
    ]
    room -= len(msgpack.packb({"symbols": [None] * len(shown)}))
    told: list[str | None] = []
    for mint in shown:
        symbol = summary.symbols.get(mint)
        more = len(msgpack.packb(symbol)) - len(msgpack.packb(None))
        told.append(symbol if more <= room else None)
        room -= 0 if told[-1] is None else more
    return {"symbols": told} if any(told) else {}


def _unpack_symbols(fields: Mapping[str, Any]) -> dict[Mint, str]:
    """Items written before symbols were told hold none."""
    moments = fields.get("moments") or (None, None, ())
    mints = (*(row[0] for row in fields["balances"]), *(row[2] for row in moments[2]))
    told = zip(mints, fields.get("symbols") or (), strict=False)
    return {Mint(encode_base58(mint)): symbol for mint, symbol in told if symbol is not None}


def _pack_buckets(buckets: Mapping[UnixSeconds, int], width: int) -> list[int]:
    if not buckets:
        return []
    first, last = min(buckets), max(buckets)
    counts = [buckets.get(UnixSeconds(start), 0) for start in range(first, last + 1, width)]
    return [first, *counts]


def _unpack_buckets(packed: list[int], width: int) -> dict[UnixSeconds, int]:
    return {
        UnixSeconds(packed[0] + place * width): count
        for place, count in enumerate(packed[1:])
        if count
    }
