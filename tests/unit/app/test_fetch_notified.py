"""Bodies of mere notifications: fetched, handed over, and asked for again where not there yet."""

from typing import Any

import orjson
import pytest

from oof.app.fetch_notified import (
    ABSENT_DELAY_S,
    MAX_INLINE_BYTES,
    NotifiedDeps,
    fetch_notified,
)
from oof.app.warm_programs import SNAPSHOT
from oof.domain.errors import BudgetSpent, InvalidInput, TransientError, UpstreamUnavailable
from oof.ports.memory.blobs import MemoryBlobs
from oof.ports.memory.queues import MemoryFetchRequester


class Chain:
    """Bodies by signature."""

    def __init__(self, **bodies):
        """`bodies` as JSON text."""
        self.bodies = bodies
        self.asked = []

    def transactions(self, signatures):
        """See `ChainSource`."""
        self.asked += signatures
        return {s: self.bodies[s] for s in signatures if s in self.bodies}


class Handover:
    """Keeps what was handed over."""

    def __init__(self):
        """Nothing yet."""
        self.sent = []

    def hand_over(self, *, source, body, s3_key):
        """See `StoreHandover`."""
        self.sent.append((source, body, s3_key))


def deps_over(chain):
    """Dependencies over a chain."""
    return NotifiedDeps(
        chain=chain, blobs=MemoryBlobs(), handover=Handover(), requester=MemoryFetchRequester()
    )


def made(**bodies):
    """Dependencies over these bodies."""
    chain: Any = Chain(**bodies)
    return deps_over(chain)


def test_bodies_are_handed_over_as_one_array():
    """Each signature is asked for once, however often it is named."""
    deps = made(a=b'{"n":1}', b=b'{"n":2}')

    fetched = fetch_notified(["a", "b", "a"], deps=deps)

    assert fetched == (2, 0)
    assert deps.chain.asked == ["a", "b"]
    assert deps.handover.sent == [("fetch", '[{"n":1},{"n":2}]', None)]


def test_what_is_not_there_yet_is_asked_for_alone():
    """The bodies that are there are paid for once: a later message names the others."""
    deps = made(a=b"{}")

    fetched = fetch_notified(["later", "a", "never"], deps=deps)

    assert fetched == (1, 2)
    assert [body for _, body, _ in deps.handover.sent] == ["[{}]"]
    assert deps.requester.sent == [(("later", "never"), "enhanced", ABSENT_DELAY_S)]


def test_a_message_of_which_nothing_is_there_comes_back():
    """The queue counts its receives, so that what never comes ends among the dead letters."""
    deps = made()

    with pytest.raises(UpstreamUnavailable):
        fetch_notified(["later", "never"], deps=deps)

    assert deps.handover.sent == []
    assert deps.requester.sent == []


def test_large_bodies_travel_as_objects():
    """What a message cannot carry lies in the inbox under its content's name."""
    large = orjson.dumps({"logs": "x" * MAX_INLINE_BYTES})
    deps = made(a=large, b=b"{}", c=large)

    fetch_notified(["a", "b", "c"], deps=deps)
    fetch_notified(["a"], deps=deps)

    keys = [key for _, _, key in deps.handover.sent]
    assert [body for _, body, _ in deps.handover.sent] == [None, "[{}]", None, None]
    assert keys[0] == keys[2] == keys[3]
    assert keys[0].startswith("inbox/")
    assert orjson.loads(deps.blobs.get(keys[0])) == [orjson.loads(large)]


def test_many_bodies_are_cut_into_messages():
    """Each array stays within what a message carries, and none of the bodies is left out."""
    bodies = {f"s{n}": orjson.dumps({"n": n, "x": "y" * 200_000}) for n in range(7)}
    deps = made(**bodies)

    fetch_notified(list(bodies), deps=deps)

    arrays = [
        orjson.loads(body if key is None else deps.blobs.get(key))
        for _, body, key in deps.handover.sent
    ]
    assert [item["n"] for array in arrays for item in array] == list(range(7))
    assert len(arrays) > 1
    assert all(len(body) < 1_048_576 / 2 for _, body, _ in deps.handover.sent if body)


@pytest.mark.parametrize("signatures", [None, "abc", [1], [None]])
def test_a_malformed_message_is_refused(signatures):
    """What names no signatures is not worked on."""
    with pytest.raises(InvalidInput):
        fetch_notified(signatures, deps=made())


def test_doubted_bodies_are_handed_over_as_such():
    """They are compared with what is stored; for an absent one, whoever doubts it asks again."""
    deps = made(a=b'{"n":1}')

    fetched = fetch_notified(["a", "gone"], deps=deps, reason="verify")

    assert fetched == (1, 1)
    assert deps.handover.sent == [("verify", '[{"n":1}]', None)]


class Spent:
    """A provider that may not be asked today."""

    def transactions(self, signatures):
        """See `ChainSource`."""
        raise BudgetSpent("all of it", reset_s=60)


def test_a_spent_budget_loses_no_notification():
    """The message comes back while the queue keeps it; only what nobody asked for goes."""
    chain: Any = Spent()
    deps = deps_over(chain)

    with pytest.raises(BudgetSpent) as fault:
        fetch_notified(["a"], deps=deps)
    assert isinstance(fault.value, TransientError)
    assert fetch_notified(["a"], deps=deps, reason=SNAPSHOT) == (0, 1)


def test_an_absent_body_that_nobody_asked_for_is_let_go():
    """The night's listing is tried again the next night, not by the queue."""
    deps = made(a=b"{}")

    assert fetch_notified(["a", "b"], deps=deps, reason=SNAPSHOT) == (1, 1)
    assert [source for source, _, _ in deps.handover.sent] == ["fetch"]
