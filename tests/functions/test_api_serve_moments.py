"""`/v1/moments…` and extremes, from the gateway's event to the gateway's response."""

import csv
import io
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest

from oof.domain.moments.model import MomentKind, Provisional
from oof.ports.memory.facts import MemoryFactStore
from tests.exactly_once.histories import generated_history
from tests.exactly_once.world import World, clean_pass
from tests.support.moments import GENESIS, a_moment, busiest, keep_moments, mints_of, places_of
from tests.support.serving import NOW, Answer, Serving, caller

OTHER = "9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin"
OPEN = frozenset({Provisional.WINDOW_OPEN, Provisional.SOFT, Provisional.HISTORY_PARTIAL})


class Stage:
    """A wallet with moments, and calls about it."""

    def __init__(self, scan: int = 2_000) -> None:
        self.world = World(generated_history(11, 12), MemoryFactStore())
        clean_pass(self.world)
        self.wallet = busiest(self.world)
        self.mint = mints_of(self.world, self.wallet)[0]
        places = places_of(self.world, self.wallet)
        self.moments = [
            a_moment(places[0], self.mint, usd=Decimal("30.25")),
            a_moment(places[1], self.mint, usd=None, kind=MomentKind.BAD_ROUTE, qty_raw=None),
            a_moment(places[2], self.mint, provisional=OPEN, due_at=GENESIS + 999, tx_index=7),
            *(
                a_moment(place, self.mint, kind=MomentKind.RUG, usd=Decimal(40), at=GENESIS)
                for place in places[3:8]
            ),
        ]
        self.keep()
        self.call = caller(Serving(facts=self.world.inner, scan=scan).api())

    def keep(self) -> None:
        """Have these moments stored."""
        keep_moments(self.world, self.wallet, self.moments, mint=self.mint, at=NOW)

    def get(self, **query: Any) -> Answer:
        """Ask for the wallet's moments."""
        told = urlencode({"wallet": self.wallet, **query})
        return self.call("GET", f"/v1/moments?{told}")

    def pages(self, limit: int = 1, **query: Any) -> list[Any]:
        """Every page's items, in order."""
        found: list[Any] = []
        more: dict[str, Any] = {}
        while True:
            page = self.get(limit=limit, **query, **more).json
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            more = {"cursor": page["next_cursor"]}


@pytest.fixture
def stage() -> Stage:
    """A wallet with moments."""
    return Stage()


def test_moments_come_newest_first_with_what_they_rest_on(stage):
    """Amounts exact and as text; what is not known is null; the same again is unchanged."""
    answer = stage.get()

    assert answer.status == 200
    items = answer.json["items"]
    assert len(items) == len(stage.moments)
    assert [item["at"] for item in items] == sorted((i["at"] for i in items), reverse=True)
    by_id = {item["id"]: item for item in items}
    for moment in stage.moments:
        item = by_id[moment.id_of(stage.wallet)]
        assert item["kind"] == moment.kind
        assert item["usd"] == (None if moment.usd is None else str(moment.usd))
        assert item["sig_ref"] == moment.signature
        assert (item["amount"] is None) == (moment.qty_raw is None)
        assert (item["price_source"], item["confidence"], item["version"]) == ("pyth", 95, 1)
    again = stage.call(
        "GET",
        f"/v1/moments?wallet={stage.wallet}",
        headers={"If-None-Match": answer.headers["ETag"]},
    )
    assert again.status == 304


def test_doubts_are_shown_as_long_as_they_hold(stage):
    """A window stays open until a look closes it; what is final and whole is not doubted."""
    [item] = [i for i in stage.get().json["items"] if i["due_at"] is not None]
    assert item["provisional"] == ["history_partial", "window_open"]
    assert item["due_at"] == "2023-11-14T22:29:59Z"


@pytest.mark.parametrize("query", [{}, {"kinds": "S2E,RUG"}, {"min_usd": "40"}, {"kinds": "RUG"}])
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_put_together_are_the_whole(stage, query, limit):
    """Nothing is repeated or skipped, ties of time included."""
    whole = stage.get(**query).json

    assert stage.pages(limit, **query) == whole["items"]
    assert whole["next_cursor"] is None


def test_a_narrow_filter_goes_on_where_it_stopped_looking():
    """A page looks at so many; short or empty, it says how to go on."""
    stage = Stage(scan=2)
    first = stage.get(kinds="BAD_ROUTE", limit=1).json

    assert first["next_cursor"] is not None
    assert [i["kind"] for i in stage.pages(kinds="BAD_ROUTE")] == ["BAD_ROUTE"]
    assert len(stage.pages(min_usd="40")) == 5


def test_filters_leave_out_what_they_say(stage):
    """By kind, by time, by money; what nobody can price is no money."""
    assert {i["kind"] for i in stage.get(kinds="S2E, BAD_ROUTE").json["items"]} == {
        "S2E",
        "BAD_ROUTE",
    }
    assert all(Decimal(i["usd"]) >= 30 for i in stage.get(min_usd="30").json["items"])
    assert len(stage.get(min_usd="30").json["items"]) == 6
    newest = stage.get().json["items"][0]["at"]
    assert [i["at"] for i in stage.get(since=newest).json["items"]] == [newest]


