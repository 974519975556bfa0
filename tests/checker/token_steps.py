"""What the token programs were told to do, from raw and parsed instructions alike."""

from collections.abc import Iterator
from typing import NamedTuple

from tests.checker import base58_text
from tests.checker.bodies import TOKEN_PROGRAMS, Call, Json


class Step(NamedTuple):
    """One token instruction: `actor` is who authorized it, `target` whom or what it names."""

    verb: str
    account: str
    actor: str | None
    target: str | None
    mint: str | None
    amount: int | None


SYSTEM = "11111111111111111111111111111111"

_INITIALIZE = {1: 2, 16: None, 18: None}
_TRANSFER = {3: (1, 2, None), 12: (2, 3, 1)}
_PARSED_INITIALIZE = {"initializeAccount", "initializeAccount2", "initializeAccount3"}
_PARSED_TRANSFER = {"transfer", "transferChecked", "transferCheckedWithFee"}


def token_steps(calls: tuple[Call, ...]) -> list[Step]:
    """Return the token programs' steps in execution order; what is not about accounts is left."""
    found: list[Step] = []
    for call in calls:
        if call.program in TOKEN_PROGRAMS:
            found.extend(_parsed(call.parsed) if call.parsed is not None else _raw(call))
    return found


def paid_amounts(calls: tuple[Call, ...]) -> set[int]:
    """Return every amount that a token or System instruction moved."""
    found = {step.amount for step in token_steps(calls) if step.amount is not None}
    for call in calls:
        if call.program != SYSTEM:
            continue
        if call.parsed is not None:
            found.add(int((call.parsed.get("info") or {}).get("lamports") or 0))
        else:
            found.add(_u64(call.data, 4))
    return found


def _u64(data: bytes, start: int) -> int:
    return int.from_bytes(data[start : start + 8], "little")


def _raw(call: Call) -> Iterator[Step]:
    data, at = call.data, call.accounts
    if not data:
        return
    tag = data[0]
    if tag in _INITIALIZE:
        slot = _INITIALIZE[tag]
        owner = base58_text.encode(data[1:33]) if slot is None else at[slot]
        yield Step("initialize", at[0], None, owner, at[1], None)
    elif tag in _TRANSFER:
        to, actor, mint = _TRANSFER[tag]
        named = None if mint is None else at[mint]
        yield Step("transfer", at[0], at[actor], at[to], named, _u64(data, 1))
    elif tag == 26 and data[1:2] == b"\x01":
        yield Step("transfer", at[0], at[3], at[2], at[1], _u64(data, 2))
    else:
        yield from _raw_rest(tag, data, at)


def _raw_rest(tag: int, data: bytes, at: tuple[str, ...]) -> Iterator[Step]:
    if tag == 4:
        yield Step("approve", at[0], at[2], at[1], None, None)
    elif tag == 13:
        yield Step("approve", at[0], at[3], at[2], at[1], None)
    elif tag == 5:
        yield Step("revoke", at[0], at[1], None, None, None)
    elif tag == 6 and data[1:3] == b"\x02\x01":
        yield Step("give", at[0], at[1], base58_text.encode(data[3:35]), None, None)
    elif tag in {7, 14}:
        yield Step("mint", at[1], at[2], None, at[0], _u64(data, 1))
    elif tag in {8, 15}:
        yield Step("burn", at[0], at[2], None, at[1], _u64(data, 1))
    elif tag == 9:
        yield Step("close", at[0], at[2], at[1], None, None)
    elif tag == 17:
        yield Step("sync", at[0], None, None, None, None)


def _amount(info: Json) -> int | None:
    text = info.get("amount") or info.get("tokenAmount", {}).get("amount")
    return None if text is None else int(text)


def _parsed(parsed: Json) -> Iterator[Step]:
    kind, info = parsed["type"], parsed.get("info") or {}
    actor = next(
        (info[name] for name in info if name in _ACTORS),
        None,
    )
    if kind in _PARSED_INITIALIZE:
        yield Step("initialize", info["account"], None, info["owner"], info["mint"], None)
    elif kind in _PARSED_TRANSFER:
        to, mint = info["destination"], info.get("mint")
        yield Step("transfer", info["source"], actor, to, mint, _amount(info))
    elif kind in {"approve", "approveChecked"}:
        yield Step("approve", info["source"], actor, info["delegate"], info.get("mint"), None)
    elif kind == "revoke":
        yield Step("revoke", info["source"], actor, None, None, None)
    elif kind == "setAuthority" and info["authorityType"] == "accountOwner":
        yield Step("give", info["account"], actor, info["newAuthority"], None, None)
    elif kind in {"mintTo", "mintToChecked"}:
        yield Step("mint", info["account"], actor, None, info["mint"], _amount(info))
    elif kind in {"burn", "burnChecked"}:
        yield Step("burn", info["account"], actor, None, info["mint"], _amount(info))
    elif kind == "closeAccount":
        yield Step("close", info["account"], actor, info["destination"], None, None)
    elif kind == "syncNative":
        yield Step("sync", info["account"], None, None, None, None)


_ACTORS = frozenset(
    {"authority", "multisigAuthority", "owner", "multisigOwner", "mintAuthority"}
    | {"multisigMintAuthority"}
)
