"""Helius enhanced transactions, as far as balances and plain transfers tell them.

`accountData` is exact; `description`, `type` and `events` of venues are not imitated, since the
project does not rely on them.
"""

from typing import Any

import base58

from local.upstream.bodies import flat_keys
from local.upstream.model import SYSTEM_PROGRAM, Body

TRANSFER = (2).to_bytes(4, "little")
"""The System program's transfer, followed by lamports as u64."""


def enhance(body: Body) -> dict[str, Any]:
    """Return the enhanced form of a complete body."""
    keys = flat_keys(body)
    meta = body["meta"]
    moved = _native_transfers(body, keys)
    return {
        "description": "",
        "type": "TRANSFER" if moved and not meta.get("postTokenBalances") else "UNKNOWN",
        "source": "SYSTEM_PROGRAM" if moved else "UNKNOWN",
        "fee": meta["fee"],
        "feePayer": keys[0],
        "signature": body["transaction"]["signatures"][0],
        "slot": body["slot"],
        "timestamp": body.get("blockTime"),
        "nativeTransfers": moved,
        "tokenTransfers": [],
        "accountData": _account_data(meta, keys),
        "transactionError": None if meta.get("err") is None else {"error": meta["err"]},
        "instructions": _instructions(body, keys),
        "events": {},
    }


def _account_data(meta: dict[str, Any], keys: list[str]) -> list[dict[str, Any]]:
    before = {row["accountIndex"]: row for row in meta.get("preTokenBalances") or ()}
    after = {row["accountIndex"]: row for row in meta.get("postTokenBalances") or ()}
    rows = []
    for at, key in enumerate(keys):
        changes = []
        known = after.get(at) or before.get(at)
        if known is not None:
            change = _raw(after.get(at)) - _raw(before.get(at))
            decimals = known["uiTokenAmount"]["decimals"]
            if change:
                changes.append(
                    {
                        "userAccount": known.get("owner"),
                        "tokenAccount": key,
                        "mint": known["mint"],
                        "rawTokenAmount": {"tokenAmount": str(change), "decimals": decimals},
                    }
                )
        native = int(meta["postBalances"][at]) - int(meta["preBalances"][at])
        rows.append(
            {
                "account": key,
                "nativeBalanceChange": native,
                "tokenBalanceChanges": changes,
            }
        )
    return rows


def _raw(row: dict[str, Any] | None) -> int:
    return 0 if row is None else int(row["uiTokenAmount"]["amount"])


def _instructions(body: Body, keys: list[str]) -> list[dict[str, Any]]:
    groups = {g["index"]: g["instructions"] for g in body["meta"].get("innerInstructions") or ()}
    return [
        {
            **_named(instruction, keys),
            "innerInstructions": [_named(inner, keys) for inner in groups.get(at, ())],
        }
        for at, instruction in enumerate(body["transaction"]["message"]["instructions"])
    ]


def _named(instruction: dict[str, Any], keys: list[str]) -> dict[str, Any]:
    if "programIdIndex" not in instruction:
        return {
            "accounts": instruction.get("accounts", []),
            "data": instruction.get("data", ""),
            "programId": instruction["programId"],
        }
    accounts = instruction.get("accounts") or []
    return {
        "accounts": [keys[at] for at in accounts if isinstance(at, int)],
        "data": instruction["data"],
        "programId": keys[instruction["programIdIndex"]],
    }


def _native_transfers(body: Body, keys: list[str]) -> list[dict[str, Any]]:
    if body["meta"].get("err") is not None:
        return []
    named = _instructions(body, keys)
    flat = [inner for outer in named for inner in (outer, *outer["innerInstructions"])]
    moved = []
    for instruction in flat:
        if instruction["programId"] != SYSTEM_PROGRAM:
            continue
        data = _data(instruction["data"])
        if data[:4] == TRANSFER and len(data) == 12:
            source, target = instruction["accounts"][:2]
            amount = int.from_bytes(data[4:12], "little")
            moved.append({"fromUserAccount": source, "toUserAccount": target, "amount": amount})
    return moved


def _data(text: str) -> bytes:
    """Return an instruction's bytes; none where the recording is in another encoding."""
    try:
        return base58.b58decode(text)
    except ValueError:
        return b""
