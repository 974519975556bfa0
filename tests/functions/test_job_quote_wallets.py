"""The job that shows wallets that are being read at the newest prices."""

import importlib
from types import SimpleNamespace
from unittest import mock

from tests.unit.app.test_quote_wallets import Quiet


def test_a_round_reports_what_it_did():
    """How many wallets somebody reads, and whose worth had changed."""
    quiet = Quiet()
    wallet, mint = quiet.holder()
    quiet.tell(mint, 3)
    quiet.marks.mark(wallet, at=quiet.now)
    module = importlib.import_module("functions.job_quote_wallets.handler")
    log = mock.Mock()

    with mock.patch.multiple(module, quote_deps=lambda: quiet.deps, logger=lambda: log):
        report = module.handler({}, SimpleNamespace())

    assert report == {"read": 1, "projected": 1}
    log.info.assert_called_once_with("wallets_quoted", **report)
    assert quiet.shown(wallet).pnl.value_usd > 0
