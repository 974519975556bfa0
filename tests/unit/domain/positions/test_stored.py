"""Stored positions: pages join to the whole, and bytes are the state."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oof.domain.positions.codec import decode_position, encode_position
from oof.domain.positions.events import WalletTransaction
from oof.domain.positions.stored import HistoryEvent, PageRows, PositionRow, fold_page
from oof.domain.positions.valuing import SolLegs
from oof.domain.snapshot.ledger import BalanceMark
from oof.domain.units import SOL_MINT, Mint, RawAmount, Slot
from tests.unit.domain.positions.test_fold import HISTORIES

ACCOUNTS = {1: SOL_MINT, 2: Mint("cat"), 3: Mint("dog")}
MARKS = st.dictionaries(st.sampled_from(sorted(ACCOUNTS)), st.integers(0, 40), max_size=2)


def events_of(
    history: Sequence[WalletTransaction], marks: Sequence[dict[int, int]]
) -> list[HistoryEvent]:
    """A history with what accounts held before each transaction."""
    return [
        HistoryEvent(
            number,
            transaction,
            tuple(
                BalanceMark(account, ACCOUNTS[account], RawAmount(pre), RawAmount(0))
                for account, pre in sorted(held.items())
            ),
        )
        for number, (transaction, held) in enumerate(zip(history, marks, strict=False))
    ]


def in_pages(events: Sequence[HistoryEvent], ends: set[int]) -> dict[str, Any]:
    """Fold a history in pages that end at given places; return all that is stored."""
    positions: dict[Mint, PositionRow] = {}
    accounts: dict[int, Slot] = {}
    parts: list[PageRows] = []
    places = [0, *sorted(end for end in ends if end < len(events)), len(events)]
    for start, end in pairwise(places):
        rows = fold_page(
            events[start:end],
            stored=positions.values(),
            known_accounts=frozenset(accounts),
            valuer=SolLegs(),
        )
        positions |= {row.mint: row for row in rows.positions}
        accounts |= rows.accounts
        parts.append(rows)
    return {
        "positions": dict(sorted(positions.items())),
        "accounts": accounts,
        "exits": [each for rows in parts for each in rows.exits],
        "episodes": [each for rows in parts for each in rows.episodes],
        "fees": sum(rows.other_fees_lamports for rows in parts),
    }


@settings(max_examples=150)
@given(HISTORIES, st.lists(MARKS, min_size=12, max_size=12), st.sets(st.integers(1, 11)))
def test_pages_join_to_the_whole(
    history: list[WalletTransaction], marks: list[dict[int, int]], ends: set[int]
) -> None:
    """Wherever pages end, the same lots to the byte, exits, episodes, sums and openings."""
    events = events_of(history, marks)

    assert in_pages(events, ends) == in_pages(events, set())


@settings(max_examples=150)
@given(HISTORIES, st.lists(MARKS, min_size=12, max_size=12))
def test_bytes_are_the_state(history: list[WalletTransaction], marks: list[dict[int, int]]) -> None:
    """Read and written again they are the same; sums are what came in and went out."""
    stored = in_pages(events_of(history, marks), set())["positions"]

    for mint, row in stored.items():
        assert encode_position(decode_position(mint, row.state)) == row.state
        f = row.figures
        came = f["opening_raw"] + f["bought_raw"] + f["arrived_raw"]
        went = f["sold_raw"] + f["left_raw"] + f["paid_raw"]
        assert came - went == f["held_raw"] - f["short_raw"]


def test_bytes_of_another_version_are_refused() -> None:
    """A reader never guesses."""
    with pytest.raises(ValueError, match="version 9"):
        decode_position(SOL_MINT, b"\x91\x09")
