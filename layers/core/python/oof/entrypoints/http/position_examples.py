"""Examples of positions shown in the API's description; a test holds each against its model."""

from typing import Any, Final

from oof.entrypoints.http.examples import WALLET

_MINT: Final = "DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263"
_BOUGHT_BY: Final = (
    "2nBhEBYYvfaAe16UMNqRHre4YNSskvuYgx3M6E4JP1oDYvZEJHvoPzyUidNgNX5r9sTyN1J9UxtbCXy2rqYcuyuv"
)
_SOLD_BY: Final = (
    "3vZ67CGoRYkuT76TtpP2VrtTPBfnvG2xj6mUTvvux46qbnpThgQDgm27nC3yQVUZrABFjT9Qo7vA74tCjtV5P9Xg"
)
_BOUGHT_AT: Final = "2025-06-01T11:00:00Z"
_SOLD_AT: Final = "2025-06-01T12:00:00Z"


def _amount(whole: int) -> dict[str, Any]:
    raw = str(whole * 100_000)
    return {"raw": raw, "decimals": 5, "ui": str(whole), "mint": _MINT, "symbol": "BONK"}


_SOL: Final[dict[str, Any]] = {
    "mint": "So11111111111111111111111111111111111111112",
    "price_usd": "150",
    "at": _BOUGHT_AT,
    "width_sec": 60,
    "source": "pyth",
    "confidence": 95,
}
_LOT: Final[dict[str, Any]] = {
    "sig_ref": _BOUGHT_BY,
    "slot_ref": 343_000_123,
    "opened_at": _BOUGHT_AT,
    "origin": "trade",
    "amount": _amount(400),
    "cost_lamports": "400000000",
    "fees_lamports": "4000000",
    "usd": {"cost_usd": "60.00000000", "fees_usd": "0.60000000", "priced_by": _SOL, "missing": []},
}
_POSITION: Final[dict[str, Any]] = {
    "held": _amount(600),
    "on_chain": _amount(600),
    "difference": _amount(0),
    "aside": _amount(0),
    "is_open": True,
    "is_quote": False,
    "episodes": 1,
    "buys": 1,
    "exits": 1,
    "wins": 1,
    "losses": 0,
    "bought": _amount(1_000),
    "sold": _amount(400),
    "arrived": _amount(0),
    "left": _amount(0),
    "spent_lamports": "1000000000",
    "received_lamports": "500000000",
    "realized_pnl_lamports": "91000000",
    "fees_lamports": "9000000",
    "cost_lamports": "600000000",
    "cost_covers": _amount(600),
    "avg_cost_sol": "0.001",
    "avg_hold_sec": 3_600,
    "realized_pnl_usd": "15.13500000",
    "price": "priced",
    "usd": {
        "proceeds_usd": "76.50000000",
        "cost_usd": "60.00000000",
        "fees_usd": "1.36500000",
        "volume_usd": "226.50000000",
        "wins": 1,
        "losses": 0,
        "excluded_usd": "0.00000000",
        "pending_exits": 0,
        "unpriced_exits": 0,
        "unvalued_trades": 0,
        "held_cost_usd": "90.00000000",
        "held_fees_usd": "0.90000000",
        "held_cost_covers": _amount(600),
        "held_pending": _amount(0),
        "held_unpriced": _amount(0),
        "held_unknown_basis": _amount(0),
    },
    "now": {
        "price_usd": "0.2",
        "prices_as_of": _SOLD_AT,
        "source": "geckoterminal",
        "confidence": 80,
        "value_usd": "120.00000000",
        "unrealized_pnl_usd": "29.10000000",
    },
    "left_out": {
        "unknown_basis": _amount(0),
        "unmatched": _amount(0),
        "excluded_lamports": "0",
        "unpriced_exits": 0,
        "unpriced": _amount(0),
        "opening": _amount(0),
        "short": _amount(0),
    },
    "slot_ref": 343_009_123,
    "changed_at": _SOLD_AT,
    "provisional": [],
}

POSITIONS: Final[dict[str, Any]] = {
    "address": WALLET,
    "state": "SEEN_FULL",
    "as_of_slot": 343_009_123,
    "folding": False,
    "method": "fifo",
    "items": [_POSITION],
    "next_cursor": None,
}
POSITION: Final[dict[str, Any]] = {
    "address": WALLET,
    "state": "SEEN_FULL",
    "as_of_slot": 343_009_123,
    "folding": False,
    "position": _POSITION,
    "lots": [
        {
            **_LOT,
            "amount": _amount(600),
            "cost_lamports": "600000000",
            "fees_lamports": "6000000",
            "usd": {
                "cost_usd": "90.00000000",
                "fees_usd": "0.90000000",
                "priced_by": _SOL,
                "missing": [],
            },
        }
    ],
    "lots_count": 1,
    "aside_raw": {},
    "episodes": [],
    "exits": [
        {
            "sig_ref": _SOLD_BY,
            "slot_ref": 343_009_123,
            "sold_at": _SOLD_AT,
            "matched": _amount(400),
            "unknown_basis": _amount(0),
            "unmatched": _amount(0),
            "bought_mint": "So11111111111111111111111111111111111111112",
            "bought_raw": "500000000",
            "proceeds_lamports": "500000000",
            "cost_lamports": "400000000",
            "entry_fees_lamports": "4000000",
            "exit_fees_lamports": "5000000",
            "pnl_lamports": "91000000",
            "pnl_usd": "15.13500000",
            "usd": {
                "proceeds_usd": "76.50000000",
                "cost_usd": "60.00000000",
                "fees_usd": "1.36500000",
                "pnl_usd": "15.13500000",
                "missing": [],
                "confidence": 95,
                "priced_by": {**_SOL, "price_usd": "153", "at": _SOLD_AT},
                "exit_fees_usd": "0.76500000",
            },
            "lots": [_LOT],
        }
    ],
    "next_cursor": None,
}

EPISODE: Final[dict[str, Any]] = {
    "number": 1,
    "opened_slot": 342_000_000,
    "opened_at": "2025-05-20T12:30:00Z",
    "closed_slot": 343_000_123,
    "closed_at": "2025-06-01T12:30:00Z",
}
