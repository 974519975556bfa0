"""What was realized, on a console: drawn, and told in a line."""

import io
from decimal import Decimal

from rich.console import Console
from rich.text import Text

from local.cli.pnl import pnl_facts, show_pnl
from oof.domain.snapshot.model import NO_PNL, WalletPnl
from oof.domain.units import UnixSeconds
from oof.entrypoints.http.pnl import EXAMPLE, PnlChartBody
from oof.entrypoints.http.usd_bodies import PnlBody


def chart(*days):
    """Return the API's own example with these days: (day, what differs)."""
    example = EXAMPLE["items"][0]
    body = {**EXAMPLE, "items": [{**example, "day": day, **told} for day, told in days]}
    return PnlChartBody.model_validate(body).model_dump(mode="json")


def printed(body, *, width=80):
    """What is printed on a console of that width."""
    out = io.StringIO()
    show_pnl(Console(file=out, width=width), body)
    return out.getvalue()


def test_the_best_and_the_worst_day_are_told():
    """With the sum of all; nothing is wider than the terminal."""
    text = printed(
        chart(
            ("2025-01-01", {"realized_usd": "30.00000000"}),
            ("2025-02-03", {"realized_usd": "-12.50000000"}),
            ("2025-02-04", {"realized_usd": "1.00000000"}),
        )
    )

    assert "USD" in text
    assert "+18.5 USD on 3 days with exits" in text
    assert "best +30 on 2025-01-01" in text
    assert "worst -12.5 on 2025-02-03" in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_where_nothing_is_priced_it_is_drawn_in_sol():
    """Exits that wait for a price make no dollars, and no picture of zeros."""
    unpriced = {"wins": 0, "losses": 0, "pending": 2, "realized_usd": "0.00000000"}

    text = printed(chart(("2025-01-01", {**unpriced, "realized_lamports": "1500000000"})))

    assert "+1.5 SOL on 1 day with exits" in text
    assert "USD" not in text
    assert "worst" not in text


def test_what_is_in_no_dollars_yet_is_told():
    """Beside the sum it is missing from."""
    body = chart(("2025-01-01", {"pending": 3}), ("2025-01-02", {"unpriced": 1, "pending": 1}))

    assert "left out: 4 exits waiting for a price" in printed(body)
    assert "left out: 1 exit without any" in printed(body)


def test_days_without_exits_are_no_picture():
    """Buying realizes nothing."""
    assert printed(chart(("2025-01-01", {"exits": 0}))) == ""


PNL = PnlBody.of(
    WalletPnl(
        realized_usd=Decimal("1234.56789012"),
        fees_usd=Decimal("12.3456"),
        wins=60,
        losses=50,
        unrealized_usd=Decimal("-20.18"),
        value_usd=Decimal("300.2"),
        prices_as_of=UnixSeconds(1_748_779_200),
        pending_exits=3,
        unpriced_exits=1,
        excluded_usd=Decimal("120.5"),
        uncosted=2,
    )
)


def test_a_summary_says_profit_and_what_it_leaves_out():
    """Signed dollars to the cent; what there is none of is not said."""
    told = pnl_facts(PNL.model_dump(mode="json"))
    facts = {name: Text.from_markup(text).plain for name, text in told}

    assert facts == {
        "realized": "+1,234.56 USD, net of 12.34 USD of fees",
        "unrealized": "-20.18 USD on 300.2 USD held, prices of 2025-06-01 12:00:00",
        "win rate": "54.55 % of 110 exits",
        "left out": "120.5 USD received at unknown cost, 3 exits waiting for a price, "
        "1 exit without a price, 2 tokens held in part at unknown cost",
    }


def test_profit_without_any_price_is_not_called_zero():
    """It waits, and says for how many exits."""
    pending = PnlBody.of(WalletPnl(pending_exits=2)).model_dump(mode="json")

    facts = dict(pnl_facts(pending))

    assert "waits for prices" in facts["realized"]
    assert facts["left out"] == "2 exits waiting for a price"


def test_a_wallet_that_realized_nothing_claims_nothing():
    """No rate of no exits, no prices where none was used, nothing left out of nothing."""
    nothing = PnlBody.of(NO_PNL).model_dump(mode="json")

    assert pnl_facts(nothing) == [("realized", "0 USD, net of 0 USD of fees")]
