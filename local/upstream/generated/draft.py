"""A finished transaction in compact form, written out as a `getTransaction` result on demand."""

import base64
import hashlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from local.upstream.generated.base58 import encode
from local.upstream.generated.programs import COMPUTE_BUDGET, SYSTEM
from local.upstream.model import Body, TokenRow

UNITS = {SYSTEM: 150, COMPUTE_BUDGET: 150}
"""Compute units of programs that do not log what they consume."""
UNITS_OTHERWISE = 4645


class Node(NamedTuple):
    """One instruction, outer (height 1) or called by another."""

    height: int
    program: str
    accounts: tuple[str, ...]
    data: bytes
    name: str
    """What the program logs as its instruction; empty if it logs nothing."""
    event: bytes | None
    """Bytes logged as `Program data` just before this call."""
    log: str
    """A further line the program logs first; empty if none."""


class Failure(NamedTuple):
    """Where and how a transaction failed."""

    outer: int
    code: int
    done: int
    """How many inner calls the failing instruction had made."""


class Draft(NamedTuple):
    """Everything about one transaction; `keys` are static, then loaded writable, read-only."""

    signatures: tuple[str, ...]
    slot: int
    block_time: int
    version: int | None
    """None: legacy."""
    keys: tuple[str, ...]
    loaded: tuple[int, int]
    """How many of the last keys were loaded, writable and read-only."""
    table: str
    readonly_unsigned: int
    outers: tuple[tuple[Node, ...], ...]
    """Each outer instruction, then its inner calls."""
    fee: int
    pre: tuple[int, ...]
    post: tuple[int, ...]
    tokens: tuple[TokenRow, ...]
    failure: Failure | None

    @property
    def error(self) -> dict[str, Any] | None:
        """Return the chain's error object."""
        if self.failure is None:
            return None
        return {"InstructionError": [self.failure.outer, {"Custom": self.failure.code}]}


def write(draft: Draft) -> Body:
    """Return the `json` form of a transaction."""
    static = len(draft.keys) - sum(draft.loaded)
    at = {key: index for index, key in enumerate(draft.keys)}
    message: dict[str, Any] = {
        "accountKeys": list(draft.keys[:static]),
        "header": {
            "numReadonlySignedAccounts": 0,
            "numReadonlyUnsignedAccounts": draft.readonly_unsigned,
            "numRequiredSignatures": len(draft.signatures),
        },
        "instructions": [_instruction(outer[0], at) for outer in draft.outers],
        "recentBlockhash": _blockhash(draft.slot),
    }
    if draft.version is not None:
        message["addressTableLookups"] = _lookups(draft)
    return {
        "blockTime": draft.block_time,
        "meta": _meta(draft, at, static),
        "slot": draft.slot,
        "transaction": {"message": message, "signatures": list(draft.signatures)},
        "version": "legacy" if draft.version is None else draft.version,
    }


def _meta(draft: Draft, at: dict[str, int], static: int) -> dict[str, Any]:
    error = draft.error
    writable = static + draft.loaded[0]
    logs = list(_logs(draft))
    units = sum(UNITS.get(node.program, UNITS_OTHERWISE) for o in draft.outers for node in o)
    return {
        "computeUnitsConsumed": units,
        "costUnits": units + 3369,
        "err": error,
        "fee": draft.fee,
        "innerInstructions": _inner(draft, at),
        "loadedAddresses": {
            "readonly": list(draft.keys[writable:]),
            "writable": list(draft.keys[static:writable]),
        },
        "logMessages": logs,
        "postBalances": list(draft.post),
        "postTokenBalances": _balances(draft, at, after=True),
        "preBalances": list(draft.pre),
        "preTokenBalances": _balances(draft, at, after=False),
        "rewards": [],
        "status": {"Ok": None} if error is None else {"Err": error},
    }


def _ran(draft: Draft) -> Iterator[tuple[int, tuple[Node, ...]]]:
    """Yield what was executed: all, or up to the failing call."""
    for index, nodes in enumerate(draft.outers):
        if draft.failure is not None and index >= draft.failure.outer:
            if index == draft.failure.outer:
                yield index, nodes[: 1 + draft.failure.done]
            return
        yield index, nodes


def _inner(draft: Draft, at: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {"index": index, "instructions": [_instruction(node, at) for node in nodes[1:]]}
        for index, nodes in _ran(draft)
        if len(nodes) > 1
    ]


def _instruction(node: Node, at: dict[str, int]) -> dict[str, Any]:
    return {
        "accounts": [at[account] for account in node.accounts],
        "data": encode(node.data),
        "programIdIndex": at[node.program],
        "stackHeight": node.height,
    }


def _lookups(draft: Draft) -> list[dict[str, Any]]:
    writable, readonly = draft.loaded
    if not writable + readonly:
        return []
    return [
        {
            "accountKey": draft.table,
            "readonlyIndexes": list(range(writable, writable + readonly)),
            "writableIndexes": list(range(writable)),
        }
    ]


def _balances(draft: Draft, at: dict[str, int], *, after: bool) -> list[dict[str, Any]]:
    rows = []
    for row in draft.tokens:
        amount = row.post if after else row.pre
        if amount is not None:
            rows.append(
                {
                    "accountIndex": at[row.account],
                    "mint": row.mint,
                    "owner": row.owner,
                    "programId": row.program,
                    "uiTokenAmount": _ui(amount, row.decimals),
                }
            )
    return sorted(rows, key=lambda row: int(row["accountIndex"]))


def _ui(amount: int, decimals: int) -> dict[str, Any]:
    text = f"{Decimal(amount).scaleb(-decimals):f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return {
        "amount": str(amount),
        "decimals": decimals,
        "uiAmount": float(text) if amount else None,
        "uiAmountString": text,
    }


def _logs(draft: Draft) -> Iterator[str]:
    failing = draft.failure.outer if draft.failure else None
    for index, nodes in _ran(draft):
        open_calls: list[Node] = []
        for node in nodes:
            while open_calls and open_calls[-1].height >= node.height:
                yield from _returned(open_calls.pop())
            if node.event is not None:
                yield f"Program data: {base64.b64encode(node.event).decode()}"
            yield f"Program {node.program} invoke [{node.height}]"
            if node.log:
                yield f"Program log: {node.log}"
            if node.name:
                yield f"Program log: Instruction: {node.name}"
            open_calls.append(node)
        if index == failing and draft.failure is not None:
            while len(open_calls) > 1:
                yield from _returned(open_calls.pop())
            code = f"custom program error: {hex(draft.failure.code)}"
            yield f"Program {nodes[0].program} failed: {code}"
            return
        while open_calls:
            yield from _returned(open_calls.pop())


def _returned(node: Node) -> Iterator[str]:
    if node.program not in UNITS:
        yield f"Program {node.program} consumed {UNITS_OTHERWISE} of 200000 compute units"
    yield f"Program {node.program} success"


def _blockhash(slot: int) -> str:
    return encode(hashlib.sha256(slot.to_bytes(8, "little")).digest())
