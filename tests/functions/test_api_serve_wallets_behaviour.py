"""`/v1/wallets/{address}/behavior-analysis` and `…/classification`: stored portraits, served."""

import pytest

from oof.app.portray_wallet import PortrayDeps, portray_wallet
from oof.domain.classification.registry import RULES
from oof.domain.snapshot.model import WalletState
from oof.domain.windows import Window
from oof.entrypoints.http.behaviour_bodies import BLOCKS, BehaviourBody
from oof.ports.memory.facts import MemoryFactStore
from tests.support.behaviour import NOON, portrait, trade
from tests.support.serving import WALLET, Serving, caller

BEHAVIOUR = f"/v1/wallets/{WALLET}/behavior-analysis"
CLASSIFICATION = f"/v1/wallets/{WALLET}/classification"
PATHS = (BEHAVIOUR, CLASSIFICATION)


def serving(*, is_portrayed=True):
    """An API over a wallet that never traded."""
    found = Serving(facts=MemoryFactStore())
    with found.facts.transaction() as store:
        store.track(WALLET, WalletState.SEEN_FULL, at=found.clock.now())
    if is_portrayed:
        portray(found)
    return found


def portray(found):
    """Have the wallet portrayed now."""
    mark(found)
    portray_wallet(WALLET, deps=PortrayDeps(facts=found.facts, clock=found.clock))


def mark(found):
    """Have the wallet due now."""
    with found.facts.transaction() as store:
        held = store.lock(WALLET)
        assert held is not None
        store.mark_portrait_again(held.wallet_id, at=found.clock.now())


def test_a_window_s_days_are_those_that_were_counted():
    """Also on the next day, as long as nothing newer is portrayed."""
    found = serving()
    found.clock.advance(days=1)

    for path in PATHS:
        window = caller(found.api())("GET", f"{path}?window=7d").json["window"]
        assert window == {"code": "7d", "from": "2025-05-26", "to": "2025-06-01"}


def test_what_is_too_little_is_null_with_a_reason():
    """Counts are 0, metrics null, and each rule says why it says nothing."""
    call = caller(serving().api())

    told = call("GET", BEHAVIOUR).json["behaviour"]
    classed = call("GET", CLASSIFICATION).json

    assert told["sample"]["trades"] == 0
    assert told["rhythm"]["by_hour"] == [0] * 24
    assert (told["holding"]["flipper_score"], told["holding"]["missing"]) == (None, "too_few")
    assert told["results"]["realized_usd"] == "0.00000000"
    assert classed["version"] == 1
    verdicts = classed["axes"] + classed["badges"]
    assert [each["name"] for each in verdicts] == [rule.name for rule in RULES]
    assert {(each["value"], each["confidence"]) for each in verdicts} == {(None, None)}
    assert {each["missing"] for each in verdicts} == {"too_few"}
    assert all(each["rule"] and each["evidence"] for each in verdicts)


def test_before_the_first_portrait_there_is_none():
    """That is told as such, and an address that is none is refused."""
    call = caller(serving(is_portrayed=False).api())
    unseen = caller(Serving().api())

    assert call("GET", BEHAVIOUR).json["behaviour"] is None
    assert call("GET", CLASSIFICATION).json["axes"] == []
    for path in PATHS:
        answer = unseen("GET", path)
        assert (answer.status, answer.json["state"]) == (200, "UNSEEN")
        assert answer.json["portrayed_at"] is None
        assert call("GET", path).json["window"]["code"] == "all"
    assert call("GET", "/v1/wallets/nonsense/classification").status == 400


@pytest.mark.parametrize("path", PATHS)
def test_a_portrait_that_did_not_change_is_not_sent_again(path):
    """Its ETag covers all that is told but when it was made; another window has another."""
    found = serving()
    call = caller(found.api())
    tag = call("GET", path).headers["ETag"]
    found.clock.advance(minutes=9)
    portray(found)

    assert call("GET", path, headers={"If-None-Match": tag}).status == 304
    assert call("GET", path).json["portrayed_at"] == "2025-06-01T12:39:00Z"
    assert call("GET", f"{path}?window=30d").headers["ETag"] != tag


@pytest.mark.parametrize("path", PATHS)
def test_doubts_are_told(path):
    """A history that is not whole is provisional, and a mark whose time has come is an update."""
    found = serving()
    assert caller(found.api())("GET", path).json["updating"] is False

    mark(found)
    told = caller(found.api())("GET", path).json

    assert told["updating"] is True
    assert told["provisional"] == ["history_partial"]


@pytest.mark.parametrize("path", PATHS)
def test_other_windows_are_refused(path):
    """There are six; days from one to another are none of them."""
    call = caller(serving().api())

    for window in Window:
        assert call("GET", f"{path}?window={window}").status == 200
    assert call("GET", f"{path}?window=2d").status == 400
    assert call("GET", f"{path}?from=2025-05-01").status == 400


def test_every_metric_is_described():
    """Each field of each block says in the description what its one definition says."""
    schemas = BehaviourBody.model_json_schema(mode="serialization")["$defs"]

    for block in BLOCKS:
        told = schemas[block.__name__]["properties"]
        assert all(part["description"] for part in told.values()), block
    hold = schemas["Holding"]["properties"]["flipper_score"]["description"]
    assert "6 h / (6 h + hold)" in hold


def test_decimals_are_in_plain_notation():
    """Zero with eight places is no power of ten."""
    told = portrait(trades=[trade(number, NOON + number) for number in range(10)])
    found = BehaviourBody.model_construct(behaviour=told)

    text = found.model_dump_json(include={"behaviour"})

    assert '"realized_usd":"0.00000000"' in text
    assert "E-" not in text
