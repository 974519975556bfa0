"""Changes of a recorded transaction under which its trades stay what they were.

Each takes a body of encoding `json` and gives another one, or None where the change does not apply.
"""

import base64
import copy
import hashlib
from collections.abc import Callable, Iterator
from typing import Any

from oof.domain.transactions.addresses import (
    ASSOCIATED_TOKEN,
    COMPUTE_BUDGET,
    SYSTEM,
    TOKEN,
    TOKEN_2022,
    is_on_curve,
)
from oof.domain.transactions.base58 import decode_base58, encode_base58

type Json = dict[str, Any]
type Change = Callable[[Json], Json | None]

MEMO = "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr"
TIP_ACCOUNT = "96gYZGLnJYVFmbjzopPSU6QiEV5fGqZNyN9nmNhvrZU5"
WRAPPER = "Wrapper111111111111111111111111111111111111"
SYSTEM_KEYS = frozenset({SYSTEM, TOKEN, TOKEN_2022, ASSOCIATED_TOKEN, COMPUTE_BUDGET})
KEY_LENGTH = 32
SEVEN_BITS = 0x7F
MOST_KEYS = 256
_LAMPORTS = ("preBalances", "postBalances")
_TOKENS = ("preTokenBalances", "postTokenBalances")


def fresh_key(name: str, *, on_curve: bool) -> str:
    """Give a key that belongs to nobody: a wallet's, or one that has no private key."""
    salt = 0
    while True:
        key = encode_base58(hashlib.sha256(f"{name}/{salt}".encode()).digest())
        if is_on_curve(key) == on_curve:
            return key
        salt += 1


def static_count(body: Json) -> int:
    """Count the keys that the message itself lists."""
    return len(body["transaction"]["message"]["accountKeys"])


def all_keys(body: Json) -> list[str]:
    """List every key in the order of the balances."""
    loaded = body["meta"].get("loadedAddresses") or {}
    keys: list[str] = [*body["transaction"]["message"]["accountKeys"]]
    return [*keys, *loaded.get("writable", ()), *loaded.get("readonly", ())]


def outer_instructions(body: Json) -> list[Json]:
    """Give the outermost instructions."""
    found: list[Json] = body["transaction"]["message"]["instructions"]
    return found


def inner_groups(body: Json) -> list[Json]:
    """Give the groups of invoked instructions."""
    found: list[Json] = body["meta"].get("innerInstructions") or []
    return found


def instructions(body: Json) -> Iterator[Json]:
    """Yield every instruction."""
    yield from outer_instructions(body)
    for group in inner_groups(body):
        yield from group["instructions"]


def reindex(body: Json, places: list[int]) -> None:
    """Move what refers to key i to key `places[i]`."""
    for instruction in instructions(body):
        instruction["programIdIndex"] = places[instruction["programIdIndex"]]
        instruction["accounts"] = [places[index] for index in instruction["accounts"]]
    for side in _TOKENS:
        for balance in body["meta"].get(side) or ():
            balance["accountIndex"] = places[balance["accountIndex"]]


def insert_key(body: Json, key: str, at: int, before: int = 1, after: int = 1) -> int:
    """Put a key among the listed ones, with the lamports it held; give its place."""
    known = all_keys(body)
    if key in known:
        return known.index(key)
    reindex(body, [place + (place >= at) for place in range(len(known))])
    body["transaction"]["message"]["accountKeys"].insert(at, key)
    body["meta"]["preBalances"].insert(at, before)
    body["meta"]["postBalances"].insert(at, after)
    return at


def insert_outer(body: Json, at: int, instruction: Json) -> None:
    """Put an outermost instruction before the one at a position."""
    outer_instructions(body).insert(at, instruction)
    for group in inner_groups(body):
        group["index"] += group["index"] >= at


def resolve_tables(body: Json) -> Json | None:
    """Let the message list what look-up tables added, as a legacy one would."""
    if static_count(body) == len(all_keys(body)):
        return None
    changed = copy.deepcopy(body)
    changed["transaction"]["message"]["accountKeys"] = all_keys(body)
    changed["transaction"]["message"].pop("addressTableLookups", None)
    del changed["meta"]["loadedAddresses"]
    changed["version"] = "legacy"
    return changed


