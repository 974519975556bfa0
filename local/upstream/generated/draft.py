"""A finished transaction in compact form, written out as a `getTransaction` result on demand."""

import base64
import hashlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from local.upstream.generated.base58 import encode
from local.upstream.generated.programs import COMPUTE_BUDGET, SYSTEM
from local.upstream.model import Body, TokenRow

NATIVE = {SYSTEM: 150, COMPUTE_BUDGET: 150}
"""Compute units of programs that do not log what they consume."""
UNITS = {
    "Transfer": 4645,
    "TransferChecked": 6147,
    "GetAccountDataSize": 1569,
    "InitializeImmutableOwner": 1405,
    "InitializeAccount3": 4188,
    "InitializeAccount": 3443,
    "CloseAccount": 2915,
    "SyncNative": 3045,
    "": 2027,
}
"""What an instruction itself consumes, its calls apart."""
UNITS_OTHERWISE = 24_318
DEFAULT_LIMIT = 200_000


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
    before: str = ""
    """A line its caller logs just before this call."""
    remark: str = ""
    """A line it logs after its name."""
    result: str = ""
    """What it returns, in base64; empty if nothing."""


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
    lookups = {} if draft.version is None else {"addressTableLookups": _lookups(draft)}
    message: dict[str, Any] = {
        "accountKeys": list(draft.keys[:static]),
        **lookups,
        "header": {
            "numReadonlySignedAccounts": 0,
            "numReadonlyUnsignedAccounts": draft.readonly_unsigned,
            "numRequiredSignatures": len(draft.signatures),
        },
        "instructions": [_instruction(outer[0], at) for outer in draft.outers],
        "recentBlockhash": _blockhash(draft.slot),
    }
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
    log = _Log(_limit(draft))
    log.write(draft)
    return {
        "computeUnitsConsumed": log.spent,
        "costUnits": log.spent + 3369,
        "err": error,
        "fee": draft.fee,
        "innerInstructions": _inner(draft, at),
        "loadedAddresses": {
            "readonly": list(draft.keys[writable:]),
            "writable": list(draft.keys[static:writable]),
        },
        "logMessages": log.lines,
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


def _limit(draft: Draft) -> int:
    for outer in draft.outers:
        if outer[0].program == COMPUTE_BUDGET and outer[0].data[0] == 2:
            return int.from_bytes(outer[0].data[1:5], "little")
    return DEFAULT_LIMIT


class _Log:
    """The lines programs log, and the compute units they spend on the way."""

    def __init__(self, limit: int) -> None:
        self.lines: list[str] = []
        self.spent = 0
        self._limit = limit
        self._open: list[tuple[Node, int]] = []

    def write(self, draft: Draft) -> None:
        """Log every instruction that ran."""
        failing = draft.failure.outer if draft.failure else None
        for index, nodes in _ran(draft):
            for node in nodes:
                while self._open and self._open[-1][0].height >= node.height:
                    self._return()
                self._invoke(node)
            while len(self._open) > 1:
                self._return()
            self._return(draft.failure.code if draft.failure and index == failing else None)

    def _invoke(self, node: Node) -> None:
        if node.before:
            self.lines.append(f"Program log: {node.before}")
        if node.event is not None:
            self.lines.append(f"Program data: {base64.b64encode(node.event).decode()}")
        self.lines.append(f"Program {node.program} invoke [{node.height}]")
        if node.log:
            self.lines.append(f"Program log: {node.log}")
        if node.name:
            self.lines.append(f"Program log: Instruction: {node.name}")
        if node.remark:
            self.lines.append(f"Program log: {node.remark}")
        self._open.append((node, self.spent))

    def _return(self, code: int | None = None) -> None:
        node, before = self._open.pop()
        native = NATIVE.get(node.program)
        self.spent += UNITS.get(node.name, UNITS_OTHERWISE) if native is None else native
        if native is None:
            used, left = self.spent - before, max(self._limit - before, self.spent - before)
            self.lines.append(f"Program {node.program} consumed {used} of {left} compute units")
        if node.result:
            self.lines.append(f"Program return: {node.program} {node.result}")
        outcome = "success" if code is None else f"failed: custom program error: {hex(code)}"
        self.lines.append(f"Program {node.program} {outcome}")


def _blockhash(slot: int) -> str:
    return encode(hashlib.sha256(slot.to_bytes(8, "little")).digest())
