"""What the system, token, stake and vote programs were asked to do, in one shape.

Raw instruction data and `jsonParsed` objects come out as the same `Operation`. Layouts:
https://github.com/anza-xyz/solana-sdk/blob/master/system-interface/src/instruction.rs,
https://github.com/solana-program/token/blob/main/interface/src/instruction.rs,
https://github.com/solana-program/token-2022/blob/main/interface/src/instruction.rs,
https://github.com/anza-xyz/solana-sdk/blob/master/stake-interface/src/instruction.rs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum, auto
from typing import Any, Final

from oof.domain.transactions.addresses import STAKE, SYSTEM, TOKEN, TOKEN_2022, VOTE
from oof.domain.transactions.base58 import encode_base58
from oof.domain.transactions.body import Instruction

type Info = Mapping[str, Any]


class Act(IntEnum):
    """What one operation does to balances."""

    # Of integers, as they key a dictionary in the hot path: other members hash in a call.

    CREATE = auto()
    SEND_LAMPORTS = auto()
    ALLOCATE = auto()
    ASSIGN = auto()
    SEND_TOKENS = auto()
    MINT = auto()
    BURN = auto()
    OPEN = auto()
    CLOSE = auto()
    SYNC = auto()
    UNWRAP = auto()
    SET_OWNER = auto()
    APPROVE = auto()
    REVOKE = auto()
    WITHDRAW_WITHHELD = auto()
    STAKE = auto()


@dataclass(slots=True)
class Operation:
    """One act on balances. `extra` is the mint, the new owner, or the program that owns it.

    `space` is what a new account takes, in bytes.
    """

    act: Act
    source: str
    target: str
    amount: int = 0
    extra: str = ""
    authority: str = ""
    fee: int = 0
    space: int = 0


_BATCH: Final = 0xFF
MERGED: Final = -1
"""As the amount of a stake merge or an unwrapping: all there is."""

type Operations = tuple[Operation, ...]
type Readers = Mapping[int, Callable[[bytes, list[str]], Operation | None]]
"""By the first byte of the data: how an instruction's data and accounts are read."""


def read_operations(instruction: Instruction) -> Operations:
    """Decode what moves or names balances; other instructions give nothing.

    Raises:
        IndexError, KeyError, TypeError, ValueError: the instruction does not have the
            layout its program prescribes.
    """
    program = instruction.program
    readers = _READERS.get(program)
    if readers is None:
        return ()
    if instruction.parsed is not None:
        return _read_parsed(program, instruction.parsed)
    data = instruction.read_data()
    if data[0] == _BATCH and readers is _TOKEN_READERS:
        return _read_batch(data, instruction.accounts)
    reader = readers.get(data[0])
    found = None if reader is None else reader(data, instruction.accounts)
    return () if found is None else (found,)


def _u64(data: bytes, offset: int) -> int:
    if len(data) < offset + 8:
        raise ValueError("instruction data is too short")
    return int.from_bytes(data[offset : offset + 8], "little")


def _key(data: bytes, offset: int) -> str:
    if len(data) < offset + 32:
        raise ValueError("instruction data is too short")
    return encode_base58(data[offset : offset + 32])


def _system_send(data: bytes, accounts: list[str]) -> Operation:
    return Operation(Act.SEND_LAMPORTS, accounts[0], accounts[1], _u64(data, 4))


def _system_send_with_seed(data: bytes, accounts: list[str]) -> Operation:
    return Operation(Act.SEND_LAMPORTS, accounts[0], accounts[2], _u64(data, 4))


def _system_assign(data: bytes, accounts: list[str]) -> Operation:
    return Operation(Act.ASSIGN, accounts[0], accounts[0], 0, _key(data, _past_seed(data)))


def _system_allocate(data: bytes, accounts: list[str]) -> Operation:
    space = _u64(data, _past_seed(data))
    return Operation(Act.ALLOCATE, accounts[0], accounts[0], space=space)


_SEEDED: Final = frozenset({3, 9, 10})


def _past_seed(data: bytes) -> int:
    """Give the offset of what follows the tag or, where there are, the base key and its seed."""
    return 44 + _u64(data, 36) if data[0] in _SEEDED else 4


