"""A transaction from one wallet's side."""

from oof.domain.positions.events import (
    Exchange,
    Flow,
    TransactionHead,
    WalletTransaction,
    of_sides,
)
from oof.domain.positions.lots import Moment
from oof.domain.transactions.model import Kind
from oof.domain.units import SOL_MINT, Mint, RawAmount, Signature, Slot, UnixSeconds

CAT, DOG = Mint("cat"), Mint("dog")
HEAD = TransactionHead(Moment(Slot(1), 0), Signature("s"), UnixSeconds(60))
SWAP = Exchange(CAT, RawAmount(100), DOG, RawAmount(7))


def side_of(*movements: tuple[Mint, Kind, int]) -> WalletTransaction:
    """A swap of cats for dogs, and what moved besides."""
    traded = [(CAT, Kind.TRADE, -100), (DOG, Kind.TRADE, 7)]
    moved = [(mint, kind, RawAmount(raw)) for mint, kind, raw in [*traded, *movements]]
    return of_sides(HEAD, [SWAP], moved)


def test_what_a_pool_charged_halfway_was_never_the_wallets() -> None:
    """SOL that a route gave and a pool's fees took is neither an arrival nor a cost."""
    found = side_of(
        (SOL_MINT, Kind.TRADE, 30),
        (SOL_MINT, Kind.PROTOCOL_FEE, -10),
        (SOL_MINT, Kind.CREATOR_FEE, -20),
        (SOL_MINT, Kind.NETWORK_FEE, -5),
    )

    assert (dict(found.fees_raw), found.flows) == ({SOL_MINT: 5}, ())


def test_what_a_route_left_over_arrives() -> None:
    """More than was charged came to the wallet, whatever came back as rent."""
    found = side_of(
        (SOL_MINT, Kind.TRADE, 31),
        (SOL_MINT, Kind.PROTOCOL_FEE, -30),
        (SOL_MINT, Kind.RENT, 50),
        (SOL_MINT, Kind.NETWORK_FEE, -5),
    )

    assert found.fees_raw == {SOL_MINT: -45}
    assert found.flows == (Flow(SOL_MINT, RawAmount(1), Kind.TRADE),)


def test_what_a_pool_charged_at_an_end_is_a_cost() -> None:
    """A fee in what was bought is paid out of what was bought."""
    found = side_of((DOG, Kind.PLATFORM_FEE, -2))

    assert (dict(found.fees_raw), found.flows) == ({DOG: 2}, ())
