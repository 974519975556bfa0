"""The recorded chain: every transaction of a folder of recordings, once, as recorded.

Block order is known only for slots recorded whole. A transaction without a slot is served by
signature and never listed.
"""

import io
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import zstandard
from solders.pubkey import Pubkey

from local.upstream.bodies import (
    created_accounts,
    flat_keys,
    instructions,
    invoked_programs,
    read_record,
)
from local.upstream.clock import Clock
from local.upstream.index import IndexedChain
from local.upstream.model import (
    ACCOUNT_OVERHEAD,
    RENT_PER_BYTE,
    SYSTEM_PROGRAM,
    TOKEN_2022_PROGRAM,
    TOKEN_PROGRAM,
    Body,
    Record,
)

WHOLE_BLOCKS = (110_130_000, 254_170_887)
"""The slots whose non-vote transactions are all recorded, in block order."""


class _Found(NamedTuple):
    body: Body
    order: int


class RecordedChain(IndexedChain):
    """Recorded transactions served as if the chain ended with them."""

    def __init__(self, folder: Path | str, clock: Clock | None = None) -> None:
        super().__init__(clock or Clock())
        self._bodies: dict[str, dict[str, Body]] = {}
        self._unplaced: dict[str, dict[str, Body]] = {}
        self._signers: set[str] = set()
        self._used_by: dict[str, str] = {}
        firsts = self._collect(Path(folder))
        self._place(firsts)

    def transaction(self, signature: str, encoding: str = "json") -> Body | None:
        """Return a body; one recorded without slot is found by its signature alone."""
        variants = self._unplaced.get(signature)
        if variants is not None:
            return None if signature in self._hidden else _choose(variants, encoding)
        return super().transaction(signature, encoding)

    def describe(self) -> list[dict[str, Any]]:
        """List the addresses that a history was recorded for."""
        return [
            {"address": w, "role": "recorded", "transactions": len(self.history(w))}
            for w in self._histories
        ]

    def _collect(self, folder: Path) -> dict[str, _Found]:
        self._histories = sorted(
            path.name.split(".")[0] for path in (folder / "wallet_histories").glob("*.jsonl.zst")
        )
        firsts: dict[str, _Found] = {}
        for path in _recordings(folder):
            for body in read_bodies(path):
                signature = body["transaction"]["signatures"][0]
                variants = self._bodies.setdefault(signature, {})
                variants.setdefault(_encoding(body), body)
                known = firsts.get(signature)
                if known is None or (known.body["slot"] is None and body["slot"] is not None):
                    firsts[signature] = _Found(body, len(firsts))
        return firsts

    def _place(self, firsts: dict[str, _Found]) -> None:
        placed = sorted(
            (found for found in firsts.values() if found.body["slot"] is not None),
            key=lambda found: (found.body["slot"], found.order),
        )
        for signature, found in firsts.items():
            if found.body["slot"] is None:
                self._unplaced[signature] = self._bodies[signature]
        slot, index = -1, 0
        for found in placed:
            body = found.body
            index = index + 1 if body["slot"] == slot else 0
            slot = body["slot"]
            record = read_record(
                _choose(self._bodies[body["transaction"]["signatures"][0]], "json"),
                index=index if slot in WHOLE_BLOCKS else None,
                load=partial(_choose, self._bodies[body["transaction"]["signatures"][0]]),
            )
            self.add(record)
            self._learn_owners(body, record)

    def _learn_owners(self, body: Body, record: Record) -> None:
        programs = invoked_programs(body)
        self.executables |= programs
        self.programs |= created_accounts(body)
        self._signers.update(record.keys[: record.signers])
        for program, accounts in _accounts_by_program(body):
            for account in accounts:
                self._used_by[account] = program

    def owner_program(self, account: str, lamports: int) -> str:
        """Return the owner: seen at creation, else inferred for a program's rent-exempt data."""
        known = self.programs.get(account)
        if known is not None or account in self._signers or not _holds_data(lamports):
            return known or SYSTEM_PROGRAM
        program = self._used_by.get(account)
        if program is None or Pubkey.from_string(account).is_on_curve():
            return SYSTEM_PROGRAM
        return program


def _recordings(folder: Path) -> list[Path]:
    blocks = sorted(p for p in (folder / "rpc" / "blocks").glob("*.zst") if "votes" not in p.name)
    others = sorted((folder / "rpc").glob("*.zst"))
    return [*blocks, *sorted((folder / "wallet_histories").glob("*.zst")), *others]


def read_bodies(path: Path) -> Iterator[Body]:
    """Yield the transactions of one zstd-compressed JSON-lines file."""
    with path.open("rb") as file:
        stream = zstandard.ZstdDecompressor().stream_reader(file)
        for line in io.BufferedReader(stream):
            if line.strip():
                body: Body = orjson.loads(line)
                yield body


def _encoding(body: Body) -> str:
    keys = body["transaction"]["message"]["accountKeys"]
    return "jsonParsed" if keys and isinstance(keys[0], dict) else "json"


def _choose(variants: dict[str, Body], encoding: str) -> Body:
    wanted = encoding if encoding in variants else "json"
    return variants.get(wanted) or next(iter(variants.values()))


def _accounts_by_program(body: Body) -> Iterator[tuple[str, list[str]]]:
    """Yield each instruction's program and accounts, the token and system programs' apart."""
    keys = flat_keys(body)
    for instruction in instructions(body):
        accounts = instruction.get("accounts") or []
        if isinstance(accounts, str):  # protobuf JSON packs indexes into base64
            continue
        if "programId" in instruction:
            program = instruction["programId"]
        else:
            program = keys[instruction["programIdIndex"]]
            accounts = [keys[at] for at in accounts]
        if program not in (SYSTEM_PROGRAM, TOKEN_PROGRAM, TOKEN_2022_PROGRAM):
            yield program, accounts


def _holds_data(lamports: int) -> bool:
    """Tell whether a balance is exactly the rent of some data: nobody's spending money."""
    return lamports % RENT_PER_BYTE == 0 and lamports > RENT_PER_BYTE * ACCOUNT_OVERHEAD
