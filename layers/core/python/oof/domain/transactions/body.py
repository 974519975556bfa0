"""The one inner shape that every encoding of a transaction is read into.

`json`, `jsonParsed`, Yellowstone protobuf JSON and webhook bodies differ in how they write keys,
instructions and balances; past this module nobody knows which one it was.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from oof.domain.transactions.base58 import decode_base58, decode_base64, encode_base58
from oof.domain.transactions.heights import read_heights
from oof.domain.transactions.model import Unreadable

type Json = Any
"""A decoded JSON value of a body: checked where it is read, never trusted."""


class Instruction(NamedTuple):
    """One instruction, outermost or invoked by another.

    `inner` is -1 for an outermost one, else its position below it. `height` is 1 for an outermost
    one, 0 where the recording lacks it. Exactly one of `data` and `parsed` is set.
    """

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


class Body(NamedTuple):
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
    pre_tokens: dict[str, TokenBalance]
    post_tokens: dict[str, TokenBalance]
    instructions: list[Instruction]
    """In order of execution: each outermost one followed by what it invoked."""
    oddities: list[tuple[str, str]]


class MalformedBodyError(ValueError):
    """A field is not what every complete body has; `code` is stable."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def read_body(raw: Json) -> Body | Unreadable:
    """Read one transaction body of any complete encoding; never raises."""
    try:
        return _read(raw)
    except MalformedBodyError as fault:
        return Unreadable(fault.code, fault.detail)


def _read(raw: Json) -> Body:
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
        raise MalformedBodyError("no_transaction", "expected a decoded transaction object")
    message = transaction.get("message")
    if not isinstance(message, dict):
        raise MalformedBodyError("no_message", "the transaction has no message")
    oddities: list[tuple[str, str]] = []
    is_base64 = _is_protobuf(message, meta)
    signatures = _signatures(transaction)
    keys, signers = _keys(message, meta, len(signatures), is_base64=is_base64)
    if len(set(keys)) != len(keys):
        raise MalformedBodyError("bad_account_keys", "an account key is listed twice")
    return Body(
        signature=signatures[0],
        slot=read_optional_integer(raw.get("slot")),
        tx_index=_first_int(raw, ("transactionIndex", "indexWithinBlock", "index")),
        block_time=_block_time(raw),
        is_failed=_is_failed(meta),
        fee=read_integer(meta.get("fee"), "fee"),
        signature_count=len(signatures),
        keys=keys,
        signers=signers,
        pre_lamports=_lamports(meta, "preBalances", len(keys)),
        post_lamports=_lamports(meta, "postBalances", len(keys)),
        pre_tokens=_tokens(meta, "preTokenBalances", keys),
        post_tokens=_tokens(meta, "postTokenBalances", keys),
        instructions=_instructions(message, meta, keys, is_base64, oddities),
        oddities=oddities,
    )


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
    if (
        not isinstance(signatures, list)
        or not signatures
        or not all(isinstance(signature, str) and signature for signature in signatures)
    ):
        raise MalformedBodyError("no_signature", "the transaction has no signature")
    return [_plain_key(signature) for signature in signatures]


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
    if not all(isinstance(entry, str) and entry for entry in entries):
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
    return [
        _plain_key(key)
        for part in parts
        if isinstance(part, list)
        for key in part
        if isinstance(key, str) and key
    ]


def read_integer(value: Json, field: str) -> int:
    """Read an integer that JSON may carry as text (protobuf writes 64-bit ones so).

    Raises:
        MalformedBodyError: it is neither, or wider than anything on chain.
    """
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 20:
        value = int(value)
    if type(value) is int and 0 <= value < 1 << 64:
        return value
    raise MalformedBodyError("bad_number", f"{field}: expected an integer")


def read_optional_integer(value: Json) -> int | None:
    """Read a signed 64-bit integer that may be absent; one that is no such number is absent."""
    if value is None:
        return None
    try:
        found = read_integer(value, "")
    except MalformedBodyError:
        return None
    return found if found < 1 << 63 else None


def _first_int(raw: dict[str, Json], names: tuple[str, ...]) -> int | None:
    for name in names:
        found = read_optional_integer(raw.get(name))
        if found is not None:
            return found
    return None


def _block_time(raw: dict[str, Json]) -> int | None:
    """Read the time under either spelling; protobuf wraps it as `{"timestamp"}`."""
    for name in ("blockTime", "blocktime"):
        value = raw.get(name)
        if isinstance(value, dict):
            value = value.get("timestamp")
        found = read_optional_integer(value)
        if found is not None:
            return found
    return None


def _lamports(meta: dict[str, Json], field: str, count: int) -> list[int]:
    balances = meta.get(field)
    if not isinstance(balances, list) or len(balances) != count:
        raise MalformedBodyError(
            "bad_balances", f"{field}: expected {count} balances, one for each key"
        )
    return [item if type(item) is int else read_integer(item, field) for item in balances]


