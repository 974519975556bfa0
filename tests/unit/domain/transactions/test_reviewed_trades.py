"""What reviewers once found wrong: each on the transaction where it was found."""

from collections.abc import Iterable

import pytest

from oof.domain.transactions.model import Kind, NormalizedTransaction
from oof.domain.units import SOL_MINT
from tests.unit.domain.transactions.building import (
    SYSTEM_PROGRAM,
    TOKEN_PROGRAM,
    Draft,
    key,
    mint_to,
    send,
    transfer,
)
from tests.unit.domain.transactions.test_pitfalls import Recorded, read
from tests.unit.domain.transactions.test_trades import (
    A_CASH,
    A_COIN,
    ALICE,
    BOB,
    CASH,
    COIN,
    CPMM,
    JUPITER,
    P_CASH,
    P_COIN,
    POOL,
    PROGRAM,
    SWAP,
    sides,
    swapped,
)
from tests.unit.domain.transactions.test_trades import read as normalize_draft

BLOOM = "b1oomGGqPKGD6errbyfbVMBuzSC8WtAAYo8MwNafWW1"
LENDING_VAULT = "7s1da8DduuBFqGra5bJBjpnvL5E9mGzCuMk1Qkh4or2Z"


def kinds(transaction: NormalizedTransaction, mint_prefix: str) -> set[Kind]:
    """Give why a mint moved in a transaction."""
    return {each.kind for each in transaction.movements if each.mint.startswith(mint_prefix)}


def rows(
    transaction: NormalizedTransaction, kind: Kind
) -> Iterable[tuple[str | None, str, int, str | None]]:
    """Give the movements of one kind, without it."""
    return {
        (each.owner, each.mint, each.delta_raw, each.counterparty)
        for each in transaction.movements
        if each.kind is kind
    }


@pytest.mark.chain
@pytest.mark.parametrize(
    ("prefix", "mint", "kind"),
    [("55Any7LBL6b", "2zMMhc", Kind.TRANSFER), ("4Namsu4qun8", "LAYER4", Kind.INCOME)],
)
def test_decompressed_tokens_are_not_bought_for_the_trees_fee(
    recorded: Recorded, prefix: str, mint: str, kind: Kind
) -> None:
    """Tokens leaving compressed form are a transfer or a claim; the state tree takes its fee."""
    found = read(recorded, prefix)
    assert found.trades == ()
    assert kinds(found, mint) == {kind}
    assert rows(found, Kind.PROTOCOL_FEE)


@pytest.mark.chain
def test_leftover_paid_after_the_output_is_not_what_was_bought(recorded: Recorded) -> None:
    """Two order books: the quote left over arrives last, and the output is still the bought."""
    (trade,) = read(recorded, "2NYtCvU8Xhi").trades
    assert (trade.sold_mint[:6], trade.sold_raw) == ("9n4nbM", 1000)
    assert (trade.bought_mint[:6], trade.bought_raw) == ("2FPyTw", 13000)


@pytest.mark.chain
def test_input_fee_kept_by_the_routers_authority_is_no_price(recorded: Recorded) -> None:
    """What stays with the authority that carries for the trader did not reach the venue."""
    found = read(recorded, "4bfz4iWGpFR")
    (trade,) = found.trades
    assert (trade.sold_raw, trade.bought_raw) == (8_573_841_641, 27_109_548_639)
    assert {row[2] for row in rows(found, Kind.PLATFORM_FEE)} == {8_582_424, -8_582_424}


@pytest.mark.chain
def test_sponsor_that_trades_for_a_signer_is_not_the_trader(recorded: Recorded) -> None:
    """An agent that was paid all it sold and kept nothing traded for who paid it."""
    found = read(recorded, "4aQ4oYFrRwi")
    (trade,) = found.trades
    assert trade.trader[:6] == "GQJYU1"
    assert (trade.sold_raw, trade.bought_raw) == (1_064_462_027_426, 3_200_607)
    sponsor = found.fee_payer
    assert {each.kind for each in found.movements if each.owner == sponsor} == {
        Kind.NETWORK_FEE,
        Kind.PRIORITY_FEE,
        Kind.RENT,
    }


