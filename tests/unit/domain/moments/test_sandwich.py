"""SANDWICH: between the legs of somebody else's, by place in the block."""

from decimal import Decimal

import pytest

from oof.domain.moments.model import MomentKind, Neighbour
from oof.domain.tokens import USDC_MINT
from oof.domain.units import Address, Signature
from tests.support.stories import (
    HOUR,
    MINT,
    OTHER,
    T0,
    WALLET,
    book,
    buy,
    found,
    raw,
    stamp,
    story,
)

KIND = MomentKind.SANDWICH
AT = T0 + 10 * HOUR
BOT = Address("Bot")


def trade(index, units, usd, *, trader=BOT, sells=False, venue="raydium", name=""):
    """Somebody's trade in the wallet's slot: the token for dollars, or back."""
    legs = ((MINT, raw(units)), (USDC_MINT, raw(usd)))
    (sold, sold_raw), (bought, bought_raw) = legs if sells else legs[::-1]
    place = stamp(AT, name or f"near{index}", index=index)
    return Neighbour(place, 0, trader, sold, sold_raw, bought, bought_raw, venue, (venue,))


def victim(units=95, usd=100, *, index=5, **more):
    """The wallet buys the token."""
    return buy(AT, units, usd, **{"stamp": stamp(AT, "mine", index=index), **more})


FRONT = trade(4, 1_000, 1_000)
BACK = trade(6, 1_000, 1_060, sells=True)


def around(*neighbours, trades=None, prices=None, **more):
    """A trade of the wallet among others."""
    told = (victim(),) if trades is None else trades
    return story(prices or book(), trades=told, neighbours=neighbours, **more)


def test_what_was_lost_at_least_and_to_whom():
    """A dollar a unit before it, 95 units for a hundred: 5 %, 5 dollars; both legs named."""
    [moment] = found(around(FRONT, BACK), KIND)

    assert (moment.pct, moment.usd, moment.severity) == (Decimal("0.05"), 5, 1)
    assert (moment.signature, moment.qty_raw, moment.confidence) == ("mine", raw(95), 80)
    evidence = moment.evidence
    assert (evidence["front"]["signature"], evidence["back"]["signature"]) == ("near4", "near6")
    assert (evidence["attacker"], evidence["attacker_gain_raw"]) == ("Bot", str(raw(60)))
    assert evidence["tx_index"] == 5
    assert moment.provisional == frozenset()


@pytest.mark.parametrize(
    ("units", "severities"),
    [("99.500001", []), ("99.5", [Decimal("0.1")]), ("97.5", [Decimal("0.5")]), ("90", [1])],
)
def test_half_a_percent_is_where_it_begins(units, severities):
    """From five percent on it is as severe as can be."""
    told = around(FRONT, BACK, trades=(victim(units),))
    assert [m.severity for m in found(told, KIND)] == severities


def test_a_sale_is_sandwiched_the_same_way():
    """Front sells, the wallet sells, back buys."""
    front = trade(4, 1_000, 1_000, sells=True)
    back = trade(6, 1_050, 1_000)
    sale = victim(100, 95, sold_mint=MINT, bought_mint=USDC_MINT)
    sale = sale._replace(sold_raw=raw(100), bought_raw=raw(95))
    [moment] = found(around(front, back, trades=(sale,)), KIND)

    assert (moment.pct, moment.qty_raw) == (Decimal("0.05"), raw(100))


@pytest.mark.parametrize(
    ("front", "back"),
    [
        pytest.param(trade(6, 1_000, 1_000), trade(7, 1_000, 1_060, sells=True), id="after"),
        pytest.param(trade(3, 1_000, 1_000), trade(4, 1_000, 1_060, sells=True), id="before"),
        pytest.param(FRONT, trade(6, 1_000, 1_060), id="same-direction"),
        pytest.param(FRONT, BACK._replace(trader=Address("Other")), id="two-traders"),
        pytest.param(FRONT._replace(trader=WALLET), BACK._replace(trader=WALLET), id="himself"),
        pytest.param(FRONT, trade(6, 1_201, 1_300, sells=True), id="too-much"),
        pytest.param(FRONT, trade(6, 799, 850, sells=True), id="too-little"),
        pytest.param(
            trade(4, 1_000, 1_000, venue="orca"),
            trade(6, 1_000, 1_060, sells=True, venue="orca"),
            id="elsewhere",
        ),
        pytest.param(FRONT._replace(sold_mint=OTHER), BACK, id="other-pair"),
        pytest.param(
            FRONT._replace(stamp=FRONT.stamp._replace(slot=FRONT.stamp.slot - 1)),
            BACK,
            id="other-slot",
        ),
        pytest.param(
            FRONT._replace(stamp=FRONT.stamp._replace(tx_index=None)), BACK, id="no-place"
        ),
    ],
)
def test_what_is_no_sandwich(front, back):
    """Two trades that have nothing to do with each other, or with this one."""
    assert found(around(front, back), KIND) == []


@pytest.mark.parametrize("units", [800, 1_200])
def test_the_back_leg_gives_about_what_the_front_leg_took(units):
    """Give or take a fifth."""
    assert len(found(around(FRONT, trade(6, units, 1_060, sells=True)), KIND)) == 1


def test_places_alone_decide_never_signatures():
    """Names in any order."""
    front = trade(4, 1_000, 1_000, name="zzz")
    back = trade(6, 1_000, 1_060, sells=True, name="aaa")
    assert len(found(around(front, back), KIND)) == 1


def test_the_nearest_legs_count():
    """Of two attacks around it, the one that moved the price last."""
    far = trade(1, 1_000, 900), trade(9, 1_000, 1_100, sells=True)
    [moment] = found(around(*far, FRONT, BACK), KIND)
    assert moment.evidence["front"]["tx_index"] == 4
    assert moment.evidence["back"]["tx_index"] == 6


def test_an_unknown_place_of_ones_own_tells_nothing():
    """Nobody knows what came before."""
    assert found(around(FRONT, BACK, trades=(victim(index=None),)), KIND) == []


def test_without_a_price_the_loss_is_told_in_units_alone():
    """What is missing is on the chain; what it was worth is not known."""
    front = FRONT._replace(sold_mint=OTHER)
    back = BACK._replace(bought_mint=OTHER)
    barter = victim(sold_mint=OTHER)
    [moment] = found(around(front, back, trades=(barter,)), KIND)

    assert (moment.usd, moment.pct) == (None, Decimal("0.05"))
    assert (moment.source, moment.confidence) == ("chain", 80)


@pytest.mark.parametrize(("usd", "count"), [("9.99", 0), ("10", 1)])
def test_dust_is_ignored(usd, count):
    """Trades of less than ten dollars."""
    units = Decimal(usd) * Decimal("0.9")
    assert len(found(around(FRONT, BACK, trades=(victim(units, usd),)), KIND)) == count


def test_each_of_several_victims_of_ones_own_is_told():
    """With what else of the wallet lay between the legs."""
    trades = (victim(), victim(90, index=7, stamp=stamp(AT, "mine2", index=5)))
    moments = found(around(FRONT, BACK, trades=trades), KIND)
    assert [m.signature for m in moments] == ["mine", "mine2"]
    assert moments[0].evidence["between"] == [Signature("mine"), Signature("mine2")]