def _system_create(data: bytes, accounts: list[str]) -> Operation:
    return _create(data, accounts[0], accounts[1])


def _system_create_prefunded(data: bytes, accounts: list[str]) -> Operation:
    return _create(data, accounts[1] if len(accounts) > 1 else accounts[0], accounts[0])


def _create(data: bytes, funder: str, created: str) -> Operation:
    offset = _past_seed(data)
    lamports, space = _u64(data, offset), _u64(data, offset + 8)
    return Operation(Act.CREATE, funder, created, lamports, _key(data, offset + 16), space=space)


_SYSTEM_READERS: Final[Readers] = {
    0: _system_create,
    3: _system_create,
    13: _system_create_prefunded,
    2: _system_send,
    5: _system_send,
    11: _system_send_with_seed,
    1: _system_assign,
    10: _system_assign,
    8: _system_allocate,
    9: _system_allocate,
}


def _token_transfer(data: bytes, accounts: list[str]) -> Operation:
    return Operation(Act.SEND_TOKENS, accounts[0], accounts[1], _u64(data, 1), "", accounts[2])


def _token_transfer_checked(data: bytes, accounts: list[str]) -> Operation:
    return Operation(
        Act.SEND_TOKENS, accounts[0], accounts[2], _u64(data, 1), accounts[1], accounts[3]
    )


def _token_fee_extension(data: bytes, accounts: list[str]) -> Operation | None:
    sub = data[1]
    if sub == 1:
        sent = _token_transfer_checked(data[1:], accounts)
        sent.fee = _u64(data, 11)
        return sent
    if sub in (2, 3):
        return Operation(Act.WITHDRAW_WITHHELD, accounts[0], accounts[1])
    return None


def _token_set_authority(data: bytes, accounts: list[str]) -> Operation | None:
    if data[1] != 2 or data[2] != 1:
        return None
    return Operation(Act.SET_OWNER, accounts[0], accounts[0], 0, _key(data, 3), accounts[1])


def _token_unwrap(data: bytes, accounts: list[str]) -> Operation:
    amount = _u64(data, 2) if data[1] else MERGED
    return Operation(Act.UNWRAP, accounts[0], accounts[1], amount, authority=accounts[2])


def _token_open(_data: bytes, accounts: list[str]) -> Operation:
    return Operation(Act.OPEN, accounts[0], accounts[2], 0, accounts[1])


def _token_open_for(data: bytes, accounts: list[str]) -> Operation:
    return Operation(Act.OPEN, accounts[0], _key(data, 1), 0, accounts[1])


_TOKEN_READERS: Final[Readers] = {
    1: _token_open,
    16: _token_open_for,
    18: _token_open_for,
    3: _token_transfer,
    12: _token_transfer_checked,
    4: lambda _data, accounts: Operation(
        Act.APPROVE, accounts[0], accounts[1], authority=accounts[2]
    ),
    13: lambda _data, accounts: Operation(
        Act.APPROVE, accounts[0], accounts[2], authority=accounts[3]
    ),
    5: lambda _data, accounts: Operation(Act.REVOKE, accounts[0], "", authority=accounts[1]),
    6: _token_set_authority,
    7: lambda data, accounts: Operation(Act.MINT, accounts[0], accounts[1], _u64(data, 1)),
    14: lambda data, accounts: Operation(Act.MINT, accounts[0], accounts[1], _u64(data, 1)),
    8: lambda data, accounts: Operation(
        Act.BURN, accounts[0], accounts[1], _u64(data, 1), authority=accounts[2]
    ),
    15: lambda data, accounts: Operation(
        Act.BURN, accounts[0], accounts[1], _u64(data, 1), authority=accounts[2]
    ),
    9: lambda _data, accounts: Operation(
        Act.CLOSE, accounts[0], accounts[1], authority=accounts[2]
    ),
    17: lambda _data, accounts: Operation(Act.SYNC, accounts[0], accounts[0]),
    26: _token_fee_extension,
    45: _token_unwrap,
}


