"""What the normalizer knows of a program: data and two small functions, nothing dynamic."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, NamedTuple

from oof.domain.transactions.body import Instruction
from oof.domain.transactions.model import Kind
from oof.domain.transactions.model import Role as Side
from oof.domain.transactions.programs.claims import CLAIMS, LENGTH, REBALANCES

_EARNING: Final = frozenset({Kind.LIQUIDITY, Kind.STAKE, Kind.LENDING})
"""What is put to work so, and earns what is then claimed."""

_CURVES: Final = frozenset({Kind.LIQUIDITY, Kind.TRANSFER})
"""What pools without resting orders do beside swapping."""

FEWEST_ACCOUNTS: Final = 3
"""What a swap or claim names at least; an event that a program sends to itself names one."""

type NameTrader = Callable[[Instruction], str | None]
"""Names the user or maker of one instruction; None where it names none."""

type NameFee = Callable[[Instruction, str], Kind | None]
"""Tells what reaching this account means under one instruction; None for the default."""


class Fill(NamedTuple):
    """One filled order: `escrow` held what `maker` sold, and may have received what it bought.

    Either may be named by a token account of its own.
    """

    escrow: str
    maker: str
    side: Side


type NameFill = Callable[[Instruction], Fill | None]
"""Tells whether an instruction fills an order. Raises ValueError on undecodable data."""


class Payout(NamedTuple):
    """Lamports that a program moved without asking the system program, by its own account."""

    at: int
    source: str
    target: str
    lamports: int


type ListPayouts = Callable[[list[Instruction]], list[Payout]]
"""Lists what a program paid out by itself. Raises ValueError on undecodable data."""


class Role(Enum):
    """What a program is to a trade."""

    POOL = auto()
    """Holds vaults and swaps against them."""
    ROUTER = auto()
    """Carries one intent through pools."""
    TERMINAL = auto()
    """A trading front-end around pools or routers: not a venue."""
    ORDERS = auto()
    """Holds orders in escrow until a keeper fills them."""
    OTHER = auto()
    """Moves balances for the reason `kind` says."""


@dataclass(frozen=True, slots=True)
class Program:
    """One program. `swaps` are prefixes of the instruction data that swap.

    Of a pool that states none any instruction may; of another program those alone.
    """

    program_id: str
    slug: str
    role: Role
    kind: Kind = Kind.LIQUIDITY
    """Why balances move under an instruction that is no trade."""
    swaps: tuple[bytes, ...] = ()
    incomes: tuple[bytes, ...] = ()
    """Prefixes of the instruction data that claim fees or rewards."""
    kinds: tuple[tuple[bytes, Kind], ...] = ()
    """Prefixes of the instruction data that move balances for another reason than `kind`."""
    name_trader: NameTrader | None = None
    name_fee: NameFee | None = None
    name_maker: NameTrader | None = None
    name_fill: NameFill | None = None
    list_payouts: ListPayouts | None = None

    def kind_of(self, instruction: Instruction) -> Kind:
        """Tell why balances move under an instruction that is no trade."""
        if len(instruction.accounts) < FEWEST_ACCOUNTS:
            return self.kind
        try:
            data = instruction.read_data()
        except ValueError:
            return self.kind
        if data.startswith(self.incomes):
            return Kind.INCOME
        stated = next((kind for prefix, kind in self.kinds if data.startswith(prefix)), None)
        if stated is not None:
            return stated
        return Kind.INCOME if self.kind in _EARNING and is_claim(instruction) else self.kind

    def may_swap(self, instruction: Instruction) -> bool:
        """Whether this instruction is known to swap, or could be for all that is known."""
        if len(instruction.accounts) < FEWEST_ACCOUNTS:
            return False
        if not self.swaps:
            return True
        try:
            return instruction.read_data().startswith(self.swaps)
        except ValueError:
            return False

    def might_swap(self, instruction: Instruction) -> bool:
        """Whether an instruction that is not known to swap may be a newer one that does.

        An order book's is none: what it takes and gives may belong to resting orders.
        """
        if not self.swaps or self.kind not in _CURVES or self.kind_of(instruction) != self.kind:
            return False
        if len(instruction.accounts) < FEWEST_ACCOUNTS:
            return False
        try:
            return instruction.read_data()[:LENGTH] not in REBALANCES
        except ValueError:
            return False


def is_claim(instruction: Instruction) -> bool:
    """Whether Anchor's name of it is that of a claim of earnings, whatever the program."""
    if len(instruction.accounts) < FEWEST_ACCOUNTS:
        return False
    try:
        return instruction.read_data()[:LENGTH] in CLAIMS
    except ValueError:
        return False


def account_at(index: int) -> NameTrader:
    """Name the trader by its position among the instruction's accounts."""

    def name(instruction: Instruction) -> str | None:
        accounts = instruction.accounts
        return accounts[index] if -len(accounts) <= index < len(accounts) else None

    return name


def fee_at(kind: Kind, *positions: int) -> NameFee:
    """Name a fee by where its receiver stands among the instruction's accounts."""

    def name(instruction: Instruction, account: str) -> Kind | None:
        accounts = instruction.accounts
        return kind if any(account in accounts[at : at + 1] for at in positions) else None

    return name


def fees_of(places: Mapping[str, Mapping[int, Kind]]) -> NameFee:
    """Name fees by where their receivers stand: by discriminator, then by position."""
    by_discriminator = {bytes.fromhex(each): places[each] for each in places}

    def name(instruction: Instruction, account: str) -> Kind | None:
        try:
            stated = by_discriminator.get(instruction.read_data()[:LENGTH], {})
        except ValueError:
            return None
        accounts = instruction.accounts
        return next((stated[at] for at in stated if account in accounts[at : at + 1]), None)

    return name


def anchor(*hexadecimal: str) -> tuple[bytes, ...]:
    """Read Anchor discriminators (`sha256("global:<name>")[:8]`)."""
    return tuple(bytes.fromhex(text) for text in hexadecimal)
