"""Orders that a keeper fills, on the shape that all of them share."""

from oof.domain.transactions.base58 import decode_base58
from oof.domain.transactions.model import Kind, NormalizedTransaction, Role
from oof.domain.transactions.normalize import normalize
from tests.unit.domain.transactions.building import TOKEN_PROGRAM, Draft, key, transfer

VALUE_AVERAGE = "VALaaymxQh2mNy2trH9jUqHT1mTow76wpTcGmSWSwJe"
POOL_PROGRAM = "675kPX9MHTjS2zt1qfr1NYHuzeLXfQM9H24wFSUt1Mp8"
FILLED = bytes.fromhex("e445a52e51cb9a1d4ee1c79a56dbe0a9")

KEEPER, USER, ORDER, POOL = key("keeper"), key("user"), key("order"), key("pool")
SOLD, BOUGHT = key("sold"), key("bought")


def fill(event: bytes) -> NormalizedTransaction:
    """Let a keeper take 100 out of an order, swap it for 7, and pay out 7."""
    body = (
        Draft(KEEPER)
        .tokens(key("order sold"), ORDER, SOLD, 500, 400)
        .tokens(key("keeper sold"), KEEPER, SOLD, 50, 50)
        .tokens(key("keeper bought"), KEEPER, BOUGHT, 9, 9)
        .tokens(key("vault sold"), POOL, SOLD, 1_000, 1_100)
        .tokens(key("vault bought"), POOL, BOUGHT, 1_000, 993)
        .tokens(key("user bought"), USER, BOUGHT, 0, 7)
    )
    body.call(VALUE_AVERAGE, [KEEPER, ORDER, key("order sold")], b"\x01" * 8)
    body.invoke(TOKEN_PROGRAM, [key("order sold"), key("keeper sold"), ORDER], transfer(100))
    body.call(POOL_PROGRAM, [KEEPER] * 18, b"\x09" + bytes(16))
    body.invoke(TOKEN_PROGRAM, [key("keeper sold"), key("vault sold"), KEEPER], transfer(100))
    body.invoke(TOKEN_PROGRAM, [key("vault bought"), key("keeper bought"), POOL], transfer(7))
    body.call(VALUE_AVERAGE, [KEEPER, ORDER, USER], b"\x02" * 8)
    body.invoke(TOKEN_PROGRAM, [key("keeper bought"), key("user bought"), KEEPER], transfer(7))
    body.invoke(VALUE_AVERAGE, [key("event authority")], event)
    found = normalize(body.body())
    assert isinstance(found, NormalizedTransaction)
    return found


def test_value_averaging_is_its_users_trade() -> None:
    """The user of the filled account trades what its order gave, whoever signs."""
    event = FILLED + decode_base58(ORDER) + decode_base58(USER) + decode_base58(KEEPER) + bytes(80)
    found = fill(event)
    (trade,) = found.trades
    assert (trade.trader, trade.venue, trade.role) == (USER, "jupiter_va", Role.TAKER)
    assert (trade.sold_mint, trade.sold_raw) == (SOLD, 100)
    assert (trade.bought_mint, trade.bought_raw) == (BOUGHT, 7)
    assert Kind.ESCROW in {each.kind for each in found.movements if each.owner == ORDER}


def test_event_too_short_names_nobody() -> None:
    """A truncated event is no fill, and nothing raises."""
    assert all(trade.trader != USER for trade in fill(FILLED + bytes(8)).trades)
