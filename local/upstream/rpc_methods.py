"""The Solana and Helius JSON-RPC methods the project calls, over any chain."""

import hashlib
from collections.abc import Callable
from typing import Any

import base58

from local.upstream.accounts import account_value, context
from local.upstream.address_history import transactions_for_address
from local.upstream.finality import FINALIZED_AFTER, commitment_of, settled
from local.upstream.index import body_of
from local.upstream.model import Body, Record
from local.upstream.rpc_errors import RpcError
from local.upstream.state import Upstream
from local.upstream.tokens import assets

STATUSES_AT_HAND = 300
"""Slots whose statuses a node keeps at hand; older ones are searched for where a caller asks."""
RECENT_AT_MOST = 2000
"""More transactions than any address has within the slots that are not final yet."""

Params = list[Any]


def call(upstream: Upstream, method: str, params: Any) -> Any:
    """Return a method's result.

    Raises:
        RpcError: an unknown method, bad parameters, or the method's own refusal.
    """
    if method == "getAssetBatch":
        return assets(upstream, params)
    handler = _METHODS.get(method)
    if handler is None:
        raise RpcError(-32601, "Method not found")
    if not isinstance(params, list):
        raise RpcError(-32602, "Invalid params: expected an array")
    try:
        return handler(upstream, params)
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise RpcError(-32602, f"Invalid params: {error}") from error


def _options(params: Params, at: int) -> dict[str, Any]:
    found = params[at] if len(params) > at else None
    return found if isinstance(found, dict) else {}


def address_param(value: object) -> str:
    """Return a checked address.

    Raises:
        RpcError: it is not 32 bytes in base58.
    """
    try:
        ok = isinstance(value, str) and len(base58.b58decode(value)) == 32
    except ValueError:
        ok = False
    if not ok:
        raise RpcError(-32602, "Invalid param: Invalid")
    return str(value)


def listed(upstream: Upstream, record: Record) -> dict[str, Any]:
    """Return one row of a signatures listing."""
    return {
        "blockTime": record.block_time,
        "confirmationStatus": commitment_of(upstream.chain, record),
        "err": record.err,
        "memo": record.memo,
        "signature": record.signature,
        "slot": record.slot,
    }


def _get_signatures(upstream: Upstream, params: Params) -> Any:
    address, options = address_param(params[0]), _options(params, 1)
    limit = options.get("limit") or 1000
    if not 1 <= limit <= 1000:
        raise RpcError(-32602, "Invalid limit; max 1000")
    found = upstream.chain.signatures_for(
        address, options.get("before"), options.get("until"), limit + RECENT_AT_MOST
    )
    found = settled(upstream.chain, found, options)[:limit]
    return [listed(upstream, record) for record in found]


def _get_transaction(upstream: Upstream, params: Params) -> Any:
    signature, options = params[0], _options(params, 1)
    if len(params) > 1 and isinstance(params[1], str):
        options = {"encoding": params[1]}
    upstream.counters.bodies_requested[signature] += 1
    record = upstream.chain.record(signature)
    if record is not None and not settled(upstream.chain, [record], options):
        return None
    body = upstream.chain.transaction(signature, options.get("encoding", "json"))
    if body is None:
        return None
    check_version(body, options)
    return body


def check_version(body: Body, options: dict[str, Any]) -> None:
    """Refuse a versioned body to a caller who did not say that it reads them.

    Raises:
        RpcError: the caller named no `maxSupportedTransactionVersion`.
    """
    version = body.get("version", "legacy")
    if version != "legacy" and options.get("maxSupportedTransactionVersion") is None:
        raise RpcError(
            -32015,
            f"Transaction version ({version}) is not supported by the requesting client. "
            "Please try the request again with the following configuration parameter: "
            f'"maxSupportedTransactionVersion": {version}',
        )


def _get_address_history(upstream: Upstream, params: Params) -> Any:
    if not upstream.has_address_history:
        raise RpcError(
            -32403,
            "Helius Exclusive Feature - getTransactionsForAddress is only available through "
            "Helius RPC nodes and requires a Developer plan or higher",
            status=403,
        )
    address = address_param(params[0])
    return transactions_for_address(upstream, address, _options(params, 1))