def load_from_tables(body: Json) -> Json | None:
    """Let look-up tables add every key that neither signs nor is a program."""
    changed = resolve_tables(body) or copy.deepcopy(body)
    keys = all_keys(changed)
    message = changed["transaction"]["message"]
    signers = message["header"]["numRequiredSignatures"]
    programs = {instruction["programIdIndex"] for instruction in instructions(changed)}
    stays = [place for place in range(len(keys)) if place < signers or place in programs]
    moves = [place for place in range(len(keys)) if place not in set(stays)]
    order = stays + moves
    places = [0] * len(keys)
    for new, old in enumerate(order):
        places[old] = new
    reindex(changed, places)
    for side in _LAMPORTS:
        changed["meta"][side] = [body["meta"][side][old] for old in order]
    message["accountKeys"] = [keys[old] for old in stays]
    half = len(moves) // 2
    changed["meta"]["loadedAddresses"] = {
        "writable": [keys[old] for old in moves[:half]],
        "readonly": [keys[old] for old in moves[half:]],
    }
    changed["version"] = 0
    return changed


def reverse_keys(body: Json) -> Json | None:
    """List the keys that do not sign in the opposite order."""
    changed = resolve_tables(body) or copy.deepcopy(body)
    keys = all_keys(changed)
    message = changed["transaction"]["message"]
    signers = message["header"]["numRequiredSignatures"]
    order = [*range(signers), *reversed(range(signers, len(keys)))]
    places = [0] * len(keys)
    for new, old in enumerate(order):
        places[old] = new
    reindex(changed, places)
    message["accountKeys"] = [keys[old] for old in order]
    for side in _LAMPORTS:
        changed["meta"][side] = [body["meta"][side][old] for old in order]
    for side in _TOKENS:
        (changed["meta"].get(side) or []).reverse()
    return changed


def add_strangers(body: Json) -> Json | None:
    """Set a compute limit and leave a memo before everything else, and a memo after it."""
    changed = copy.deepcopy(body)
    last = static_count(changed)
    budget = insert_key(changed, COMPUTE_BUDGET, last)
    memo = insert_key(changed, MEMO, static_count(changed))
    for program, at in ((memo, 0), (budget, 0), (memo, len(outer_instructions(changed)) + 2)):
        entry = {"programIdIndex": program, "accounts": [], "data": "Fj2Eoy"}
        insert_outer(changed, at, entry)
    return changed


def add_tip(body: Json) -> Json | None:
    """Let the fee payer tip before anything else."""
    changed = copy.deepcopy(body)
    if TIP_ACCOUNT in all_keys(changed) or changed["meta"]["postBalances"][0] < 20_000:
        return None
    tip = insert_key(changed, TIP_ACCOUNT, static_count(changed), 10**9, 10**9 + 10_000)
    system = insert_key(changed, SYSTEM, static_count(changed))
    changed["meta"]["postBalances"][0] -= 10_000
    data = encode_base58((2).to_bytes(4, "little") + (10_000).to_bytes(8, "little"))
    insert_outer(changed, 0, {"programIdIndex": system, "accounts": [0, tip], "data": data})
    return changed


def sponsor(body: Json) -> Json | None:
    """Let somebody else sign first and pay the fee."""
    changed = copy.deepcopy(body)
    fee = changed["meta"]["fee"]
    insert_key(changed, fresh_key("sponsor", on_curve=True), 0, 10**9, 10**9 - fee)
    changed["meta"]["postBalances"][1] += fee
    changed["transaction"]["message"]["header"]["numRequiredSignatures"] += 1
    signature = changed["transaction"]["signatures"][0]
    changed["transaction"]["signatures"] = [signature, *changed["transaction"]["signatures"]]
    return changed


def wrap(body: Json) -> Json | None:
    """Let a program nobody knows invoke whatever a program that moves tokens invoked."""
    changed = copy.deepcopy(body)
    if not _has_heights(changed):
        return None
    wrapper = insert_key(changed, WRAPPER, static_count(changed))
    groups = {group["index"]: group for group in inner_groups(changed)}
    for at, instruction in enumerate(outer_instructions(changed)):
        group = groups.get(at)
        program = all_keys(changed)[instruction["programIdIndex"]]
        if group is None or program in {SYSTEM, TOKEN, TOKEN_2022, ASSOCIATED_TOKEN}:
            continue
        for inner in group["instructions"]:
            inner["stackHeight"] += 1
        group["instructions"].insert(0, {**instruction, "stackHeight": 2})
        outer_instructions(changed)[at] = {**instruction, "programIdIndex": wrapper}
    return changed


