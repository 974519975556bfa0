"""Helius' `getTransactionsForAddress`: filters, both orders, pages by `slot:position`."""

from typing import Any

from local.upstream.finality import commitment_of, settled
from local.upstream.index import body_of
from local.upstream.model import Record
from local.upstream.rpc_errors import RpcError
from local.upstream.state import Upstream

MAX_SIGNATURES = 1000


def transactions_for_address(
    upstream: Upstream, address: str, options: dict[str, Any]
) -> dict[str, Any]:
    """Return one page `{data, paginationToken}`; the token is null on the last one.

    Raises:
        RpcError: an unknown option value.
    """
    details = options.get("transactionDetails", "signatures")
    if details not in ("full", "signatures"):
        raise RpcError(-32602, f"Invalid transactionDetails {details!r}")
    ceiling = upstream.page_bodies if details == "full" else MAX_SIGNATURES
    limit = min(options.get("limit") or ceiling, ceiling)
    found = _ordered(_matching(upstream, address, options), options)
    found = _after(found, options)
    page, rest = found[:limit], found[limit:]
    full = details == "full"
    data = [_full(upstream, row, options) if full else _row(upstream, row) for row in page]
    token = _token(page[-1]) if rest else None
    return {"data": data, "paginationToken": token}


_Row = tuple[Record, int]
"""A record and its position among those of its slot that the chain holds."""


def _matching(upstream: Upstream, address: str, options: dict[str, Any]) -> list[_Row]:
    chain = upstream.chain
    filters = options.get("filters") or {}
    wanted = filters.get("tokenAccounts", "none")
    if wanted == "none":
        found = chain.history(address)
    elif wanted in ("balanceChanged", "all"):
        found = chain.history_with_tokens(address, changed_only=wanted == "balanceChanged")
    else:
        raise RpcError(-32602, f"Invalid tokenAccounts {wanted!r}")
    found = settled(chain, found, options)
    return [(r, _position(upstream, r)) for r in found if _passes(upstream, r, filters)]


def _position(upstream: Upstream, record: Record) -> int:
    return record.tx_index if record.tx_index is not None else upstream.chain.rank(record.signature)


def _passes(upstream: Upstream, record: Record, filters: dict[str, Any]) -> bool:
    status = filters.get("status", "any")
    if status == "succeeded" and record.err is not None:
        return False
    if status == "failed" and record.err is None:
        return False
    if not _within(record.slot, filters.get("slot")):
        return False
    if not _within(record.block_time, filters.get("blockTime")):
        return False
    return _within_signatures(upstream, record, filters.get("signature"))


def _within(value: int | None, bounds: dict[str, int] | None) -> bool:
    if not bounds:
        return True
    if value is None:
        return False
    checks = {
        "gt": value > bounds.get("gt", -1),
        "gte": value >= bounds.get("gte", 0),
        "lt": value < bounds.get("lt", value + 1),
        "lte": value <= bounds.get("lte", value),
        "eq": value == bounds.get("eq", value),
    }
    return all(checks.values())


def _within_signatures(upstream: Upstream, record: Record, bounds: dict[str, str] | None) -> bool:
    if not bounds:
        return True
    own = upstream.chain.rank_overall(record.signature)
    ranks = {name: upstream.chain.rank_overall(other) for name, other in bounds.items()}
    checks = {
        "gt": own > ranks.get("gt", -1),
        "gte": own >= ranks.get("gte", 0),
        "lt": own < ranks.get("lt", own + 1),
        "lte": own <= ranks.get("lte", own),
    }
    return all(checks.values())


def _ordered(found: list[_Row], options: dict[str, Any]) -> list[_Row]:
    order = options.get("sortOrder", "desc")
    if order not in ("asc", "desc"):
        raise RpcError(-32602, f"Invalid sortOrder {order!r}")
    return found if order == "asc" else found[::-1]


def _after(found: list[_Row], options: dict[str, Any]) -> list[_Row]:
    token = options.get("paginationToken")
    if not token:
        return found
    slot, _, position = str(token).partition(":")
    edge = (int(slot), int(position))
    if options.get("sortOrder", "desc") == "asc":
        return [row for row in found if (row[0].slot, row[1]) > edge]
    return [row for row in found if (row[0].slot, row[1]) < edge]


def _token(row: _Row) -> str:
    return f"{row[0].slot}:{row[1]}"


def _row(upstream: Upstream, row: _Row) -> dict[str, Any]:
    record = row[0]
    shown = {
        "signature": record.signature,
        "slot": record.slot,
        "transactionIndex": record.tx_index,
        "err": record.err,
        "memo": record.memo,
        "blockTime": record.block_time,
        "confirmationStatus": commitment_of(upstream.chain, record),
    }
    return _without_unknown_index(shown)


def _full(upstream: Upstream, row: _Row, options: dict[str, Any]) -> dict[str, Any]:
    record = row[0]
    body = body_of(record, options.get("encoding", "json"))
    version = body.get("version", "legacy")
    if version != "legacy" and options.get("maxSupportedTransactionVersion") is None:
        raise RpcError(-32015, f"Transaction version ({version}) is not supported")
    upstream.counters.page_bodies[record.signature] += 1
    return _without_unknown_index({**body, "transactionIndex": record.tx_index})


def _without_unknown_index(shown: dict[str, Any]) -> dict[str, Any]:
    """Leave the index out where the recording does not tell it."""
    if shown["transactionIndex"] is None:
        del shown["transactionIndex"]
    return shown
