"""Examples of analyses shown in the API's description; a test holds each against its model."""

from typing import Any, Final

from oof.entrypoints.http.examples import WALLET

_OTHER: Final = "9fkFyM8yDmyLZ3yLBZLjtqsY1Dk3YVJAXDGEDxVm8ESM"
_MINT: Final = "DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263"


def _amount(whole: int) -> dict[str, Any]:
    raw = str(whole * 100_000)
    return {"raw": raw, "decimals": 5, "ui": str(whole), "mint": _MINT, "symbol": "BONK"}


ASK: Final[dict[str, Any]] = {
    "wallets": [WALLET, _OTHER],
    "method": "hifo",
    "realize_exchange_transfers": False,
}
GROUP: Final[dict[str, Any]] = {
    "id": "5d1f0a86c6a04e8fa4a3a7f2f0a1b2c3",
    "wallets": [
        {
            "address": WALLET,
            "state": "SEEN_FULL",
            "as_of_slot": 343_009_123,
            "provisional": [],
        },
        {
            "address": _OTHER,
            "state": "SEEN_PARTIAL",
            "as_of_slot": 343_001_000,
            "provisional": ["history_partial"],
        },
    ],
    "method": "hifo",
    "realize_exchange_transfers": False,
    "exchanges_version": None,
    "transactions": 4,
    "totals": {
        "open": 1,
        "closed": 0,
        "realized_pnl_lamports": "91000000",
        "realized_pnl_usd": "13.65000000",
        "fees_lamports": "9000000",
        "fees_usd": "1.35000000",
        "other_fees_lamports": "10000",
        "wins": 1,
        "losses": 0,
        "wins_usd": 1,
        "losses_usd": 0,
        "excluded_lamports": "0",
        "excluded_usd": "0.00000000",
        "unpriced_exits": 0,
        "unpriced_exits_usd": 0,
        "pending_exits_usd": 0,
        "method_fallbacks": 0,
    },
    "provisional": ["history_partial"],
    "computed_at": "2025-06-01T12:05:00Z",
    "expires_at": "2025-06-08T12:05:00Z",
    "items": [
        {
            "held": _amount(600),
            "on_chain": _amount(600),
            "difference": _amount(0),
            "aside": _amount(0),
            "is_open": True,
            "is_quote": False,
            "episodes": 1,
            "buys": 1,
            "exits": 1,
            "bought": _amount(1_000),
            "sold": _amount(400),
            "arrived": _amount(0),
            "left": _amount(0),
            "realized_pnl_lamports": "91000000",
            "realized_pnl_usd": "13.65000000",
            "fees_lamports": "9000000",
            "fees_usd": "1.35000000",
            "wins": 1,
            "losses": 0,
            "wins_usd": 1,
            "losses_usd": 0,
            "cost_lamports": "600000000",
            "cost_covers": _amount(600),
            "cost_usd": "90.00000000",
            "cost_usd_covers": _amount(600),
            "avg_hold_sec": 3_600,
            "method_fallbacks": 0,
            "left_out": {
                "unknown_basis": _amount(0),
                "unmatched": _amount(0),
                "excluded_lamports": "0",
                "excluded_usd": "0.00000000",
                "unpriced_exits": 0,
                "unpriced": _amount(0),
                "unpriced_exits_usd": 0,
                "pending_exits_usd": 0,
                "opening": _amount(0),
                "short": _amount(0),
            },
            "slot_ref": 343_009_123,
            "changed_at": "2025-06-01T12:00:00Z",
            "provisional": ["history_partial"],
        }
    ],
    "next_cursor": None,
}
