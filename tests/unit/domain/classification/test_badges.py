"""Each badge: a wallet that has it, one that has not, and one of which nothing is said."""

from decimal import Decimal
from typing import Any

import pytest

from oof.domain.behaviour.model import Reason
from oof.domain.behaviour.portray import portray
from oof.domain.behaviour.records import History, MomentNote
from oof.domain.classification.badges import BADGES
from oof.domain.classification.config import DEFAULTS, ClassConfig
from oof.domain.classification.model import Case
from oof.domain.classification.registry import RULES, classify
from oof.domain.moments.model import MomentKind
from oof.domain.units import SOL_MINT, Lamports, UnixSeconds
from tests.support.behaviour import BONK, DAY_S, NOON, entry, exit_, first_buy, part, trade


def verdicts(config=DEFAULTS, **records):
    """What every rule says of a history made of some records."""
    history = History(**records)
    found = part(history)
    case = Case(found, portray(found, history.episodes), config)
    return {each.name: each for each in classify(case)}


def trades(count, gap=3_600, **told):
    """Trades so many seconds apart."""
    return [trade(number, NOON - gap * number, **told) for number in range(count)]


def exits(count, first=100, **told):
    """Exits that are all alike."""
    return [exit_(first + number, **told) for number in range(count)]


def entries(count, **told):
    """Entries that are all alike."""
    return [entry(number, **told) for number in range(count)]


def moments(kind, count):
    """So many moments of a kind, the newest first by their numbers."""
    return [MomentNote(kind, number, UnixSeconds(NOON - number)) for number in range(count)]


def turns(count):
    """Slots in which one transaction bought what another sold."""
    bought = [trade(2 * n, NOON, slot=n) for n in range(count)]
    sides = {"sold_mint": BONK, "bought_mint": SOL_MINT}
    return bought + [trade(2 * n + 1, NOON, slot=n, **sides) for n in range(count)]


