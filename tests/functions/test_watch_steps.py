"""The functions that keep webhooks: their handlers, driven by the machine's own file."""

import importlib
from typing import Any

import pytest
from pydantic import ValidationError

from tests.support.asl import execute
from tests.support.reconciling import Reconciling
from tests.support.transactions import address

STEPS = ("step_plan_webhooks", "step_put_webhooks", "step_confirm_webhooks")
TICK = {
    "version": "0",
    "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "time": "2026-03-10T12:00:00Z",
    "detail": {},
}


@pytest.fixture
def world() -> Reconciling:
    """Everything behind the handlers, in memory."""
    return Reconciling()


@pytest.fixture
def handlers(world: Reconciling, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The deployed handlers, their composition replaced by that of the test."""
    built = {
        "plan_webhooks_deps": world.plan_deps,
        "put_webhooks_deps": world.put_deps,
        "confirm_webhooks_deps": world.confirm_deps,
    }
    found = {}
    for name in STEPS:
        module = importlib.import_module(f"functions.{name}.handler")
        for attribute, build in built.items():
            if hasattr(module, attribute):
                monkeypatch.setattr(module, attribute, build)
        found[name] = lambda state, handle=module.handler: handle(state, object())
    return found


def test_the_handlers_bring_the_provider_in_line(
    world: Reconciling, handlers: dict[str, Any]
) -> None:
    """The schedule's event is all that a reconciliation begins with, and names it."""
    world.follow("ann")

    execution = execute("reconcile_webhooks", handlers, TICK, on_wait=world.clock.pass_)

    assert execution.succeeded
    assert execution.state["tick"] == TICK["id"]
    assert (execution.state["puts"], execution.state["named"]) == (1, 1)
    assert set(world.hooks().values()) == {frozenset({address("ann")})}


def test_a_step_tried_again_is_the_same_reconciliation(
    world: Reconciling, handlers: dict[str, Any]
) -> None:
    """Its lock is entered again, and what was done is done again to the same end."""
    world.follow("ann")
    state: dict[str, Any] = dict(TICK)
    for name in STEPS:
        once = handlers[name](state)
        state = handlers[name](state)
        assert state["next"] == once["next"]

    assert set(world.hooks().values()) == {frozenset({address("ann")})}
    assert len(world.provider.held) == 1


@pytest.mark.parametrize("name", STEPS)
def test_a_handler_refuses_what_is_no_state(handlers: dict[str, Any], name: str) -> None:
    """An event nobody of ours made is an error of its own, at once."""
    with pytest.raises(ValidationError):
        handlers[name]({"rotate": "perhaps"})
