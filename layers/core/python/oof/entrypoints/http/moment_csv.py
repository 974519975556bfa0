"""Moments as CSV (RFC 4180): a line a moment, without its evidence."""

import csv
import io
from typing import Any, Final

from oof.entrypoints.http.moment_bodies import MomentBody

_PLAIN: Final = (
    "id",
    "kind",
    "mint",
    "symbol",
    "usd",
    "pct",
    "severity",
    "at",
    "sig_ref",
    "slot_ref",
    "price_source",
    "confidence",
    "version",
    "due_at",
)
COLUMNS: Final = (*_PLAIN, "amount_raw", "decimals", "provisional")


def moments_csv(items: list[MomentBody]) -> str:
    """The lines of a page under their heading; empty where something is not known."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(_line(item.model_dump(mode="json")) for item in items)
    return out.getvalue()


def _line(item: dict[str, Any]) -> list[Any]:
    amount = item["amount"] or {"raw": None, "decimals": None}
    plain = [item[name] for name in _PLAIN]
    return [*plain, amount["raw"], amount["decimals"], " ".join(item["provisional"])]
