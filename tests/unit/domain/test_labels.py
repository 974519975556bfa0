"""Labels: every list that the code knows names its addresses, once, with a source."""

from collections import Counter

import pytest

from oof.domain.addresses import parse_address
from oof.domain.labels import EXCHANGE_WALLETS, EXCHANGES_VERSION, LabelKind, label_of
from oof.domain.labels_exchanges import SOURCES, WALLETS
from oof.domain.transactions.addresses import SYSTEM
from oof.domain.transactions.model import NORMALIZER_VERSION
from oof.domain.transactions.programs.fee_accounts import FEE_ACCOUNTS
from oof.domain.transactions.programs.jito import JITO_TIP_ACCOUNTS, TIP_ACCOUNTS
from oof.domain.transactions.programs.protocol_accounts import PROTOCOL_ACCOUNTS
from oof.domain.transactions.programs.registry import PROGRAMS

STRANGER = "8rvAsDKeAcEjEkiZMug9k8v1y8mW6gQQiMobd89Uy7qR"


def test_an_exchange_s_wallet_says_which_and_on_whose_word() -> None:
    """An exchange's wallet has its name, a page as its source, and the list's version."""
    wallet = WALLETS["binance"][0]
    label = label_of(wallet)
    assert label is not None
    assert (label.address, label.kind, label.name) == (wallet, LabelKind.EXCHANGE, "binance")
    assert label.source == SOURCES["binance"]
    assert label.version == EXCHANGES_VERSION


def test_most_addresses_have_no_label() -> None:
    """A wallet that nobody published is none of ours to name."""
    assert label_of(STRANGER) is None
    assert label_of("") is None


@pytest.mark.parametrize(
    ("addresses", "kinds"),
    [
        (tuple(each.program_id for each in PROGRAMS), {LabelKind.PROGRAM, LabelKind.TERMINAL}),
        (tuple(TIP_ACCOUNTS), {LabelKind.TIP}),
        (tuple(FEE_ACCOUNTS), {LabelKind.TERMINAL_FEE}),
        (tuple(PROTOCOL_ACCOUNTS), {LabelKind.PROTOCOL_FEE}),
        (tuple(EXCHANGE_WALLETS), {LabelKind.EXCHANGE}),
        ((SYSTEM,), {LabelKind.PROGRAM}),
        (("1nc1nerator11111111111111111111111111111111",), {LabelKind.BURN}),
    ],
    ids=["programs", "tips", "terminal_fees", "protocol_fees", "exchanges", "native", "burn"],
)
def test_every_known_address_is_labelled_by_its_list(
    addresses: tuple[str, ...], kinds: set[LabelKind]
) -> None:
    """No list takes an address of another one, and every label has a name, source and version."""
    for address in addresses:
        label = label_of(address)
        assert label is not None
        assert label.kind in kinds, label
        assert label.name == label.name.lower() != ""
        assert label.source
        assert label.version >= 1


def test_what_the_normalizer_reads_has_the_normalizer_s_version() -> None:
    """A tip account's label changes with the normalizer, which books what reaches it as a tip."""
    label = label_of(min(JITO_TIP_ACCOUNTS))
    assert label is not None
    assert (label.name, label.version) == ("jito", NORMALIZER_VERSION)


def test_exchanges_wallets_are_addresses_listed_once() -> None:
    """Every listed wallet is an address, belongs to one exchange, and its list has a source."""
    counts = Counter(wallet for wallets in WALLETS.values() for wallet in wallets)
    assert set(counts.values()) == {1}
    assert all(parse_address(wallet, field="wallet") == wallet for wallet in counts)
    assert SOURCES.keys() == WALLETS.keys()
