"""`POST /v1/analyses/wallets/status`: fresh, stale, missing."""

import json
from dataclasses import replace
from datetime import UTC, datetime

from oof.domain.snapshot.model import WalletState
from oof.domain.units import UnixSeconds
from oof.ports.memory.facts import MemoryFactStore
from tests.support.serving import NOW_S, WALLET, Serving, caller
from tests.support.transactions import address

PATH = "/v1/analyses/wallets/status"
NOBODY = address("nobody")


def asked(*wallets, facts=None):
    """Ask about wallets."""
    call = caller(Serving(facts=facts or MemoryFactStore()).api())
    headers = {"content-type": "application/json"}
    return call("POST", PATH, headers=headers, body=json.dumps({"wallets": wallets}))


def followed():
    """Facts of one wallet that was looked at a minute ago."""
    facts = MemoryFactStore()
    at = datetime.fromtimestamp(NOW_S - 60, UTC)
    with facts.transaction() as store:
        store.track(WALLET, WalletState.SEEN_PARTIAL, at=at)
    row = facts.tables.tracked[WALLET]
    facts.tables.tracked[WALLET] = replace(row, tail_checked_at=UnixSeconds(NOW_S - 60))
    return facts


def test_each_wallet_is_answered_once_in_order():
    """However often it is named."""
    answer = asked(NOBODY, WALLET, NOBODY, WALLET, facts=followed())

    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert [(item["address"], item["status"]) for item in answer.json["items"]] == [
        (NOBODY, "MISSING"),
        (WALLET, "FRESH"),
    ]
    assert (answer.json["fresh"], answer.json["stale"], answer.json["missing"]) == (1, 0, 1)
    assert answer.json["items"][1]["freshness_lag_sec"] == 60
    assert answer.json["items"][1]["history_partial"] is True


def test_a_bad_address_is_named_by_its_place():
    """So that the one of five hundred is found."""
    answer = asked(WALLET, NOBODY, "nonsense")

    assert answer.status == 400
    assert answer.json["code"] == "invalid_input"
    assert answer.json["errors"][0]["field"] == "wallets[2]"


def test_the_number_of_wallets_is_bounded():
    """None is none, and more than five hundred are too many."""
    assert asked().status == 400
    assert asked(*[WALLET] * 500).status == 200
    assert asked(*[WALLET] * 501).status == 400