@pytest.mark.chain
@pytest.mark.parametrize(
    ("prefix", "fee"), [("3ThUNUyE6pd", 7_000_000), ("3f8wSLzxHod", 5_200_000)]
)
def test_terminals_fee_sent_apart_is_a_bot_fee(recorded: Recorded, prefix: str, fee: int) -> None:
    """Bloom's fee is a transfer of its own to an account that its swap names."""
    found = read(recorded, prefix)
    assert found.trades[0].terminal == "bloom"
    assert (found.fee_payer, SOL_MINT, -fee) in {row[:3] for row in rows(found, Kind.BOT_FEE)}


@pytest.mark.chain
def test_cashback_claimed_below_a_router_is_fee_and_income(recorded: Recorded) -> None:
    """What a sale set aside for its user, who took it at once: two movements, and no price."""
    found = read(recorded, "3vg7eDuNoxd")
    (trade,) = found.trades
    seller = found.fee_payer
    assert (trade.trader, trade.bought_raw) == (seller, 174_497_955)
    assert {row[2] for row in rows(found, Kind.CREATOR_FEE) if row[0] == seller} == {-523_599}
    assert {row[2] for row in rows(found, Kind.INCOME) if row[0] == seller} == {523_599}


@pytest.mark.chain
@pytest.mark.parametrize(
    ("prefix", "set_aside"), [("5UF9X1wb6Lu", 1_982_989), ("622CrdnBz4K", 1_429_038)]
)
def test_cashback_set_aside_is_the_creators_fee(
    recorded: Recorded, prefix: str, set_aside: int
) -> None:
    """A coin with cashback redirects its creator's fee to the user's own accumulator."""
    found = read(recorded, prefix)
    (trade,) = found.trades
    charged = {row[2] for row in rows(found, Kind.CREATOR_FEE) if row[0] == trade.trader}
    assert -set_aside in charged


@pytest.mark.chain
@pytest.mark.parametrize(("prefix", "charge"), [("3yq88CT3MUz", 400_000_000), ("5UJQJfjNeN3", 100)])
def test_flat_charges_of_protocols_are_their_fees(
    recorded: Recorded, prefix: str, charge: int
) -> None:
    """Making a pool costs 0.4 SOL on Raydium, a message 100 lamports at Wormhole."""
    found = read(recorded, prefix)
    assert (found.fee_payer, SOL_MINT, -charge) in {
        row[:3] for row in rows(found, Kind.PROTOCOL_FEE)
    }


@pytest.mark.chain
def test_order_of_a_wallet_that_pays_for_another_is_its_own_trade(recorded: Recorded) -> None:
    """Who lost the dollars traded, not who relayed it, nor who was then sent what was bought."""
    found = read(recorded, "56RbkzmAEtd")
    (trade,) = found.trades
    lost = {
        each.owner: each.pre_raw - each.post_raw
        for each in found.balances
        if each.mint == trade.sold_mint and each.pre_raw > each.post_raw
    }
    assert lost == {trade.trader: trade.sold_raw}
    assert trade.trader not in found.signers
    (sent,) = (row for row in rows(found, Kind.TRANSFER) if row[2] > 0)
    assert (sent[2], sent[3]) == (trade.bought_raw, trade.trader)


@pytest.mark.chain
def test_who_approves_the_pools_delegate_is_the_trader(recorded: Recorded) -> None:
    """Of 2020, without owners: tokens that a delegate moved were those of who approved it."""
    found = read(recorded, "5wrZ6o5aVvS")
    (trade,) = found.trades
    assert trade.trader == found.fee_payer
    assert (trade.sold_mint[:6], trade.sold_raw, trade.bought_raw) == ("SRMuAp", 1000, 364_885)


