"""A shorter form of a transaction's JSON, from which the very same value is restored.

A token balance states its amount three times over; `amount` and `decimals` say it all::

    {"amount": "1500", "decimals": 2, "uiAmount": 15.0, "uiAmountString": "15"}  →  ["1500", 2]
    the same with `uiAmount` null (as zero was once written)                     →  ["0", 2, null]

Anything else stays as it is. Whoever uses this checks that `restore` gives the value back, since
a body may hold anything where a token balance is expected.
"""

from typing import Any, Final, TypeIs

_SIDES: Final = ("preTokenBalances", "postTokenBalances")
_AMOUNT: Final = "uiTokenAmount"
_MAX_DIGITS: Final = 20
_MAX_DECIMALS: Final = 22
"""Up to here a power of ten is exact as a float, so the division is the provider's own."""


def lean(body: Any) -> Any:
    """Return the lean form; changes `body` in place."""
    for balance in _balances(body):
        shorter = _shorten(balance.get(_AMOUNT))
        if shorter is not None:
            balance[_AMOUNT] = shorter
    return body


def restore(body: Any) -> Any:
    """Undo `lean`; changes `body` in place."""
    for balance in _balances(body):
        short = balance.get(_AMOUNT)
        if isinstance(short, list):
            full = _stated(short[0], short[1])
            if len(short) == 3:
                full["uiAmount"] = None
            balance[_AMOUNT] = full
    return body


def _balances(body: Any) -> list[dict[str, Any]]:
    meta = body.get("meta") if isinstance(body, dict) else None
    if not isinstance(meta, dict):
        return []
    sides = [meta.get(side) for side in _SIDES]
    rows = [row for side in sides if isinstance(side, list) for row in side]
    return [row for row in rows if isinstance(row, dict)]


def _shorten(stated: Any) -> list[Any] | None:
    if not isinstance(stated, dict):
        return None
    amount, decimals = stated.get("amount"), stated.get("decimals")
    if not (_is_amount(amount) and type(decimals) is int and 0 <= decimals <= _MAX_DECIMALS):
        return None
    full = _stated(amount, decimals)
    if stated == full:
        return [amount, decimals]
    return [amount, decimals, None] if stated == full | {"uiAmount": None} else None


def _is_amount(value: Any) -> TypeIs[str]:
    return (
        isinstance(value, str)
        and value.isascii()
        and value.isdecimal()
        and len(value) <= _MAX_DIGITS
    )


def _stated(amount: str, decimals: int) -> dict[str, Any]:
    whole = amount.rjust(decimals + 1, "0")
    digits = f"{whole[: len(whole) - decimals]}.{whole[len(whole) - decimals :]}"
    text = digits.rstrip("0").rstrip(".")
    return {
        "amount": amount,
        "decimals": decimals,
        "uiAmount": float(int(amount)) / float(10**decimals),
        "uiAmountString": text,
    }
