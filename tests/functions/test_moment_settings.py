"""Thresholds of detectors, from a function's environment to its configuration."""

from decimal import Decimal

import pytest
from pydantic import ValidationError

from oof.domain.moments.config import DEFAULTS
from oof.domain.moments.thresholds import with_thresholds
from oof.settings import WorkerApplyWalletSettings

ENVIRON = {
    "OOF_STAGE": "test",
    "OOF_DATABASE_SECRET_ARN": "arn",
    "OOF_HOT_TABLE": "hot",
    "OOF_APPLY_QUEUE_URL": "https://queue",
}


def read(text: str) -> WorkerApplyWalletSettings:
    """Settings with thresholds."""
    return WorkerApplyWalletSettings.from_env({**ENVIRON, "OOF_MOMENT_THRESHOLDS": text})


def test_numbers_are_taken_as_they_are_written():
    """No float on the way: a tenth is a tenth."""
    told = read('{"early_pct": 0.1, "window_s": 3600, "dust_usd": "2.50"}')

    config = with_thresholds(told.moment_thresholds)

    assert config.early_pct == Decimal("0.1")
    assert (config.window_s, config.dust_usd) == (3_600, Decimal("2.50"))
    assert config.drawdown_pct == DEFAULTS.drawdown_pct


def test_nothing_set_is_the_default():
    """An empty environment sets nothing."""
    assert (
        with_thresholds(WorkerApplyWalletSettings.from_env(ENVIRON).moment_thresholds) == DEFAULTS
    )


@pytest.mark.parametrize("text", ["early", "[1]", '{"early_pct": "much"}'])
def test_what_is_no_object_of_numbers_stops_the_cold_start(text):
    """Before the first event, and naming the setting."""
    with pytest.raises(ValidationError, match="moment_thresholds"):
        read(text)
