"""What the system, token, stake and vote programs were asked to do, in one shape.

Raw instruction data and `jsonParsed` objects come out as the same `Operation`. Layouts:
https://github.com/anza-xyz/solana-sdk/blob/master/system-interface/src/instruction.rs,
https://github.com/solana-program/token/blob/main/interface/src/instruction.rs,
https://github.com/solana-program/token-2022/blob/main/interface/src/instruction.rs,
https://github.com/anza-xyz/solana-sdk/blob/master/stake-interface/src/instruction.rs.
"""

from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import Any, Final, NamedTuple

from oof.domain.transactions.addresses import STAKE, SYSTEM, TOKEN, TOKEN_2022, VOTE
from oof.domain.transactions.base58 import encode_base58
from oof.domain.transactions.body import Instruction

type Info = Mapping[str, Any]


class Act(Enum):
    """What one operation does to balances."""

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


class Operation(NamedTuple):
    """One act on balances. `extra` is the mint, the new owner, or the program that owns it.

    `space` is what a new account takes, in bytes.
    """

    act: Act
    source: str
    target: str
    amount: int
    extra: str
    authority: str
    fee: int
    space: int = 0


MERGED: Final = -1
"""As the amount of a stake merge or an unwrapping: all there is."""

type Operations = tuple[Operation, ...]


def read_operations(instruction: Instruction) -> Operations:
    """Decode what moves or names balances; other instructions give nothing.

    Raises:
        IndexError, KeyError, TypeError, ValueError: the instruction does not have the
            layout its program prescribes.
    """
    program = instruction.program
    if program not in OPERATION_PROGRAMS:
        return ()
    if instruction.parsed is not None:
        return _read_parsed(program, instruction.parsed)
    data = instruction.read_data()
    accounts = instruction.accounts
    if program == SYSTEM:
        found = _read_system(data, accounts)
    elif program in (TOKEN, TOKEN_2022):
        if data[:1] == b"\xff":
            return _read_batch(data, accounts)
        found = _read_token(data, accounts)
    elif program == STAKE:
        found = _read_stake(data, accounts)
    else:
        found = _read_vote(data, accounts)
    return () if found is None else (found,)


OPERATION_PROGRAMS: Final = frozenset({SYSTEM, TOKEN, TOKEN_2022, STAKE, VOTE})


def _u64(data: bytes, offset: int) -> int:
    if len(data) < offset + 8:
        raise ValueError("instruction data is too short")
    return int.from_bytes(data[offset : offset + 8], "little")


def _key(data: bytes, offset: int) -> str:
    if len(data) < offset + 32:
        raise ValueError("instruction data is too short")
    return encode_base58(data[offset : offset + 32])


def _operation(
    act: Act, source: str, target: str, amount: int = 0, extra: str = "", authority: str = ""
) -> Operation:
    return Operation(act, source, target, amount, extra, authority, 0)


def _read_system(data: bytes, accounts: list[str]) -> Operation | None:
    tag = data[0]
    if tag in (0, 3, 13):
        return _read_create(tag, data, accounts)
    if tag in (2, 5):
        return _operation(Act.SEND_LAMPORTS, accounts[0], accounts[1], _u64(data, 4))
    if tag == 11:
        return _operation(Act.SEND_LAMPORTS, accounts[0], accounts[2], _u64(data, 4))
    if tag in (1, 10):
        return _operation(
            Act.ASSIGN, accounts[0], accounts[0], 0, _key(data, _past_seed(tag, data))
        )
    if tag in (8, 9):
        allocated = _operation(Act.ALLOCATE, accounts[0], accounts[0])
        return allocated._replace(space=_u64(data, _past_seed(tag, data)))
    return None


_SEEDED = frozenset({3, 9, 10})


def _past_seed(tag: int, data: bytes) -> int:
    """Give the offset of what follows the tag or, where there are, the base key and its seed."""
    return 44 + _u64(data, 36) if tag in _SEEDED else 4


def _read_create(tag: int, data: bytes, accounts: list[str]) -> Operation:
    offset = _past_seed(tag, data)
    funder, created = accounts[0], accounts[0] if tag == 13 else accounts[1]
    if tag == 13 and len(accounts) > 1:
        funder = accounts[1]
    lamports, owner = _u64(data, offset), _key(data, offset + 16)
    found = _operation(Act.CREATE, funder, created, lamports, owner)
    return found._replace(space=_u64(data, offset + 8))