@pytest.mark.chain
@pytest.mark.parametrize(("prefix", "paid"), [("666Vhms2XnW", 8342), ("4KwZvfUNSet", 7190)])
def test_payment_to_a_signer_is_no_fee(recorded: Recorded, prefix: str, paid: int) -> None:
    """A wallet that pays back its own signer transfers; nobody charged it."""
    found = read(recorded, prefix)
    (signer,) = found.signers
    assert rows(found, Kind.PLATFORM_FEE) == set()
    assert (signer, SOL_MINT, paid) in {row[:3] for row in rows(found, Kind.TRANSFER)}


@pytest.mark.chain
def test_hop_that_mints_is_a_leg_of_its_route(recorded: Recorded) -> None:
    """A router that deposits in a fund and sells the share traded neither for its user."""
    found = read(recorded, "2kai9Wa4rc4")
    (trade,) = found.trades
    assert len(trade.route) == 3
    assert (trade.sold_raw, trade.bought_raw) == (500_000_000, 76_612_586)
    assert {each.owner for each in found.movements if each.mint[:6] == "7vfCXT"}.isdisjoint(
        {trade.trader}
    )


@pytest.mark.chain
def test_share_burned_by_a_hop_is_what_was_sold(recorded: Recorded) -> None:
    """A stake pool's token that a hop redeems is the price; the pool's own part of it is a fee."""
    found = read(recorded, "3xiEgNo1xXD")
    (trade,) = found.trades
    assert (trade.sold_mint[:6], trade.sold_raw) == ("picobA", 6_820_593_896)
    assert {row[2] for row in rows(found, Kind.PROTOCOL_FEE)} == {6_827_422, -6_827_422}


@pytest.mark.chain
def test_nft_given_by_its_accounts_authority_is_nft(recorded: Recorded) -> None:
    """An NFT sold by handing over its account is of one kind with what was paid for it."""
    found = read(recorded, "626EgwuS6db")
    assert found.trades == ()
    assert kinds(found, "8pwYVy") == {Kind.NFT}


@pytest.mark.chain
@pytest.mark.parametrize(
    "prefix",
    ["2Cxrz8NWZvN", "4Tnpv3ZgMcU", "duP4A5qSZKr", "5P8xF7oLokS", "4AS3tNA6ncW", "2GfJEnDHUXQ"],
)
def test_jupiter_lend_is_lending(recorded: Recorded, prefix: str) -> None:
    """Deposits, loans and repayments move to and from the lending vault as lending."""
    found = read(recorded, prefix)
    assert {each.kind for each in found.movements if each.owner == LENDING_VAULT} == {Kind.LENDING}


@pytest.mark.chain
def test_several_mints_for_one_minted_are_liquidity(recorded: Recorded) -> None:
    """A vault nobody knows that mints a share for two mints holds liquidity."""
    found = read(recorded, "5EjCNU2QafV")
    assert kinds(found, "NX8DuA") == {Kind.LIQUIDITY}


def test_share_burned_for_several_mints_is_liquidity() -> None:
    """What an unknown program pays out of two mints for one burned is liquidity."""
    share, a_share = key("share"), key("a share")
    draft = Draft(ALICE).tokens(a_share, ALICE, share, 9, 0)
    draft.tokens(P_CASH, POOL, CASH, 100, 0).tokens(A_CASH, ALICE, CASH, 0, 100)
    draft.tokens(P_COIN, POOL, COIN, 40, 0).tokens(A_COIN, ALICE, COIN, 0, 40)
    draft.call(PROGRAM, [ALICE, POOL], b"\x01")
    draft.invoke(TOKEN_PROGRAM, [a_share, share, ALICE], b"\x08" + (9).to_bytes(8, "little"))
    draft.invoke(TOKEN_PROGRAM, [P_CASH, A_CASH, POOL], transfer(100))
    draft.invoke(TOKEN_PROGRAM, [P_COIN, A_COIN, POOL], transfer(40))
    found = normalize_draft(draft)
    assert kinds(found, CASH) == kinds(found, COIN) == {Kind.LIQUIDITY}


