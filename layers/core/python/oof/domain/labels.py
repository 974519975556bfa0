"""What known addresses are: exchanges, programs, terminals, who takes tips and fees.

Labels are data of this repository, never fetched: whoever could put a name on an address could
make money look as if it came from there. Exchanges stand in `labels_exchanges`; everything else is
derived from what the normalizer knows (`oof.domain.transactions.programs`), so that an address has
one name wherever it shows. A label is refreshed by changing that data, raising the list's version,
and deploying; labels are looked up when an answer is made, so nothing stored has to be rewritten.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from typing import Final, NamedTuple

from oof.domain import labels_exchanges
from oof.domain.transactions import addresses
from oof.domain.transactions.model import NORMALIZER_VERSION
from oof.domain.transactions.programs.fee_accounts import FEE_ACCOUNTS
from oof.domain.transactions.programs.jito import JITO_TIP_ACCOUNTS
from oof.domain.transactions.programs.landing import LANDING_TIP_ACCOUNTS
from oof.domain.transactions.programs.protocol_accounts import PROTOCOL_ACCOUNTS
from oof.domain.units import Address

EXCHANGES_VERSION: Final = labels_exchanges.VERSION
"""Of the list of exchanges' wallets alone."""


class LabelKind(StrEnum):
    """What sort of party an address is."""

    EXCHANGE = "exchange"
    """A wallet that an exchange said is its own."""
    PROGRAM = "program"
    """A program: a venue, a router, or another one with a name."""
    TERMINAL = "terminal"
    """A program of a trading terminal or bot: a front-end, not a venue."""
    TIP = "tip"
    """Takes tips for a place in a block."""
    TERMINAL_FEE = "terminal_fee"
    """Takes the fees of a trading terminal or bot."""
    PROTOCOL_FEE = "protocol_fee"
    """Takes flat charges of a protocol."""
    BURN = "burn"
    """Nobody has its key: what arrives is gone."""


class Label(NamedTuple):
    """What an address is, and on whose word."""

    address: Address
    kind: LabelKind
    name: str
    """In lower case, as venues and terminals are named everywhere."""
    source: str
    """A page, or a file of this repository whose head names its pages."""
    version: int
    """Of the list that names it; raised with every change."""


EXCHANGE_WALLETS: Final[Mapping[Address, str]] = {
    Address(wallet): name
    for name, wallets in labels_exchanges.WALLETS.items()
    for wallet in wallets
}
"""Which exchange a wallet belongs to."""

_INCINERATOR: Final = "1nc1nerator11111111111111111111111111111111"
_PROGRAMS_AT: Final = "oof/domain/transactions/programs"
_SOLANA_PROGRAMS: Final = "https://solana.com/docs/core/programs"
_NATIVE: Final = {
    addresses.SYSTEM: "system",
    addresses.TOKEN: "token",
    addresses.TOKEN_2022: "token_2022",
    addresses.ASSOCIATED_TOKEN: "associated_token",
    addresses.COMPUTE_BUDGET: "compute_budget",
    addresses.STAKE: "stake",
    addresses.VOTE: "vote",
}


def label_of(address: str) -> Label | None:
    """Return what a known address is; None of all others, which is most."""
    return _labels().get(address)


@cache
def _labels() -> Mapping[str, Label]:
    """Every label. Of two for one address the later one counts: a program has one name."""
    return {label.address: label for label in _listed()}


def _listed() -> Iterator[Label]:
    # A hundred modules, which who only reads summaries need not wait for.
    from oof.domain.transactions.programs.program import Role  # noqa: PLC0415
    from oof.domain.transactions.programs.registry import PROGRAMS  # noqa: PLC0415

    yield _read(_INCINERATOR, LabelKind.BURN, "incinerator", _SOLANA_PROGRAMS)
    for program, name in _NATIVE.items():
        yield _read(program, LabelKind.PROGRAM, name, _SOLANA_PROGRAMS)
    for known in PROGRAMS:
        kind = LabelKind.TERMINAL if known.role is Role.TERMINAL else LabelKind.PROGRAM
        yield _read(known.program_id, kind, known.slug, f"{_PROGRAMS_AT}/registry.py")
    for account, name in PROTOCOL_ACCOUNTS.items():
        source = f"{_PROGRAMS_AT}/protocol_accounts.py"
        yield _read(account, LabelKind.PROTOCOL_FEE, name, source)
    for account, name in FEE_ACCOUNTS.items():
        yield _read(account, LabelKind.TERMINAL_FEE, name, f"{_PROGRAMS_AT}/fee_accounts.py")
    for account, name in LANDING_TIP_ACCOUNTS.items():
        yield _read(account, LabelKind.TIP, name, f"{_PROGRAMS_AT}/landing.py")
    for account in JITO_TIP_ACCOUNTS:
        yield _read(account, LabelKind.TIP, "jito", "https://docs.jito.wtf/lowlatencytxnsend/")
    for wallet, name in EXCHANGE_WALLETS.items():
        source = labels_exchanges.SOURCES[name]
        yield Label(wallet, LabelKind.EXCHANGE, name, source, labels_exchanges.VERSION)


def _read(address: str, kind: LabelKind, name: str, source: str) -> Label:
    """Return the label of what the normalizer reads: its version is the normalizer's."""
    return Label(Address(address), kind, name, source, NORMALIZER_VERSION)