def _read_token(data: bytes, accounts: list[str]) -> Operation | None:
    reader = _TOKEN_READERS.get(data[0])
    return None if reader is None else reader(data, accounts)


def _token_transfer(data: bytes, accounts: list[str]) -> Operation:
    return _operation(
        Act.SEND_TOKENS, accounts[0], accounts[1], _u64(data, 1), authority=accounts[2]
    )


def _token_transfer_checked(data: bytes, accounts: list[str]) -> Operation:
    return _operation(
        Act.SEND_TOKENS, accounts[0], accounts[2], _u64(data, 1), accounts[1], accounts[3]
    )


def _token_fee_extension(data: bytes, accounts: list[str]) -> Operation | None:
    sub = data[1]
    if sub == 1:
        sent = _token_transfer_checked(data[1:], accounts)
        return sent._replace(fee=_u64(data, 11))
    if sub in (2, 3):
        return _operation(Act.WITHDRAW_WITHHELD, accounts[0], accounts[1])
    return None


def _token_set_authority(data: bytes, accounts: list[str]) -> Operation | None:
    if data[1] != 2 or data[2] != 1:
        return None
    return _operation(Act.SET_OWNER, accounts[0], accounts[0], 0, _key(data, 3), accounts[1])


def _token_unwrap(data: bytes, accounts: list[str]) -> Operation:
    amount = _u64(data, 2) if data[1] else MERGED
    return _operation(Act.UNWRAP, accounts[0], accounts[1], amount, authority=accounts[2])


def _open(owner: Callable[[bytes, list[str]], str]) -> Callable[[bytes, list[str]], Operation]:
    def read(data: bytes, accounts: list[str]) -> Operation:
        return _operation(Act.OPEN, accounts[0], owner(data, accounts), 0, accounts[1])

    return read


