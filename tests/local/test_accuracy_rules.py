"""Each rule decides what it claims, and not what only looks like it."""

from collections.abc import Callable

import pytest

from local.accuracy.evidence import Evidence, sums
from local.accuracy.model import Case
from local.accuracy.rules import Verdict, decide
from tests.support.accuracy_cases import POOL, SOL, USER, body, case, fee, moved, swap

BOUGHT = swap(USER, (100, "A"), (700, "B"))
TRADE = (moved(USER, 100, "A", POOL), moved(POOL, 700, "B", USER))


def _failed() -> Case:
    return case(body(*TRADE, failed=True), whole=BOUGHT)


def _unreadable() -> Case:
    return case(body(*TRADE), ours=[BOUGHT], error="Non-base58 character")


def _first_signer() -> Case:
    calls = (moved("owner", 100, "A", POOL), moved(POOL, 700, "B", "owner"))
    return case(body(*calls), ours=[BOUGHT._replace(trader="owner")], whole=BOUGHT)


def _fees_inside() -> Case:
    calls = (*TRADE, moved(POOL, 7, "B", "treasury"))
    ours = swap(USER, (100, "A"), (707, "B"))
    return case(body(*calls), ours=[ours], whole=BOUGHT, fees=[fee(USER, 7, "B", "treasury")])


def _legs_twice() -> Case:
    hops = (moved(POOL, 30, "M", USER), moved(USER, 30, "M", "other"), moved("other", 9, "B", USER))
    legs = (swap(USER, (100, "A"), (30, "M")), swap(USER, (30, "M"), (9, "B")))
    return case(
        body(TRADE[0], *hops),
        ours=[swap(USER, (100, "A"), (9, "B"))],
        whole=swap(USER, (200, "A"), (18, "B")),
        parts=[*legs, *legs],
        legs=[(2, leg) for leg in legs],
    )


def _routes_merged() -> Case:
    back = swap(USER, (700, "B"), (101, "A"))
    calls = (*TRADE, moved(USER, 700, "B", POOL), moved(POOL, 101, "A", USER))
    return case(
        body(*calls),
        ours=[BOUGHT, back],
        whole=swap(USER, (200, "A"), (202, "A")),
        parts=[BOUGHT, BOUGHT, back, back],
        legs=[(1, BOUGHT), (2, back)],
    )


def _legs_twice_fees_inside() -> Case:
    calls = (*TRADE, moved(POOL, 7, "B", "treasury"))
    return case(
        body(*calls),
        ours=[swap(USER, (100, "A"), (707, "B"))],
        whole=swap(USER, (200, "A"), (1400, "B")),
        parts=[BOUGHT, BOUGHT],
        legs=[(0, BOUGHT)],
        fees=[fee(USER, 7, "B", "treasury")],
    )


def _one_side() -> Case:
    maker = swap(POOL, (700, "B"), (100, "A"))
    return case(body(*TRADE), ours=[BOUGHT, maker], whole=maker)


def _nft() -> Case:
    calls = (moved(USER, 100, SOL, "seller"), moved("seller", 1, "N", USER))
    return case(body(*calls, decimals=0), whole=swap(USER, (100, SOL), (1, "N")))


def _minted() -> Case:
    made = swap(USER, (15, SOL), (1000, "B"))
    calls = (*TRADE, moved(None, 1000, "B", POOL))
    return case(
        body(*calls, new=["B"]),
        ours=[BOUGHT],
        whole=swap(USER, (115, "A"), (1700, "B")),
        parts=[made, BOUGHT],
    )


def _nobodys() -> Case:
    settled = (moved("market", 100, "A", USER), moved("market", 700, "B", USER))
    return case(body(*settled), whole=BOUGHT)


def _liquidity() -> Case:
    calls = (*(moved(USER, 5, mint, POOL) for mint in "AB"), moved(None, 9, "LP", USER))
    return case(body(*calls), whole=swap(USER, (5, "A"), (9, "LP")))


def _excessive() -> Case:
    return case(body(*TRADE), ours=[BOUGHT], whole=swap(USER, (100, "A"), (800, "B")))


@pytest.mark.parametrize(
    "make",
    [
        _failed,
        _unreadable,
        _first_signer,
        _fees_inside,
        _legs_twice,
        _routes_merged,
        _legs_twice_fees_inside,
        _one_side,
        _nft,
        _minted,
        _nobodys,
        _liquidity,
        _excessive,
    ],
)
def test_rule_decides_what_it_claims(make: Callable[[], Case]) -> None:
    """A transaction that proves the claim is decided by that very rule."""
    rule = decide(make())
    assert rule is not None
    assert rule.name == make.__name__.removeprefix("_")
    assert rule.verdict is not Verdict.PEER


def test_nothing_excuses_trading_in_a_failed_transaction() -> None:
    """If we see a trade in a failed transaction, no rule takes our side."""
    assert decide(case(body(*TRADE, failed=True), ours=[BOUGHT])) is None


def test_wrong_amount_of_ours_is_left_to_a_person() -> None:
    """What no vault took or paid is proved by no rule, though the peer reads nothing."""
    ours = BOUGHT._replace(bought_raw=699)
    assert decide(case(body(*TRADE), ours=[ours], error="unreadable")) is None
    assert decide(case(body(*TRADE), ours=[ours], whole=BOUGHT)) is None


