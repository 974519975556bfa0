"""Verdicts as they are stored: JSON, with the signatures of the transactions that show them."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from oof.domain.behaviour.model import Reason
from oof.domain.classification.model import Figure, Verdict, VerdictKind
from oof.domain.units import Signature


class StoredVerdict(NamedTuple):
    """A verdict as it is kept and shown; see `Verdict`."""

    name: str
    kind: VerdictKind
    value: str | None
    rule: str
    sample: int
    least: int
    evidence: Mapping[str, Figure]
    signatures: tuple[Signature, ...]
    """Of up to three transactions that show it."""
    confidence: Decimal | None
    missing: Reason | None


def named(verdict: Verdict, signatures: Mapping[int, Signature]) -> StoredVerdict:
    """Return a verdict with signatures; transactions that are not found are left out."""
    found = tuple(signatures[tx_id] for tx_id in verdict.tx_ids if tx_id in signatures)
    told = verdict._asdict() | {"signatures": found}
    del told["tx_ids"]
    return StoredVerdict(**told)


def encode_verdicts(verdicts: Iterable[StoredVerdict]) -> list[dict[str, Any]]:
    """Return verdicts by the names of their parts."""
    return [
        {
            **each._asdict(),
            "kind": each.kind.value,
            "evidence": dict(each.evidence),
            "signatures": list(each.signatures),
            "confidence": None if each.confidence is None else f"{each.confidence:f}",
            "missing": None if each.missing is None else each.missing.value,
        }
        for each in verdicts
    ]


def decode_verdicts(told: Iterable[Mapping[str, Any]]) -> tuple[StoredVerdict, ...]:
    """Undo `encode_verdicts`."""
    return tuple(
        StoredVerdict(
            name=each["name"],
            kind=VerdictKind(each["kind"]),
            value=each["value"],
            rule=each["rule"],
            sample=each["sample"],
            least=each["least"],
            evidence=dict(each["evidence"]),
            signatures=tuple(map(Signature, each["signatures"])),
            confidence=None if each["confidence"] is None else Decimal(each["confidence"]),
            missing=None if each["missing"] is None else Reason(each["missing"]),
        )
        for each in told
    )
