"""Sharding wallets over webhooks, and telling what drifted."""

from hypothesis import given
from hypothesis import strategies as st

from oof.domain.units import Address, UnixSeconds
from oof.domain.webhooks import (
    KIND,
    STATUS,
    TRANSACTION_TYPES,
    Capacity,
    Drift,
    Hook,
    Put,
    auth_digest,
    drift_of,
    list_digest,
    list_of,
    overflowing,
    place,
    shard_of,
    url_of,
)

BASE = "https://ingest.example/ingest/webhook/helius"
CAPACITY = Capacity(most=100, filled_at=80)
ANN, BOB, CAT = Address("ann"), Address("bob"), Address("cat")


def test_newcomers_go_where_there_is_room_lowest_first():
    """A shard that is filled is passed over, and a new one is made only then."""
    placed = place({0: 79, 1: 10}, [(ANN, 2), (BOB, 1), (CAT, 75)], CAPACITY)

    assert placed == {ANN: 1, BOB: 0, CAT: 2}


def test_a_wallet_larger_than_any_room_gets_a_webhook_of_its_own():
    """Rather than none."""
    assert place({0: 5}, [(ANN, 90)], CAPACITY) == {ANN: 1}


sizes = st.lists(st.integers(1, 40), min_size=1, max_size=60)


@given(sizes, st.integers(1, 40))
def test_one_more_wallet_changes_one_shard(wallets, one_more):
    """Whoever has a shard keeps it, whatever comes."""
    members = [(Address(f"w{n}"), size) for n, size in enumerate(wallets)]
    placed = place({}, members, CAPACITY)
    held: dict[int, int] = {}
    for wallet, size in members:
        held[placed[wallet]] = held.get(placed[wallet], 0) + size

    [shard] = place(held, [(ANN, one_more)], CAPACITY).values()

    assert all(total <= CAPACITY.filled_at for total in held.values())
    assert held.get(shard, 0) + one_more <= CAPACITY.filled_at
    assert shard <= len(held)


@given(sizes)
def test_who_came_last_leaves_an_overflowing_shard(wallets):
    """As many as it takes and no more; the oldest stays."""
    members = [(Address(f"w{n}"), size) for n, size in enumerate(wallets)]
    leaving = overflowing(members, CAPACITY)
    left = dict(members[: len(members) - len(leaving)])

    assert set(leaving) == {wallet for wallet, _ in members} - set(left)
    assert sum(left.values()) <= CAPACITY.most
    if leaving:
        assert sum(left.values()) + dict(members)[leaving[-1]] > CAPACITY.most


def test_a_list_names_each_address_once():
    """Two wallets may have had one account."""
    assert list_of([(BOB, CAT), (ANN, CAT)]) == (ANN, BOB, CAT)


def test_a_list_is_told_by_its_addresses_alone():
    """Order and repetition do not matter, an address does."""
    assert list_digest([BOB, ANN, BOB]) == list_digest([ANN, BOB])
    assert list_digest([ANN]) != list_digest([ANN, BOB])
    assert list_digest([]) != list_digest([ANN])


def test_our_own_webhooks_are_known_by_their_url():
    """Another stage's, another path's and a hand-made one are not ours."""
    assert shard_of(BASE, url_of(BASE, 17)) == 17
    for url in (
        BASE,
        f"{BASE}?shard=one",
        f"{BASE}/other?shard=1",
        "https://other.example/ingest/webhook/helius?shard=1",
    ):
        assert shard_of(BASE, url) is None


PUT = Put(0, "h", list_digest([ANN, BOB]), auth_digest("secret"), 2, UnixSeconds(1))
HOOK = Hook(
    hook_id="h",
    url=url_of(BASE, 0),
    addresses=frozenset({ANN, BOB}),
    auth_header="secret",
    kind=KIND,
    status=STATUS,
    transaction_types=TRANSACTION_TYPES,
    is_active=True,
)


def test_a_webhook_as_it_was_put_has_not_drifted():
    """Also where the provider does not tell the header."""
    assert drift_of(HOOK, PUT, HOOK.url) == frozenset()
    assert drift_of(HOOK._replace(auth_header=None), PUT, HOOK.url) == frozenset()


def test_every_way_to_drift_is_told():
    """Gone, off, other addresses, another header or filter."""
    assert drift_of(None, PUT, HOOK.url) == {Drift.MISSING}
    assert drift_of(HOOK._replace(is_active=False), PUT, HOOK.url) == {Drift.SWITCHED_OFF}
    assert drift_of(HOOK._replace(addresses=frozenset({ANN})), PUT, HOOK.url) == {Drift.ADDRESSES}
    assert drift_of(HOOK._replace(auth_header="old"), PUT, HOOK.url) == {Drift.SETTINGS}
    assert drift_of(HOOK._replace(kind="enhanced"), PUT, HOOK.url) == {Drift.SETTINGS}
    assert drift_of(HOOK._replace(status="success"), PUT, HOOK.url) == {Drift.SETTINGS}
    assert drift_of(HOOK, PUT, "https://elsewhere.example/") == {Drift.SETTINGS}
