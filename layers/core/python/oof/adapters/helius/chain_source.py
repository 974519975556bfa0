"""The chain as Helius tells it: standard Solana RPC, and its history of an address."""

import base64
from collections.abc import Sequence
from itertools import batched
from typing import Any, Final

import base58
import orjson

from oof.adapters.helius.rpc import RpcClient
from oof.domain.errors import NotInPlan
from oof.domain.finality import Told
from oof.domain.listing import Listed
from oof.domain.units import (
    Address,
    Lamports,
    Mint,
    RawAmount,
    Signature,
    Slot,
    UnixSeconds,
)
from oof.ports.upstream import (
    MAX_ACCOUNTS,
    MAX_LISTED,
    MAX_PAGE_BODIES,
    AccountState,
    Body,
    HistoryPage,
    Statuses,
    TokenState,
    Usage,
)

COMMITMENT: Final = "confirmed"
TOKEN_PROGRAM: Final = Address("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")
TOKEN_2022_PROGRAM: Final = Address("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb")

_ACCOUNT_SPACE: Final = 165
_IS_ACCOUNT: Final = 2
"""Token-2022's account type, in the byte behind the classic layout."""
_BODY_OPTIONS: Final = {
    "encoding": "json",
    "commitment": COMMITMENT,
    "maxSupportedTransactionVersion": 0,
}
_BLOCK_OPTIONS: Final = {
    "transactionDetails": "signatures",
    "rewards": False,
    "commitment": "finalized",
    "maxSupportedTransactionVersion": 0,
}
_ACCOUNT_OPTIONS: Final = {
    "encoding": "base64",
    "commitment": COMMITMENT,
    "dataSlice": {"offset": 0, "length": _ACCOUNT_SPACE + 1},
}
_LAMPORT_OPTIONS: Final = {
    "encoding": "base64",
    "commitment": COMMITMENT,
    "dataSlice": {"offset": 0, "length": 0},
}


class HistoryAccess:
    """Whether the plan has histories of addresses: believed, until the provider refuses one."""

    def __init__(self, *, is_allowed: bool) -> None:
        self.is_allowed = is_allowed


class HeliusChainSource:
    """A `ChainSource` over JSON-RPC; sources that share `access` learn from one refusal."""

    def __init__(self, rpc: RpcClient, access: HistoryAccess) -> None:
        self._rpc = rpc
        self._access = access

    @property
    def has_history_pages(self) -> bool:
        """See `ChainSource`."""
        return self._access.is_allowed

    @property
    def usage(self) -> Usage:
        """See `ChainSource`."""
        return self._rpc.usage

    def signatures_for_address(
        self, address: Address, *, before: Signature | None, limit: int
    ) -> tuple[Listed, ...]:
        """See `ChainSource`."""
        options: dict[str, Any] = {"limit": limit, "commitment": COMMITMENT}
        if before is not None:
            options["before"] = before
        rows = self._rpc.call("getSignaturesForAddress", [address, options])
        return tuple(_listed(row) for row in rows)

    def history_page(
        self,
        address: Address,
        *,
        below_slot: Slot | None,
        from_slot: Slot | None,
        token: str | None,
    ) -> HistoryPage:
        """See `ChainSource`."""
        options = _history_options("signatures", below_slot, from_slot)
        options["limit"] = MAX_LISTED
        if token is not None:
            options["paginationToken"] = token
        answer = self._history(address, options)
        entries = tuple(_listed(row) for row in answer["data"])
        return HistoryPage(entries, answer.get("paginationToken"))

    def bodies_between(
        self, address: Address, *, first_slot: Slot, last_slot: Slot
    ) -> tuple[Body, ...]:
        """See `ChainSource`."""
        options = _history_options("full", Slot(last_slot + 1), first_slot)
        options |= {**_BODY_OPTIONS, "limit": MAX_PAGE_BODIES}
        answer = self._history(address, options)
        return tuple(orjson.dumps(row) for row in answer["data"])

    def _history(self, address: Address, options: dict[str, Any]) -> Any:
        try:
            return self._rpc.call("getTransactionsForAddress", [address, options])
        except NotInPlan:
            self._access.is_allowed = False
            raise

    def transactions(self, signatures: Sequence[Signature]) -> dict[Signature, Body]:
        """See `ChainSource`."""
        bodies: dict[Signature, Body] = {}
        for group in batched(signatures, self._rpc.most_at_once("getTransaction"), strict=False):
            results = self._rpc.call_each(
                "getTransaction", [[signature, _BODY_OPTIONS] for signature in group]
            )
            for signature, body in zip(group, results, strict=True):
                if body is not None:
                    bodies[signature] = orjson.dumps(body)
        return bodies

    def token_accounts(self, owner: Address) -> tuple[AccountState, ...]:
        """See `ChainSource`."""
        found = []
        for program in (TOKEN_PROGRAM, TOKEN_2022_PROGRAM):
            answer = self._rpc.call(
                "getTokenAccountsByOwner", [owner, {"programId": program}, _ACCOUNT_OPTIONS]
            )
            found += [_account(Address(r["pubkey"]), r["account"]) for r in answer["value"]]
        return tuple(found)

    def accounts(self, addresses: Sequence[Address]) -> tuple[AccountState | None, ...]:
        """See `ChainSource`."""
        states: list[AccountState | None] = []
        for group in batched(addresses, MAX_ACCOUNTS, strict=False):
            answer = self._rpc.call("getMultipleAccounts", [list(group), _ACCOUNT_OPTIONS])
            states += [
                None if value is None else _account(address, value)
                for address, value in zip(group, answer["value"], strict=True)
            ]
        return tuple(states)

    def lamports(self, addresses: Sequence[Address]) -> tuple[Lamports, ...]:
        """See `ChainSource`."""
        held: list[Lamports] = []
        for group in batched(addresses, MAX_ACCOUNTS, strict=False):
            answer = self._rpc.call("getMultipleAccounts", [list(group), _LAMPORT_OPTIONS])
            held += [
                Lamports(0 if value is None else value["lamports"])
                for _, value in zip(group, answer["value"], strict=True)
            ]
        return tuple(held)

    def signature_statuses(
        self, signatures: Sequence[Signature], *, with_history: bool
    ) -> Statuses:
        """See `ChainSource`."""
        params: list[Any] = [list(signatures)]
        if with_history:
            params.append({"searchTransactionHistory": True})
        answer = self._rpc.call("getSignatureStatuses", params)
        told = tuple(_told(value) for value in answer["value"])
        return Statuses(Slot(answer["context"]["slot"]), told)

    def block_signatures(self, slots: Sequence[Slot]) -> dict[Slot, tuple[Signature, ...]]:
        """See `ChainSource`."""
        found: dict[Slot, tuple[Signature, ...]] = {}
        for group in batched(slots, self._rpc.most_at_once("getBlock"), strict=False):
            blocks = self._rpc.call_each("getBlock", [[slot, _BLOCK_OPTIONS] for slot in group])
            for slot, block in zip(group, blocks, strict=True):
                if block is not None and block.get("signatures"):
                    found[slot] = tuple(Signature(s) for s in block["signatures"])
        return found


