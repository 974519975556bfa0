"""Examples of moments shown in the API's description; a test holds each against its model."""

from typing import Any, Final

from oof.entrypoints.http.examples import WALLET

MOMENT_ID: Final = "3f1c0d9a5b7e42c68a10d2f4e6b8c7a9"
_MINT: Final = "DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263"
_SOLD_BY: Final = (
    "3vZ67CGoRYkuT76TtpP2VrtTPBfnvG2xj6mUTvvux46qbnpThgQDgm27nC3yQVUZrABFjT9Qo7vA74tCjtV5P9Xg"
)
_SOLD_AT: Final = "2025-06-01T12:00:00Z"

_MOMENT: Final[dict[str, Any]] = {
    "id": MOMENT_ID,
    "kind": "S2E",
    "mint": _MINT,
    "symbol": "BONK",
    "amount": {
        "raw": "40000000000",
        "decimals": 5,
        "ui": "400000",
        "mint": _MINT,
        "symbol": "BONK",
    },
    "usd": "80.00000000",
    "pct": "0.80000000",
    "severity": "1.00000000",
    "at": _SOLD_AT,
    "sig_ref": _SOLD_BY,
    "slot_ref": 343_009_123,
    "price_source": "geckoterminal",
    "confidence": 80,
    "version": 1,
    "provisional": [],
    "due_at": None,
}
MOMENTS: Final[dict[str, Any]] = {
    "address": WALLET,
    "state": "SEEN_FULL",
    "as_of_slot": 343_009_123,
    "looking": False,
    "items": [_MOMENT],
    "next_cursor": None,
}
MOMENT: Final[dict[str, Any]] = {
    "address": WALLET,
    "state": "SEEN_FULL",
    "as_of_slot": 343_009_123,
    "moment": _MOMENT,
    "tx_index": 812,
    "place": 0,
    "evidence": {
        "formulas": {
            "usd": "units * peak_usd - received_usd",
            "pct": "units * peak_usd / received_usd - 1",
            "severity": "max(0, min(1, pct / early_full_pct))",
        },
        "inputs": {"units": "400000", "received_usd": "100", "peak_usd": "0.00045"},
        "thresholds": {
            "early_pct": "0.25",
            "early_usd": "25",
            "early_full_pct": "0.75",
            "dust_usd": "10",
        },
        "signatures": [_SOLD_BY],
        "prices": [
            {
                "of": "peak",
                "mint": _MINT,
                "start": 1_748_995_200,
                "width": 3600,
                "usd": "0.00045",
                "source": "geckoterminal",
                "confidence": 80,
            }
        ],
    },
}
EXTREMES: Final[dict[str, Any]] = {
    "address": WALLET,
    "state": "SEEN_FULL",
    "as_of_slot": 343_009_123,
    "looking": False,
    "counts": {"S2E": 4},
    "open": 1,
    "highest_win": None,
    "highest_loss": None,
    "sold_too_early": _MOMENT,
    "bag_holder": None,
    "bad_route": None,
    "idle_yield": None,
    "rug": None,
    "paper_hands": None,
    "diamond_hands": None,
    "round_trip": None,
    "sandwich": None,
    "fee_burner": None,
}