def _get_token_accounts(upstream: Upstream, params: Params) -> Any:
    owner, wanted, options = address_param(params[0]), params[1], _options(params, 2)
    if not ("mint" in wanted or "programId" in wanted):
        raise RpcError(-32602, "Invalid params: expected mint or programId")
    rows = []
    for state in upstream.chain.token_accounts(owner):
        row = state.token
        if row is None or wanted.get("mint", row.mint) != row.mint:
            continue
        if wanted.get("programId", row.program) == row.program:
            rows.append({"account": account_value(state, options), "pubkey": state.address})
    return {"context": context(upstream.chain), "value": rows}


def _get_account(upstream: Upstream, params: Params) -> Any:
    state = upstream.chain.account(address_param(params[0]))
    value = account_value(state, _options(params, 1)) if state else None
    return {"context": context(upstream.chain), "value": value}


def _get_accounts(upstream: Upstream, params: Params) -> Any:
    if len(params[0]) > 100:
        raise RpcError(-32602, "Too many inputs provided; max 100")
    states = [upstream.chain.account(address_param(address)) for address in params[0]]
    options = _options(params, 1)
    values = [account_value(state, options) if state else None for state in states]
    return {"context": context(upstream.chain), "value": values}


def _get_balance(upstream: Upstream, params: Params) -> Any:
    state = upstream.chain.account(address_param(params[0]))
    return {"context": context(upstream.chain), "value": state.lamports if state else 0}


def _get_statuses(upstream: Upstream, params: Params) -> Any:
    if len(params[0]) > 256:
        raise RpcError(-32602, "Too many inputs provided; max 256")
    searches = _options(params, 1).get("searchTransactionHistory") is True
    rows = [_status(upstream, signature, searches=searches) for signature in params[0]]
    return {"context": context(upstream.chain), "value": rows}


def _status(upstream: Upstream, signature: str, *, searches: bool) -> dict[str, Any] | None:
    record = upstream.chain.record(signature)
    if record is None:
        return None
    depth = upstream.chain.tip_slot() - record.slot
    if depth > STATUSES_AT_HAND and not searches:
        return None
    status = commitment_of(upstream.chain, record)
    return {
        "slot": record.slot,
        "confirmations": None if status == "finalized" else depth,
        "err": record.err,
        "status": {"Ok": None} if record.err is None else {"Err": record.err},
        "confirmationStatus": status,
    }


def _get_block(upstream: Upstream, params: Params) -> Any:
    slot, options = params[0], _options(params, 1)
    block = upstream.chain.block(slot)
    if block is None:
        raise RpcError(-32009, f"Slot {slot} was skipped, or missing in long-term storage")
    answer: dict[str, Any] = {
        "blockHeight": None,
        "blockTime": block.block_time,
        "blockhash": blockhash(slot),
        "parentSlot": slot - 1,
        "previousBlockhash": blockhash(slot - 1),
    }
    details = options.get("transactionDetails", "full")
    if details == "signatures":
        answer["signatures"] = [record.signature for record in block.records]
    elif details == "full":
        answer["transactions"] = [_block_body(upstream, r, options) for r in block.records]
    elif details != "none":
        raise RpcError(-32602, f"Invalid params: transactionDetails {details!r} is not served")
    return answer


def _block_body(upstream: Upstream, record: Record, options: dict[str, Any]) -> Body:
    body = body_of(record, options.get("encoding", "json"))
    check_version(body, options)
    upstream.counters.page_bodies[record.signature] += 1
    return {key: body[key] for key in ("transaction", "meta", "version") if key in body}


def blockhash(slot: int) -> str:
    """Return a stable stand-in for a block's hash, which no recording kept."""
    return base58.b58encode(hashlib.sha256(slot.to_bytes(8, "little")).digest()).decode()


def _get_slot(upstream: Upstream, params: Params) -> Any:
    tip = upstream.chain.tip_slot()
    finalized = _options(params, 0).get("commitment", "finalized") == "finalized"
    return max(0, tip - FINALIZED_AFTER) if finalized else tip


_METHODS: dict[str, Callable[[Upstream, Params], Any]] = {
    "getSignaturesForAddress": _get_signatures,
    "getTransaction": _get_transaction,
    "getTransactionsForAddress": _get_address_history,
    "getTokenAccountsByOwner": _get_token_accounts,
    "getAccountInfo": _get_account,
    "getMultipleAccounts": _get_accounts,
    "getBalance": _get_balance,
    "getSignatureStatuses": _get_statuses,
    "getBlock": _get_block,
    "getSlot": _get_slot,
}
