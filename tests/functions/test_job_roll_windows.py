"""The job that lets windows end with today."""

import importlib
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from unittest import mock

from oof.app.roll_windows import RollDeps
from oof.domain.windows import DaySpan, Window, today_of
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.token_results import MemoryTokenResults
from tests.contracts import test_token_results as results
from tests.contracts.test_pnl_reader import WALLET
from tests.support.serving import SetClock


def test_a_round_rolls_what_is_behind_and_drops_what_expired():
    """And says how much; with no time left nothing is begun."""
    facts, clock = MemoryFactStore(), SetClock()
    results.fill(facts)
    sums = MemoryTokenResults(facts)
    expired = clock.now() - timedelta(days=1)
    sums.sum_days(WALLET, DaySpan(1, 2), at=expired, expires_at=clock.now())
    module = importlib.import_module("functions.job_roll_windows.handler")
    log = mock.Mock()

    def run(left_ms):
        context = SimpleNamespace(get_remaining_time_in_millis=lambda: left_ms)
        deps = RollDeps(facts=facts, clock=clock)
        made: Any = {"roll_deps": lambda: deps, "token_sums": lambda: sums, "logger": lambda: log}
        with mock.patch.multiple(module, **made):
            return module.handler({}, context)

    assert run(1_000) == {"rolled": 0, "sums_dropped": 1}
    assert run(300_000) == {"rolled": 2, "sums_dropped": 0}
    log.info.assert_called_with("windows_rolled", rolled=2, done=True, sums_dropped=0)
    wallet_id = facts.tables.tracked[WALLET].wallet_id
    assert facts.tables.wallet_windows[wallet_id, Window.DAY].to_day == today_of(clock.now())
    assert run(300_000) == {"rolled": 0, "sums_dropped": 0}
