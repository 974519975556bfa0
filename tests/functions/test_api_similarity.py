"""How alike wallets are, over HTTP: comparing a few, and the neighbours of one."""

import json
import random
from array import array
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from oof.app.compare_wallets import CompareDeps
from oof.app.find_neighbours import NeighbourDeps, NeighbourSizes, find_neighbours
from oof.domain.similarity.compare import compare
from oof.domain.similarity.nearest import nearest
from oof.domain.snapshot.model import WalletState
from oof.entrypoints.http.app import CompareApi
from oof.ports.facts import PackedTransaction, PackRecord
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.vectors import MemoryNeighbourStore, MemoryVectorReader
from tests.support.serving import NOW, Serving, SetClock, caller
from tests.support.transactions import address, transaction
from tests.support.vectors import Bought, mint, some_traits, vector

PATH = "/v1/analyses/similarity"
DAY = 86_400
LEADER, FOLLOWER, STRANGER, NOVICE, REFUSED, NOBODY = (
    address(name) for name in ("leader", "follower", "stranger", "novice", "refused", "nobody")
)


def bought_by(seed, tokens):
    """Purchases of tokens at random times of two hundred days."""
    chance = random.Random(seed)
    return [Bought(token, -chance.randrange(200 * DAY), chance.randrange(1, 9)) for token in tokens]


@pytest.fixture
def facts():
    """A leader, who follows it, a stranger, and some without a vector."""
    made = MemoryFactStore()
    lead = bought_by(1, range(12))
    known = {
        LEADER: vector(lead, some_traits(0.5)),
        FOLLOWER: vector([each._replace(after=each.after + 6) for each in lead], some_traits(0.6)),
        STRANGER: vector(bought_by(2, range(40, 60)), some_traits(0.1)),
    }
    at = datetime(2025, 6, 1, tzinfo=UTC)
    with made.transaction() as store:
        named = transaction("named", payer=LEADER, slot=1)
        named = named._replace(decimals={mint(token): 6 for token in range(60)})
        store.insert(PackRecord("x", "none", 1, 1), [PackedTransaction(named, 0, 1)], at=at)
        for wallet in (*known, NOVICE, REFUSED):
            state = WalletState.REFUSED if wallet == REFUSED else WalletState.SEEN_FULL
            store.track(wallet, state, at=at)
        for wallet, each in known.items():
            held: Any = store.lock(wallet)
            store.save_vector(held.wallet_id, told(each), purchases=each.purchases, at=at)
        novice: Any = store.lock(NOVICE)
        store.save_vector(novice.wallet_id, None, purchases=3, at=at)
    return made


def told(each):
    """The vector as if all was bought in the one transaction that is stored."""
    return replace(each, first_txs=array("q", [1] * len(each.first_txs)))


def asked(facts, *wallets):
    """Compare wallets."""
    deps = CompareDeps(vectors=MemoryVectorReader(facts), compare=compare)
    call = caller(CompareApi(deps))
    headers = {"content-type": "application/json"}
    return call("POST", PATH, headers=headers, body=json.dumps({"wallets": wallets}))


def test_wallets_are_compared_as_they_were_asked_for(facts):
    """In that order, each once; the follower is told from the stranger."""
    answer = asked(facts, STRANGER, FOLLOWER, LEADER, FOLLOWER)

    assert answer.status == 200
    body = answer.json
    assert body["order"] == [STRANGER, FOLLOWER, LEADER]
    overall = body["matrix"]["overall"]
    assert [overall[place][place] for place in range(3)] == [1, 1, 1]
    assert overall[1][2] == overall[2][1] > 0.8
    assert overall[0][1] == overall[1][0] < 0.2
    assert [cluster["wallets"] for cluster in body["clusters"]] == [sorted([FOLLOWER, LEADER])]
    pair = body["pairs"][0]
    assert {pair["first"], pair["second"]} == {FOLLOWER, LEADER}
    assert pair["leader"] == LEADER
    assert abs(pair["median_lag_sec"]) == 6
    assert pair["shared_tokens"] == pair["within_10s"] == 12
    assert body["tokens_count"] == 12
    assert [each["address"] for each in body["tokens"][0]["wallets"]] == [LEADER, FOLLOWER]
    assert len(body["tokens"][0]["wallets"][0]["signature"]) > 80


def test_the_order_of_wallets_does_not_matter(facts):
    """Every score and every pair is the same, wherever a wallet is named."""
    one = asked(facts, LEADER, FOLLOWER, STRANGER).json
    other = asked(facts, STRANGER, LEADER, FOLLOWER).json

    def scores(body):
        names = body["order"]
        return {
            (part, a, b): rows[names.index(a)][names.index(b)]
            for part, rows in body["matrix"].items()
            for a in names
            for b in names
        }

    assert scores(one) == scores(other)
    for part in ("pairs", "tokens", "clusters"):
        assert one[part] == other[part]