def test_hop_below_a_router_may_mint_what_it_sells() -> None:
    """Staking through a router is a swap of the route; beside a router it is none."""
    marinade = "MarBmsSgKXdrN1egZf5sqe1TMai9K1rChYNDJgjq7aD"
    draft = Draft(ALICE).tokens(A_CASH, ALICE, CASH, 100, 0).tokens(P_CASH, POOL, CASH, 0, 100)
    draft.tokens(A_COIN, ALICE, COIN, 0, 40)

    def stake(height: int) -> None:
        draft.invoke(TOKEN_PROGRAM, [A_CASH, P_CASH, ALICE], transfer(100), height=height)
        draft.invoke(TOKEN_PROGRAM, [COIN, A_COIN, POOL], mint_to(40), height=height)

    draft.call(JUPITER, [ALICE, POOL, COIN], b"\x01").invoke(marinade, [ALICE, POOL, COIN], b"\x01")
    stake(3)
    (trade,) = normalize_draft(draft).trades
    assert sides(trade) == (ALICE, CASH, 100, COIN, 40)
    assert trade.route == ("marinade",)
    draft.outer.clear()
    draft.inner.clear()
    draft.call(marinade, [ALICE, POOL, COIN], b"\x01")
    stake(2)
    assert normalize_draft(draft).trades == ()


def test_agent_that_keeps_what_it_bought_is_the_trader() -> None:
    """Money paid in before a swap makes no principal of the payer, if the agent keeps the coin."""
    b_cash = key("b cash")
    draft = Draft(ALICE, BOB)
    draft.tokens(b_cash, BOB, CASH, 100, 0).tokens(A_CASH, ALICE, CASH, 0, 0)
    draft.tokens(P_CASH, POOL, CASH, 0, 100)
    draft.tokens(P_COIN, POOL, COIN, 90, 50).tokens(A_COIN, ALICE, COIN, 0, 40)
    draft.call(TOKEN_PROGRAM, [b_cash, A_CASH, BOB], transfer(100))
    draft.call(CPMM, [ALICE, POOL, P_CASH, P_COIN], SWAP)
    draft.invoke(TOKEN_PROGRAM, [A_CASH, P_CASH, ALICE], transfer(100))
    draft.invoke(TOKEN_PROGRAM, [P_COIN, A_COIN, POOL], transfer(40))
    assert [trade.trader for trade in normalize_draft(draft).trades] == [ALICE]


def test_agent_that_hands_on_what_it_bought_acts_for_its_payer() -> None:
    """Paid in before the swap and paid out after it, both by the agent: the payer traded."""
    b_cash, b_coin = key("b cash"), key("b coin")
    draft = Draft(ALICE, BOB)
    draft.tokens(b_cash, BOB, CASH, 100, 0).tokens(A_CASH, ALICE, CASH, 0, 0)
    draft.tokens(P_CASH, POOL, CASH, 0, 100).tokens(P_COIN, POOL, COIN, 90, 50)
    draft.tokens(A_COIN, ALICE, COIN, 0, 0).tokens(b_coin, BOB, COIN, 0, 40)
    draft.call(TOKEN_PROGRAM, [b_cash, A_CASH, BOB], transfer(100))
    draft.call(CPMM, [ALICE, POOL, P_CASH, P_COIN], SWAP)
    draft.invoke(TOKEN_PROGRAM, [A_CASH, P_CASH, ALICE], transfer(100))
    draft.invoke(TOKEN_PROGRAM, [P_COIN, A_COIN, POOL], transfer(40))
    draft.call(TOKEN_PROGRAM, [A_COIN, b_coin, ALICE], transfer(40))
    found = normalize_draft(draft)
    assert [sides(trade) for trade in found.trades] == [(BOB, CASH, 100, COIN, 40)]
    assert rows(found, Kind.TRANSFER) == set()


def test_transfer_beside_a_terminal_to_whom_it_does_not_name_stays_a_transfer() -> None:
    """Only an account that the terminal's instruction names is paid its fee apart."""
    draft = swapped(BLOOM)
    draft.outer[0]["accounts"].append(draft.index(POOL))
    draft.lamports(BOB, 0, 7).lamports(ALICE, 5_007, 0)
    draft.call(SYSTEM_PROGRAM, [ALICE, BOB], send(7))
    found = normalize_draft(draft)
    assert rows(found, Kind.BOT_FEE) == set()
