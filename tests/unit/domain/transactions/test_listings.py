"""NFTs that go to a market, come back from it, or are sold there."""

import pytest

from oof.domain.transactions.model import Kind
from oof.domain.units import SOL_MINT
from tests.unit.domain.transactions.building import (
    SYSTEM_PROGRAM,
    TOKEN_PROGRAM,
    Draft,
    key,
    send,
    transfer,
    unmarked,
)
from tests.unit.domain.transactions.test_pitfalls import Recorded
from tests.unit.domain.transactions.test_pitfalls import read as read_recorded
from tests.unit.domain.transactions.test_trades import ALICE, BOB, read

SOLSEA, MARKET, NFT = "617jbWo616ggkDxvW1Le8pV38XLbVSyWY8ae6QUmGBAU", key("market"), key("nft")
START, PRICE = 10**12, 10**9


def moved(giver: str, taker: str) -> Draft:
    """Draft Alice having the market move one NFT."""
    draft = Draft(ALICE).tokens(key(f"nft of {giver[:9]}"), giver, NFT, 1, 0, decimals=0)
    draft.tokens(key(f"nft of {taker[:9]}"), taker, NFT, 0, 1, decimals=0)
    draft.call(SOLSEA, [ALICE, MARKET, BOB])
    accounts = [key(f"nft of {each[:9]}") for each in (giver, taker)]
    return draft.invoke(TOKEN_PROGRAM, [*accounts, giver], transfer(1))


@pytest.mark.parametrize(("giver", "taker"), [(ALICE, MARKET), (MARKET, ALICE)])
def test_listing_and_its_end_are_escrow(giver: str, taker: str) -> None:
    """Nobody paid: the NFT waits to be sold, or was not."""
    assert (giver, NFT, -1, Kind.ESCROW, taker) in unmarked(read(moved(giver, taker)))


@pytest.mark.parametrize("is_apart", [False, True])
def test_nft_that_its_receiver_paid_for_is_a_deal(is_apart: bool) -> None:
    """Below the market's own instruction or beside it: a payment makes it a sale."""
    draft = moved(MARKET, ALICE).lamports(ALICE, START, START - 5_000 - PRICE)
    draft.lamports(BOB, START, START + PRICE)
    if is_apart:
        draft.call(SYSTEM_PROGRAM, [ALICE, BOB], send(PRICE))
    else:
        draft.invoke(SYSTEM_PROGRAM, [ALICE, BOB], send(PRICE))
    assert (ALICE, NFT, 1, Kind.NFT, MARKET) in unmarked(read(draft))


@pytest.mark.parametrize(
    ("market", "data", "kind"),
    [
        ("mmm3XBJg5gk8XJxEKBvdgptZz6SgK4tXvn36sodowMc", "42e50b366da455ee", Kind.ESCROW),
        ("mmm3XBJg5gk8XJxEKBvdgptZz6SgK4tXvn36sodowMc", "5c102bd2bdcf4ea4", Kind.NFT),
        ("TSWAPaqyCSx2KABk68Shruf4rp7CxcNi8hAsbdwmHbN", "6c514e757d9b38c8", Kind.ESCROW),
        ("TCMPhJdwDryooaGtiocG1u3xcYbRpiJzb283XfCZsDp", "c738552692f3259e", Kind.ESCROW),
        ("TCMPhJdwDryooaGtiocG1u3xcYbRpiJzb283XfCZsDp", "66063d1201daebea", Kind.NFT),
        ("TB1Dqt8JeKQh7RLDzfYDJsq8KS4fS2yt87avRjyRxMv", "28f3bed9d0fd56ce", Kind.ESCROW),
    ],
)
def test_lamports_kept_to_buy_with_are_escrow(market: str, data: str, kind: Kind) -> None:
    """A compressed NFT moves no token, so only the instruction tells a bid from a purchase."""
    draft = Draft(ALICE).lamports(ALICE, START, START - 5_000 - PRICE)
    draft.lamports(BOB, START, START + PRICE)
    draft.call(market, [ALICE, BOB, MARKET], bytes.fromhex(data) + bytes(8))
    draft.invoke(SYSTEM_PROGRAM, [ALICE, BOB], send(PRICE))
    assert (ALICE, SOL_MINT, -PRICE, kind, BOB) in unmarked(read(draft))


@pytest.mark.chain
def test_recorded_listing_that_is_taken_back(recorded: Recorded) -> None:
    """Solanart's one instruction sells and gives back; here it gave back."""
    found = read_recorded(recorded, "5cCMhRF6ppW")
    assert {row[3] for row in unmarked(found) if row[2] in {1, -1}} == {Kind.ESCROW}


@pytest.mark.chain
def test_recorded_listing_taken_back_to_accept_an_offer(recorded: Recorded) -> None:
    """The NFT comes back in one instruction and is sold in the next."""
    found = read_recorded(recorded, "4PJ7X1ZCEj6")
    seller = found.fee_payer
    assert {row[2:4] for row in unmarked(found) if row[0] == seller and row[2] in {1, -1}} == {
        (1, Kind.ESCROW),
        (-1, Kind.NFT),
    }


@pytest.mark.chain
@pytest.mark.parametrize(
    ("prefix", "offered"), [("5ocxCdmdqHQ", 12_500_000_000), ("56QWjtsUykb", 4_500_000_000)]
)
def test_recorded_offers_are_escrow(recorded: Recorded, prefix: str, offered: int) -> None:
    """What is offered for an NFT waits at the market; nothing is bought yet."""
    found = read_recorded(recorded, prefix)
    assert {row[3] for row in unmarked(found) if row[2] == -offered} == {Kind.ESCROW}
