"""`/v1/wallets/{address}/pnl-chart`: days, and what they add up to."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from oof.domain.positions.days import DayFigures, DayRow
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Mint, Slot
from oof.domain.windows import NO_DAY
from oof.ports.memory.facts import MemoryFactStore
from tests.support.serving import WALLET, Serving, caller
from tests.support.transactions import address

PATH = f"/v1/wallets/{WALLET}/pnl-chart"
MINT = Mint(address("mint"))
TODAY = 20_240
"""2025-06-01, when it is asked."""
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
        numbers = {row.day for row in rows}
        store.roll(held.wallet_id, mints={MINT}, days=numbers, today=TODAY)
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


def test_a_window_s_total_begins_with_it():
    """And says on which day that is; days before it are not there."""
    call = serving((NEW_YEAR, "5.00000000", 5), (TODAY - 6, "1.00000000", 1))
    found = call("GET", f"{PATH}?window=7d").json
    assert [item["total_usd"] for item in found["items"]] == ["1.00000000"]
    assert found["window"] == {"code": "7d", "from": "2025-05-26", "to": "2025-06-01"}
    days = call("GET", f"{PATH}?from=2025-01-01&to=2025-01-02").json
    assert [item["total_usd"] for item in days["items"]] == ["5.00000000"]
    assert days["window"] == {"code": None, "from": "2025-01-01", "to": "2025-01-02"}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("window=2d", "window"),
        ("window=7d&from=2025-01-01", "window"),
        ("from=yesterday", "from"),
        ("from=2025-02-30", "from"),
        ("from=2025-01-02&to=2025-01-01", "to"),
        ("from=2030-01-01", "from"),
    ],
)
@pytest.mark.parametrize("route", ["pnl-chart", "pnl-calendar", "pnl-overview"])
def test_what_is_no_span_of_days_is_refused(route, query, field):
    """And the field is named."""
    answer = serving()("GET", f"/v1/wallets/{WALLET}/{route}?{query}")
    assert answer.status == 400
    assert field in answer.text


def test_a_calendar_has_the_days_alone():
    """Without totals, and without what has no day."""
    call = serving((NO_DAY, "5.00000000", 5), (NEW_YEAR, "1.00000000", 1))
    found = call("GET", f"/v1/wallets/{WALLET}/pnl-calendar").json
    assert [(item["day"], item["realized_usd"]) for item in found["items"]] == [
        ("2025-01-01", "1.00000000")
    ]
    assert found["window"] == {"code": "all", "from": None, "to": "2025-06-01"}


def test_an_overview_tells_what_it_can_and_why_it_cannot_the_rest():
    """Too few results have no rate; a drawdown and streaks they have."""
    call = serving((NEW_YEAR, "5.00000000", 5), (NEW_YEAR + 1, "-2.00000000", -2))
    found = call("GET", f"/v1/wallets/{WALLET}/pnl-overview").json
    assert found["realized_usd"] == "3.00000000"
    assert found["win_rate"] is None
    assert found["reasons"]["win_rate"] == "too_few_results"
    assert found["max_drawdown"] == {
        "usd": "2.00000000",
        "peak_day": "2025-01-01",
        "trough_day": "2025-01-02",
    }
    assert found["streaks"]["current"]["days"] == 1
    assert not found["streaks"]["current_is_winning"]
    assert found["best_day"] == {"day": "2025-01-01", "realized_usd": "5.00000000"}
    assert (found["active_days"], found["result_days"]) == (2, 2)


def test_an_overview_of_nothing_says_so():
    """Of a wallet nobody asked for before, and of days without a trade."""
    for call in (caller(Serving().api()), serving((NEW_YEAR, "5.00000000", 5))):
        found = call("GET", f"/v1/wallets/{WALLET}/pnl-overview?from=2025-03-01").json
        assert found["realized_usd"] == "0.00000000"
        assert found["max_drawdown"] is None
        assert found["streaks"] is None
        assert set(found["reasons"].values()) == {"no_results"}
