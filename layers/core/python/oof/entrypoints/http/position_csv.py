"""Positions as CSV (RFC 4180): a line a position, amounts in base units, lamports and USD."""

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
    "realized_pnl_usd",
    "slot_ref",
    "changed_at",
)
_USD: Final = (
    "proceeds_usd",
    "cost_usd",
    "fees_usd",
    "volume_usd",
    "wins",
    "losses",
    "excluded_usd",
    "pending_exits",
    "unpriced_exits",
    "unvalued_trades",
    "held_cost_usd",
    "held_fees_usd",
)
_USD_AMOUNTS: Final = ("held_cost_covers", "held_pending", "held_unpriced", "held_unknown_basis")
_NOW: Final = (
    "price_usd",
    "prices_as_of",
    "source",
    "confidence",
    "value_usd",
    "unrealized_pnl_usd",
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
    *(f"usd.{name}" for name in _USD),
    *(f"usd.{name}_raw" for name in _USD_AMOUNTS),
    *(f"now.{name}" for name in _NOW),
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
        *(_of(item["usd"], name) for name in _USD),
        *(_of(_of(item["usd"], name), "raw") for name in _USD_AMOUNTS),
        *(_of(item["now"], name) for name in _NOW),
        " ".join(item["provisional"]),
    ]


def _of(part: dict[str, Any] | None, name: str) -> Any:
    return None if part is None else part[name]


def _plain(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value