def _read_batch(data: bytes, accounts: list[str]) -> Operations:
    """Unfold a batch: after the tag, each item is its counts of accounts and bytes, then bytes."""
    found: list[Operation] = []
    offset = 1
    taken = 0
    while offset + 2 <= len(data):
        account_count, size = data[offset], data[offset + 1]
        offset += 2
        item = data[offset : offset + size]
        reader = _TOKEN_READERS.get(item[0])
        if reader is not None:
            operation = reader(item, accounts[taken : taken + account_count])
            if operation is not None:
                found.append(operation)
        offset += size
        taken += account_count
    return tuple(found)


_STAKE_READERS: Final[Readers] = {
    3: lambda data, accounts: Operation(Act.STAKE, accounts[0], accounts[1], _u64(data, 4)),
    4: lambda data, accounts: Operation(Act.STAKE, accounts[0], accounts[1], _u64(data, 4)),
    7: lambda _data, accounts: Operation(Act.STAKE, accounts[1], accounts[0], MERGED),
}

_VOTE_READERS: Final[Readers] = {
    3: lambda data, accounts: Operation(Act.SEND_LAMPORTS, accounts[0], accounts[1], _u64(data, 4)),
}

_READERS: Final[Mapping[str, Readers]] = {
    SYSTEM: _SYSTEM_READERS,
    TOKEN: _TOKEN_READERS,
    TOKEN_2022: _TOKEN_READERS,
    STAKE: _STAKE_READERS,
    VOTE: _VOTE_READERS,
}

OPERATION_PROGRAMS: Final = frozenset(_READERS)


def _read_parsed(program: str, parsed: Info) -> Operations:
    info = parsed.get("info")
    name = parsed.get("type")
    if not isinstance(info, Mapping) or not isinstance(name, str):
        return ()
    reader = _PARSED_READERS.get((program if program != TOKEN_2022 else TOKEN, name))
    if reader is None:
        return ()
    found = reader(info)
    if not all(isinstance(text, str) for text in (found.source, found.target, found.extra)):
        raise TypeError("an address is no string")
    return (found,)


def _number(value: Any) -> int:
    if type(value) is int:
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 40:
        return int(value)
    raise TypeError("an amount is no integer")


def _parsed_amount(info: Info) -> int:
    return _number(info["tokenAmount"]["amount"] if "tokenAmount" in info else info["amount"])


def _parsed_authority(info: Info) -> str:
    for name in ("authority", "multisigAuthority", "owner", "multisigOwner"):
        value = info.get(name)
        if isinstance(value, str):
            return value
    return ""


def _parsed_transfer(info: Info) -> Operation:
    sent = Operation(
        Act.SEND_TOKENS,
        info["source"],
        info["destination"],
        _parsed_amount(info),
        info.get("mint", ""),
        _parsed_authority(info),
    )
    fee = info.get("feeAmount")
    if isinstance(fee, Mapping):
        sent.fee = _number(fee["amount"])
    return sent


def _parsed_send(info: Info) -> Operation:
    return Operation(
        Act.SEND_LAMPORTS, info["source"], info["destination"], _number(info["lamports"])
    )


def _parsed_create(info: Info) -> Operation:
    return Operation(
        Act.CREATE,
        info["source"],
        info["newAccount"],
        _number(info["lamports"]),
        info["owner"],
        space=_number(info["space"]),
    )


def _parsed_open(info: Info) -> Operation:
    return Operation(Act.OPEN, info["account"], info["owner"], 0, info["mint"])


def _parsed_mint(info: Info) -> Operation:
    return Operation(Act.MINT, info["mint"], info["account"], _parsed_amount(info))


def _parsed_burn(info: Info) -> Operation:
    return Operation(
        Act.BURN,
        info["account"],
        info["mint"],
        _parsed_amount(info),
        authority=_parsed_authority(info),
    )


def _parsed_close(info: Info) -> Operation:
    return Operation(
        Act.CLOSE, info["account"], info["destination"], authority=_parsed_authority(info)
    )


def _parsed_set_authority(info: Info) -> Operation:
    if info.get("authorityType") != "accountOwner" or not info.get("newAuthority"):
        return Operation(Act.APPROVE, "", "")
    return Operation(
        Act.SET_OWNER,
        info["account"],
        info["account"],
        0,
        info["newAuthority"],
        _parsed_authority(info),
    )


