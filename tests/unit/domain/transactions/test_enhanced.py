"""Helius enhanced transactions, best effort."""

from collections import defaultdict
from typing import Any

import pytest

from oof.domain.transactions.enhanced import normalize_enhanced
from oof.domain.transactions.model import NormalizedTransaction, Unreadable
from oof.domain.transactions.normalize import normalize
from oof.domain.units import SOL_MINT


@pytest.mark.chain
def test_recorded_notifications_add_up(enhanced: list[dict[str, Any]]) -> None:
    """Movements of every recorded notification sum to the changes it states."""
    assert len(enhanced) > 200
    for raw in enhanced:
        found = normalize_enhanced(raw)
        assert isinstance(found, NormalizedTransaction)
        tokens = {
            change["tokenAccount"]
            for entry in raw["accountData"]
            for change in entry["tokenBalanceChanges"] or ()
        }
        stated: dict[tuple[str | None, str], int] = defaultdict(int)
        for entry in raw["accountData"]:
            if entry["account"] not in tokens:
                stated[entry["account"], SOL_MINT] += entry["nativeBalanceChange"]
            for change in entry["tokenBalanceChanges"] or ():
                amount = int(change["rawTokenAmount"]["tokenAmount"])
                stated[change["userAccount"], change["mint"]] += amount
        moved: dict[tuple[str | None, str], int] = defaultdict(int)
        for each in found.movements:
            moved[each.owner, each.mint] += each.delta_raw
        opened = {pair for pair in moved if moved[pair] != stated.get(pair, 0)}
        assert not opened, found.signature


@pytest.mark.chain
def test_notification_is_never_taken_for_a_fact(enhanced: list[dict[str, Any]]) -> None:
    """It has no balances, says so, and the strict normalizer refuses it."""
    found = normalize_enhanced(enhanced[0])
    assert isinstance(found, NormalizedTransaction)
    assert found.balances == ()
    assert found.anomalies[0].code == "enhanced_source"
    assert isinstance(normalize(enhanced[0]), Unreadable)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (None, "not_a_transaction"),
        ({}, "no_signature"),
        ({"signature": "1", "feePayer": "2"}, "no_account_data"),
        ({"signature": "1", "feePayer": "2", "accountData": [{}]}, "bad_account_data"),
        (
            {
                "signature": "1",
                "feePayer": "2",
                "accountData": [{"account": "2", "nativeBalanceChange": 1.5}],
            },
            "bad_number",
        ),
    ],
)
def test_broken_notification_says_what_is_wrong(raw: Any, code: str) -> None:
    """A notification that cannot be read comes back as a value."""
    found = normalize_enhanced(raw)
    assert isinstance(found, Unreadable)
    assert found.code == code
