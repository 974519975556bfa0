"""The pitfalls of swap normalization, each on a recorded transaction where one exists."""

from collections import defaultdict
from typing import Any

import pytest

from oof.domain.transactions.model import Kind, NormalizedTransaction, Role, Status
from oof.domain.transactions.normalize import normalize
from oof.domain.units import SOL_MINT

Recorded = dict[str, list[dict[str, Any]]]

USDC = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"
RENT = 2_039_280


def read(recorded: Recorded, prefix: str) -> NormalizedTransaction:
    """Normalize the one recorded transaction whose signature starts so."""
    (signature,) = [each for each in recorded if each.startswith(prefix)]
    found = normalize(recorded[signature][0])
    assert isinstance(found, NormalizedTransaction)
    return found


def moved(transaction: NormalizedTransaction, owner: str, kind: Kind, mint: str = SOL_MINT) -> int:
    """Sum what an owner moved for one reason."""
    return sum(
        each.delta_raw
        for each in transaction.movements
        if (each.owner, each.kind, each.mint) == (owner, kind, mint)
    )


@pytest.mark.chain
def test_multi_hop_route_is_one_trade(recorded: Recorded) -> None:
    """Pitfall 1: four pools in one Jupiter route are one trade of the first mint for the last."""
    (trade,) = read(recorded, "2nLWcmrav8Z").trades
    assert trade.venue == "jupiter_v6"
    assert trade.route == ("humidifi", "meteora_dlmm", "orca_whirlpool", "pump_swap")
    assert (trade.sold_mint, trade.sold_raw) == (USDC, 1_998_000)
    assert (trade.bought_mint[:5], trade.bought_raw) == ("CFJxq", 66_980_582_126)


@pytest.mark.chain
def test_leftover_of_an_intermediate_is_a_movement_and_no_trade(recorded: Recorded) -> None:
    """Pitfall 3: what a hop left over reaches the trader without becoming a purchase of its own."""
    found = read(recorded, "2nLWcmrav8Z")
    trader = found.fee_payer
    assert moved(found, trader, Kind.TRADE) == 128_863
    assert all(trade.bought_mint != SOL_MINT for trade in found.trades)


@pytest.mark.chain
def test_independent_routes_stay_apart(recorded: Recorded) -> None:
    """Pitfall 2: two Jupiter instructions are two trades, even there and back again."""
    first, second = read(recorded, "4cWStqraSHp").trades
    assert (first.outer_index, second.outer_index) == (4, 5)
    assert (first.sold_raw, second.bought_raw) == (1_000_000_000, 983_949_954)
    assert first.bought_mint == second.sold_mint


@pytest.mark.chain
def test_platform_fee_on_the_output_is_a_fee_and_not_a_smaller_purchase(
    recorded: Recorded,
) -> None:
    """Pitfall 4: what the venue paid out is the price; the integrator's part of it is a fee."""
    found = read(recorded, "5yFvtkWX3G9")
    (trade,) = found.trades
    assert trade.bought_raw == 171_477_013
    assert moved(found, trade.trader, Kind.PLATFORM_FEE, USDC) == -171_477


@pytest.mark.chain
def test_request_for_quote_has_a_taker_and_a_maker(recorded: Recorded) -> None:
    """Pitfall 5: both sides of an order-engine fill traded, whoever signed or paid the fee."""
    found = read(recorded, "5vBFfTGrcdk")
    taker, maker = found.trades
    assert (taker.role, maker.role) == (Role.TAKER, Role.MAKER)
    assert (taker.trader[:5], maker.trader[:5]) == ("7T8ck", "7rhxn")
    assert (taker.sold_raw, taker.bought_raw) == (287_442, 52_708_178)
    assert (maker.sold_raw, maker.bought_raw) == (52_708_178, 287_442)
    assert found.fee_payer == maker.trader


@pytest.mark.chain
def test_network_fee_is_the_payers_alone(recorded: Recorded) -> None:
    """Pitfall 12: the second signer of a sponsored transaction pays no network fee."""
    found = read(recorded, "5vBFfTGrcdk")
    fees = [each for each in found.movements if each.kind is Kind.NETWORK_FEE]
    assert [(each.owner, each.delta_raw) for each in fees] == [(found.fee_payer, -10_000)]