_TOKEN_READERS: Final[dict[int, Callable[[bytes, list[str]], Operation | None]]] = {
    1: _open(lambda _data, accounts: accounts[2]),
    16: _open(lambda data, _accounts: _key(data, 1)),
    18: _open(lambda data, _accounts: _key(data, 1)),
    3: _token_transfer,
    12: _token_transfer_checked,
    4: lambda _data, accounts: _operation(
        Act.APPROVE, accounts[0], accounts[1], authority=accounts[2]
    ),
    13: lambda _data, accounts: _operation(
        Act.APPROVE, accounts[0], accounts[2], authority=accounts[3]
    ),
    5: lambda _data, accounts: _operation(Act.REVOKE, accounts[0], "", authority=accounts[1]),
    6: _token_set_authority,
    7: lambda data, accounts: _operation(Act.MINT, accounts[0], accounts[1], _u64(data, 1)),
    14: lambda data, accounts: _operation(Act.MINT, accounts[0], accounts[1], _u64(data, 1)),
    8: lambda data, accounts: _operation(
        Act.BURN, accounts[0], accounts[1], _u64(data, 1), authority=accounts[2]
    ),
    15: lambda data, accounts: _operation(
        Act.BURN, accounts[0], accounts[1], _u64(data, 1), authority=accounts[2]
    ),
    9: lambda _data, accounts: _operation(
        Act.CLOSE, accounts[0], accounts[1], authority=accounts[2]
    ),
    17: lambda _data, accounts: _operation(Act.SYNC, accounts[0], accounts[0]),
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
        operation = _read_token(
            data[offset : offset + size], accounts[taken : taken + account_count]
        )
        if operation is not None:
            found.append(operation)
        offset += size
        taken += account_count
    return tuple(found)


def _read_stake(data: bytes, accounts: list[str]) -> Operation | None:
    tag = data[0]
    if tag in (3, 4):
        return _operation(Act.STAKE, accounts[0], accounts[1], _u64(data, 4))
    if tag == 7:
        return _operation(Act.STAKE, accounts[1], accounts[0], MERGED)
    return None


def _read_vote(data: bytes, accounts: list[str]) -> Operation | None:
    if data[0] == 3:
        return _operation(Act.SEND_LAMPORTS, accounts[0], accounts[1], _u64(data, 4))
    return None


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
    sent = _operation(
        Act.SEND_TOKENS,
        info["source"],
        info["destination"],
        _parsed_amount(info),
        info.get("mint", ""),
        _parsed_authority(info),
    )
    fee = info.get("feeAmount")
    return sent._replace(fee=_number(fee["amount"])) if isinstance(fee, Mapping) else sent


def _parsed_send(info: Info) -> Operation:
    return _operation(
        Act.SEND_LAMPORTS, info["source"], info["destination"], _number(info["lamports"])
    )


def _parsed_create(info: Info) -> Operation:
    found = _operation(
        Act.CREATE, info["source"], info["newAccount"], _number(info["lamports"]), info["owner"]
    )
    return found._replace(space=_number(info["space"]))


def _parsed_open(info: Info) -> Operation:
    return _operation(Act.OPEN, info["account"], info["owner"], 0, info["mint"])


def _parsed_mint(info: Info) -> Operation:
    return _operation(Act.MINT, info["mint"], info["account"], _parsed_amount(info))


def _parsed_burn(info: Info) -> Operation:
    return _operation(
        Act.BURN,
        info["account"],
        info["mint"],
        _parsed_amount(info),
        authority=_parsed_authority(info),
    )


def _parsed_close(info: Info) -> Operation:
    return _operation(
        Act.CLOSE, info["account"], info["destination"], authority=_parsed_authority(info)
    )


def _parsed_set_authority(info: Info) -> Operation:
    if info.get("authorityType") != "accountOwner" or not info.get("newAuthority"):
        return _operation(Act.APPROVE, "", "")
    return _operation(
        Act.SET_OWNER,
        info["account"],
        info["account"],
        0,
        info["newAuthority"],
        _parsed_authority(info),
    )


def _parsed_approve(info: Info) -> Operation:
    return _operation(
        Act.APPROVE, info["source"], info["delegate"], authority=_parsed_authority(info)
    )


def _parsed_allocate(info: Info) -> Operation:
    found = _operation(Act.ALLOCATE, info["account"], info["account"])
    return found._replace(space=_number(info["space"]))


def _parsed_assign(info: Info) -> Operation:
    return _operation(Act.ASSIGN, info["account"], info["account"], 0, info["owner"])


def _parsed_withdraw_withheld(info: Info) -> Operation:
    target = info.get("destination") or info["feeRecipient"]
    return _operation(Act.WITHDRAW_WITHHELD, info["mint"], target)


def _parsed_unwrap(info: Info) -> Operation:
    amount = _number(info["amount"]) if info.get("amount") is not None else MERGED
    return _operation(
        Act.UNWRAP, info["source"], info["destination"], amount, "", _parsed_authority(info)
    )


def _parsed_stake_withdraw(info: Info) -> Operation:
    return _operation(
        Act.STAKE, info["stakeAccount"], info["destination"], _number(info["lamports"])
    )


def _parsed_stake_split(info: Info) -> Operation:
    return _operation(
        Act.STAKE, info["stakeAccount"], info["newSplitAccount"], _number(info["lamports"])
    )


_PARSED_READERS: Final[dict[tuple[str, str], Callable[[Info], Operation]]] = {
    (SYSTEM, "transfer"): _parsed_send,
    (SYSTEM, "transferWithSeed"): _parsed_send,
    (SYSTEM, "withdrawFromNonce"): lambda info: _operation(
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
    (TOKEN, "revoke"): lambda info: _operation(
        Act.REVOKE, info["source"], "", authority=_parsed_authority(info)
    ),
    (TOKEN, "setAuthority"): _parsed_set_authority,
    (TOKEN, "mintTo"): _parsed_mint,
    (TOKEN, "mintToChecked"): _parsed_mint,
    (TOKEN, "burn"): _parsed_burn,
    (TOKEN, "burnChecked"): _parsed_burn,
    (TOKEN, "closeAccount"): _parsed_close,
    (TOKEN, "syncNative"): lambda info: _operation(Act.SYNC, info["account"], info["account"]),
    (TOKEN, "unwrapLamports"): _parsed_unwrap,
    (TOKEN, "withdrawWithheldTokensFromMint"): _parsed_withdraw_withheld,
    (TOKEN, "withdrawWithheldTokensFromAccounts"): _parsed_withdraw_withheld,
    (STAKE, "withdraw"): _parsed_stake_withdraw,
    (STAKE, "split"): _parsed_stake_split,
    (STAKE, "merge"): lambda info: _operation(
        Act.STAKE, info["source"], info["destination"], MERGED
    ),
    (VOTE, "withdraw"): lambda info: _operation(
        Act.SEND_LAMPORTS, info["voteAccount"], info["destination"], _number(info["lamports"])
    ),
}
