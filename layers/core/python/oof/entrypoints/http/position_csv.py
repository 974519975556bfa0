"""Positions as CSV (RFC 4180): a line a position, amounts in base units and lamports."""

import csv
import io
from typing import Any, Final

from oof.entrypoints.http.position_bodies import PositionBody

CSV: Final = "text/csv"
_AMOUNTS: Final = ("held", "on_chain", "difference", "aside", "bought", "sold", "arrived", "left")
_PLAIN: Final = (
    "is_open",
    "is_quote",
    "episodes",
    "buys",
    "exits",
    "wins",
    "losses",
    "spent_lamports",
    "received_lamports",
    "realized_pnl_lamports",
    "fees_lamports",
    "cost_lamports",
    "avg_cost_sol",
    "avg_hold_sec",
    "price",
    "slot_ref",
    "changed_at",
)
_LEFT_OUT: Final = ("unknown_basis", "unmatched", "unpriced", "opening", "short")
COLUMNS: Final = (
    "mint",
    "symbol",
    "decimals",
    *(f"{name}_raw" for name in _AMOUNTS),
    "cost_covers_raw",
    *_PLAIN,
    *(f"{name}_raw" for name in _LEFT_OUT),
    "excluded_lamports",
    "unpriced_exits",
    "provisional",
)


def positions_csv(items: list[PositionBody]) -> str:
    """The lines of a page under their heading; empty where something is not known."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(_line(item.model_dump(mode="json")) for item in items)
    return out.getvalue()


def _line(item: dict[str, Any]) -> list[Any]:
    held, left_out = item["held"], item["left_out"]
    return [
        held["mint"],
        held["symbol"],
        held["decimals"],
        *(item[name]["raw"] for name in _AMOUNTS),
        item["cost_covers"]["raw"],
        *(_plain(item[name]) for name in _PLAIN),
        *(left_out[name]["raw"] for name in _LEFT_OUT),
        left_out["excluded_lamports"],
        left_out["unpriced_exits"],
        " ".join(item["provisional"]),
    ]


def _plain(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value