@pytest.mark.chain
@pytest.mark.parametrize(
    ("prefix", "maker", "sold", "bought", "venue"),
    [
        ("3HdFhHNyf2u", "GAgnD", 182_560_735, 81_138, "jupiter_limit_v1"),
        ("k2eGRDNqy6m", "4abvS", 2_390_000_000, 1_000_000_000_000, "jupiter_limit_v2"),
    ],
)
def test_limit_order_is_its_makers_trade(
    recorded: Recorded, prefix: str, maker: str, sold: int, bought: int, venue: str
) -> None:
    """Pitfall 6: a keeper signs and swaps; the trade is the maker's, paid from its escrow."""
    found = read(recorded, prefix)
    (trade,) = found.trades
    assert trade.trader.startswith(maker)
    assert trade.trader not in found.signers
    assert (trade.sold_raw, trade.bought_raw, trade.venue) == (sold, bought, venue)
    assert trade.role is Role.MAKER
    assert moved(found, trade.trader, Kind.ESCROW, trade.sold_mint) == sold


@pytest.mark.chain
def test_dca_fill_is_its_users_trade(recorded: Recorded) -> None:
    """Pitfall 7: a DCA fill by a keeper is the user's trade, its fee apart."""
    found = read(recorded, "4J3eXqyTHLH")
    (trade,) = found.trades
    assert trade.trader.startswith("HPZPT")
    assert (trade.sold_raw, trade.bought_raw) == (1_000_000_000, 3_332_841_413)
    assert moved(found, trade.trader, Kind.PLATFORM_FEE, USDC) == -3_332_841


@pytest.mark.chain
@pytest.mark.parametrize(
    ("prefix", "mint", "amount"),
    [("4aBP4353YQu", USDC, -2_390_000_000), ("FHiJf5rGcfN", "TNSRx", 420_000_000_000)],
)
def test_orders_opened_or_cancelled_are_escrow(
    recorded: Recorded, prefix: str, mint: str, amount: int
) -> None:
    """Pitfall 8: placing an order sells nothing, and cancelling it buys nothing."""
    found = read(recorded, prefix)
    assert found.trades == ()
    (row,) = [
        each
        for each in found.movements
        if each.kind is Kind.ESCROW and each.owner == found.fee_payer
    ]
    assert (row.mint.startswith(mint[:5]), row.delta_raw) == (True, amount)


@pytest.mark.chain
def test_rent_is_never_in_the_price(recorded: Recorded) -> None:
    """Pitfall 11: opening the account for a purchase costs rent apart from what was paid."""
    found = read(recorded, "jFETiCHAj3E")
    (trade,) = found.trades
    assert trade.sold_raw == 4_900_990_099
    assert moved(found, trade.trader, Kind.RENT) == -RENT


@pytest.mark.chain
def test_curve_fees_are_told_from_the_price(recorded: Recorded) -> None:
    """Pitfalls 14, 15, 20: the curve's price; protocol, creator, bot and tip stand apart."""
    found = read(recorded, "jFETiCHAj3E")
    (trade,) = found.trades
    wallet = trade.trader
    assert (trade.venue, trade.terminal) == ("pump_fun", "axiom")
    assert moved(found, wallet, Kind.PROTOCOL_FEE) == -46_559_406
    assert moved(found, wallet, Kind.CREATOR_FEE) == -2_450_496
    assert moved(found, wallet, Kind.BOT_FEE) == -50_000_000
    assert moved(found, wallet, Kind.TIP) == -10_100_000
    assert moved(found, wallet, Kind.PRIORITY_FEE) == -10_100_000
    assert moved(found, wallet, Kind.NETWORK_FEE) == -5_000


@pytest.mark.chain
def test_curve_sale_pays_lamports_without_an_instruction(recorded: Recorded) -> None:
    """Pitfall 20: what a curve pays out of its own lamports is the gross price, less fees."""
    found = read(recorded, "4XHAZ5TDPhj")
    (trade,) = found.trades
    assert (trade.sold_raw, trade.bought_raw) == (28_690_843_496_908, 3_782_175_798)
    assert moved(found, trade.trader, Kind.PROTOCOL_FEE) == -35_930_671
    assert moved(found, trade.trader, Kind.CREATOR_FEE) == -1_891_088


