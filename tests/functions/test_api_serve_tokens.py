"""`/v1/tokens/…` from the gateway's event to the gateway's response."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest

from oof.domain.prices.candles import Source, Width, flat
from tests.support.pricing import COIN, dealt
from tests.support.serving import NOW_S, Answer, Serving, caller

PRICES = f"/v1/tokens/{COIN}/prices"
HOUR: Any = NOW_S // 3_600 * 3_600 - 3_600


@pytest.fixture
def serving() -> Serving:
    """A coin with a price in every third minute of an hour."""
    made = Serving()
    made.prices.store([dealt("a", time=HOUR)])
    candles = [
        flat(HOUR + 180 * at, Width.MINUTE, Decimal(at + 1), Source.PYTH, 95) for at in range(20)
    ]
    made.prices.keep({COIN: candles})
    return made


def test_gaps_are_gaps(serving):
    """A bucket that nobody told of is not there; source and confidence are with each."""
    answer = get(serving, PRICES, {"tf": "1m", "limit": "2"})

    assert answer.status == 200
    assert [item["close"] for item in answer.json["items"]] == ["1", "2"]
    assert {(i["price_source"], i["confidence"]) for i in answer.json["items"]} == {("pyth", 95)}
    assert answer.json["items"][0]["volume_usd"] is None
    assert not answer.json["pending"]
    assert answer.headers["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize(("tf", "count"), [("1m", 20), ("5m", 12), ("1h", 1)])
def test_pages_put_together_are_the_whole(serving, tf, count):
    """Whatever the width, nothing is repeated or skipped."""
    [whole] = [get(serving, PRICES, {"tf": tf, "limit": "200"}).json]
    assert len(whole["items"]) == count
    assert whole["next_cursor"] is None

    found, cursor = [], None
    while True:
        query = {"tf": tf, "limit": "3", **({"cursor": cursor} if cursor else {})}
        page = get(serving, PRICES, query).json
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == whole["items"]
    highs = [Decimal(item["high"]) for item in found]
    assert max(highs) == 20


def test_since_is_inclusive(serving):
    """From that bucket on."""
    answer = get(serving, PRICES, {"tf": "1m", "since": str_of(HOUR + 180)})
    assert answer.json["items"][0]["close"] == "2"


def test_a_mint_nobody_touched_has_no_prices(serving):
    """It is no error, and no 0."""
    other = "9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin"
    answer = get(serving, f"/v1/tokens/{other}/prices", {})
    assert (answer.status, answer.json["items"], answer.json["pending"]) == (200, [], False)


def test_days_still_to_be_asked_are_told(serving):
    """Nobody keeps an answer that is about to grow."""
    serving.prices.note_trades(sol_usd=100, oldest_day=0)
    answer = get(serving, PRICES, {})
    assert answer.json["pending"]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        (PRICES, {"tf": "2m"}, "invalid_input"),
        (PRICES, {"since": "yesterday"}, "invalid_input"),
        (PRICES, {"limit": "201"}, "invalid_input"),
        (PRICES, {"cursor": "bm9uZQ"}, "invalid_cursor"),
        (PRICES, {"until": "2025-01-01"}, "unknown_parameter"),
        ("/v1/tokens/nobody/prices", {}, "invalid_input"),
    ],
)
def test_what_cannot_be_answered_is_a_problem(serving, path, query, code):
    """With its code, as everywhere."""
    answer = get(serving, path, query)
    assert (answer.status, answer.json["code"]) == (400, code)


def test_a_cursor_belongs_to_its_query(serving):
    """One of another width is refused."""
    cursor = get(serving, PRICES, {"tf": "1m", "limit": "2"}).json["next_cursor"]
    assert get(serving, PRICES, {"tf": "5m", "cursor": cursor}).status == 400


def get(serving: Serving, path: str, query: dict[str, str]) -> Answer:
    """Ask for a path with a query."""
    return caller(serving.api())("GET", f"{path}?{urlencode(query)}")


def str_of(moment: int) -> str:
    """A moment as people write it."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
