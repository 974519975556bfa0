"""Moments as rows: columns for what is looked up or sorted by, a document for the rest."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Final

import orjson

from oof.adapters.postgres.rows import address_of, signature_of
from oof.domain.moments.model import Moment, MomentId, MomentKind, Provisional
from oof.domain.moments.stored import Extreme, Extremes, KindCount, StoredMoment
from oof.domain.units import Mint, RawAmount, Slot, UnixSeconds

KIND_CODES: Final = {
    MomentKind.S2E: 1,
    MomentKind.BHD: 2,
    MomentKind.BAD_ROUTE: 3,
    MomentKind.IDLE_YIELD: 4,
    MomentKind.RUG: 5,
    MomentKind.PAPER_HANDS: 6,
    MomentKind.DIAMOND_HANDS: 7,
    MomentKind.ROUND_TRIP: 8,
    MomentKind.SANDWICH: 9,
    MomentKind.FEE_BURNER: 10,
    MomentKind.BEST_TRADE: 11,
    MomentKind.WORST_TRADE: 12,
}
"""The small numbers that stand for kinds. Never reused, only added."""
KIND_OF_CODE: Final = {code: kind for kind, code in KIND_CODES.items()}

COLUMNS: Final = (
    "m.address, x.id, x.tx_id, t.signature, x.kind, x.place, x.slot, x.at, x.due_at, x.version, "
    "x.severity, x.usd, x.pct, x.document"
)
"""Of `moments x JOIN mints m JOIN transactions t`; what `moment_of` reads."""


def moment_of(row: Sequence[Any]) -> StoredMoment:
    """Return a row of `COLUMNS` as a moment."""
    mint, id_, tx_id, signature, kind, place, slot, at, due_at, version, *rest = row
    severity, usd, pct, told = rest
    qty = told["qty_raw"]
    moment = Moment(
        kind=KIND_OF_CODE[kind],
        mint=Mint(address_of(mint)),
        signature=signature_of(signature),
        slot=Slot(slot),
        tx_index=told["tx_index"],
        place=place,
        at=UnixSeconds(at),
        qty_raw=None if qty is None else RawAmount(int(qty)),
        usd=usd,
        pct=pct,
        severity=severity,
        source=told["source"],
        confidence=told["confidence"],
        provisional=frozenset(map(Provisional, told["provisional"])),
        due_at=None if due_at is None else UnixSeconds(due_at),
        version=version,
        evidence=told["evidence"],
    )
    return StoredMoment(MomentId(bytes(id_).hex()), tx_id, moment)


def document_of(moment: Moment) -> str:
    """Return what of a moment has no column, as JSON."""
    told = {
        "tx_index": moment.tx_index,
        "qty_raw": None if moment.qty_raw is None else str(moment.qty_raw),
        "source": moment.source,
        "confidence": moment.confidence,
        "provisional": sorted(moment.provisional),
        "evidence": moment.evidence,
    }
    return orjson.dumps(told).decode()


def extremes_of(document: dict[str, Any] | None) -> Extremes:
    """Return a stored document as extremes; nothing where there is none."""
    if document is None:
        return Extremes()
    return Extremes(
        {MomentKind(kind): KindCount(*counts) for kind, counts in document["counts"].items()},
        tuple(_extreme(*each) for each in document["dearest"]),
    )


def extremes_document(extremes: Extremes) -> str:
    """Return extremes as JSON."""
    told = {
        "counts": {kind.value: list(count) for kind, count in extremes.counts.items()},
        "dearest": [
            [e.kind, e.id, e.mint, e.usd if e.usd is None else str(e.usd), str(e.severity), e.at]
            for e in extremes.dearest
        ],
    }
    return orjson.dumps(told).decode()


def columns_of(moments: Iterable[StoredMoment]) -> dict[str, list[Any]]:
    """Return moments as the columns that are inserted, mints as addresses."""
    rows = list(moments)
    told = [row.moment for row in rows]
    return {
        "ids": [bytes.fromhex(row.id) for row in rows],
        "tx_ids": [row.tx_id for row in rows],
        "kinds": [KIND_CODES[m.kind] for m in told],
        "places": [m.place for m in told],
        "slots": [m.slot for m in told],
        "ats": [m.at for m in told],
        "due_ats": [m.due_at for m in told],
        "versions": [m.version for m in told],
        "severities": [m.severity for m in told],
        "usds": [m.usd for m in told],
        "pcts": [m.pct for m in told],
        "documents": [document_of(m) for m in told],
    }


def _extreme(kind: str, id_: str, mint: str, usd: str | None, severity: str, at: int) -> Extreme:
    return Extreme(
        MomentKind(kind),
        MomentId(id_),
        Mint(mint),
        None if usd is None else Decimal(usd),
        Decimal(severity),
        UnixSeconds(at),
    )
