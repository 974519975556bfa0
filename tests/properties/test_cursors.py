"""Pages joined by cursors are the whole, whatever lands meanwhile; and cursors are ours alone."""

import base64
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oof.bootstrap.serve_deps import CursorKeys
from oof.domain.snapshot.model import WalletState
from oof.entrypoints.cursors import CursorScope, read_cursor, sign_cursor
from oof.entrypoints.problems import InvalidCursor
from oof.ports.history import WalletHead
from tests.support.serving import Serving, caller
from tests.support.transactions import address, transaction

ANN = address("ann")
SCOPE = CursorScope(path="/v1/x", filters={"mint": "m", "kind": None}, order="chain_desc")
KEYS = CursorKeys(current=b"new key", previous=b"old key")

# Few slots, so that most ties are within one; positions known, unknown and repeated.
PLACES = st.tuples(st.integers(1, 6), st.none() | st.integers(0, 3))


@given(
    stored=st.lists(PLACES, max_size=25),
    landing=st.lists(st.lists(PLACES, max_size=4), max_size=12),
    limit=st.integers(1, 7),
)
def test_nothing_is_repeated_or_skipped_when_rows_land(
    stored: list[tuple[int, int | None]],
    landing: list[list[tuple[int, int | None]]],
    limit: int,
) -> None:
    """Every row there at the start comes exactly once, though rows land above, below, within."""
    serving, names = Serving(), count()
    serving.history.track(ANN, WalletHead(WalletState.SEEN_FULL, 1, 1, None))

    def store(places: list[tuple[int, int | None]]) -> set[str]:
        rows = [
            transaction(f"tx {next(names)}", payer=ANN, slot=slot, index=index)
            for slot, index in places
        ]
        serving.history.store(rows)
        return {row.signature for row in rows}

    first = store(stored)
    call = caller(serving.api())
    seen: list[str] = []
    target = path = f"/v1/wallets/{ANN}/transactions?limit={limit}"
    while True:
        page = call("GET", target)
        assert page.status == 200
        seen += [item["signature"] for item in page.json["items"]]
        assert len(page.json["items"]) <= limit
        if page.json["next_cursor"] is None:
            break
        if landing:
            store(landing.pop())
        target = f"{path}&cursor={page.json['next_cursor']}"

    assert len(seen) == len(set(seen))
    assert first <= set(seen)


@given(st.recursive(st.integers() | st.text(), st.lists, max_leaves=5))
def test_a_cursor_returns_what_was_put_in(last: object) -> None:
    """Any key survives the way to the caller and back."""
    if isinstance(last, int) and abs(last) >= 2**63:
        last = 0
    assert read_cursor(KEYS, SCOPE, sign_cursor(KEYS, SCOPE, [str(last)])) == [str(last)]


@given(position=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_one_altered_byte_is_refused(position: int, flip: int) -> None:
    """No part of a cursor may be changed, the payload or the signature."""
    cursor = sign_cursor(KEYS, SCOPE, [123, [4, 5]])
    raw = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    raw[position % len(raw)] ^= flip
    altered = base64.urlsafe_b64encode(bytes(raw)).rstrip(b"=").decode()

    with pytest.raises(InvalidCursor):
        read_cursor(KEYS, SCOPE, altered)


@given(st.text(max_size=80))
def test_what_is_no_cursor_is_refused(text: str) -> None:
    """Whatever people send, the answer is the same problem and never a crash."""
    with pytest.raises(InvalidCursor):
        read_cursor(KEYS, SCOPE, text)


@pytest.mark.parametrize(
    "other",
    [
        CursorScope(path="/v1/y", filters=SCOPE.filters, order=SCOPE.order),
        CursorScope(path=SCOPE.path, filters={"mint": "n"}, order=SCOPE.order),
        CursorScope(path=SCOPE.path, filters={}, order=SCOPE.order),
        CursorScope(path=SCOPE.path, filters=SCOPE.filters, order="chain_asc"),
    ],
)
def test_a_foreign_cursor_is_refused(other: CursorScope) -> None:
    """A cursor belongs to one path, its filters and its order."""
    with pytest.raises(InvalidCursor):
        read_cursor(KEYS, other, sign_cursor(KEYS, SCOPE, [1, []]))


def test_two_keys_are_valid_at_once() -> None:
    """A cursor outlives one rotation of the key, and no more."""
    old = sign_cursor(CursorKeys(current=b"old key"), SCOPE, 7)

    assert read_cursor(KEYS, SCOPE, old) == 7
    with pytest.raises(InvalidCursor):
        read_cursor(CursorKeys(current=b"newer key", previous=b"new key"), SCOPE, old)


def test_a_page_size_may_change_between_pages() -> None:
    """The limit is not part of the query that a cursor belongs to."""
    serving = Serving()
    serving.history.track(ANN, WalletHead(WalletState.SEEN_FULL, 1, 1, None))
    serving.history.store(transaction(f"tx {n}", payer=ANN, slot=n + 1) for n in range(5))
    call = caller(serving.api())
    path = f"/v1/wallets/{ANN}/transactions"

    first = call("GET", f"{path}?limit=2").json
    rest = call("GET", f"{path}?limit=200&cursor={first['next_cursor']}").json
    narrowed = call("GET", f"{path}?status=ok&cursor={first['next_cursor']}")

    assert [len(page["items"]) for page in (first, rest)] == [2, 3]
    assert (narrowed.status, narrowed.json["code"]) == (400, "invalid_cursor")