def _parsed_approve(info: Info) -> Operation:
    return Operation(
        Act.APPROVE, info["source"], info["delegate"], authority=_parsed_authority(info)
    )


def _parsed_allocate(info: Info) -> Operation:
    space = _number(info["space"])
    return Operation(Act.ALLOCATE, info["account"], info["account"], space=space)


def _parsed_assign(info: Info) -> Operation:
    return Operation(Act.ASSIGN, info["account"], info["account"], 0, info["owner"])


def _parsed_withdraw_withheld(info: Info) -> Operation:
    target = info.get("destination") or info["feeRecipient"]
    return Operation(Act.WITHDRAW_WITHHELD, info["mint"], target)


def _parsed_unwrap(info: Info) -> Operation:
    amount = _number(info["amount"]) if info.get("amount") is not None else MERGED
    return Operation(
        Act.UNWRAP, info["source"], info["destination"], amount, "", _parsed_authority(info)
    )


def _parsed_stake_withdraw(info: Info) -> Operation:
    return Operation(
        Act.STAKE, info["stakeAccount"], info["destination"], _number(info["lamports"])
    )


def _parsed_stake_split(info: Info) -> Operation:
    return Operation(
        Act.STAKE, info["stakeAccount"], info["newSplitAccount"], _number(info["lamports"])
    )


_PARSED_READERS: Final[dict[tuple[str, str], Callable[[Info], Operation]]] = {
    (SYSTEM, "transfer"): _parsed_send,
    (SYSTEM, "transferWithSeed"): _parsed_send,
    (SYSTEM, "withdrawFromNonce"): lambda info: Operation(
        Act.SEND_LAMPORTS, info["nonceAccount"], info["destination"], _number(info["lamports"])
    ),
    (SYSTEM, "createAccount"): _parsed_create,
    (SYSTEM, "createAccountWithSeed"): _parsed_create,
    (SYSTEM, "createAccountAllowPrefund"): _parsed_create,
    (SYSTEM, "allocate"): _parsed_allocate,
    (SYSTEM, "allocateWithSeed"): _parsed_allocate,
    (SYSTEM, "assign"): _parsed_assign,
    (SYSTEM, "assignWithSeed"): _parsed_assign,
    (TOKEN, "initializeAccount"): _parsed_open,
    (TOKEN, "initializeAccount2"): _parsed_open,
    (TOKEN, "initializeAccount3"): _parsed_open,
    (TOKEN, "transfer"): _parsed_transfer,
    (TOKEN, "transferChecked"): _parsed_transfer,
    (TOKEN, "transferCheckedWithFee"): _parsed_transfer,
    (TOKEN, "approve"): _parsed_approve,
    (TOKEN, "approveChecked"): _parsed_approve,
    (TOKEN, "revoke"): lambda info: Operation(
        Act.REVOKE, info["source"], "", authority=_parsed_authority(info)
    ),
    (TOKEN, "setAuthority"): _parsed_set_authority,
    (TOKEN, "mintTo"): _parsed_mint,
    (TOKEN, "mintToChecked"): _parsed_mint,
    (TOKEN, "burn"): _parsed_burn,
    (TOKEN, "burnChecked"): _parsed_burn,
    (TOKEN, "closeAccount"): _parsed_close,
    (TOKEN, "syncNative"): lambda info: Operation(Act.SYNC, info["account"], info["account"]),
    (TOKEN, "unwrapLamports"): _parsed_unwrap,
    (TOKEN, "withdrawWithheldTokensFromMint"): _parsed_withdraw_withheld,
    (TOKEN, "withdrawWithheldTokensFromAccounts"): _parsed_withdraw_withheld,
    (STAKE, "withdraw"): _parsed_stake_withdraw,
    (STAKE, "split"): _parsed_stake_split,
    (STAKE, "merge"): lambda info: Operation(
        Act.STAKE, info["source"], info["destination"], MERGED
    ),
    (VOTE, "withdraw"): lambda info: Operation(
        Act.SEND_LAMPORTS, info["voteAccount"], info["destination"], _number(info["lamports"])
    ),
}
