"""Transactions read by hand, instruction by instruction, and what they came to."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.checker.bodies import Json
from tests.checker.deltas import SOL
from tests.checker.recorded import recorded_files, report_of

USDC = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"
USDT = "Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB"


class Swap(NamedTuple):
    """One side of what was read: addresses by their first letters."""

    trader: str
    sold: str
    sold_raw: int
    bought: str
    bought_raw: int
    role: str = "taker"


class Case(NamedTuple):
    """A signature's first letters, its trades in order, and the first trader's fees by kind."""

    signature: str
    why: str
    swaps: tuple[Swap, ...]
    fees: dict[tuple[str, str], int]


CASES = (
    Case(
        "jFETiCHAj3E8FV",
        "pump.fun through a terminal: fees beside the curve, bot fee, tip",
        (Swap("8rvAsD", SOL, 4_900_990_099, "9kZfGa", 27_475_626_640_607),),
        {
            ("protocol_fee", SOL): 46_559_406,
            ("creator_fee", SOL): 2_450_496,
            ("bot_fee", SOL): 50_000_000,
            ("tip", SOL): 10_100_000,
            ("rent", SOL): 2_039_280,
        },
    ),
    Case(
        "622CrdnBz4KMNb",
        "a bot's fee passed on to two receivers is no price",
        (Swap("E5xcRX", SOL, 476_345_679, "7sUJBd", 1_739_306_808_717),),
        {("bot_fee", SOL): 4_871_717},
    ),
    Case(
        "4pCgZ28WbXfpq9",
        "PumpSwap with temporary wrapped SOL: what is not spent comes back",
        (Swap("2QVgwx", SOL, 696_638_045, "MeU6gT", 1_205_966_600_208),),
        {
            ("protocol_fee", SOL): 347_624,
            ("creator_fee", SOL): 6_604_852,
            ("tip", SOL): 11_000,
            ("rent", SOL): 2_039_280,
        },
    ),
    Case(
        "4m5Gyj9reZvtW6",
        "boop: the curve's SOL vault is a plain account, the fee vault is wrapped SOL",
        (Swap("8rvAsD", SOL, 4_900_500_000, "BSTta4", 49_733_583_426_147_720),),
        {("protocol_fee", SOL): 49_500_000, ("bot_fee", SOL): 50_000_000},
    ),
    Case(
        "5pcpYhqJyyHHxV",
        "Jupiter over three pools, its fee out of a Token-2022 output",
        (Swap("GH6Sn8", SOL, 27_309_941, "2b1kV6", 3_947_073),),
        {("platform_fee", "2b1kV6"): 33_550},
    ),
    Case(
        "5acNq9XFxMxEzL",
        "two routes of one transaction are two trades",
        (
            Swap("E2MPTD", "DezXAZ", 45_525_798_707, SOL, 39_404_601),
            Swap("E2MPTD", SOL, 39_406_767, "DezXAZ", 45_533_187_102),
        ),
        {("tip", SOL): 1_000},
    ),
    Case(
        "GCeRpjvfNXZB6B",
        "five pools in a circle: an arbitrage of one mint",
        (Swap("46ECY5", USDC, 4_439_613, USDC, 4_453_650),),
        {("tip", SOL): 7_500},
    ),
    Case(
        "k2eGRDNqy6mYEX",
        "a limit order filled by a keeper: the maker trades, from escrow, fee apart",
        (Swap("4abvSW", USDC, 2_390_000_000, "HeLp6N", 1_000_000_000_000, "maker"),),
        {("platform_fee", "HeLp6N"): 1_000_000_000, ("escrow", USDC): -2_390_000_000},
    ),
    Case(
        "3HdFhHNyf2uKrW",
        "the older limit orders: the keeper's surplus is not the maker's",
        (Swap("GAgnD5", USDC, 182_560_735, "9gr84r", 81_138, "maker"),),
        {("platform_fee", "9gr84r"): 81, ("escrow", USDC): -182_560_735},
    ),
    Case(
        "4J3eXqyTHLHLjB",
        "one fill of a recurring order: the user trades, not the keeper",
        (Swap("HPZPTb", "A7bdiY", 1_000_000_000, USDC, 3_332_841_413),),
        {("platform_fee", USDC): 3_332_841, ("escrow", "A7bdiY"): -1_000_000_000},
    ),
    Case(
        "nYanqsYTkaRj5g",
        "a quote filled by a market maker: both sides trade, the maker pays the network",
        (
            Swap("H5izPf", USDT, 554_713_329, USDC, 554_978_359),
            Swap("FkaLnX", USDC, 554_978_359, USDT, 554_713_329, "maker"),
        ),
        {("network_fee", SOL): 0},
    ),
    Case(
        "4pjZqY6ZKG9wr5",
        "two swaps of the first Orca pools by an approved delegate, the owner's trades",
        (
            Swap("D7XYER", SOL, 999_999, USDC, 210_190),
            Swap("D7XYER", USDC, 209_283, "xxxxa1", 88_808),
        ),
        {("liquidity", SOL): 0},
    ),
    Case(
        "2DmdbDVVN8hiiU",
        "an order filled by somebody else's transaction",
        (Swap("BPCCUe", USDC, 16_465_346, "6p6xgH", 1_906_742),),
        {("network_fee", SOL): 0},
    ),
    Case(
        "5cnapoPcTPvyhq",
        "2021: the pool's owner is inferred, the wallet's too",
        (Swap("HdGsWD", "StepAs", 299_398_153_362, SOL, 670_137_638),),
        {("network_fee", SOL): 10_000},
    ),
    Case(
        "3KueivTTEPCgUM",
        "rent of a temporary account that comes back through a router is no price",
        (Swap("GGwMTv", "USDH1S", 16_772_752, SOL, 199_761_095),),
        {("platform_fee", SOL): 1_618_064, ("rent", SOL): 0},
    ),
    Case(
        "3izFs7kd8SNUF3",
        "the wallet of a session key, a program's address, is the trader",
        (Swap("3qrD9c", "4df1wZ", 2_947_910_000, SOL, 89_740_463),),
        {},
    ),
    Case(
        "2nDrphnKfZsFYL",
        "2021: liquidity provided through a delegate is no trade",
        (),
        {},
    ),
    Case(
        "4aBP4353YQuQnS",
        "placing a limit order is no trade",
        (),
        {},
    ),
)


@cache
def _all_results(chain: Path) -> dict[str, Json]:
    return {
        result["signature"]: result
        for name in recorded_files()
        for result in report_of(chain / name).results
    }


def _paid(result: Json, trader: str, kind: str, mint: str) -> int:
    return -sum(
        int(row["delta_raw"])
        for row in result["movements"]
        if row["kind"] == kind
        and row["mint"].startswith(mint)
        and (row["owner"] or "").startswith(trader)
    )


@pytest.mark.chain
@pytest.mark.parametrize("case", CASES, ids=[case.signature for case in CASES])
def test_reviewed_transaction_is_read_as_by_hand(chain_dir: Path, case: Case) -> None:
    """Trader, mints, amounts, role and fees are those found by reading the instructions."""
    found = [
        result
        for signature, result in _all_results(chain_dir).items()
        if signature.startswith(case.signature)
    ]
    assert len(found) == 1
    trades = found[0]["trades"]
    assert len(trades) == len(case.swaps), case.why
    for trade, swap in zip(trades, case.swaps, strict=True):
        assert trade["trader"].startswith(swap.trader), case.why
        assert trade["sold_mint"].startswith(swap.sold), case.why
        assert trade["bought_mint"].startswith(swap.bought), case.why
        amounts = (int(trade["sold_raw"]), int(trade["bought_raw"]))
        assert amounts == (swap.sold_raw, swap.bought_raw), case.why
        assert trade["role"] == swap.role, case.why
    for (kind, mint), amount in case.fees.items():
        assert _paid(found[0], case.swaps[0].trader, kind, mint) == amount, (case.why, kind)
