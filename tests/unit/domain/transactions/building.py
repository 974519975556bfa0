"""Builds transaction bodies by hand: what a test needs and no more."""

import struct
from typing import Any

from oof.domain.transactions.addresses import SYSTEM, TOKEN
from oof.domain.transactions.base58 import encode_base58
from oof.domain.transactions.model import NormalizedTransaction
from oof.domain.units import SOL_MINT

FEE = 5_000
WSOL = SOL_MINT
TOKEN_RENT = 2_039_280


def key(name: str) -> str:
    """Give a key that is always the same for a name."""
    return encode_base58(name.encode().ljust(32, b"\x07")[:32])


def unmarked(found: NormalizedTransaction) -> list[tuple[object, ...]]:
    """Give the movements as owner, mint, delta, kind and counterparty."""
    return [each[:5] for each in found.movements]


class Draft:
    """A body in the making: balances first, then instructions that moved them."""

    def __init__(self, *signers: str) -> None:
        self.keys: list[str] = list(signers)
        self.signer_count = len(signers)
        self.pre: dict[str, int] = {}
        self.post: dict[str, int] = {}
        self.pre_tokens: list[dict[str, Any]] = []
        self.post_tokens: list[dict[str, Any]] = []
        self.outer: list[dict[str, Any]] = []
        self.inner: dict[int, list[dict[str, Any]]] = {}
        self.fee = FEE
        self.err: Any = None
        self.with_owner = True
        self.extra: dict[str, Any] = {}

    def index(self, account: str) -> int:
        """Give the position of an account among the keys, adding it if it is new."""
        if account not in self.keys:
            self.keys.append(account)
        return self.keys.index(account)

    def lamports(self, account: str, before: int, after: int) -> "Draft":
        """State the lamports of an account."""
        self.index(account)
        self.pre[account], self.post[account] = before, after
        return self

    def tokens(
        self,
        account: str,
        owner: str,
        mint: str,
        before: int | None,
        after: int | None,
        *,
        decimals: int = 6,
        program: str = TOKEN,
    ) -> "Draft":
        """State the tokens of an account; None is an account that is not there."""
        for amount, side in ((before, self.pre_tokens), (after, self.post_tokens)):
            if amount is not None:
                entry: dict[str, Any] = {
                    "accountIndex": self.index(account),
                    "mint": mint,
                    "uiTokenAmount": {"amount": str(amount), "decimals": decimals},
                }
                if self.with_owner:
                    entry |= {"owner": owner, "programId": program}
                side.append(entry)
        return self

    def call(self, program: str, accounts: list[str], data: bytes = b"") -> "Draft":
        """Add an outermost instruction."""
        self.outer.append(self._entry(program, accounts, data))
        return self

    def invoke(
        self, program: str, accounts: list[str], data: bytes = b"", *, height: int | None = 2
    ) -> "Draft":
        """Add an instruction that the last outermost one invoked."""
        entry = self._entry(program, accounts, data)
        if height is not None:
            entry["stackHeight"] = height
        self.inner.setdefault(len(self.outer) - 1, []).append(entry)
        return self

    def _entry(self, program: str, accounts: list[str], data: bytes) -> dict[str, Any]:
        return {
            "programIdIndex": self.index(program),
            "accounts": [self.index(account) for account in accounts],
            "data": encode_base58(data),
        }

    def body(self) -> dict[str, Any]:
        """Give the body as `getTransaction` answers it; the fee is taken off the first key."""
        payer = self.keys[0]
        pre = {payer: 10**12} | self.pre
        post = {payer: pre[payer] - self.fee} | self.post
        return {
            "slot": 1,
            "blockTime": 1_700_000_000,
            "version": "legacy",
            "transaction": {
                "signatures": [
                    encode_base58(bytes([index + 1]) * 64) for index in range(self.signer_count)
                ],
                "message": {
                    "accountKeys": self.keys,
                    "header": {"numRequiredSignatures": self.signer_count},
                    "instructions": self.outer,
                    "recentBlockhash": "1" * 32,
                },
            },
            "meta": {
                "err": self.err,
                "fee": self.fee,
                "preBalances": [pre.get(account, 0) for account in self.keys],
                "postBalances": [post.get(account, pre.get(account, 0)) for account in self.keys],
                "preTokenBalances": self.pre_tokens,
                "postTokenBalances": self.post_tokens,
                "innerInstructions": [
                    {"index": index, "instructions": entries}
                    for index, entries in self.inner.items()
                ],
            },
        } | self.extra


def send(amount: int) -> bytes:
    """Give the data of a system transfer."""
    return struct.pack("<IQ", 2, amount)


def create(amount: int, owner: str = TOKEN) -> bytes:
    """Give the data of a system account creation."""
    del owner
    return struct.pack("<IQQ", 0, amount, 165) + b"\x09" * 32


def transfer(amount: int) -> bytes:
    """Give the data of a token transfer."""
    return struct.pack("<BQ", 3, amount)


def transfer_checked(amount: int, decimals: int = 6) -> bytes:
    """Give the data of a checked token transfer."""
    return struct.pack("<BQB", 12, amount, decimals)


SYSTEM_PROGRAM = SYSTEM
TOKEN_PROGRAM = TOKEN
OPEN = b"\x01"
CLOSE = b"\x09"
SYNC = b"\x11"


def mint_to(amount: int) -> bytes:
    """Give the data of a minting."""
    return struct.pack("<BQ", 7, amount)
