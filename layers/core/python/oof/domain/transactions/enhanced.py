"""Helius enhanced transactions, best effort: a notification, never a fact.

They state the change of every account (`accountData`, in exact raw amounts) but neither balances,
index nor signers. The changes are written as balances that differ by them, and the rest of the
pipeline is the same; `balances` of the result stays empty, an anomaly says why.
"""

from typing import Any

from oof.domain.transactions.body import Body, Instruction, TokenBalance
from oof.domain.transactions.fields import (
    MalformedBodyError,
    read_integer,
    read_optional_integer,
)
from oof.domain.transactions.model import NormalizedTransaction, Unreadable
from oof.domain.transactions.normalize import normalize_body

_BASE = 10**18
"""What every account is said to have held before: no lamport balance comes near it."""


def normalize_enhanced(raw: Any) -> NormalizedTransaction | Unreadable:
    """Normalize a Helius enhanced transaction, with anomaly `enhanced_source`; never raises."""
    try:
        body = _read(raw)
    except MalformedBodyError as fault:
        return Unreadable(fault.code, fault.detail)
    return normalize_body(body)._replace(balances=())


def _read(raw: Any) -> Body:
    if not isinstance(raw, dict):
        raise MalformedBodyError("not_a_transaction", "expected an object")
    signature, payer = raw.get("signature"), raw.get("feePayer")
    entries, actions = raw.get("accountData"), raw.get("instructions")
    if not isinstance(signature, str) or not isinstance(payer, str):
        raise MalformedBodyError("no_signature", "expected a signature and a fee payer")
    if not isinstance(entries, list):
        raise MalformedBodyError("no_account_data", "expected accountData")
    oddities = [("enhanced_source", "no balances, index or signers: best effort")]
    reader = _Changes()
    for entry in entries:
        reader.add(entry)
    keys = [payer, *(key for key in reader.lamports if key != payer)]
    pre, post = reader.balances(keys)
    return Body(
        signature=signature,
        slot=read_optional_integer(raw.get("slot")),
        tx_index=None,
        block_time=read_optional_integer(raw.get("timestamp")),
        is_failed=raw.get("transactionError") is not None,
        fee=read_integer(raw.get("fee"), "fee"),
        signature_count=1,
        keys=keys,
        signers=(payer,),
        pre_lamports=pre,
        post_lamports=post,
        pre_tokens=reader.tokens(-1),
        post_tokens=reader.tokens(1),
        instructions=_instructions(actions if isinstance(actions, list) else [], oddities),
        oddities=oddities,
    )


class _Changes:
    """What each account gained or lost."""

    def __init__(self) -> None:
        self.lamports: dict[str, int] = {}
        self._tokens: dict[str, TokenBalance] = {}

    def add(self, entry: Any) -> None:
        """Take one element of `accountData`."""
        if not isinstance(entry, dict) or not isinstance(entry.get("account"), str):
            raise MalformedBodyError("bad_account_data", "an entry has no account")
        change = entry.get("nativeBalanceChange", 0)
        if type(change) is not int:
            raise MalformedBodyError("bad_number", "nativeBalanceChange: expected an integer")
        account = entry["account"]
        self.lamports[account] = self.lamports.get(account, 0) + change
        changes = entry.get("tokenBalanceChanges")
        for token in changes if isinstance(changes, list) else []:
            self._add_token(token)

    def _add_token(self, token: Any) -> None:
        amount = token.get("rawTokenAmount") if isinstance(token, dict) else None
        if not isinstance(amount, dict):
            raise MalformedBodyError("bad_account_data", "a token change has no rawTokenAmount")
        names = (token.get("tokenAccount"), token.get("mint"), token.get("userAccount"))
        account, mint, owner = names
        text = amount.get("tokenAmount")
        digits = text.removeprefix("-") if isinstance(text, str) else ""
        if not isinstance(account, str) or not isinstance(mint, str) or not digits.isdecimal():
            raise MalformedBodyError("bad_account_data", "a token change cannot be read")
        decimals = amount.get("decimals")
        magnitude = read_integer(digits, "tokenAmount")
        self._tokens[account] = TokenBalance(
            mint=mint,
            owner=owner if isinstance(owner, str) and owner else None,
            amount=-magnitude if text != digits else magnitude,
            decimals=decimals if type(decimals) is int and 0 <= decimals <= 255 else 0,
            token_program=None,
        )
        self.lamports.setdefault(account, 0)

    def balances(self, keys: list[str]) -> tuple[list[int], list[int]]:
        """Give lamports before and after that differ by the changes.

        Token accounts hold no more than their change, so that one opened or closed here is one.
        """
        changes = [(key, self.lamports.get(key, 0)) for key in keys]
        pre = [max(0, -change) if key in self._tokens else _BASE for key, change in changes]
        after = [before + change for before, (_key, change) in zip(pre, changes, strict=True)]
        return pre, after

    def tokens(self, side: int) -> dict[str, TokenBalance]:
        """Give token balances of one side: of each account, only its change on that side."""
        return {
            account: balance._replace(amount=max(0, side * balance.amount))
            for account, balance in self._tokens.items()
        }


def _instructions(entries: list[Any], oddities: list[tuple[str, str]]) -> list[Instruction]:
    found: list[Instruction] = []
    for outer, entry in enumerate(entries):
        _append(found, entry, outer, -1, oddities)
        inner = entry.get("innerInstructions") if isinstance(entry, dict) else None
        for position, invoked in enumerate(inner if isinstance(inner, list) else []):
            _append(found, invoked, outer, position, oddities)
    return found


def _append(
    found: list[Instruction],
    entry: Any,
    outer: int,
    inner: int,
    oddities: list[tuple[str, str]],
) -> None:
    program = entry.get("programId") if isinstance(entry, dict) else None
    accounts = entry.get("accounts") if isinstance(entry, dict) else None
    if not isinstance(program, str) or not isinstance(accounts, list):
        oddities.append(("bad_instruction", f"instruction {outer}.{inner}"))
        return
    data = entry.get("data")
    found.append(
        Instruction(
            program=program,
            accounts=[str(account) for account in accounts],
            data=data if isinstance(data, str) else "",
            parsed=None,
            outer=outer,
            inner=inner,
            height=1 if inner < 0 else 0,
            is_base64=False,
        )
    )
