"""`/v1/wallets/{address}/flows` and `/holdings/history`: bodies, pages, and days asked for."""

from datetime import UTC, datetime

import pytest

from oof.app.advance_positions import advance_positions
from oof.app.apply_wallet import ApplyDeps, apply_wallet
from oof.domain.labels import EXCHANGE_WALLETS
from oof.domain.snapshot.model import WalletState
from oof.domain.transactions.model import Mark
from oof.domain.units import SOL_MINT, Mint
from oof.ports.facts import PackedTransaction, PackRecord
from oof.ports.memory.facts import MemoryFactStore
from tests.support.serving import NOW_S, WALLET, Serving, SetClock, caller
from tests.support.transactions import address, movement, transaction

EXCHANGE = next(iter(EXCHANGE_WALLETS))
FRIEND, MINT = address("friend"), Mint(address("mint"))
DAY_S = 86_400
BASE = f"/v1/wallets/{WALLET}"


def moved(name, raw, other, *, days_ago, mint=SOL_MINT, mark=None):
    """A transfer so many days ago."""
    made = transaction(
        name,
        payer=WALLET,
        slot=100_000 - days_ago,
        time=NOW_S - days_ago * DAY_S,
        movements=(movement(WALLET, raw, to=other, mint=mint)._replace(mark=mark),),
    )
    return made._replace(decimals={SOL_MINT: 9, MINT: 6})


@pytest.fixture(scope="module")
def call():
    """An API over a wallet with transfers over forty days."""
    facts = MemoryFactStore()
    made = [
        moved("a", 5_000_000_000, EXCHANGE, days_ago=40),
        moved("b", -2_000_000_000, FRIEND, days_ago=3),
        moved("c", 7_000_000, None, days_ago=2, mint=MINT),
        moved("d", 1, address("spammer"), days_ago=1, mark=Mark.DUST),
    ]
    at = datetime(2025, 6, 1, tzinfo=UTC)
    with facts.transaction() as store:
        store.track(WALLET, WalletState.SEEN_FULL, at=at)
        packed = [PackedTransaction(each, 0, 1) for each in made]
        store.insert(PackRecord("packs/x", "none", 4, 4), packed, at=at)
        store.enqueue(made, at=at)
    deps = ApplyDeps(facts=facts, clock=SetClock())
    apply_wallet(WALLET, deps=deps)
    advance_positions(WALLET, deps=deps)
    return caller(Serving(facts=facts).api())


def test_flows_name_whom_they_know(call):
    """Newest first, with amounts either way and days; an exchange by its name."""
    answer = call("GET", f"{BASE}/flows").json

    assert [item["counterparty"] for item in answer["items"]] == [None, FRIEND, EXCHANGE]
    unknown, friend, exchange = answer["items"]
    label = exchange["label"]
    assert (label["kind"], label["name"]) == ("exchange", EXCHANGE_WALLETS[EXCHANGE])
    assert (friend["label"], unknown["label"]) == (None, None)
    assert exchange["first_day"] == exchange["last_day"] == "2025-04-22"
    [sol] = exchange["mints"]
    assert (sol["received"]["ui"], sol["sent"]["ui"]) == ("5", "0")
    assert friend["mints"][0]["sent"]["raw"] == "2000000000"
    totals = answer["totals"]
    assert (totals["in_transfers"], totals["out_transfers"], totals["marked_transfers"]) == (
        2,
        1,
        1,
    )
    assert (totals["sol_in"]["ui"], totals["sol_out"]["ui"]) == ("5", "2")
    assert totals["sol_marked"]["raw"] == "1"
    assert answer["window"] == {"code": "all", "from": None, "to": "2025-06-01"}


def test_flows_are_of_the_days_and_the_way_asked_for(call):
    """A window, days from one to another, and a direction."""
    week = call("GET", f"{BASE}/flows?window=7d").json
    assert [item["counterparty"] for item in week["items"]] == [None, FRIEND]
    assert week["totals"]["sol_in"]["raw"] == "0"
    spring = call("GET", f"{BASE}/flows?from=2025-04-01&to=2025-04-30").json
    assert [item["counterparty"] for item in spring["items"]] == [EXCHANGE]
    sent = call("GET", f"{BASE}/flows?direction=out").json
    assert [item["counterparty"] for item in sent["items"]] == [FRIEND]
    marked = call("GET", f"{BASE}/flows?direction=marked").json
    assert [item["counterparty"] for item in marked["items"]] == [address("spammer")]
    assert call("GET", f"{BASE}/flows?window=7d&from=2025-04-01").status == 400
    assert call("GET", f"{BASE}/flows?direction=sideways").status == 400


@pytest.mark.parametrize("path", ["flows?limit=1", "holdings/history?limit=7"])
def test_pages_join_to_the_whole(call, path):
    """By cursors, which are good for their own query alone."""
    found, cursor = [], ""
    while True:
        answer = call("GET", f"{BASE}/{path}{cursor}")
        assert answer.status == 200
        found += answer.json["items"]
        if answer.json["next_cursor"] is None:
            break
        cursor = f"&cursor={answer.json['next_cursor']}"
    assert len(found) == (3 if "flows" in path else 41)
    assert len({str(item) for item in found}) == len(found)
    assert call("GET", f"{BASE}/{path}&window=30d{cursor}").status == 400


def test_each_day_says_what_was_held_at_its_end(call):
    """Newest first, back to the oldest transaction; without a price nothing has a value."""
    answer = call("GET", f"{BASE}/holdings/history?window=7d").json

    assert [item["day"] for item in answer["items"]] == [
        f"2025-{day}" for day in ("06-01", "05-31", "05-30", "05-29", "05-28", "05-27", "05-26")
    ]
    held = {
        item["day"]: {h["amount"]["mint"]: h["amount"]["ui"] for h in item["holdings"]}
        for item in answer["items"]
    }
    fee = 5_000
    assert held["2025-06-01"] == {SOL_MINT: f"2.99998{(20_001 - 4 * fee):04d}", MINT: "7"}
    assert held["2025-05-28"] == {SOL_MINT: "4.999995"}
    newest = answer["items"][0]
    assert (newest["tokens"], newest["unpriced"], newest["value_usd"]) == (2, 2, "0.00000000")
    assert newest["holdings"][0]["value_usd"] is None
    assert answer["complete"] is True
    assert answer["undated_transactions"] == 0
    bare = call("GET", f"{BASE}/holdings/history?window=1d&top=0").json["items"]
    assert [(item["tokens"], item["holdings"]) for item in bare] == [(2, [])]


def test_an_unseen_wallet_has_no_days_yet():
    """No flows and no holdings; nonsense is no wallet."""
    call = caller(Serving().api())

    for path in ("flows", "holdings/history"):
        answer = call("GET", f"{BASE}/{path}")
        assert (answer.status, answer.json["state"], answer.json["items"]) == (200, "UNSEEN", [])
        assert call("GET", f"/v1/wallets/nonsense/{path}").status == 400