def _history_options(
    details: str, below_slot: Slot | None, from_slot: Slot | None
) -> dict[str, Any]:
    bounds: dict[str, int] = {}
    if below_slot is not None:
        bounds["lt"] = below_slot
    if from_slot is not None:
        bounds["gte"] = from_slot
    filters: dict[str, Any] = {"tokenAccounts": "all"}
    if bounds:
        filters["slot"] = bounds
    return {
        "transactionDetails": details,
        "sortOrder": "desc",
        "commitment": COMMITMENT,
        "filters": filters,
    }


def _listed(row: dict[str, Any]) -> Listed:
    time, index = row.get("blockTime"), row.get("transactionIndex")
    return Listed(
        signature=Signature(row["signature"]),
        slot=Slot(row["slot"]),
        block_time=None if time is None else UnixSeconds(time),
        tx_index=index,
        is_final=row.get("confirmationStatus") == "finalized",
    )


def _account(address: Address, value: dict[str, Any]) -> AccountState:
    return AccountState(
        address=address,
        lamports=Lamports(value["lamports"]),
        owner_program=Address(value["owner"]),
        is_executable=bool(value["executable"]),
        token=_token_of(value),
    )


def _token_of(value: dict[str, Any]) -> TokenState | None:
    """Read the classic token account layout: mint, owner, amount."""
    program, space = value["owner"], value.get("space")
    data = base64.b64decode(value["data"][0])
    if program not in (TOKEN_PROGRAM, TOKEN_2022_PROGRAM) or len(data) < _ACCOUNT_SPACE:
        return None
    is_extended = len(data) > _ACCOUNT_SPACE
    if is_extended and (program == TOKEN_PROGRAM or data[_ACCOUNT_SPACE] != _IS_ACCOUNT):
        return None
    if space is not None and space < _ACCOUNT_SPACE:
        return None
    return TokenState(
        mint=Mint(base58.b58encode(data[:32]).decode()),
        owner=Address(base58.b58encode(data[32:64]).decode()),
        raw=RawAmount(int.from_bytes(data[64:72], "little")),
    )


def _told(value: dict[str, Any] | None) -> Told | None:
    if value is None:
        return None
    final = value.get("confirmationStatus") == "finalized" or value.get("confirmations") is None
    return Told(slot=Slot(value["slot"]), is_finalized=final)
