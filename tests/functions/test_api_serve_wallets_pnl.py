"""`/v1/wallets/{address}/pnl-chart`: days, and what they add up to."""

from datetime import UTC, datetime
from decimal import Decimal

from oof.domain.positions.days import DayFigures, DayRow
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Mint, Slot
from oof.domain.windows import NO_DAY
from oof.ports.memory.facts import MemoryFactStore
from tests.support.serving import WALLET, Serving, caller
from tests.support.transactions import address

PATH = f"/v1/wallets/{WALLET}/pnl-chart"
MINT = Mint(address("mint"))
NEW_YEAR = 20_089
"""2025-01-01, in days since 1970."""


def serving(*days):
    """An API over a wallet with these days: (day, USD, lamports)."""
    facts = MemoryFactStore()
    with facts.transaction() as store:
        store.track(WALLET, WalletState.SEEN_FULL, at=datetime(2025, 6, 1, tzinfo=UTC))
        rows = [
            DayRow(
                MINT,
                day,
                Slot(1),
                Slot(1),
                DayFigures(exits=2, wins=1, pending=1, realized_usd=Decimal(usd),
                           realized_lamports=lamports),
            )
            for day, usd, lamports in days
        ]  # fmt: skip
        held = store.lock(WALLET)
        assert held is not None
        store.write_days(held.wallet_id, rows)
    return caller(Serving(facts=facts).api())


def test_each_day_says_what_all_up_to_it_came_to():
    """Totals run in both currencies, exactly; money is text, days are dates."""
    call = serving((NEW_YEAR, "0.10000000", 7), (NEW_YEAR + 30, "-0.30000000", -9))

    answer = call("GET", PATH)

    assert answer.status == 200
    items = answer.json["items"]
    assert [item["day"] for item in items] == ["2025-01-01", "2025-01-31"]
    assert [item["total_usd"] for item in items] == ["0.10000000", "-0.20000000"]
    assert [item["total_lamports"] for item in items] == ["7", "-2"]
    assert items[0]["pending"] == 1
    assert answer.json["undated"] is None


def test_what_has_no_day_is_in_no_total():
    """It stands beside the days."""
    found = serving((NO_DAY, "5.00000000", 5), (NEW_YEAR, "1.00000000", 1))("GET", PATH).json

    assert [item["total_usd"] for item in found["items"]] == ["1.00000000"]
    assert found["undated"]["realized_usd"] == "5.00000000"


def test_a_chart_that_did_not_change_is_not_sent_again():
    """Its ETag covers the days."""
    call = serving((NEW_YEAR, "1.00000000", 1))
    tag = call("GET", PATH).headers["ETag"]

    assert call("GET", PATH, headers={"If-None-Match": tag}).status == 304
    assert serving((NEW_YEAR, "2.00000000", 1))("GET", PATH).headers["ETag"] != tag


def test_a_wallet_nobody_asked_for_has_no_days():
    """An address that is none is refused."""
    call = caller(Serving().api())

    assert call("GET", PATH).json["items"] == []
    assert call("GET", "/v1/wallets/nonsense/pnl-chart").status == 400