@pytest.mark.chain
def test_token_2022_transfer_fee_is_the_receivers(recorded: Recorded) -> None:
    """Pitfall 17: the receiver gets the gross amount and bears what the mint withheld."""
    found = read(recorded, "3oR9ryME5VT")
    (fee,) = [each for each in found.movements if each.kind is Kind.TRANSFER_FEE]
    (got,) = [
        each
        for each in found.movements
        if each.owner == fee.owner and each.kind is Kind.TRANSFER and each.mint == fee.mint
    ]
    (gave,) = [
        each for each in found.movements if each.owner == got.counterparty and each.mint == fee.mint
    ]
    assert fee.delta_raw < 0 < got.delta_raw
    assert gave.delta_raw == -got.delta_raw


@pytest.mark.chain
def test_failed_transaction_costs_its_fee_and_nothing_else(recorded: Recorded) -> None:
    """Pitfall 16: a failed transaction's base and priority fee are kept; trades and tips not."""
    checked = 0
    for bodies in recorded.values():
        found = normalize(bodies[0])
        assert isinstance(found, NormalizedTransaction)
        if found.status is Status.FAILED:
            checked += 1
            assert found.trades == ()
            assert {each.kind for each in found.movements} <= {Kind.NETWORK_FEE, Kind.PRIORITY_FEE}
            assert sum(each.delta_raw for each in found.movements) == -found.fee_lamports
    assert checked > 600


@pytest.mark.chain
@pytest.mark.parametrize("prefix", ["3yq88CT3MUz", "2nDrphnKfZs"])
def test_adding_liquidity_is_no_sale(recorded: Recorded, prefix: str) -> None:
    """Pitfall 25: both sides of a deposit are liquidity, and so is the share that is minted."""
    found = read(recorded, prefix)
    kinds = {each.kind for each in found.movements if each.owner == found.fee_payer}
    assert found.trades == ()
    assert Kind.LIQUIDITY in kinds
    assert Kind.MINT not in kinds


@pytest.mark.chain
def test_arbitrage_is_marked_and_trades_no_intermediate(recorded: Recorded) -> None:
    """Pitfall 26: a route that ends in the mint it began with is one marked trade of that mint."""
    found = read(recorded, "5psvVHvTNdV")
    (trade,) = found.trades
    assert trade.arbitrage
    assert trade.sold_mint == trade.bought_mint == SOL_MINT
    assert (trade.sold_raw, trade.bought_raw) == (3_788_178, 3_803_800)
    assert moved(found, trade.trader, Kind.TRADE) == 15_622


@pytest.mark.chain
def test_wrapper_calling_a_router_twice_is_one_intent(recorded: Recorded) -> None:
    """Pitfall 35: a wrapper of several router calls is one trade, its outermost instruction's."""
    (trade,) = read(recorded, "3WnKSHXpv5n").trades
    assert len(trade.route) == 2
    assert trade.arbitrage


@pytest.mark.chain
@pytest.mark.parametrize("prefix", ["4WniSeFvZHs", "5P8xF7oLokS"])
def test_nft_is_no_trade(recorded: Recorded, prefix: str) -> None:
    """Pitfall 34: one indivisible token for lamports is no trade of a program unknown."""
    assert read(recorded, prefix).trades == ()


@pytest.mark.chain
def test_several_signers_trade_each_for_itself(recorded: Recorded) -> None:
    """Pitfall 13: a bundle of purchases is one trade for each signer, the fee the payer's alone."""
    found = read(recorded, "43W2EWitbiL")
    assert [trade.trader for trade in found.trades] == list(found.signers)
    assert len({trade.sold_raw for trade in found.trades}) == 5


@pytest.mark.chain
def test_account_given_away_without_owner_moves_between_owners(recorded: Recorded) -> None:
    """Pitfall 31: in 2021 an NFT changes hands by its account's authority, from owner to owner."""
    found = read(recorded, "626EgwuS6db")
    net: dict[tuple[str | None, str], int] = defaultdict(int)
    for each in found.movements:
        net[each.owner, each.mint] += each.delta_raw
    tokens = {owner: delta for (owner, mint), delta in net.items() if mint.startswith("8pwYV")}
    assert sorted(tokens.values()) == [-1, 1]
    assert tokens[found.fee_payer] == 1


@pytest.mark.chain
def test_yellowstone_body_reads_its_base64(recorded: Recorded) -> None:
    """Protobuf JSON, base64 throughout, is read like any other; Metaplex takes 0.01 SOL."""
    found = read(recorded, "4Zd9hbGfgPr")
    (trade,) = found.trades
    assert (trade.venue, trade.sold_raw) == ("pump_fun", 10_000_000)
    assert moved(found, trade.trader, Kind.PROTOCOL_FEE) == -100_000 - 10_000_000