def test_who_is_not_compared_is_named_with_the_reason(facts):
    """Beside those that are; nothing is made up for them."""
    body = asked(facts, LEADER, NOVICE, REFUSED, NOBODY).json

    assert body["order"] == [LEADER]
    assert {each["address"]: each["reason"] for each in body["wallets"]} == {
        LEADER: None,
        NOVICE: "too_few_purchases",
        REFUSED: "refused",
        NOBODY: "never_opened",
    }
    assert body["wallets"][1]["purchases"] == 3
    assert (body["pairs"], body["clusters"], body["tokens"]) == ([], [], [])


def test_a_small_sample_is_null_and_says_where(facts):
    """Two tokens on two days have no score but that of behaviour."""
    at = datetime(2025, 6, 1, tzinfo=UTC)
    small = vector([Bought(n % 2, n % 2 * DAY) for n in range(10)], some_traits(0.5))
    with facts.transaction() as store:
        novice: Any = store.lock(NOVICE)
        store.save_vector(novice.wallet_id, told(small), purchases=10, at=at)
    body = asked(facts, LEADER, NOVICE).json

    assert body["wallets"][1]["too_small"] == ["allocation", "timing", "cotrading"]
    assert body["matrix"]["behaviour"] == [[1, 1], [1, 1]]
    for part in ("overall", "allocation", "timing", "cotrading"):
        assert body["matrix"][part][0][1] is None
    assert body["pairs"][0]["shared_tokens"] == 2
    assert body["pairs"][0]["median_gap_sec"] is None
    assert body["pairs"][0]["leader"] is None


@pytest.mark.parametrize("wallets", [[], [LEADER], [LEADER, LEADER], [LEADER] * 51])
def test_two_to_fifty_wallets_are_compared(facts, wallets):
    """One wallet named twice is one."""
    assert asked(facts, *wallets).status == 400


def test_a_bad_address_is_named_by_its_place(facts):
    """As everywhere."""
    assert asked(facts, LEADER, "nonsense").json["errors"][0]["field"] == "wallets[1]"


def test_the_other_function_describes_the_route_and_does_not_answer_it():
    """The gateway sends it elsewhere."""
    call = caller(Serving().api())
    body = json.dumps({"wallets": [LEADER, FOLLOWER]})
    answer = call("POST", PATH, headers={"content-type": "application/json"}, body=body)

    assert answer.json["code"] == "route_not_found"
    assert call("GET", PATH).headers["Allow"] == "POST"


def similar(facts, wallet, **query):
    """A wallet's neighbours."""
    tail = "&".join(f"{name}={value}" for name, value in query.items())
    return caller(Serving(facts=facts).api())("GET", f"/v1/wallets/{wallet}/similar?{tail}")


def test_neighbours_are_those_the_last_run_found(facts):
    """It says when that was; before the first run there are none."""
    before = similar(facts, LEADER).json
    assert (before["has_vector"], before["as_of"], before["items"]) == (True, None, [])

    deps = NeighbourDeps(
        store=MemoryNeighbourStore(facts),
        nearest=nearest,
        clock=SetClock(),
        sizes=NeighbourSizes(page=2),
    )
    assert find_neighbours(deps) == (3, False, 0)
    answer = similar(facts, LEADER)
    assert [each["address"] for each in answer.json["items"]][:1] == [FOLLOWER]
    assert answer.json["as_of"] == f"{NOW:%Y-%m-%dT%H:%M:%SZ}"
    assert answer.json["compared_with"] == 2
    found = answer.json["items"][0]["scores"]
    matrix = asked(facts, LEADER, FOLLOWER).json["matrix"]
    assert found == {part: rows[0][1] for part, rows in matrix.items()}
    assert len(similar(facts, LEADER, limit=1).json["items"]) == 1
    tag = answer.headers["ETag"]
    call = caller(Serving(facts=facts).api())
    target = f"/v1/wallets/{LEADER}/similar?"
    assert call("GET", target, headers={"If-None-Match": tag}).status == 304


@pytest.mark.parametrize(
    ("wallet", "reason"),
    [(NOVICE, "too_few_purchases"), (NOBODY, "never_opened"), (REFUSED, "refused")],
)
def test_without_a_vector_there_are_no_neighbours(facts, wallet, reason):
    """And the reason is told."""
    body = similar(facts, wallet).json

    assert (body["has_vector"], body["reason"], body["items"]) == (False, reason, [])