@pytest.mark.parametrize(
    ("query", "field", "expected"),
    [
        ({"kinds": "S2E,LOSS"}, "kinds", "one or more of S2E, BHD, BAD_ROUTE"),
        ({"kinds": ""}, "kinds", "one or more of"),
        ({"min_usd": "-1"}, "min_usd", "at least 0"),
        ({"min_usd": "NaN"}, "min_usd", "at least 0"),
        ({"min_usd": "1e9"}, "min_usd", "such as 25"),
        ({"min_usd": "many"}, "min_usd", "such as 25"),
        ({"since": "yesterday"}, "since", "ISO-8601"),
        ({"wallet": "nobody"}, "wallet", "base58"),
        ({"limit": "201"}, "limit", "200"),
    ],
)
def test_what_cannot_be_answered_names_the_field(stage, query, field, expected):
    """And what was expected instead."""
    answer = stage.get(**query)

    assert (answer.status, answer.json["code"]) == (400, "invalid_input")
    [error] = answer.json["errors"]
    assert error["field"] == field
    assert expected in error["expected"]


def test_a_wallet_is_asked_for(stage):
    """There is no list of everybody's."""
    answer = stage.call("GET", "/v1/moments")
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, "wallet")


def test_a_cursor_belongs_to_its_query(stage):
    """One of other filters is refused; spelt otherwise, the same filters are the same."""
    cursor = stage.get(kinds="RUG,S2E", min_usd="1.0", limit=1).json["next_cursor"]

    assert stage.get(kinds="S2E,RUG", min_usd="1", limit=1, cursor=cursor).status == 200
    for other in ({"kinds": "RUG"}, {}, {"kinds": "RUG,S2E", "min_usd": "2"}):
        answer = stage.get(limit=1, cursor=cursor, **other)
        assert (answer.status, answer.json["code"]) == (400, "invalid_cursor")


def test_the_list_is_had_as_csv(stage):
    """A line a moment, the same numbers; the next page is linked."""
    told = stage.get().json["items"]
    lines: list[dict[str, str]] = []
    target = f"/v1/moments?wallet={stage.wallet}&format=csv&limit=3"
    while target:
        page = stage.call("GET", target)
        assert page.headers["Content-Type"] == "text/csv"
        lines += csv.DictReader(io.StringIO(page.text))
        target = page.headers.get("Link", "").removeprefix("<").partition(">")[0]

    assert len(lines) == len(told)
    for line, item in zip(lines, told, strict=True):
        assert line["id"] == item["id"]
        assert line["usd"] == (item["usd"] or "")
        assert line["provisional"] == " ".join(item["provisional"])


def test_a_moment_tells_all_it_rests_on(stage):
    """Its evidence whole, and the same as in the list."""
    for item in stage.get().json["items"]:
        answer = stage.call("GET", f"/v1/moments/{item['id']}")
        assert answer.status == 200
        assert answer.json["address"] == stage.wallet
        assert answer.json["moment"] == item
        assert answer.json["evidence"] == {
            "lots": [{"qty_raw": str(2**80), "price": None}],
            "is_reachable": True,
        }
    assert [
        found
        for i in stage.get().json["items"]
        if (found := stage.call("GET", f"/v1/moments/{i['id']}").json["tx_index"]) is not None
    ] == [7]


def test_a_moment_that_is_not_there_is_not_found(stage):
    """An unknown id, and one that was taken back; what is no id is refused."""
    gone = stage.moments.pop(0)
    stage.keep()

    for id_ in ("0" * 32, gone.id_of(stage.wallet)):
        answer = stage.call("GET", f"/v1/moments/{id_}")
        assert (answer.status, answer.json["code"]) == (404, "not_found")
    answer = stage.call("GET", "/v1/moments/latest")
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, "moment_id")


def test_extremes_are_the_dearest_of_each_kind(stage):
    """One a kind, or null; all kinds are counted."""
    told = stage.call("GET", f"/v1/wallets/{stage.wallet}/extremes").json

    assert told["counts"] == {"S2E": 2, "BAD_ROUTE": 1, "RUG": 5}
    assert told["open"] == 1
    assert told["sold_too_early"]["usd"] == "30.25"
    assert told["bad_route"]["usd"] is None
    rugs = [m.id_of(stage.wallet) for m in stage.moments if m.kind is MomentKind.RUG]
    first = min(m.slot for m in stage.moments if m.kind is MomentKind.RUG)
    assert told["rug"]["slot_ref"] == first
    assert told["rug"]["id"] in rugs
    assert told["highest_win"] is None


def test_an_unseen_wallet_has_no_moments(stage):
    """Empty, and nobody keeps that answer."""
    page = stage.call("GET", f"/v1/moments?wallet={OTHER}")
    extremes = stage.call("GET", f"/v1/wallets/{OTHER}/extremes")

    assert (page.status, page.json["items"], page.json["state"]) == (200, [], "UNSEEN")
    assert (extremes.status, extremes.json["counts"]) == (200, {})
    assert page.headers["Cache-Control"] == extremes.headers["Cache-Control"] == "no-store"