def test_wrong_trader_of_ours_is_left_to_a_person() -> None:
    """The peer's trader stands where the balances moved with it."""
    ours = BOUGHT._replace(trader="bystander")
    assert decide(case(body(*TRADE), ours=[ours], whole=BOUGHT)) is None


@pytest.mark.parametrize("receiver", ["nobody", POOL])
def test_a_difference_is_no_fee_unless_somebody_got_it(receiver: str) -> None:
    """A fee row alone explains nothing: its receiver must have received it."""
    ours = swap(USER, (100, "A"), (707, "B"))
    rows = [fee(USER, 7, "B", receiver)]
    assert decide(case(body(*TRADE), ours=[ours], whole=BOUGHT, fees=rows)) is None


def test_a_large_share_is_no_fee() -> None:
    """A trade that is mostly fee, or a fee that is mostly the trade, is left to a person."""
    calls = (moved(USER, 1, "A", POOL), moved(USER, 99, "A", "vault"), TRADE[1])
    ours = swap(USER, (1, "A"), (700, "B"))
    rows = [fee(USER, 99, "A", "vault")]
    assert decide(case(body(*calls), ours=[ours], whole=BOUGHT, fees=rows)) is None


def test_trade_smaller_than_its_fees_is_left_to_a_person() -> None:
    """A fee and the trade mistaken for each other are paid to the unit, and wrong."""
    calls = (moved(USER, 99, "A", POOL), moved(USER, 1, "A", "treasury"), TRADE[1])
    right = swap(USER, (99, "A"), (700, "B"))
    doubled = swap(USER, (200, "A"), (1400, "B"))
    told = case(body(*calls), ours=[right], whole=doubled, fees=[fee(USER, 1, "A", "treasury")])
    assert decide(told) is not None
    wrong = right._replace(sold_raw=1)
    told = case(body(*calls), ours=[wrong], whole=doubled, fees=[fee(USER, 99, "A", POOL)])
    assert decide(told) is None


def test_nobody_is_refuted_through_accounts_of_unknown_owners() -> None:
    """Where nothing tells whose an account is, it may be the peer's trader's."""
    calls = (moved("escrow", 100, "A", POOL), moved("escrow", 700, "B", USER))
    claim = swap(USER, (100, "A"), (700, "B"))
    assert decide(case(body(*calls), whole=claim)) is not None
    assert decide(case(body(*calls, unowned=["escrow"]), whole=claim)) is None


def test_tokens_minted_earlier_were_bought() -> None:
    """Only a mint made in the transaction itself turns a purchase into its creation."""
    made = swap(USER, (15, SOL), (1000, "B"))
    calls = (*TRADE, moved(None, 1000, "B", USER), moved(USER, 15, SOL, POOL))
    claim = case(body(*calls), ours=[BOUGHT], whole=made, parts=[made, BOUGHT])
    assert decide(claim) is None


def test_divisible_tokens_are_no_nft() -> None:
    """One base unit of a token with decimals is a small trade."""
    calls = (moved(USER, 100, SOL, "seller"), moved("seller", 1, "N", USER))
    assert decide(case(body(*calls, decimals=6), whole=swap(USER, (100, SOL), (1, "N")))) is None


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ([3, 5, 9], {3, 5, 9, 8, 12, 14, 17}),
        ([], set()),
        ([2, 2], {2, 4}),
        ([2] * 39 + [7], {2, 7, 85}),
    ],
)
def test_sums_of_some_amounts(amounts: list[int], expected: set[int]) -> None:
    """Every choice of some of the amounts; of many, only one and all, so that nothing stalls."""
    assert sums(amounts) == expected


def test_what_vaults_paid_is_one_owners_or_one_instructions() -> None:
    """Whole changes and what one instruction moved count, not any choice of its transfers."""
    calls = (
        moved(POOL, 700, "B", USER),
        moved(POOL, 30, "B", "treasury"),
        moved(POOL, 4, "B", "creator"),
    )
    paid = Evidence(body(*calls)).paid("B", USER, frozenset())
    assert 734 in paid
    assert 700 in paid
    assert 730 not in paid
    assert 704 not in paid


def test_nobody_traded_only_if_nobody_at_all_did() -> None:
    """A trade that we lost is not excused by the peer's wrong trader."""
    claim = swap("keeper", (100, "A"), (700, "B"))
    assert decide(case(body(*TRADE), whole=claim)) is None


@pytest.mark.parametrize("trader", ["go-between", "treasury"])
def test_go_betweens_and_receivers_of_fees_are_no_traders(trader: str) -> None:
    """Our trader must have traded: not passed things on, not got a fee of what was bought."""
    calls = (
        moved(USER, 100, "A", "go-between"),
        moved("go-between", 100, "A", POOL),
        moved(POOL, 700, "B", "go-between"),
        moved("go-between", 690, "B", USER),
        moved("go-between", 10, "B", "treasury"),
    )
    doubled = swap(USER, (200, "A"), (1400, "B"))
    wrong = BOUGHT._replace(trader=trader)
    assert decide(case(body(*calls), ours=[BOUGHT], whole=doubled)) is not None
    assert decide(case(body(*calls), ours=[wrong], whole=doubled)) is None
