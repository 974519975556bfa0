"""The JSON form of a normalized transaction, as `./oof normalize` writes it.

Raw amounts are decimal strings, because JSON readers lose integers above 2^53.
"""

from typing import Any

from oof.domain.transactions.model import Movement, NormalizedTransaction, Trade, Unreadable


def render(transaction: NormalizedTransaction) -> dict[str, Any]:
    """Give the plain values of one transaction, keys in the documented order."""
    return {
        "signature": transaction.signature,
        "slot": transaction.slot,
        "tx_index": transaction.tx_index,
        "block_time": transaction.block_time,
        "status": transaction.status.value,
        "fee_payer": transaction.fee_payer,
        "trades": [_trade(trade) for trade in transaction.trades],
        "movements": [_movement(movement) for movement in transaction.movements],
        "anomalies": [
            {"code": anomaly.code, "detail": anomaly.detail} for anomaly in transaction.anomalies
        ],
    }


def render_unreadable(unreadable: Unreadable, line: int) -> dict[str, Any]:
    """Give the plain values of an input line (from 1) that held no complete transaction."""
    return {"error": {"code": unreadable.code, "detail": unreadable.detail}, "line": line}


def _trade(trade: Trade) -> dict[str, Any]:
    return {
        "trader": trade.trader,
        "sold_mint": trade.sold_mint,
        "sold_raw": str(trade.sold_raw),
        "bought_mint": trade.bought_mint,
        "bought_raw": str(trade.bought_raw),
        "venue": trade.venue,
        "route": list(trade.route),
        "outer_index": trade.outer_index,
        "role": trade.role.value,
        "arbitrage": trade.arbitrage,
        "terminal": trade.terminal,
    }


def _movement(movement: Movement) -> dict[str, Any]:
    """Give the plain values of a movement; `mark` is there only where it bears one."""
    plain: dict[str, Any] = {
        "owner": movement.owner,
        "mint": movement.mint,
        "delta_raw": str(movement.delta_raw),
        "kind": movement.kind.value,
        "counterparty": movement.counterparty,
    }
    if movement.mark is not None:
        plain["mark"] = movement.mark.value
    return plain
