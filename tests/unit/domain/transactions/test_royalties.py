"""What sales of NFTs cost apart from the price: market fees, brokers' fees and royalties."""

from collections import Counter

import pytest

from oof.domain.transactions.model import Kind, NormalizedTransaction
from oof.domain.units import SOL_MINT
from tests.unit.domain.transactions.building import SYSTEM_PROGRAM, Draft, key, send
from tests.unit.domain.transactions.test_pitfalls import Recorded
from tests.unit.domain.transactions.test_pitfalls import read as read_recorded
from tests.unit.domain.transactions.test_trades import ALICE, BOB, read

TCOMP = "TCMPhJdwDryooaGtiocG1u3xcYbRpiJzb283XfCZsDp"
M2 = "M2mx93ekt1fmXSVkTrUL9xVFHkmME8HTUi5Cyc5aF7K"
YAWWW = "5SKmrbAxnHV2sgqyDXkGrLrokZYtWWVEEk5Soed7VLVN"
VAULT, BROKER, CREATOR = key("vault"), key("broker"), key("creator")
START = 10**12
PRICE, FEE, SHARE, ROYALTY = 10**9, 15_000_000, 5_000_000, 50_000_000


def received(found: NormalizedTransaction) -> dict[Kind, list[int]]:
    """Give what was received in lamports by kind, in rising order, rent left out."""
    sums: dict[Kind, list[int]] = {}
    for each in sorted(found.movements, key=lambda movement: movement.delta_raw):
        if each.mint == SOL_MINT and each.delta_raw > 0 and each.kind is not Kind.RENT:
            sums.setdefault(each.kind, []).append(each.delta_raw)
    return sums


@pytest.mark.chain
@pytest.mark.parametrize(
    ("prefix", "price", "fee", "royalties"),
    [
        ("3Mhp6cAfmzmz", 1_999_500_000, 43_000_000, [107_500_000]),  # Magic Eden
        ("5nNtjezQMYBH", 71_856_000_000, 1_080_000_000, []),
        ("626EgwuS6dbU", 3_273_600_000, 74_400_000, [372_000_000]),
        ("4va9Qg6EXV54", 43_071_499_600, 428_999_000, []),  # Tensor
        ("4frBMA4q4i11", 925_000_000, 25_000_000, [50_000_000]),  # Metaplex's auction house
        ("66EfiWJrPWzd", 91_872_000_000, 2_970_000_000, [4_158_000_000]),
        ("4PJ7X1ZCEj68", 4_139_999_999, 135_000_000, [225_000_000]),  # Solanart
        ("3qmi5w4ZJsf1", 18_124_000_000, 591_000_000, [985_000_000]),
        ("4WniSeFvZHsn", 1_741_250_000, 49_750_000, [199_000_000]),  # Exchange Art
        ("496U5Ric72tC", 95_000_000, 5_000_000, [100_000_000]),
        ("4XuN4e8nDz6j", 2_619_000_000, 90_000_000, [291_000_000]),  # SolSea
        ("5DqZaNrvEKLL", 29_250_000, 750_000, []),  # DigitalEyes
    ],
)
def test_recorded_sale_pays_seller_market_and_creators_apart(
    recorded: Recorded, prefix: str, price: int, fee: int, royalties: list[int]
) -> None:
    """Each has a movement of its own; half of the price may be a royalty."""
    got = received(read_recorded(recorded, prefix))
    assert price in got[Kind.NFT]
    assert got[Kind.PROTOCOL_FEE] == [fee]
    assert [sum(got[Kind.CREATOR_FEE])] == royalties if royalties else Kind.CREATOR_FEE not in got


@pytest.mark.chain
def test_recorded_creators_are_paid_by_whoever_paid_them(recorded: Recorded) -> None:
    """Each share of a royalty is its own, borne by the escrow that paid it out."""
    found = read_recorded(recorded, "J9kVpP5br8Q9")
    shares = [each for each in found.movements if each.kind is Kind.CREATOR_FEE]
    assert Counter(each.owner for each in shares if each.delta_raw < 0).most_common(1)[0][1] == 4
    assert sorted(each.delta_raw for each in shares if each.delta_raw > 0) == [
        2_000_000,
        4_000_000,
        12_400_000,
        21_600_000,
    ]


def sale(market: str, accounts: list[str], data: str, height: int | None = 2) -> Draft:
    """Draft Alice buying from Bob at a market: the price, a fee, a share of it and a royalty."""
    draft = Draft(ALICE)
    spent = 0
    draft.call(market, accounts, bytes.fromhex(data) + bytes(8))
    for target, amount in ((BOB, PRICE), (VAULT, FEE), (BROKER, SHARE), (CREATOR, ROYALTY)):
        draft.lamports(target, START, START + amount)
        draft.invoke(SYSTEM_PROGRAM, [ALICE, target], send(amount), height=height)
        spent += amount
    return draft.lamports(ALICE, START, START - 5_000 - spent)


COMPRESSED = [
    VAULT,
    *(key(f"tree {place}") for place in range(5)),
    SYSTEM_PROGRAM,
    *(key(f"state {place}") for place in range(2)),
    ALICE,
    ALICE,
    BOB,
    BROKER,
    TCOMP,
    BOB,
    key("cosigner"),
    CREATOR,
]


@pytest.mark.parametrize("height", [None, 2])
def test_sale_of_a_compressed_nft_is_split_without_a_token(height: int | None) -> None:
    """Nothing says who gave it: with or without stack heights the seller is who is no creator."""
    found = read(sale(TCOMP, COMPRESSED, "66063d1201daebea", height))
    assert received(found) == {
        Kind.NFT: [PRICE],
        Kind.PROTOCOL_FEE: [FEE],
        Kind.PLATFORM_FEE: [SHARE],
        Kind.CREATOR_FEE: [ROYALTY],
    }


def test_seller_among_the_last_accounts_is_who_got_the_most() -> None:
    """A market that names seller and creators behind its programs leaves only the sums."""
    accounts = [each for each in COMPRESSED if each not in {BOB, TCOMP}]
    accounts[10:10] = [BROKER, BROKER]
    found = read(sale(TCOMP, [*accounts, BOB], "66063d1201daebea"))
    assert (received(found)[Kind.NFT], received(found)[Kind.CREATOR_FEE]) == ([PRICE], [ROYALTY])


def test_creator_who_sells_is_paid_the_price() -> None:
    """An account that stands before the programs too is no creator to anybody."""
    parts = [key(f"part {place}") for place in range(13)]
    accounts = [ALICE, BOB, *parts[:8], VAULT, *parts[8:], SYSTEM_PROGRAM, CREATOR, BOB]
    found = read(sale(M2, accounts, "254ad99d4f312306"))
    assert received(found)[Kind.CREATOR_FEE] == [ROYALTY]
    assert PRICE in received(found)[Kind.NFT]


def test_market_of_which_nobody_says_who_collects_is_not_split() -> None:
    """Rather no royalty than a market's fee for one."""
    found = read(sale(YAWWW, COMPRESSED, "66063d1201daebea"))
    assert received(found) == {Kind.NFT: [SHARE, FEE, ROYALTY, PRICE]}
