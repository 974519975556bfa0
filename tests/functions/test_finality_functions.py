"""The functions that settle finality and work stored history over, driven by their events."""

import importlib
from typing import Any

import pytest
from pydantic import ValidationError

from oof.app.renormalize import RenormalizeDeps
from oof.app.replay_wallet import ReplayDeps
from oof.app.settle_finality import AskDeps
from oof.domain.packs import NO_DICTIONARY
from oof.domain.snapshot.model import Provisional
from oof.domain.transactions.model import NORMALIZER_VERSION
from oof.domain.transactions.normalize import normalize
from tests.support.asl import execute
from tests.support.settlement import settling

STEPS = ("step_settle_finality", "step_check_finality")


class Context:
    """A function that has its whole time left."""

    def get_remaining_time_in_millis(self) -> int:
        """Return ten minutes."""
        return 600_000


@pytest.fixture
def settlement():
    """Everything behind the handlers, in memory but for the provider's adapter."""
    with settling() as made:
        yield made


@pytest.fixture
def handlers(settlement, monkeypatch) -> dict[str, Any]:
    """The deployed handlers, their composition replaced by that of the test."""
    built = {
        "settle_deps": lambda: settlement.settling,
        "ask_finality_deps": lambda: AskDeps(
            chain=settlement.provider.chain(), blobs=settlement.blobs
        ),
        "replay_deps": lambda: ReplayDeps(
            applying=settlement.advancing.applying,
            waker=settlement.waker,
            new_id=settlement.storing.new_id,
        ),
        "renormalize_deps": lambda: RenormalizeDeps(
            facts=settlement.facts,
            blobs=settlement.blobs,
            waker=settlement.waker,
            clock=settlement.clock,
            new_id=settlement.storing.new_id,
            dictionary_named=lambda name: NO_DICTIONARY,
            normalize=normalize,
            version=NORMALIZER_VERSION,
        ),
    }
    found = {}
    for name in (*STEPS, "job_renormalize"):
        module = importlib.import_module(f"functions.{name}.handler")
        for attribute, build in built.items():
            if hasattr(module, attribute):
                monkeypatch.setattr(module, attribute, build)
        found[name] = lambda state, handle=module.handler: handle(state, Context())
    return found


def deliver(settlement, count: int) -> None:
    """Make transactions, and store them as webhooks do."""
    made = settlement.chain.append("ann", count, "failed")
    settlement.deliver(*(settlement.chain.record(signature) for signature in made))
    settlement.pass_(60)


def test_the_handlers_settle_what_is_soft(settlement, handlers):
    """The schedule's event is all that a settling begins with."""
    deliver(settlement, 2)
    event = {"version": "0", "detail-type": "Scheduled Event", "source": "aws.events"}

    execution = execute("settle_finality", handlers, event)

    assert execution.succeeded
    assert (execution.state["round"], execution.state["credits"]) == (1, 1)
    assert Provisional.SOFT not in settlement.summary.provisional


@pytest.mark.parametrize("name", STEPS)
def test_a_handler_refuses_what_is_no_state(handlers, name):
    """An event nobody of ours made is an error of its own, at once."""
    with pytest.raises(ValidationError):
        handlers[name]({"round": "many"})


def test_the_job_reads_what_an_older_version_wrote(settlement, handlers):
    """One call is enough for a few bodies, and says how far it is."""
    deliver(settlement, 3)
    rows = settlement.facts.tables.transactions
    rows |= {tx_id: row._replace(version=0) for tx_id, row in rows.items()}

    answer = handlers["job_renormalize"]({})

    assert (answer["is_ended"], answer["seen"], answer["failed"]) == (True, 3, 0)
    assert {row.version for row in rows.values()} == {0}
    stored = settlement.facts.tables.transactions.values()
    assert {row.version for row in stored} == {NORMALIZER_VERSION}


def test_the_job_replays_a_wallet(settlement, handlers):
    """Its state is built anew, and it is woken to be projected."""
    deliver(settlement, 3)
    before = len(settlement.waker.sent)

    answer = handlers["job_renormalize"]({"replay": {"wallet": settlement.wallet}})

    assert answer == {"queued": 3, "appended": 0, "folded": 3}
    assert len(settlement.waker.sent) == before + 1