def _has_heights(body: Json) -> bool:
    return all(
        isinstance(inner.get("stackHeight"), int)
        for group in inner_groups(body)
        for inner in group["instructions"]
    )


def drop_heights(body: Json) -> Json | None:
    """Record no stack heights, as nodes did until 2023."""
    changed = copy.deepcopy(body)
    for group in inner_groups(changed):
        for inner in group["instructions"]:
            inner.pop("stackHeight", None)
    return changed


def move_to_token_2022(body: Json) -> Json | None:
    """Let the newer token program keep every account that is not of wrapped SOL alone."""
    if TOKEN not in all_keys(body) or TOKEN_2022 in all_keys(body):
        return None
    return _rename(body, {TOKEN: TOKEN_2022})


def replace_keys(value: Any, names: dict[str, str]) -> Any:
    """Put other keys in the place of some, wherever they stand."""
    if isinstance(value, dict):
        return {name: replace_keys(inner, names) for name, inner in value.items()}
    if isinstance(value, list):
        return [replace_keys(inner, names) for inner in value]
    return names.get(value, value) if isinstance(value, str) else value


def rename_token_accounts(body: Json) -> Json | None:
    """Keep all tokens in accounts whose addresses say nothing about their owners."""
    keys = all_keys(body)
    balances = [entry for side in _TOKENS for entry in body["meta"].get(side) or ()]
    if not balances or any(not entry.get("owner") for entry in balances):
        return None
    accounts = {keys[entry["accountIndex"]] for entry in balances}
    accounts -= {entry["owner"] for entry in balances}
    names = {account: fresh_key(account, on_curve=True) for account in accounts}
    return _rename(body, names)


def _rename(body: Json, names: dict[str, str]) -> Json:
    return {name: replace_keys(value, names) for name, value in body.items()}


def rename_keys(body: Json, keeps: frozenset[str]) -> Json | None:
    """Give every key another name, in data too, except programs, mints and what `keeps` holds."""
    keys = all_keys(body)
    balances = [entry for side in _TOKENS for entry in body["meta"].get(side) or ()]
    if any(not entry.get("owner") for entry in balances):
        return None
    stays = {keys[instruction["programIdIndex"]] for instruction in instructions(body)} | keeps
    stays |= {entry["mint"] for entry in balances} | {entry["programId"] for entry in balances}
    stays |= {key for key in keys if key.startswith("Sysvar")}  # programs name them by heart
    moved = {*keys, *(entry["owner"] for entry in balances)} - stays
    names = {key: fresh_key(key, on_curve=is_on_curve(key)) for key in moved}
    changed: Json = {
        **body,
        "transaction": replace_keys(body["transaction"], names),
        "meta": replace_keys(body["meta"], names),
    }
    words = {decode_base58(old): decode_base58(new) for old, new in names.items()}
    for instruction in instructions(changed):
        data = decode_base58(instruction["data"])
        if len(data) >= KEY_LENGTH:
            for old, new in words.items():
                data = data.replace(old, new)
            instruction["data"] = encode_base58(data)
    return changed


def renamed(key: str) -> str:
    """Tell what `rename_keys` calls a key."""
    return fresh_key(key, on_curve=is_on_curve(key))


def join(first: Json, second: Json) -> Json | None:
    """Let one transaction do what two did, one after the other; both signed it."""
    one, two = (resolve_tables(body) or copy.deepcopy(body) for body in (first, second))
    signers = [_signers(body) for body in (one, two)]
    both = [*signers[0], *(key for key in signers[1] if key not in signers[0])]
    keys = [*both]
    keys += [key for body in (one, two) for key in all_keys(body) if key not in both]
    keys = list(dict.fromkeys(keys))
    lamports = _join_lamports(one, two, keys)
    tokens = _join_tokens(one, two, keys)
    if lamports is None or tokens is None or len(keys) > MOST_KEYS:
        return None
    shift = len(outer_instructions(one))
    for body in (one, two):
        reindex(body, [keys.index(key) for key in all_keys(body)])
    for group in inner_groups(two):
        group["index"] += shift
    meta = one["meta"]
    meta["fee"] += two["meta"]["fee"]
    meta["preBalances"], meta["postBalances"] = lamports
    meta["preTokenBalances"], meta["postTokenBalances"] = tokens
    meta["innerInstructions"] = inner_groups(one) + inner_groups(two)
    message = one["transaction"]["message"]
    message["instructions"] = outer_instructions(one) + outer_instructions(two)
    message["accountKeys"] = keys
    message["header"]["numRequiredSignatures"] = len(both)
    one["transaction"]["signatures"] = [
        *one["transaction"]["signatures"],
        *two["transaction"]["signatures"],
    ][: len(both)]
    return one


