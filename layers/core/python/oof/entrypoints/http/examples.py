"""Examples shown in the API's description; a test holds each against its model."""

from typing import Any, Final

WALLET: Final = "8rvAsDKeAcEjEkiZMug9k8v1y8mW6gQQiMobd89Uy7qR"
_SIGNATURE: Final = (
    "2nBhEBYYvfaAe16UMNqRHre4YNSskvuYgx3M6E4JP1oDYvZEJHvoPzyUidNgNX5r9sTyN1J9UxtbCXy2rqYcuyuv"
)
_SOL: Final = "So11111111111111111111111111111111111111112"
_MINT: Final = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"
_OPENED_AT: Final = "2025-06-01T12:00:00Z"

AMOUNT: Final[dict[str, Any]] = {
    "raw": "1500000000",
    "decimals": 9,
    "ui": "1.5",
    "mint": _SOL,
    "symbol": "SOL",
}
_USDC: Final[dict[str, Any]] = {
    "raw": "225400000",
    "decimals": 6,
    "ui": "225.4",
    "mint": _MINT,
    "symbol": "USDC",
}

SUMMARY: Final[dict[str, Any]] = {
    "address": WALLET,
    "state": "SEEN_PARTIAL",
    "balances": [
        {"amount": AMOUNT, "slot_ref": 343_000_123, "provisional": [], "order_unknown": False}
    ],
    "balances_count": 1,
    "tx_counts": {"1d": 36, "7d": 36, "30d": 36, "all": 36, "failed": 2},
    "mentions": 0,
    "trades_count": 33,
    "venues": [{"venue": "pump_fun", "trades": 20}],
    "positions": {
        "open": 2,
        "closed": 3,
        "realized_pnl_lamports": "13281930000",
        "fees_lamports": "1128970418",
        "wins": 4,
        "losses": 3,
        "win_rate": "0.5714",
        "excluded_lamports": "21500000000",
        "unpriced_exits": 2,
        "folding": False,
    },
    "pnl": {
        "realized_usd": "1992.28950000",
        "unrealized_usd": "-31.40000000",
        "total_usd": "1960.88950000",
        "fees_usd": "169.34556270",
        "value_usd": "268.60000000",
        "prices_as_of": _OPENED_AT,
        "wins": 4,
        "losses": 3,
        "win_rate": "0.5714",
        "left_out": {
            "pending_exits": 0,
            "unpriced_exits": 2,
            "excluded_usd": "3225.00000000",
            "unquoted_tokens": 0,
            "uncosted_tokens": 1,
            "unvalued_tokens": 0,
        },
    },
    "moments": {
        "counts": {"S2E": 4, "RUG": 1},
        "open": 1,
        "top": [
            {
                "id": "3f1c0d9a5b7e42c68a10d2f4e6b8c7a9",
                "kind": "S2E",
                "mint": "DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263",
                "symbol": "BONK",
                "usd": "80.00000000",
                "at": _OPENED_AT,
            }
        ],
    },
    "paid": {
        "network_fee_lamports": "180000",
        "priority_fee_lamports": "3000000",
        "tip_lamports": "0",
        "other_fees_lamports": {"platform_fee": "1200000"},
        "total_lamports": "4380000",
    },
    "last_processed_slot": 343_000_123,
    "freshness_lag_sec": 12,
    "applied_lag_sec": 3,
    "history_span_days": 1,
    "oldest_time": "2025-06-01T11:30:00Z",
    "newest_time": _OPENED_AT,
    "coverage": {
        "addresses": 9,
        "complete": False,
        "oldest_time": "2025-05-18T12:00:00Z",
        "newest_time": _OPENED_AT,
        "stopped_by": "days",
        "unseen": [
            {"code": "token_accounts", "since": _OPENED_AT, "every_sec": 3_600},
            {"code": "unlisted_token_accounts", "since": _OPENED_AT, "every_sec": 86_400},
        ],
        "watch": "webhook",
        "live_since": _OPENED_AT,
    },
    "last_error": None,
    "as_of_slot": 343_000_123,
    "provisional": ["history_partial"],
    "job": None,
}

