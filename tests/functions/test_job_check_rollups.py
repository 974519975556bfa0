"""The daily check of rollups: what it counts, and what it tells."""

import importlib
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest

from oof.app.check_rollups import CheckDeps
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.rollup_checks import MemoryRollupCheckStore
from tests.exactly_once.histories import generated_history
from tests.exactly_once.world import World, clean_pass


@pytest.fixture
def world():
    """A world at rest."""
    made = World(generated_history(8, 4), MemoryFactStore())
    clean_pass(made)
    return made


def run(world, *, left_ms=900_000):
    """Run the job; return its report, its log and what it counted."""
    module = importlib.import_module("functions.job_check_rollups.handler")
    deps = CheckDeps(store=MemoryRollupCheckStore(world.inner), clock=world.clock)
    log: Any = mock.Mock()
    counted: dict[str, int] = {}
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: left_ms)
    with mock.patch.multiple(
        module, check_deps=lambda: deps, logger=lambda: log, tell_counts=counted.update
    ):
        report = module.handler({}, context)
    return report, log, counted


def test_what_agrees_counts_no_drift(world):
    """All is checked and nothing rings."""
    report, log, counted = run(world)

    assert report == {
        "checked": len(world.history.wallets),
        "busy": 0,
        "too_long": 0,
        "left": 0,
        "drifts": 0,
    }
    assert counted == {"RollupDrift": 0}
    assert not log.error.mock_calls


def test_what_differs_rings_with_its_wallet_table_and_row(world):
    """One line a table, which the alarm hears."""
    tables = world.inner.tables
    key = min(tables.flows, key=repr)
    del tables.flows[key]

    report, log, counted = run(world)

    assert (report["drifts"], counted) == (1, {"RollupDrift": 1})
    [call] = log.error.mock_calls
    assert call.args == ("rollup_drift",)
    assert call.kwargs["wallet"] == tables.addresses[key[0]]
    assert call.kwargs["table"] == "wallet_flow_days"
    assert (call.kwargs["rows"], call.kwargs["stored"]) == (1, None)


def test_without_time_nothing_is_begun(world):
    """What is left says so."""
    report, _, _ = run(world, left_ms=60_000)

    assert (report["checked"], report["left"]) == (0, len(world.history.wallets))
