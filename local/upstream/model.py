"""What a chain offers to those who ask about it, whatever it is made of.

A `Record` is one transaction, indexed: who is mentioned, what every account held afterwards.
Its body is built on demand by `load`, so that a long generated history costs little until read.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

Body = dict[str, Any]
"""A `getTransaction` result: slot, blockTime, transaction, meta, version."""

SYSTEM_PROGRAM = "11111111111111111111111111111111"
TOKEN_PROGRAM = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"  # noqa: S105
TOKEN_2022_PROGRAM = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb"  # noqa: S105
LOADER_PROGRAM = "BPFLoaderUpgradeab1e11111111111111111111111"
NATIVE_MINT = "So11111111111111111111111111111111111111112"

RENT_PER_BYTE = 6960
"""Lamports that make one byte of account data rent-exempt."""
ACCOUNT_OVERHEAD = 128
"""Bytes of bookkeeping every account pays rent for, beside its data."""


class TokenRow(NamedTuple):
    """One token account in one transaction; `pre` or `post` is None where it did not exist."""

    account: str
    mint: str
    owner: str | None
    program: str
    decimals: int
    pre: int | None
    post: int | None


class Record(NamedTuple):
    """One transaction as the index knows it; `keys` are static, then loaded addresses."""

    signature: str
    slot: int
    tx_index: int | None
    """Position in its block, None where the recording does not tell."""
    block_time: int | None
    err: object
    memo: str | None
    keys: tuple[str, ...]
    signers: int
    post_lamports: Sequence[int]
    tokens: tuple[TokenRow, ...]
    load: Callable[[str], Body]
    """Encoding asked for → the body; the recorded encoding where there is only one."""


class AccountState(NamedTuple):
    """An account as of the newest visible transaction that mentions it."""

    address: str
    lamports: int
    program: str
    """The program that owns the account."""
    executable: bool
    space: int
    token: TokenRow | None
    slot: int


class Block(NamedTuple):
    """The transactions of one slot in block order."""

    slot: int
    block_time: int | None
    records: tuple[Record, ...]


class Chain(Protocol):
    """A ledger up to the present of its clock; every sequence is in chain order, oldest first."""

    def now(self) -> float:
        """Return the chain's present, in Unix seconds."""
        ...

    def tip_slot(self) -> int:
        """Return the newest slot there is at the chain's present."""
        ...

    def history(self, address: str) -> list[Record]:
        """List the visible transactions whose keys mention `address`."""
        ...

    def history_with_tokens(self, owner: str, *, changed_only: bool) -> list[Record]:
        """List `history(owner)` and those of its token accounts, as Helius merges them."""
        ...

    def signatures_for(
        self,
        address: str,
        before: str | None = None,
        until: str | None = None,
        limit: int = 1000,
    ) -> list[Record]:
        """List at most `limit` transactions newest first, strictly between the two signatures."""
        ...

    def record(self, signature: str) -> Record | None:
        """Return a visible transaction's record."""
        ...

    def transaction(self, signature: str, encoding: str = "json") -> Body | None:
        """Return a visible transaction's body."""
        ...

    def account(self, address: str) -> AccountState | None:
        """Return an account's present state, None if it holds nothing."""
        ...

    def token_accounts(self, owner: str) -> list[AccountState]:
        """List the token accounts `owner` holds now."""
        ...

    def block(self, slot: int) -> Block | None:
        """Return a slot's block where its order is known."""
        ...

    def hide(self, signature: str) -> None:
        """Pretend that a transaction never landed: a gap, or the first half of a reorg."""
        ...

    def reveal(self, signature: str) -> None:
        """Take `hide` back."""
        ...

    def reland(self, signature: str, slot: int) -> None:
        """Move a transaction to another slot, at its end: the second half of a reorg."""
        ...