HOLDINGS: Final[dict[str, Any]] = {
    "address": WALLET,
    "state": "SEEN_FULL",
    "as_of_slot": 343_000_123,
    "items": [
        {
            "amount": _USDC,
            "accounts": 1,
            "sig_ref": _SIGNATURE,
            "slot_ref": 343_000_123,
            "provisional": [],
            "order_unknown": False,
        }
    ],
    "next_cursor": None,
}

TRANSACTIONS: Final[dict[str, Any]] = {
    "address": WALLET,
    "state": "SEEN_FULL",
    "as_of_slot": 343_000_123,
    "items": [
        {
            "signature": _SIGNATURE,
            "slot": 343_000_123,
            "tx_index": 412,
            "block_time": _OPENED_AT,
            "time_estimated": False,
            "status": "ok",
            "fee_payer": WALLET,
            "fee_lamports": "5000",
            "trades": [
                {
                    "sold": AMOUNT,
                    "bought": _USDC,
                    "venue": "jupiter",
                    "route": ["whirlpool", "raydium_cpmm"],
                    "role": "taker",
                    "arbitrage": False,
                    "terminal": None,
                    "outer_index": 2,
                    "sig_ref": _SIGNATURE,
                    "slot_ref": 343_000_123,
                }
            ],
            "movements": [
                {
                    "kind": "trade",
                    "amount": {**AMOUNT, "raw": "-1500000000", "ui": "-1.5"},
                    "counterparty": None,
                    "label": None,
                    "mark": None,
                    "sig_ref": _SIGNATURE,
                    "slot_ref": 343_000_123,
                }
            ],
            "anomalies": [],
            "version": 1,
            "provisional": [],
            "order_unknown": False,
        }
    ],
    "next_cursor": "bm90LWEtcmVhbC1jdXJzb3I",
}

ANOMALY: Final[dict[str, Any]] = {
    "code": "owner_inferred",
    "detail": "a balance without an owner, by its authority",
}

LAST_ERROR: Final[dict[str, Any]] = {
    "code": "upstream_unavailable",
    "at": _OPENED_AT,
    "retry_at": None,
}

JOB_LINK: Final[dict[str, Any]] = {
    "id": "mZ4p1Hn0y0vVxk2y3vJm5w",
    "href": "/v1/jobs/mZ4p1Hn0y0vVxk2y3vJm5w",
}

LABEL: Final[dict[str, Any]] = {
    "kind": "tip",
    "name": "jito",
    "source": "https://docs.jito.wtf/lowlatencytxnsend/",
    "version": 2,
}

TOKEN: Final[dict[str, Any]] = {
    "mint": "DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263",
    "symbol": "BONK",
    "name": "Bonk",
    "decimals": 5,
    "logo": "https://logos.example/bonk.png",
    "verified": True,
    "source": "list",
    "as_of": _OPENED_AT,
    "asked_at": _OPENED_AT,
    "anomalies": [],
}

PRICES: Final[dict[str, Any]] = {
    "mint": _SOL,
    "tf": "1h",
    "pending": False,
    "items": [
        {
            "time": _OPENED_AT,
            "open": "147.48",
            "high": "148.02",
            "low": "147.1",
            "close": "147.9",
            "volume_usd": None,
            "price_source": "pyth",
            "confidence": 95,
        }
    ],
    "next_cursor": None,
}

JOB: Final[dict[str, Any]] = {
    "id": "mZ4p1Hn0y0vVxk2y3vJm5w",
    "kind": "backfill_history",
    "wallet": WALLET,
    "status": "running",
    "progress": {
        "done": 1_200,
        "total": None,
        "expected": 2_000,
        "unit": "signatures",
        "eta_s": 40,
    },
    "cancel_requested": False,
    "reason": None,
    "result": None,
    "created_at": _OPENED_AT,
    "started_at": _OPENED_AT,
    "updated_at": "2025-06-01T12:01:00Z",
    "finished_at": None,
}

PROBLEM: Final[dict[str, Any]] = {
    "type": "/v1/problems/invalid_input",
    "title": "The request is not valid",
    "status": 400,
    "detail": "address: expected an address: base58 of 32 bytes",
    "instance": "/v1/wallets/nobody/summary",
    "code": "invalid_input",
    "request_id": "JKJaXmPLvHcESHA=",
    "errors": [{"field": "address", "expected": "an address: base58 of 32 bytes"}],
}
