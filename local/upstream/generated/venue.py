"""What every trading venue of the generated chain offers, and constant-product arithmetic."""

from typing import NamedTuple, Protocol

from local.upstream.generated.ledger import Ledger
from local.upstream.generated.transaction import Transaction


class Fill(NamedTuple):
    """What one swap took and gave, in base units."""

    sold_mint: str
    sold_raw: int
    """What reached the pool, input fees apart."""
    bought_mint: str
    bought_raw: int
    """What left the pool, before fees on the output."""
    received: int
    """What the trader got of it."""


class Order(NamedTuple):
    """One swap asked of a pool: who pays from where, and into which account."""

    user: str
    source: str
    target: str
    sold_mint: str
    amount: int
    """What the trader gives, input fees included."""
    time: int
    """Block time in Unix seconds, which events carry."""


class Pool(Protocol):
    """One market between two mints."""

    venue: str
    address: str
    mints: tuple[str, str]

    @property
    def accounts(self) -> tuple[str, ...]:
        """The pool's own accounts, which look-up tables list."""
        ...

    def swap(self, tx: Transaction, order: Order) -> Fill:
        """Add the swap's instruction and everything it does.

        Raises:
            ValueError: too little comes out.
        """
        ...

    def reserves(self, ledger: Ledger | Transaction) -> tuple[int, int]:
        """Return what the pool holds of its two mints, virtual reserves included."""
        ...


def out_given_in(reserve_in: int, reserve_out: int, amount: int) -> int:
    """Return what a constant-product pool gives for `amount`, rounded down.

    Raises:
        ValueError: nothing comes out.
    """
    out = reserve_out * amount // (reserve_in + amount)
    if out <= 0:
        raise ValueError("nothing comes out")
    return out


def share(amount: int, basis_points: int) -> int:
    """Return basis points of an amount, rounded up as the programs do."""
    return -(-amount * basis_points // 10_000)


def amount_of(state: Ledger | Transaction, account: str) -> int:
    """Return a token account's amount, in a ledger or in a transaction in the making."""
    if isinstance(state, Ledger):
        return state.held(account)
    token = state.token(account)
    return token.amount if token else 0


def lamports_of(state: Ledger | Transaction, account: str) -> int:
    """Return an account's lamports, in a ledger or in a transaction in the making."""
    if isinstance(state, Ledger):
        return state.lamports.get(account, 0)
    return state.lamports(account)