def _tokens(meta: dict[str, Json], field: str, keys: list[str]) -> dict[str, TokenBalance]:
    entries = meta.get(field)
    if entries is None:
        return {}
    if not isinstance(entries, list):
        raise MalformedBodyError("bad_token_balances", f"{field}: expected an array")
    return dict([_token(entry, field, keys) for entry in entries])


def _token(entry: Json, field: str, keys: list[str]) -> tuple[str, TokenBalance]:
    if not isinstance(entry, dict):
        raise MalformedBodyError("bad_token_balances", f"{field}: an entry is no object")
    index = entry.get("accountIndex", 0)
    mint = entry.get("mint")
    quantity = entry.get("uiTokenAmount")
    if type(index) is not int or not 0 <= index < len(keys):
        raise MalformedBodyError("bad_token_balances", f"{field}: accountIndex is out of range")
    if not isinstance(mint, str) or not mint:
        raise MalformedBodyError("bad_token_balances", f"{field}: an entry has no mint")
    if not isinstance(quantity, dict):
        raise MalformedBodyError("bad_token_balances", f"{field}: an entry has no uiTokenAmount")
    owner = entry.get("owner")
    program = entry.get("programId")
    decimals = quantity.get("decimals", 0)
    return keys[index], TokenBalance(
        mint,
        owner if type(owner) is str and owner else None,
        read_integer(quantity.get("amount", 0) or 0, field),
        decimals if type(decimals) is int and 0 <= decimals <= 255 else 0,
        program if type(program) is str and program else None,
    )


def _instructions(
    message: dict[str, Json],
    meta: dict[str, Json],
    keys: list[str],
    is_base64: bool,
    oddities: list[tuple[str, str]],
) -> list[Instruction]:
    inner = _inner_groups(meta, oddities)
    outermost = message.get("instructions")
    if not isinstance(outermost, list):
        raise MalformedBodyError("no_instructions", "the message has no instructions")
    reader = _InstructionReader(keys, is_base64, oddities)
    found: list[Instruction] = []
    for outer, entry in enumerate(outermost):
        reader.add(found, entry, outer, -1)
        for position, invoked in enumerate(inner.pop(outer, ())):
            reader.add(found, invoked, outer, position)
    oddities.extend(
        ("orphan_inner", f"inner instructions of no instruction: {outer}") for outer in inner
    )
    if any(not instruction.height for instruction in found):
        return _restore_heights(found, meta.get("logMessages"))
    return found


def _restore_heights(instructions: list[Instruction], logs: Json) -> list[Instruction]:
    heights = read_heights(((each.program, each.inner < 0) for each in instructions), logs)
    return [
        instruction._replace(height=instruction.height or height)
        for instruction, height in zip(instructions, heights, strict=True)
    ]


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

    __slots__ = ("_is_base64", "_keys", "_oddities")

    def __init__(self, keys: list[str], is_base64: bool, oddities: list[tuple[str, str]]) -> None:
        self._keys = keys
        self._is_base64 = is_base64
        self._oddities = oddities

    def add(self, found: list[Instruction], entry: Json, outer: int, inner: int) -> None:
        """Append the instruction of `entry` to `found`, if it can be read."""
        try:
            found.append(self._read(entry, outer, inner))
        except (AttributeError, IndexError, TypeError, ValueError) as fault:
            self._oddities.append(
                ("bad_instruction", f"instruction {outer}.{inner}: {type(fault).__name__}")
            )

    def _read(self, entry: Json, outer: int, inner: int) -> Instruction:
        keys = self._keys
        program = entry.get("programId")
        if type(program) is not str:
            program = keys[_index(entry.get("programIdIndex", 0))]
        height = 1 if inner < 0 else entry.get("stackHeight")
        parsed = entry.get("parsed")
        data = entry.get("data")
        return Instruction(
            program,
            self._accounts(entry.get("accounts")),
            data if type(data) is str else "",
            parsed if type(parsed) is dict else None,
            outer,
            inner,
            height if type(height) is int and height > 0 else 0,
            self._is_base64,
        )

    def _accounts(self, accounts: Json) -> list[str]:
        keys = self._keys
        if not accounts:
            return []
        if isinstance(accounts, str):
            return [keys[index] for index in decode_base64(accounts)]
        if type(accounts) is not list:
            raise TypeError("accounts are no list")
        if type(accounts[0]) is str:
            return [str(account) for account in accounts]
        if min(accounts) < 0:
            raise IndexError("an account's index is negative")
        return [keys[account] for account in accounts]


def _index(value: Json) -> int:
    """Refuse what Python would take for an index and the chain would not."""
    if type(value) is not int or value < 0:
        raise IndexError(value)
    return value