LOST = {"pnl_usd": Decimal(-90), "pnl_lamports": -9}
A_LITTLE = {"pnl_usd": Decimal(-9), "pnl_lamports": -9}
HUMAN = [
    trade(n, NOON - DAY_S * (n // 4) - (n % 4) * 3_600) for n in range(60)
]  # four trades a day, hours apart

YES: dict[str, dict[str, Any]] = {
    "bot_likely": {
        "trades": trades(1_000, gap=2),
        "entries": entries(10, lamports=Lamports(10**8)),
    },
    "sniper": {"first_buys": [first_buy(n, 5 * n, is_created=True) for n in range(10)]},
    "arbitrageur": {"trades": trades(20, arbitrage=True)},
    "sandwicher": {"trades": turns(10)},
    "sandwiched": {"trades": trades(20), "moments": moments(MomentKind.SANDWICH, 3)},
    "wash_trader": {"exits": exits(10, pnl_usd=Decimal(-1), hold_s=60)},
    "bag_holder": {"entries": entries(10), "moments": moments(MomentKind.BHD, 3)},
    "paper_hands": {"exits": exits(10), "moments": moments(MomentKind.PAPER_HANDS, 3)},
    "diamond_hands": {"exits": exits(10), "moments": moments(MomentKind.DIAMOND_HANDS, 2)},
    "loss_cutter": {"exits": exits(5, hold_s=9_000) + exits(5, 200, hold_s=60, **A_LITTLE)},
    "lotto_player": {"exits": exits(7, **LOST) + exits(3, 200)},
    "airdrop_hunter": {"exits": exits(7) + exits(3, 200, received_raw=51)},
    "fee_burner": {"exits": exits(10, fees_usd=Decimal(5))},
}
NO: dict[str, dict[str, Any]] = {
    "bot_likely": {"trades": HUMAN},
    "sniper": {"first_buys": [first_buy(n, 600, is_created=True) for n in range(10)]},
    "arbitrageur": {"trades": trades(11) + trades(9, gap=60, arbitrage=True)},
    "sandwicher": {"trades": trades(20)},
    "sandwiched": {"trades": trades(20), "moments": moments(MomentKind.SANDWICH, 2)},
    "wash_trader": {"exits": exits(10, hold_s=60)},
    "bag_holder": {"entries": entries(13), "moments": moments(MomentKind.BHD, 3)},
    "paper_hands": {"exits": exits(31), "moments": moments(MomentKind.PAPER_HANDS, 3)},
    "diamond_hands": {"exits": exits(41), "moments": moments(MomentKind.DIAMOND_HANDS, 2)},
    "loss_cutter": {"exits": exits(5, hold_s=60) + exits(5, 200, hold_s=60, **A_LITTLE)},
    "lotto_player": {"exits": exits(2, **LOST) + exits(8, 200)},
    "airdrop_hunter": {"exits": exits(8) + exits(2, 200, received_raw=51)},
    "fee_burner": {"exits": exits(10, fees_usd=Decimal("4.9"))},
}
NULL: dict[str, tuple[dict[str, Any], Reason]] = {
    "bot_likely": ({"trades": trades(49, gap=1)}, Reason.TOO_FEW),
    "sniper": ({"first_buys": [first_buy(n, 1, is_own=True) for n in range(9)]}, Reason.NOT_SEEN),
    "arbitrageur": ({"trades": trades(19, arbitrage=True)}, Reason.TOO_FEW),
    "sandwicher": ({"trades": turns(9)}, Reason.TOO_FEW),
    "sandwiched": ({"moments": moments(MomentKind.SANDWICH, 9)}, Reason.TOO_FEW),
    "wash_trader": ({"exits": exits(9, pnl_usd=None)}, Reason.NO_PRICE),
    "bag_holder": ({"entries": entries(10, usd=None)}, Reason.NO_PRICE),
    "paper_hands": ({"exits": exits(10, pnl_usd=None)}, Reason.NO_PRICE),
    "diamond_hands": ({"exits": exits(9)}, Reason.TOO_FEW),
    "loss_cutter": ({"exits": exits(20)}, Reason.TOO_FEW),
    "lotto_player": ({"exits": exits(9, **LOST)}, Reason.TOO_FEW),
    "airdrop_hunter": ({"exits": exits(9, received_raw=51)}, Reason.TOO_FEW),
    "fee_burner": ({"exits": exits(10, pnl_usd=None)}, Reason.NO_PRICE),
}
NAMES = [rule.name for rule in BADGES]


def test_every_badge_is_tried():
    """Whoever adds one says who has it, who has not, and of whom nothing is said."""
    assert set(NAMES) == set(YES) == set(NO) == set(NULL)
    assert len({rule.name for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("name", NAMES)
def test_one_has_it(name):
    """With evidence that was measured, and a confidence above none."""
    told = verdicts(**YES[name])[name]

    assert (told.value, told.missing) == ("yes", None)
    assert 0 < told.confidence < 1
    assert all(value is not None for value in told.evidence.values())
    assert len(told.tx_ids) <= 3


@pytest.mark.parametrize("name", NAMES)
def test_one_has_it_not(name):
    """As sure as of one that has it, but without any transaction to show."""
    told = verdicts(**NO[name])[name]

    assert (told.value, told.missing, told.tx_ids) == ("no", None, ())
    assert 0 < told.confidence < 1


@pytest.mark.parametrize("name", NAMES)
def test_of_one_nothing_is_said(name):
    """Below the least sample, whatever was found of it; nor of one that never did anything."""
    records, why = NULL[name]

    for told in (verdicts(**records)[name], verdicts()[name]):
        assert (told.value, told.confidence, told.tx_ids) == (None, None, ())
    assert verdicts(**records)[name].missing is why
    assert verdicts()[name].missing is Reason.TOO_FEW


@pytest.mark.parametrize(
    ("name", "tx_ids"),
    [
        ("sniper", (0, 1, 2)),
        ("arbitrageur", (19, 18, 17)),
        ("sandwiched", (0, 1, 2)),
        ("paper_hands", (0, 1, 2)),
        ("wash_trader", (109, 108, 107)),
        ("airdrop_hunter", (202, 201, 200)),
    ],
)
def test_the_most_telling_transactions_are_shown(name, tx_ids):
    """The quickest purchases, and of others the newest."""
    assert verdicts(**YES[name])[name].tx_ids == tx_ids


def test_confidence_grows_with_the_sample():
    """Surety * n / (n + least): half the surety at the least sample, and never all of it."""
    few = verdicts(exits=exits(10, fees_usd=Decimal(5)))["fee_burner"]
    many = verdicts(exits=exits(990, fees_usd=Decimal(5)))["fee_burner"]

    assert few.confidence == Decimal("0.475000")
    assert many.confidence == Decimal("0.940500")


def test_launches_that_were_only_seen_traded_are_trusted_half():
    """Of twenty first purchases none, or all, of tokens whose minting is stored."""
    seen = verdicts(first_buys=[first_buy(n, 5) for n in range(20)])["sniper"]
    created = verdicts(first_buys=[first_buy(n, 5, is_created=True) for n in range(20)])["sniper"]

    assert (seen.confidence, created.confidence) == (Decimal("0.400000"), Decimal("0.800000"))


def test_rules_say_their_thresholds():
    """In words, with the numbers of the configuration that was used."""
    told = verdicts(ClassConfig(fee_rate=Decimal("0.07")), exits=exits(10, fees_usd=Decimal(5)))

    assert "0.07" in told["fee_burner"].rule
    assert told["fee_burner"].value == "no"
    assert all(each.rule.endswith(".") for each in told.values())