@pytest.mark.chain
def test_encodings_agree(recorded: Recorded) -> None:
    """A signature recorded in several encodings normalizes to one and the same result."""
    several = [bodies for bodies in recorded.values() if len(bodies) > 1]
    assert len(several) > 450
    for bodies in several:
        results = [normalize(body) for body in bodies]
        plain = []
        for result in results:
            assert isinstance(result, NormalizedTransaction)
            plain.append((result.trades, sorted(map(str, result.movements)), result.status))
        assert all(each == plain[0] for each in plain)


@pytest.mark.chain
def test_wallet_history_counts(recorded: Recorded) -> None:
    """The best recorded wallet shows 33 swaps, 1 transfer and 2 failures over known slots."""
    wallet = "8rvAsDKeAcEjEkiZMug9k8v1y8mW6gQQiMobd89Uy7qR"
    counts: dict[str, int] = defaultdict(int)
    for bodies in recorded.values():
        found = normalize(bodies[0])
        assert isinstance(found, NormalizedTransaction)
        if wallet not in found.signers or found.slot is None:
            continue
        if found.status is Status.FAILED:
            counts["failed"] += 1
        else:
            counts["swap" if any(t.trader == wallet for t in found.trades) else "transfer"] += 1
    assert dict(counts) == {"swap": 33, "transfer": 1, "failed": 2}


@pytest.mark.chain
def test_nothing_recorded_stays_unexplained(recorded: Recorded) -> None:
    """No movement of any recorded transaction is of kind unknown."""
    for bodies in recorded.values():
        found = normalize(bodies[0])
        assert isinstance(found, NormalizedTransaction)
        assert all(each.kind is not Kind.UNKNOWN for each in found.movements), found.signature


@pytest.mark.chain
def test_program_owned_wallet_behind_a_router_is_the_trader(recorded: Recorded) -> None:
    """A smart wallet that signs nothing trades; its temporary account's rent comes back."""
    found = read(recorded, "3izFs7kd8SN")
    (trade,) = found.trades
    assert trade.trader.startswith("3qrD9")
    assert (trade.sold_raw, trade.bought_raw) == (2_947_910_000, 89_740_463)
    assert moved(found, trade.trader, Kind.RENT) == 0
    assert moved(found, trade.trader, Kind.TRANSFER) == 4_078_560 - 88_977_670


@pytest.mark.chain
def test_purchase_paid_out_to_another_wallet_is_sent_on(recorded: Recorded) -> None:
    """What a route delivers elsewhere is bought and transferred, its fee still a fee."""
    found = read(recorded, "4DPfdCKCd3M")
    (trade,) = found.trades
    assert trade.bought_raw == 175_373_617
    assert moved(found, trade.trader, Kind.TRANSFER, USDC) == -174_321_376
    assert moved(found, trade.trader, Kind.PLATFORM_FEE, USDC) == -1_052_241


@pytest.mark.chain
def test_fee_vault_of_the_pools_own_authority_is_a_fee(recorded: Recorded) -> None:
    """A fee that stays with the pool's authority, outside its vaults, is no price."""
    found = read(recorded, "4m5Gyj9reZv")
    (trade,) = found.trades
    assert trade.sold_raw == 4_900_500_000
    assert moved(found, trade.trader, Kind.PROTOCOL_FEE) == -49_500_000


@pytest.mark.chain
def test_claimed_fees_are_income(recorded: Recorded) -> None:
    """Pitfall 22: what a pool's position or creator claims is income and no withdrawal."""
    found = read(recorded, "3brhaUVsiB8")
    (row,) = [
        each
        for each in found.movements
        if each.kind is Kind.INCOME and each.owner == found.fee_payer
    ]
    assert row.delta_raw > 0
    assert found.trades == ()


@pytest.mark.chain
def test_fee_through_a_collector_is_the_traders(recorded: Recorded) -> None:
    """A front-end's collector that pays fees on leaves them with who traded."""
    found = read(recorded, "622CrdnBz4K")
    (trade,) = found.trades
    assert trade.sold_raw == 476_345_679
    assert moved(found, trade.trader, Kind.BOT_FEE) == -2_923_030 - 1_948_687
    assert all(not (each.owner or "").startswith("2ApLdw") for each in found.movements)
