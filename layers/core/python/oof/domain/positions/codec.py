"""A position's state as bytes: MessagePack, its lots in order, mints named once.

Numbers beyond 64 bits are text. Unknown versions are refused; the same state is the same bytes.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgpack

from oof.domain.positions.fold import Position
from oof.domain.positions.lots import Entry, Lot, LotBook, Moment, Origin
from oof.domain.positions.worth import Ratio, Worth
from oof.domain.transactions.model import Kind
from oof.domain.units import Mint, RawAmount, Signature, Slot

VERSION: Final = 1
_INT8: Final = 2**63
_ORIGINS: Final = tuple(Origin)


def encode_position(position: Position) -> bytes:
    """Return the bytes of a position's lots and episode."""
    names = _Names([])
    opened = position.opened
    fields = [
        VERSION,
        names.mints,
        [_lot(lot, names) for lot in position.book.lots],
        {kind.value: [_lot(lot, names) for lot in b.lots] for kind, b in position.aside.items()},
        _int(position.unmatched_raw),
        position.episodes,
        None if opened is None else [*opened[0], opened[1]],
    ]
    return bytes(msgpack.packb(fields))


def decode_position(mint: Mint, data: bytes) -> Position:
    """Undo `encode_position`. Raises ValueError for bytes of another version."""
    fields: list[Any] = msgpack.unpackb(data)
    if fields[0] != VERSION:
        msg = f"a position of version {fields[0]}, expected {VERSION}"
        raise ValueError(msg)
    _, mints, lots, aside, unmatched, episodes, opened = fields
    names = _Names([Mint(name) for name in mints])
    return Position(
        mint,
        LotBook(lots=[_unlot(lot, names) for lot in lots]),
        {
            Kind(kind): LotBook(lots=[_unlot(lot, names) for lot in rows])
            for kind, rows in aside.items()
        },
        int(unmatched),
        episodes,
        None if opened is None else (Moment(opened[0], opened[1]), opened[2]),
    )


class _Names:
    """Mints by number, in the order they are met."""

    def __init__(self, mints: list[Mint]) -> None:
        self.mints = mints
        self._numbers = {mint: number for number, mint in enumerate(mints)}

    def pack(self, costs: Mapping[Mint, RawAmount]) -> list[Any]:
        """Return amounts by mint as pairs."""
        for mint in costs:
            if mint not in self._numbers:
                self._numbers[mint] = len(self.mints)
                self.mints.append(mint)
        return [[self._numbers[mint], _int(raw)] for mint, raw in costs.items()]

    def unpack(self, pairs: list[Any]) -> dict[Mint, RawAmount]:
        """Undo `pack`."""
        return {self.mints[number]: RawAmount(int(raw)) for number, raw in pairs}


def _lot(lot: Lot, names: _Names) -> list[Any]:
    entry = lot.entry
    return [
        *entry.opened,
        _int(entry.qty_raw),
        names.pack(entry.cost_raw),
        _worth(entry.worth),
        _worth(entry.fees),
        _ORIGINS.index(entry.origin),
        entry.signature,
        entry.at,
        _int(lot.qty_raw),
        None if lot.cost_raw == entry.cost_raw else names.pack(lot.cost_raw),
        None if lot.worth == entry.worth else _worth(lot.worth),
        None if lot.fees == entry.fees else _worth(lot.fees),
        _int(lot.share_of),
    ]


def _unlot(fields: list[Any], names: _Names) -> Lot:
    slot, index, qty, cost, worth, fees, origin, signature, at = fields[:9]
    left, cost_left, worth_left, fees_left, share_of = fields[9:]
    entry = Entry(
        Moment(Slot(slot), index),
        RawAmount(int(qty)),
        names.unpack(cost),
        _unworth(worth),
        _unworth(fees),
        _ORIGINS[origin],
        None if signature is None else Signature(signature),
        at,
    )
    return Lot(
        entry,
        int(left),
        dict(entry.cost_raw) if cost_left is None else names.unpack(cost_left),
        entry.worth if worth_left is None else _unworth(worth_left),
        entry.fees if fees_left is None else _unworth(fees_left),
        int(share_of),
    )


def _worth(worth: Worth) -> list[Any]:
    return [None if each is None else [_int(each.num), _int(each.den)] for each in worth]


def _unworth(fields: list[Any]) -> Worth:
    usd, lamports = (None if each is None else Ratio(int(each[0]), int(each[1])) for each in fields)
    return Worth(usd, lamports)


def _int(number: int) -> int | str:
    return number if -_INT8 <= number < _INT8 else str(number)
