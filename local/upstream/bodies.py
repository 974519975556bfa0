"""Reading a `getTransaction` result of any recorded encoding into what the index needs."""

from collections.abc import Callable, Iterator
from typing import Any

import base58

from local.upstream.model import SYSTEM_PROGRAM, TOKEN_PROGRAM, Body, Record, TokenRow


def flat_keys(body: Body) -> list[str]:
    """List every account: static keys, then loaded writable and read-only ones."""
    keys = body["transaction"]["message"]["accountKeys"]
    if keys and isinstance(keys[0], dict):
        return [key["pubkey"] for key in keys]
    meta = body.get("meta") or {}
    loaded = meta.get("loadedAddresses") or {}
    writable = loaded.get("writable") or meta.get("loadedWritableAddresses") or []
    readonly = loaded.get("readonly") or meta.get("loadedReadonlyAddresses") or []
    return [*keys, *writable, *readonly]


def signer_count(body: Body) -> int:
    """Return how many of the first keys signed."""
    message = body["transaction"]["message"]
    if "header" in message:
        return int(message["header"]["numRequiredSignatures"])
    return sum(1 for key in message["accountKeys"] if isinstance(key, dict) and key["signer"])


def read_record(body: Body, *, index: int | None, load: Callable[[str], Body]) -> Record:
    """Index one body; `index` is its position in the block, where known."""
    meta = body["meta"]
    keys = flat_keys(body)
    return Record(
        signature=body["transaction"]["signatures"][0],
        slot=int(body["slot"]),
        tx_index=index,
        block_time=body.get("blockTime"),
        err=meta.get("err"),
        memo=None,
        keys=tuple(keys),
        signers=signer_count(body),
        post_lamports=tuple(int(amount) for amount in meta["postBalances"]),
        tokens=tuple(_token_rows(meta, keys)),
        load=load,
    )


def _token_rows(meta: dict[str, Any], keys: list[str]) -> Iterator[TokenRow]:
    before = {row["accountIndex"]: row for row in meta.get("preTokenBalances") or ()}
    after = {row["accountIndex"]: row for row in meta.get("postTokenBalances") or ()}
    for at in sorted(before.keys() | after.keys()):
        row = after.get(at) or before[at]
        yield TokenRow(
            account=keys[at],
            mint=row["mint"],
            owner=row.get("owner") or None,
            program=row.get("programId") or TOKEN_PROGRAM,
            decimals=row["uiTokenAmount"].get("decimals", 0),
            pre=_amount(before.get(at)),
            post=_amount(after.get(at)),
        )


def _amount(row: dict[str, Any] | None) -> int | None:
    return None if row is None else int(row["uiTokenAmount"].get("amount", 0))


def instructions(body: Body) -> Iterator[dict[str, Any]]:
    """Yield every instruction, outer ones first."""
    yield from body["transaction"]["message"]["instructions"]
    for group in (body.get("meta") or {}).get("innerInstructions") or ():
        yield from group["instructions"]


def invoked_programs(body: Body) -> set[str]:
    """Return the programs that any instruction calls."""
    keys = flat_keys(body)
    return {
        i["programId"] if "programId" in i else keys[i["programIdIndex"]]
        for i in instructions(body)
    }


def created_accounts(body: Body) -> dict[str, str]:
    """Return account → owner program of every System `createAccount` of a transaction."""
    keys = flat_keys(body)
    created = {}
    for instruction in instructions(body):
        parsed = instruction.get("parsed")
        if isinstance(parsed, dict) and parsed.get("type") == "createAccount":
            created[parsed["info"]["newAccount"]] = parsed["info"]["owner"]
        elif "programIdIndex" in instruction:
            created.update(_created_by(instruction, keys))
    return created


def _created_by(instruction: dict[str, Any], keys: list[str]) -> dict[str, str]:
    accounts = instruction.get("accounts")
    if keys[instruction["programIdIndex"]] != SYSTEM_PROGRAM or not isinstance(accounts, list):
        return {}
    try:
        data = base58.b58decode(instruction["data"])
    except ValueError:  # a recording in another encoding
        return {}
    # CreateAccount: u32 0, u64 lamports, u64 space, owner
    if len(data) != 52 or data[:4] != bytes(4):
        return {}
    return {keys[accounts[1]]: base58.b58encode(data[20:52]).decode()}