def _signers(body: Json) -> list[str]:
    message = body["transaction"]["message"]
    keys: list[str] = message["accountKeys"][: message["header"]["numRequiredSignatures"]]
    return keys


def _join_lamports(one: Json, two: Json, keys: list[str]) -> tuple[list[int], list[int]] | None:
    held = dict(zip(all_keys(one), one["meta"]["preBalances"], strict=True))
    left = dict(zip(all_keys(one), one["meta"]["postBalances"], strict=True))
    for key, before, after in zip(
        all_keys(two), two["meta"]["preBalances"], two["meta"]["postBalances"], strict=True
    ):
        held.setdefault(key, before)
        left[key] = left.get(key, before) + after - before
    left[all_keys(two)[0]] += two["meta"]["fee"]
    left[keys[0]] -= two["meta"]["fee"]
    if min(left.values()) < 0:
        return None
    return [held[key] for key in keys], [left[key] for key in keys]


def _join_tokens(one: Json, two: Json, keys: list[str]) -> tuple[list[Json], list[Json]] | None:
    """Give the token balances before and after; None where both open, close or overdraw one."""
    sides: list[dict[str, Json]] = []
    for body in (one, two):
        names = all_keys(body)
        sides += [
            {names[entry["accountIndex"]]: entry for entry in body["meta"].get(side) or ()}
            for side in _TOKENS
        ]
    before, between, again, after = sides
    pre, post = {**again, **before}, {**between, **after}
    touched = (before.keys() | between.keys()) & (again.keys() | after.keys())
    touched |= set(all_keys(one)) & set(all_keys(two)) & (before.keys() | after.keys())
    for key in touched:
        if not all(key in side for side in sides):
            return None
        amounts = [int(side[key]["uiTokenAmount"]["amount"]) for side in sides]
        amount = amounts[1] + amounts[3] - amounts[2]
        if amount < 0:
            return None
        post[key] = copy.deepcopy(post[key])
        post[key]["uiTokenAmount"] = {**post[key]["uiTokenAmount"], "amount": str(amount)}
    return (
        [{**entry, "accountIndex": keys.index(key)} for key, entry in pre.items()],
        [{**entry, "accountIndex": keys.index(key)} for key, entry in post.items()],
    )


def encode_message(body: Json, version: int | None) -> bytes:
    """Give a transaction's bytes as nodes store them; of version 0 without look-up tables."""
    transaction = body["transaction"]
    message, header = transaction["message"], transaction["message"]["header"]
    signatures = [decode_base58(signature) for signature in transaction["signatures"]]
    parts = [_compact(len(signatures)), *signatures]
    if version is not None:
        parts.append(bytes([0x80 | version]))
    counts = ("numReadonlySignedAccounts", "numReadonlyUnsignedAccounts")
    parts.append(bytes([header["numRequiredSignatures"], *(header.get(one, 0) for one in counts)]))
    keys = [decode_base58(key) for key in message["accountKeys"]]
    parts += [_compact(len(keys)), *keys, decode_base58(message["recentBlockhash"])]
    parts.append(_compact(len(message["instructions"])))
    for instruction in message["instructions"]:
        data = decode_base58(instruction["data"])
        parts += [bytes([instruction["programIdIndex"]]), _compact(len(instruction["accounts"]))]
        parts += [bytes(instruction["accounts"]), _compact(len(data)), data]
    return b"".join([*parts, _compact(0) if version is not None else b""])


def _compact(length: int) -> bytes:
    found = b""
    while length > SEVEN_BITS:
        found += bytes([length & SEVEN_BITS | 0x80])
        length >>= 7
    return found + bytes([length])


def encode(body: Json) -> Json | None:
    """Give the transaction in base64."""
    version = body.get("version")
    data = encode_message(body, version if isinstance(version, int) else None)
    return {**body, "transaction": [base64.b64encode(data).decode(), "base64"]}


def forget(body: Json, programs: frozenset[str]) -> Json | None:
    """Let programs that nobody has heard of do what known ones did."""
    known = programs.intersection(all_keys(body))
    return _rename(body, {key: fresh_key(key, on_curve=True) for key in known}) if known else None
