"""What is paid beside a trade, in instructions of their own: fees of front-ends, and tips."""

import pytest

from oof.domain.transactions.apart import LARGEST_TIP
from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.terminals import FEE_ACCOUNTS
from tests.unit.domain.transactions.building import (
    SYSTEM_PROGRAM,
    TOKEN_PROGRAM,
    Draft,
    create,
    key,
    send,
    transfer,
)
from tests.unit.domain.transactions.test_pitfalls import Recorded
from tests.unit.domain.transactions.test_pitfalls import read as read_recorded
from tests.unit.domain.transactions.test_trades import ALICE, BOB, COIN, CPMM, POOL, SWAP, read

SOLD, START = 1_000_000_007, 10**12
STRANGER = key("stranger")
A_COIN, P_COIN = key("alice coin"), key("pool coin")
TERMINAL_FEE = min(FEE_ACCOUNTS)


def bought(beside: int, *signers: str, sold: int = SOLD, terminal_fee: int = 0) -> Draft:
    """Draft Alice buying coins for lamports, and sending some in an instruction of its own."""
    spent = 5_000 + sold + beside + terminal_fee
    draft = Draft(ALICE, *signers).lamports(ALICE, START, START - spent)
    draft.lamports(POOL, 5, 5 + sold).lamports(STRANGER, START, START + beside)
    draft.tokens(P_COIN, POOL, COIN, 90, 50).tokens(A_COIN, ALICE, COIN, 0, 40)
    draft.call(CPMM, [ALICE, POOL, P_COIN, A_COIN], SWAP)
    draft.invoke(SYSTEM_PROGRAM, [ALICE, POOL], send(sold))
    draft.invoke(TOKEN_PROGRAM, [P_COIN, A_COIN, POOL], transfer(40))
    draft.call(SYSTEM_PROGRAM, [ALICE, STRANGER], send(beside))
    if terminal_fee:
        draft.lamports(TERMINAL_FEE, START, START + terminal_fee)
        draft.call(SYSTEM_PROGRAM, [ALICE, TERMINAL_FEE], send(terminal_fee))
    return draft


def kind_beside(draft: Draft, beside: int) -> Kind:
    """Give why Alice sent lamports beside her trade."""
    found = read(draft)
    assert len(found.trades) == 1
    (movement,) = (
        each
        for each in found.movements
        if (each.owner, each.delta_raw, each.counterparty) == (ALICE, -beside, STRANGER)
    )
    return movement.kind


@pytest.mark.parametrize(
    ("beside", "kind"),
    [
        (5_000_001, Kind.PLATFORM_FEE),
        (50_000_351, Kind.TRANSFER),
        (2_000_000, Kind.TRANSFER),
    ],
)
def test_small_share_of_a_trade_is_its_front_ends_fee(beside: int, kind: Kind) -> None:
    """Up to 5 % of what the trade was about; what a round sum is for, nothing tells."""
    assert kind_beside(bought(beside), beside) is kind


@pytest.mark.parametrize(
    ("beside", "kind"),
    [
        (5_000_001, Kind.BOT_FEE),
        (LARGEST_TIP, Kind.TIP),
        (LARGEST_TIP + 1_000, Kind.TRANSFER),
    ],
)
def test_terminals_share_is_a_bots_fee_and_its_tips_are_larger(beside: int, kind: Kind) -> None:
    """Whoever trades through a terminal pays what the terminal puts into the transaction."""
    assert kind_beside(bought(beside, terminal_fee=10_000_001), beside) is kind


def test_exact_share_is_a_fee_though_it_is_round() -> None:
    """One percent of a round sum is round, too."""
    assert kind_beside(bought(10_000_000, sold=10**9), 10_000_000) is Kind.PLATFORM_FEE


def test_payment_to_a_signer_stays_a_transfer() -> None:
    """Who signs agreed to something: it is nobody's fee."""
    assert kind_beside(bought(5_000_001, STRANGER), 5_000_001) is Kind.TRANSFER


def test_deposit_in_a_new_account_stays_a_transfer() -> None:
    """What is put into an account that is opened beside a trade is no fee of anybody's."""
    rent, deposit = (128 + 165) * 6960, 5_000_001
    draft = bought(1_000_000_000).lamports(key("new"), 0, rent + deposit)
    draft.lamports(ALICE, START, START - 5_000 - SOLD - 1_000_000_000 - rent - deposit)
    draft.call(SYSTEM_PROGRAM, [ALICE, key("new")], create(rent + deposit))
    found = read(draft)
    assert {
        each.kind
        for each in found.movements
        if each.owner == ALICE and each.counterparty == key("new")
    } == {Kind.RENT, Kind.TRANSFER}


def test_payment_to_who_passes_it_on_stays_a_transfer() -> None:
    """A fee's receiver only receives."""
    draft = bought(5_000_001).lamports(STRANGER, START, START + 1)
    draft.lamports(BOB, START, START + 5_000_000)
    draft.call(SYSTEM_PROGRAM, [STRANGER, BOB], send(5_000_000))
    assert kind_beside(draft, 5_000_001) is Kind.TRANSFER


@pytest.mark.chain
@pytest.mark.parametrize(
    ("prefix", "receiver", "lamports", "kind"),
    [
        ("46f2k5LqajB", "axmWxB", 10_100_000, Kind.TIP),
        ("uv3TobUcLYk", "7ks326", 12_000_000, Kind.TIP),
        ("4XHAZ5TDPhj", "28KqHi", 2_000_000, Kind.BOT_FEE),
        ("4U8kypMuCUC", "7wrziD", 30_000_000, Kind.PLATFORM_FEE),
        ("245X6yoFfDN", "9nFG8W", 11_430_334, Kind.PLATFORM_FEE),
        ("3DafP7fgvWm", "BYpBPS", 200_000, Kind.TRANSFER),
        ("27f6P1sV4sD", "69yhto", 134_152_655, Kind.PLATFORM_FEE),
        ("3izFs7kd8SN", "HxUfja", 88_977_670, Kind.TRANSFER),
    ],
)
def test_recorded_payments_beside_trades(
    recorded: Recorded, prefix: str, receiver: str, lamports: int, kind: Kind
) -> None:
    """What terminals, wallets and bots had their users pay, apart from the trade."""
    found = read_recorded(recorded, prefix)
    assert {
        each.kind
        for each in found.movements
        if each.delta_raw == -lamports and (each.counterparty or "").startswith(receiver)
    } == {kind}


@pytest.mark.chain
def test_recorded_purchase_sent_on_is_no_fee(recorded: Recorded) -> None:
    """Nearly all that was bought, sent to somebody, is a transfer whatever instruction did it."""
    found = read_recorded(recorded, "4DPfdCKCd3M")
    assert [each.kind for each in found.movements if each.delta_raw == -174_321_376] == [
        Kind.TRANSFER
    ]
