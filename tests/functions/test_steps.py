"""The machines' functions: their handlers, driven by the machines' own files."""

import importlib
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from local.upstream.chain import GeneratedChain, WalletSpec
from local.upstream.prices import Prices
from local.upstream.state import Upstream
from oof.domain.backfill import Mode
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Address
from oof.entrypoints.step import RunState
from oof.ports.workflow import Run
from tests.support.asl import execute
from tests.support.backfill import Backfills
from tests.support.upstream import providing

STEPS = (
    "step_plan_backfill",
    "step_check_account",
    "step_list_signatures",
    "step_lease_signatures",
    "step_fetch_transactions",
    "step_store_transactions",
    "step_finish_chunk",
)
PEOPLE = (WalletSpec(name="ann", transactions=40, days=10, live=False),)


@pytest.fixture
def backfills():
    """Everything behind the handlers, in memory but for the provider's adapter."""
    chain = GeneratedChain(seed=3, wallets=PEOPLE)
    chain.catch_up()
    with providing(Upstream(chain=chain, prices=Prices(chain.quote, chain.candles))) as provider:
        made = Backfills(provider)
        made.clock.at = datetime.fromtimestamp(chain.now(), UTC)
        yield made


@pytest.fixture
def handlers(backfills, monkeypatch) -> dict[str, Any]:
    """The deployed handlers, their composition replaced by that of the test."""
    built = {
        "plan_deps": backfills.plan_deps,
        "lease_deps": backfills.lease_deps,
        "finish_deps": backfills.finish_deps,
        "failure_deps": backfills.failure_deps,
        "chain_of": backfills.chain_of,
        "documents": backfills.documents,
        "limits": lambda: backfills.limits,
        "store_object": backfills.store_object,
        "run_starter": lambda: backfills.starter,
        "tail_plan_deps": backfills.tail_plan_deps,
        "tail_check_deps": backfills.tail_check_deps,
    }
    found = {}
    for name in (*STEPS, "step_plan_tail", "step_check_tail"):
        module = importlib.import_module(f"functions.{name}.handler")
        for attribute, build in built.items():
            if hasattr(module, attribute):
                monkeypatch.setattr(module, attribute, build)
        found[name] = lambda state, handle=module.handler: handle(state, object())
    return found


def test_the_handlers_bring_a_wallet_in(backfills, handlers):
    """From the event that the API starts an execution with, to a wallet seen in full."""
    wallet = Address(backfills.provider.upstream.chain.wallets()["ann"])
    run = Run(run_id="open_wallet-1-1", wallet=wallet, mode=Mode.OPEN)
    event = RunState.of(run).model_dump(mode="json")

    execution = execute("backfill_wallet", handlers, event, on_wait=backfills.clock.pass_)

    assert execution.succeeded
    known = backfills.store.coverage(wallet)
    assert known is not None
    assert known.state is WalletState.SEEN_FULL
    assert backfills.store.runs["open_wallet-1-1"].calls == backfills.provider.calls


def test_the_handlers_repair_the_tail(backfills, handlers):
    """The schedule's event is all that a repair begins with."""
    event = {"version": "0", "detail-type": "Scheduled Event", "source": "aws.events"}

    execution = execute("repair_tail", handlers, event)

    assert execution.succeeded
    assert execution.state["tick"]


@pytest.mark.parametrize("name", STEPS)
def test_a_handler_refuses_what_is_no_state(handlers, name):
    """An event nobody of ours made is an error of its own, at once."""
    with pytest.raises(ValidationError):
        handlers[name]({"wallet": "?"})
