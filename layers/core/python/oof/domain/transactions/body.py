"""The one inner shape that every encoding of a transaction is read into.

`json`, `jsonParsed`, `base64`, Yellowstone protobuf JSON and webhook bodies differ in how they
write keys, instructions and balances; past this module nobody knows which one it was.

Most transactions of a block move nothing but their fee. They are told from keys and balances
alone, and the rest of them is not read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from oof.domain.transactions.addresses import PRECOMPILES
from oof.domain.transactions.base58 import decode_base58, decode_base64, encode_base58
from oof.domain.transactions.fields import (
    Json,
    MalformedBodyError,
    read_block_time,
    read_first_integer,
    read_integer,
    read_optional_integer,
)
from oof.domain.transactions.heights import read_heights
from oof.domain.transactions.model import Unreadable
from oof.domain.transactions.wire import decode_wire

_INTEGERS: Final = {int}
_BYTE: Final = 256
"""Keys a byte can tell apart, as on chain. Of fewer, `bytes` checks a list of indexes at once."""
_TOKEN_FIELDS: Final = ("preTokenBalances", "postTokenBalances")
_INDEX_NAMES: Final = ("transactionIndex", "indexWithinBlock", "index")


@dataclass(slots=True)
class Instruction:
    """One instruction, outermost or invoked by another.

    `inner` is -1 for an outermost one, else its position below it. `height` is 1 for an outermost
    one, 0 where the recording lacks it. Exactly one of `data` and `parsed` is set; of a memo that
    is read, `parsed` is its text under `memo`.
    """

    # Not frozen, as to make a frozen one takes twice as long; a body has dozens of them.

    program: str
    accounts: list[str]
    data: str
    parsed: Mapping[str, Json] | None
    outer: int
    inner: int
    height: int
    is_base64: bool

    def read_data(self) -> bytes:
        """Decode the instruction data.

        Raises:
            ValueError: the data is in neither encoding.
        """
        return decode_base64(self.data) if self.is_base64 else decode_base58(self.data)


class TokenBalance(NamedTuple):
    """What the chain states of one token account on one side of the transaction."""

    mint: str
    owner: str | None
    amount: int
    decimals: int
    token_program: str | None


@dataclass(slots=True)
class Body:
    """A complete transaction, whatever the encoding it came in."""

    signature: str
    slot: int | None
    tx_index: int | None
    block_time: int | None
    is_failed: bool
    fee: int
    signature_count: int
    keys: list[str]
    signers: tuple[str, ...]
    pre_lamports: list[int]
    post_lamports: list[int]
    pre_tokens: dict[str, TokenBalance] = field(default_factory=dict)
    post_tokens: dict[str, TokenBalance] = field(default_factory=dict)
    instructions: list[Instruction] = field(default_factory=list)
    """In order of execution: each outermost one followed by what it invoked.

    What a failed transaction invoked took no effect and is left out.
    """
    oddities: list[tuple[str, str]] = field(default_factory=list)
    is_still: bool = False
    """Whether nothing moved but the fee; tokens and instructions were then left unread."""


def read_body(raw: Json, acting: frozenset[str] | None = None) -> Body | Unreadable:
    """Read one transaction body of any complete encoding; never raises.

    `acting` are the programs without whose instructions nothing but the fee can move. Where they
    are told, a body in which nothing did is only read as far as to know that: `is_still`.
    """
    try:
        return _read(raw, acting)
    except MalformedBodyError as fault:
        return Unreadable(fault.code, fault.detail)


def _read(raw: Json, acting: frozenset[str] | None) -> Body:
    meta, transaction, message = _open(raw)
    signatures = _signatures(transaction)
    is_base64 = _is_protobuf(message, meta)
    keys, signers = _keys(message, meta, len(signatures), is_base64=is_base64)
    if len(set(keys)) != len(keys):
        raise MalformedBodyError("bad_account_keys", "an account key is listed twice")
    body = Body(
        signatures[0],
        read_optional_integer(raw.get("slot")),
        read_first_integer(raw, _INDEX_NAMES),
        read_block_time(raw),
        _is_failed(meta),
        read_integer(meta.get("fee"), "fee"),
        len(signatures),
        keys,
        signers,
        _balances(meta, "preBalances", len(keys)),
        _balances(meta, "postBalances", len(keys)),
    )
    if acting is not None and _is_still(body, meta, message, acting):
        body.is_still = True
    else:
        body.pre_lamports = _lamports(body.pre_lamports, "preBalances")
        body.post_lamports = _lamports(body.post_lamports, "postBalances")
        body.pre_tokens, body.post_tokens = _token_sides(meta, keys)
        body.instructions = _instructions(body, meta, message, is_base64=is_base64)
    return body


def _open(raw: Json) -> tuple[dict[str, Json], dict[str, Json], dict[str, Json]]:
    """Give the parts that every complete body has: `meta`, `transaction` and its `message`."""
    if raw is None:
        raise MalformedBodyError("null_result", "the body is null")
    if not isinstance(raw, dict):
        raise MalformedBodyError(
            "not_a_transaction", f"expected an object, not {type(raw).__name__}"
        )
    meta = raw.get("meta")
    if not isinstance(meta, dict):
        raise MalformedBodyError("no_meta", "the transaction has no meta")
    transaction = raw.get("transaction")
    if not isinstance(transaction, dict):
        transaction = decode_wire(transaction)
    message = transaction.get("message")
    if not isinstance(message, dict):
        raise MalformedBodyError("no_message", "the transaction has no message")
    return meta, transaction, message


def _is_still(
    body: Body, meta: dict[str, Json], message: dict[str, Json], acting: frozenset[str]
) -> bool:
    """Whether only the fee moved, and nothing ran that could have moved more to and fro."""
    pre, post = body.pre_lamports, body.post_lamports
    if {type(pre[0]), type(post[0])} != _INTEGERS or pre[0] - body.fee != post[0]:
        return False
    if pre[1:] != post[1:]:
        return False
    if meta.get("preTokenBalances") != meta.get("postTokenBalances"):
        return False
    if not PRECOMPILES.isdisjoint(body.keys):
        return False
    return body.is_failed or acting.isdisjoint(body.keys) or not _acts(body, meta, message, acting)


def _acts(
    body: Body, meta: dict[str, Json], message: dict[str, Json], acting: frozenset[str]
) -> bool:
    """Whether an acting program ran between two accounts, or may have."""
    keys = body.keys
    try:
        for group in (message, *(meta.get("innerInstructions") or ())):
            for entry in group["instructions"]:
                index = entry.get("programIdIndex")
                program = entry["programId"] if index is None else keys[index]
                if program in acting and not _names_one(entry):
                    return True
    except (AttributeError, IndexError, KeyError, TypeError):
        return True
    return False


def _names_one(entry: dict[str, Json]) -> bool:
    """Whether an instruction sends from an account to itself: bots make transactions unique so."""
    if "parsed" in entry:
        info = entry["parsed"]["info"]
        return bool(info["source"] == info["destination"])
    return len(set(entry["accounts"])) == 1


def _is_protobuf(message: dict[str, Json], meta: dict[str, Json]) -> bool:
    """Whether bytes are in base64: 32 bytes of blockhash end in `=` there and never in base58.

    A body without a blockhash is told by base64 lists of accounts.
    """
    blockhash = message.get("recentBlockhash")
    if isinstance(blockhash, str) and blockhash:
        return blockhash.endswith("=")
    for group in _dicts(meta.get("innerInstructions")):
        for inner in _dicts(group.get("instructions")):
            if isinstance(inner.get("accounts"), str):
                return True
    return False


def _dicts(value: Json) -> list[dict[str, Json]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _is_failed(meta: dict[str, Json]) -> bool:
    if meta.get("err") is not None:
        return True
    status = meta.get("status")
    return isinstance(status, dict) and "Err" in status


def _signatures(transaction: dict[str, Json]) -> list[str]:
    signatures = transaction.get("signatures")
    if not isinstance(signatures, list) or not signatures or not _are_texts(signatures):
        raise MalformedBodyError("no_signature", "the transaction has no signature")
    return [_plain_key(signature) for signature in signatures]


def _are_texts(values: list[Json]) -> bool:
    """Whether all are strings, none of them empty."""
    try:
        "".join(values)
    except TypeError:
        return False
    return "" not in values


def _plain_key(text: str) -> str:
    """Give a key or signature in base58, which never ends in `=`."""
    if not text.endswith("="):
        return text
    try:
        plain = encode_base58(decode_base64(text))
    except ValueError as fault:
        raise MalformedBodyError("bad_key", f"not base64: {text[:100]}") from fault
    if not plain:
        raise MalformedBodyError("bad_key", f"no bytes in {text[:100]}")
    return plain


def _keys(
    message: dict[str, Json], meta: dict[str, Json], signature_count: int, *, is_base64: bool
) -> tuple[list[str], tuple[str, ...]]:
    entries = message.get("accountKeys")
    if not isinstance(entries, list) or not entries:
        raise MalformedBodyError("no_account_keys", "the message has no account keys")
    if isinstance(entries[0], dict):
        return _parsed_keys(entries, meta)
    if not _are_texts(entries):
        raise MalformedBodyError("bad_account_keys", "an account key is no string")
    keys = [_plain_key(entry) for entry in entries] if is_base64 else entries
    header = message.get("header")
    required = header.get("numRequiredSignatures") if isinstance(header, dict) else None
    if not isinstance(required, int) or isinstance(required, bool) or required < 1:
        required = signature_count
    signers = tuple(keys[:required])
    return keys + _loaded(meta), signers


def _parsed_keys(entries: list[Json], meta: dict[str, Json]) -> tuple[list[str], tuple[str, ...]]:
    keys: list[str] = []
    signers: list[str] = []
    has_loaded = False
    for entry in entries:
        key = entry.get("pubkey") if isinstance(entry, dict) else None
        if not isinstance(key, str) or not key:
            raise MalformedBodyError("bad_account_keys", "an account key has no pubkey")
        keys.append(key)
        if entry.get("signer") is True:
            signers.append(key)
        has_loaded = has_loaded or entry.get("source") == "lookupTable"
    if not has_loaded and isinstance(meta.get("preBalances"), list):
        loaded = _loaded(meta)
        if len(keys) + len(loaded) == len(meta["preBalances"]):
            keys += loaded
    return keys, tuple(signers or keys[:1])


def _loaded(meta: dict[str, Json]) -> list[str]:
    """List what look-up tables added: the writable ones first, as balances are ordered."""
    tables = meta.get("loadedAddresses")
    if isinstance(tables, dict):
        parts = (tables.get("writable"), tables.get("readonly"))
    else:
        parts = (meta.get("loadedWritableAddresses"), meta.get("loadedReadonlyAddresses"))
    found: list[str] = []
    for part in parts:
        if isinstance(part, list):
            texts = [key for key in part if type(key) is str and key]
            found += texts if "=" not in "".join(texts) else map(_plain_key, texts)
    return found


def _balances(meta: dict[str, Json], field: str, count: int) -> list[Json]:
    balances = meta.get(field)
    if not isinstance(balances, list) or len(balances) != count:
        raise MalformedBodyError(
            "bad_balances", f"{field}: expected {count} balances, one for each key"
        )
    return balances


def _lamports(balances: list[Json], field: str) -> list[int]:
    if set(map(type, balances)) == _INTEGERS:
        return balances
    return [item if type(item) is int else read_integer(item, field) for item in balances]


type _Listed = tuple[str, TokenBalance]


def _token_sides(
    meta: dict[str, Json], keys: list[str]
) -> tuple[dict[str, TokenBalance], dict[str, TokenBalance]]:
    """Read the token balances of both sides; what did not change is read, and kept, once."""
    before, after = (_token_entries(meta, field) for field in _TOKEN_FIELDS)
    pre = [_token(entry, "preTokenBalances", keys) for entry in before]
    if after == before:
        post = pre
    else:
        reached = len(before)
        post = [
            pre[position]
            if position < reached and entry == before[position]
            else _token(entry, "postTokenBalances", keys)
            for position, entry in enumerate(after)
        ]
    return dict(pre), dict(post)


def _token_entries(meta: dict[str, Json], field: str) -> list[Json]:
    entries = meta.get(field)
    if entries is None:
        return []
    if not isinstance(entries, list):
        raise MalformedBodyError("bad_token_balances", f"{field}: expected an array")
    return entries


def _token(entry: Json, field: str, keys: list[str]) -> _Listed:
    if type(entry) is not dict:
        raise MalformedBodyError("bad_token_balances", f"{field}: an entry is no object")
    index = entry.get("accountIndex", 0)
    mint = entry.get("mint")
    quantity = entry.get("uiTokenAmount")
    if type(index) is not int or not 0 <= index < len(keys):
        raise MalformedBodyError("bad_token_balances", f"{field}: accountIndex is out of range")
    if type(mint) is not str or not mint:
        raise MalformedBodyError("bad_token_balances", f"{field}: an entry has no mint")
    if type(quantity) is not dict:
        raise MalformedBodyError("bad_token_balances", f"{field}: an entry has no uiTokenAmount")
    owner = entry.get("owner")
    program = entry.get("programId")
    decimals = quantity.get("decimals", 0)
    return keys[index], TokenBalance(
        mint,
        owner if type(owner) is str and owner else None,
        read_integer(quantity.get("amount") or 0, field),
        decimals if type(decimals) is int and 0 <= decimals <= 255 else 0,
        program if type(program) is str and program else None,
    )


def _instructions(
    body: Body, meta: dict[str, Json], message: dict[str, Json], *, is_base64: bool
) -> list[Instruction]:
    outermost = message.get("instructions")
    if not isinstance(outermost, list):
        raise MalformedBodyError("no_instructions", "the message has no instructions")
    reader = _InstructionReader(body.keys, is_base64, body.oddities)
    inner = {} if body.is_failed else _inner_groups(meta, body.oddities)
    for outer, entry in enumerate(outermost):
        reader.add(entry, outer, -1)
        if outer in inner:
            for position, invoked in enumerate(inner.pop(outer)):
                reader.add(invoked, outer, position)
    body.oddities.extend(
        ("orphan_inner", f"inner instructions of no instruction: {outer}") for outer in inner
    )
    if reader.lacks_heights:
        _restore_heights(reader.found, meta.get("logMessages"))
    return reader.found


def _restore_heights(instructions: list[Instruction], logs: Json) -> None:
    heights = read_heights(((each.program, each.inner < 0) for each in instructions), logs)
    for instruction, height in zip(instructions, heights, strict=True):
        instruction.height = instruction.height or height


def _inner_groups(meta: dict[str, Json], oddities: list[tuple[str, str]]) -> dict[int, list[Json]]:
    groups: dict[int, list[Json]] = {}
    for group in _dicts(meta.get("innerInstructions")):
        index = group.get("index", 0)
        entries = group.get("instructions")
        if type(index) is not int or not isinstance(entries, list):
            oddities.append(("bad_inner", "a group of inner instructions cannot be read"))
            continue
        groups.setdefault(index, []).extend(entries)
    return groups


class _InstructionReader:
    """Reads the entries of one message; what cannot be read is an oddity and is left out."""

    __slots__ = ("_is_base64", "_keys", "found", "lacks_heights", "oddities")

    def __init__(self, keys: list[str], is_base64: bool, oddities: list[tuple[str, str]]) -> None:
        self._keys = keys
        self._is_base64 = is_base64
        self.oddities = oddities
        self.found: list[Instruction] = []
        self.lacks_heights = False

    def add(self, entry: Json, outer: int, inner: int) -> None:
        """Append the instruction of `entry` to what was found, if it can be read."""
        try:
            position = entry.get("programIdIndex")
            if type(position) is int and position >= 0:
                program = self._keys[position]
            else:
                program = _program(entry, self._keys)
            accounts = entry.get("accounts")
            data = entry.get("data")
            parsed = None
            if type(data) is not str:
                parsed = _parsed(entry) if data is None else None
                data = ""
            height = 1 if inner < 0 else entry.get("stackHeight")
            if type(height) is not int or height < 1:
                height = 0
                self.lacks_heights = True
            self.found.append(
                Instruction(
                    program,
                    self._accounts(accounts) if accounts else [],
                    data,
                    parsed,
                    outer,
                    inner,
                    height,
                    self._is_base64,
                )
            )
        except (AttributeError, IndexError, TypeError, ValueError) as fault:
            self.oddities.append(
                ("bad_instruction", f"instruction {outer}.{inner}: {type(fault).__name__}")
            )

    def _accounts(self, accounts: Json) -> list[str]:
        keys = self._keys
        if type(accounts) is str:
            return [keys[index] for index in decode_base64(accounts)]
        if type(accounts) is not list:
            raise TypeError("accounts are no list")
        if type(accounts[0]) is str:
            return list(map(str, accounts))
        if len(keys) <= _BYTE:
            return [keys[index] for index in bytes(accounts)]
        if min(accounts) < 0:
            raise IndexError("an account's index is negative")
        return [keys[index] for index in accounts]


def _parsed(entry: dict[str, Json]) -> dict[str, Json] | None:
    """Give what the node decoded an instruction into: an object, or the text of a memo."""
    parsed = entry.get("parsed")
    if type(parsed) is str:
        return {"memo": parsed}
    return parsed if type(parsed) is dict else None


def _program(entry: dict[str, Json], keys: list[str]) -> str:
    """Name the program where its index is not written: by itself, or as the first key."""
    program = entry.get("programId")
    if type(program) is str:
        return program
    if entry.get("programIdIndex", 0) != 0:
        raise IndexError(entry["programIdIndex"])
    return keys[0]
