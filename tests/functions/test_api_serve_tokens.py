"""`/v1/tokens/…` from the gateway's event to the gateway's response."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest

from oof.domain.prices.candles import Source, Width, flat
from oof.domain.tokens_facts import Said, TokenSource, told_token
from oof.domain.units import SOL_MINT
from oof.ports.memory.tokens import MemoryTokenStore
from tests.support.pricing import COIN, dealt
from tests.support.serving import NOW_S, Answer, Serving, caller

PRICES = f"/v1/tokens/{COIN}/prices"
HOUR: Any = NOW_S // 3_600 * 3_600 - 3_600
TOKEN = f"/v1/tokens/{COIN}"
NOW = datetime.fromtimestamp(NOW_S, UTC)
STRANGER = "9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin"


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
    answer = get(serving, f"/v1/tokens/{STRANGER}/prices", {})
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


def tell(serving: Serving, **said: Any) -> None:
    """Let the coin be stored, and somebody tell of it."""
    serving.facts.tables.decimals[COIN] = 6
    told = told_token(COIN, TokenSource.JUPITER, Said(**{"symbol": "CAT", "name": "Cat", **said}))
    MemoryTokenStore(serving.facts).settle({COIN: told}, at=NOW)


def test_a_token_is_as_it_was_told(serving):
    """With who told it and when; the ETag changes with it."""
    tell(serving, decimals=9, logo="https://logos.example/cat.png", is_verified=False)
    answer = get(serving, TOKEN, {})
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert answer.json == {
        "mint": COIN,
        "symbol": "CAT",
        "name": "Cat",
        "decimals": 6,
        "logo": "https://logos.example/cat.png",
        "verified": False,
        "source": "jupiter",
        "as_of": str_of(NOW_S),
        "asked_at": str_of(NOW_S),
        "anomalies": ["decimals_differ"],
    }
    tag = answer.headers["ETag"]
    call = caller(serving.api())
    assert call("GET", TOKEN, headers={"If-None-Match": tag}).status == 304
    renamed = told_token(COIN, TokenSource.JUPITER, Said("DOG", "Dog"))
    MemoryTokenStore(serving.facts).settle({COIN: renamed}, at=NOW + timedelta(hours=6))
    assert call("GET", TOKEN, headers={"If-None-Match": tag}).status == 200


def test_who_poses_as_a_known_token_has_no_symbol(serving):
    """It says so instead."""
    tell(serving, symbol="USDC")
    answer = get(serving, TOKEN, {})
    assert (answer.json["symbol"], answer.json["anomalies"]) == (None, ["poses_as_known"])


def test_a_token_nobody_was_asked_about_is_told_as_such(serving):
    """Its decimals are the chain's, everything else is null, and nobody keeps the answer."""
    serving.facts.tables.decimals[COIN] = 6
    answer = get(serving, TOKEN, {})
    told = {name: value for name, value in answer.json.items() if value is not None}
    assert told == {"mint": COIN, "decimals": 6, "anomalies": []}
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_known_token_needs_nobody(serving):
    """It is on our own list, whether stored or not."""
    answer = get(serving, f"/v1/tokens/{SOL_MINT}", {})
    assert (answer.json["symbol"], answer.json["source"]) == ("SOL", "list")
    assert (answer.json["decimals"], answer.json["as_of"]) == (9, None)


def test_a_mint_nobody_met_is_not_found(serving):
    """And no mint at all is refused."""
    stranger = get(serving, f"/v1/tokens/{STRANGER}", {})
    assert (stranger.status, stranger.json["code"]) == (404, "not_found")
    nonsense = get(serving, "/v1/tokens/nobody", {})
    assert (nonsense.status, nonsense.json["code"]) == (400, "invalid_input")
