"""Recorded bodies in every encoding, read into one plain shape by the checker's own hand."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import zstandard

from tests.checker import base58_text

type Json = dict[str, Any]

TOKEN_PROGRAMS = (
    "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
    "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb",
)


class Entry(NamedTuple):
    """One token balance as the node lists it."""

    account: str
    mint: str
    owner: str | None
    program: str | None
    amount: int
    decimals: int


class Call(NamedTuple):
    """One instruction: either raw (`accounts`, `data`) or parsed by the node."""

    program: str
    accounts: tuple[str, ...]
    data: bytes
    parsed: Json | None
    depth: int


class Body(NamedTuple):
    """One complete transaction, before any judgement."""

    signature: str
    slot: int | None
    tx_index: int | None
    block_time: int | None
    failed: bool
    fee: int
    keys: tuple[str, ...]
    signers: frozenset[str]
    pre: tuple[int, ...]
    post: tuple[int, ...]
    pre_tokens: tuple[Entry, ...]
    post_tokens: tuple[Entry, ...]
    calls: tuple[Call, ...]


def read_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a plain or `.zst` file that are not empty."""
    data = path.read_bytes()
    if path.suffix == ".zst":
        data = zstandard.ZstdDecompressor().decompressobj().decompress(data)
    for line in data.decode().splitlines():
        if line.strip():
            yield line


def read_bodies(path: Path) -> list[Body]:
    """Return every transaction of a file, in order, arrays and payloads opened."""
    return [read_body(raw) for line in read_lines(path) for raw in _unwrap(json.loads(line))]


def _unwrap(value: Any) -> Iterator[Json]:
    if isinstance(value, list):
        for item in value:
            yield from _unwrap(item)
    elif "payload" in value:
        yield from _unwrap(value["payload"])
    elif "result" in value:
        yield from _unwrap(value["result"])
    else:
        yield value


def read_body(raw: Json) -> Body:
    """Return one `getTransaction` result, raw webhook or Yellowstone body in plain shape."""
    meta, transaction = raw["meta"], raw["transaction"]
    message = transaction["message"]
    keys, signers = _keys(message, meta)
    reader = _CallReader(keys, protobuf="err" not in meta)
    slot = raw.get("slot")
    return Body(
        signature=transaction["signatures"][0],
        slot=None if slot is None else int(slot),
        tx_index=raw.get("indexWithinBlock", raw.get("transactionIndex")),
        block_time=raw.get("blockTime"),
        failed=meta.get("err") is not None,
        fee=int(meta["fee"]),
        keys=keys,
        signers=signers,
        pre=tuple(int(value) for value in meta["preBalances"]),
        post=tuple(int(value) for value in meta["postBalances"]),
        pre_tokens=_entries(meta.get("preTokenBalances"), keys),
        post_tokens=_entries(meta.get("postTokenBalances"), keys),
        calls=tuple(reader.read_all(message["instructions"], meta.get("innerInstructions"))),
    )


def _keys(message: Json, meta: Json) -> tuple[tuple[str, ...], frozenset[str]]:
    listed = message["accountKeys"]
    if isinstance(listed[0], dict):
        names = tuple(key["pubkey"] for key in listed)
        return names, frozenset(key["pubkey"] for key in listed if key["signer"])
    signers = frozenset(listed[: int(message["header"]["numRequiredSignatures"])])
    loaded = meta.get("loadedAddresses") or {}
    writable = loaded.get("writable") or meta.get("loadedWritableAddresses") or []
    readonly = loaded.get("readonly") or meta.get("loadedReadonlyAddresses") or []
    return (*listed, *writable, *readonly), signers


def _entries(listed: list[Json] | None, keys: tuple[str, ...]) -> tuple[Entry, ...]:
    return tuple(
        Entry(
            account=keys[int(entry.get("accountIndex", 0))],
            mint=entry["mint"],
            owner=entry.get("owner") or None,
            program=entry.get("programId") or None,
            amount=int(entry["uiTokenAmount"].get("amount") or 0),
            decimals=int(entry["uiTokenAmount"].get("decimals") or 0),
        )
        for entry in listed or []
    )


class _CallReader:
    """Opens instructions of one body into execution order."""

    def __init__(self, keys: tuple[str, ...], *, protobuf: bool) -> None:
        self._keys = keys
        self._protobuf = protobuf

    def read_all(self, outer: list[Json], inner: list[Json] | None) -> Iterator[Call]:
        groups: dict[int, list[Json]] = {}
        for group in inner or []:
            groups.setdefault(int(group.get("index", 0)), []).extend(group["instructions"])
        for index, instruction in enumerate(outer):
            yield self._read(instruction, 1)
            for nested in groups.get(index, []):
                yield self._read(nested, int(nested.get("stackHeight") or 2))

    def _read(self, instruction: Json, depth: int) -> Call:
        program = instruction.get("programId")
        if program is None:
            program = self._keys[int(instruction.get("programIdIndex", 0))]
        if "parsed" in instruction:
            parsed = instruction["parsed"]
            return Call(program, (), b"", parsed if isinstance(parsed, dict) else None, depth)
        accounts = self._accounts(instruction.get("accounts"))
        return Call(program, accounts, self._data(instruction.get("data")), None, depth)

    def _accounts(self, listed: Any) -> tuple[str, ...]:
        if isinstance(listed, str):
            listed = base64.b64decode(listed)
        return tuple(
            account if isinstance(account, str) else self._keys[account] for account in listed or ()
        )

    def _data(self, text: str | None) -> bytes:
        if not text:
            return b""
        return base64.b64decode(text) if self._protobuf else base58_text.decode(text)
