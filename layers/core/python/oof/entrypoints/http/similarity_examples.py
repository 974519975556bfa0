"""Examples of similarity, each a whole body."""

from typing import Any, Final

from oof.entrypoints.http.examples import WALLET

OTHER: Final = "7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU"
_STRANGER: Final = "9WzDXwBbmkg8ZTbNMqUxvQRAyrZzDsGYdLVL9zYtAWWM"
_MINT: Final = "DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263"
_SIGNATURE: Final = (
    "5VERv8NMvzbJMEkV8xnrLkEaWRtSz9CosKDYjCJjBRnbJLgp8uirBgmQpjKhoR4tjF3ZpRzrFmBV6UjKdiSZkQUW"
)
_SCORES: Final[dict[str, Any]] = {
    "overall": 0.7215,
    "allocation": 0.55,
    "timing": 0.81,
    "cotrading": 0.8125,
    "behaviour": None,
}
_FIRST: Final[dict[str, Any]] = {
    "slot": 343_000_100,
    "at": "2025-06-01T12:00:00Z",
    "signature": _SIGNATURE,
}
_SECOND: Final[dict[str, Any]] = {
    "slot": 343_000_110,
    "at": "2025-06-01T12:00:04Z",
    "signature": _SIGNATURE,
}
ASK: Final[dict[str, Any]] = {"wallets": [WALLET, OTHER, _STRANGER]}
SIMILARITY: Final[dict[str, Any]] = {
    "version": 1,
    "wallets": [
        {
            "address": WALLET,
            "state": "SEEN_FULL",
            "as_of_slot": 343_000_123,
            "has_vector": True,
            "reason": None,
            "computed_at": "2025-06-01T12:29:00Z",
            "purchases": 120,
            "tokens": 48,
            "share_unit": "usd",
            "active_days": 61,
            "too_small": [],
        },
        {
            "address": OTHER,
            "state": "SEEN_PARTIAL",
            "as_of_slot": 343_000_119,
            "has_vector": True,
            "reason": None,
            "computed_at": "2025-06-01T12:29:00Z",
            "purchases": 64,
            "tokens": 40,
            "share_unit": "usd",
            "active_days": 33,
            "too_small": ["behaviour"],
        },
        {
            "address": _STRANGER,
            "state": "UNSEEN",
            "as_of_slot": None,
            "has_vector": False,
            "reason": "never_opened",
            "computed_at": None,
            "purchases": None,
            "tokens": None,
            "share_unit": None,
            "active_days": None,
            "too_small": [],
        },
    ],
    "order": [WALLET, OTHER],
    "matrix": {
        "overall": [[1.0, 0.7215], [0.7215, 1.0]],
        "allocation": [[1.0, 0.55], [0.55, 1.0]],
        "timing": [[1.0, 0.81], [0.81, 1.0]],
        "cotrading": [[1.0, 0.8125], [0.8125, 1.0]],
        "behaviour": [[1.0, None], [None, None]],
    },
    "weights": {"allocation": 0.3, "timing": 0.15, "cotrading": 0.4, "behaviour": 0.15},
    "pairs": [
        {
            "first": WALLET,
            "second": OTHER,
            "scores": _SCORES,
            "shared_tokens": 31,
            "first_led": 29,
            "second_led": 2,
            "same_slot": 0,
            "within_10s": 27,
            "within_60s": 30,
            "within_10m": 31,
            "within_2_slots": 0,
            "median_lag_sec": 4.0,
            "median_gap_sec": 4.0,
            "leader": WALLET,
            "closest": [
                {
                    "mint": _MINT,
                    "symbol": "Bonk",
                    "lag_sec": 4.0,
                    "first": _FIRST,
                    "second": _SECOND,
                }
            ],
        }
    ],
    "pairs_count": 1,
    "tokens": [
        {
            "mint": _MINT,
            "symbol": "Bonk",
            "wallets": [
                {"address": WALLET, "share": 0.125, **_FIRST},
                {"address": OTHER, "share": None, **_SECOND},
            ],
        }
    ],
    "tokens_count": 31,
    "clusters": [{"wallets": [WALLET, OTHER], "cohesion": 0.7215}],
    "cluster_threshold": 0.5,
}
SIMILAR: Final[dict[str, Any]] = {
    "address": WALLET,
    "state": "SEEN_FULL",
    "as_of_slot": 343_000_123,
    "has_vector": True,
    "reason": None,
    "vector_computed_at": "2025-06-01T12:29:00Z",
    "as_of": "2025-06-01T12:20:00Z",
    "compared_with": 2_113,
    "items": [{"address": OTHER, "scores": _SCORES}],
}
