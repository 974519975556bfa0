"""The workflow's state, and that its routes know every answer a step can give."""

import json

import pytest
from pydantic import ValidationError

from oof.app.plan_backfill import Next
from oof.domain.backfill import Mode
from oof.domain.units import Address, UnixSeconds
from oof.entrypoints.step import MAX_STATE_BYTES, RunState, TailState
from oof.ports.workflow import Run
from tests.support.asl import MACHINES

RUN = Run(
    run_id="open_wallet-0123-1",
    wallet=Address("8rvAsDKeAcEjEkiZMug9k8v1y8mW6gQQiMobd89Uy7qR"),
    mode=Mode.DEEP,
    target_time=UnixSeconds(1_700_000_000),
    work_id="open_wallet-0123",
    attempt=1,
)


BRING = "Bring in pages"


def states_of(machine, *maps):
    """The states of a machine, or of what a map in it repeats."""
    states = json.loads((MACHINES / f"{machine}.asl.json").read_text())["States"]
    for name in maps:
        states = states[name]["ItemProcessor"]["States"]
    return states


def routes(machine, state, *maps):
    """What a choice sends where."""
    choices = states_of(machine, *maps)[state]["Choices"]
    return {rule["StringEquals"]: rule["Next"] for rule in choices}


def test_a_run_travels_through_the_state_unchanged():
    """What a run is made of comes back out of JSON as it was."""
    state = json.loads(json.dumps(RunState.of(RUN).model_dump(mode="json")))

    assert RunState.model_validate(state).run == RUN


def test_every_answer_has_a_route():
    """No step can send the machine where it does not know to go; done is the way out."""
    known = set(routes("backfill_wallet", "Route"))
    of_a_page = {Next.LEASE, Next.WAIT_FOR_LEASE, Next.FETCH, Next.STORE}
    answers = set(Next) - {Next.DONE, Next.WAIT} - of_a_page | {Next.LEASE}

    assert known == {str(answer) for answer in answers}
    assert set(routes("backfill_wallet", "Route page", BRING)) == {str(a) for a in of_a_page}


def test_waits_lead_back_to_who_waits():
    """A run that waits for a lease leases again; one that waits for its fold finishes again."""
    states = states_of("backfill_wallet")
    of_a_page = states_of("backfill_wallet", BRING)

    wait = routes("backfill_wallet", "Route page", BRING)["wait_for_lease"]
    assert of_a_page[wait]["Next"] == "Lease"
    assert states[routes("backfill_wallet", "Route")["settle"]]["Next"] == "Finish chunk"


def test_the_tail_looks_only_where_somebody_is_due():
    """Any other answer ends the repair."""
    assert routes("repair_tail", "Anyone due") == {"check": "Check tail"}


def test_a_failure_is_recorded_before_the_run_fails():
    """All but the last resort is caught, a page's steps with their map; it leads to the failure."""
    states = states_of("backfill_wallet")
    tasks = {name: state for name, state in states.items() if state["Type"] in {"Task", "Map"}}

    caught = {n: s["Catch"][0]["Next"] for n, s in tasks.items() if n != "Give up"}
    assert set(caught.values()) == {"Give up"}
    assert states["Give up"]["Next"] == "Failed"
    assert states["Failed"]["Type"] == "Fail"


def test_the_largest_state_fits():
    """Even a page with a hundred parts stays far below what may be handed on."""
    keys = tuple(f"runs/{'x' * 80}/00001/bodies-1-{n:03}.json" for n in range(100))
    state = RunState.of(RUN).then(Next.STORE, keys=keys)

    assert len(json.dumps(state)) < MAX_STATE_BYTES / 10


@pytest.mark.parametrize("change", [{"wallet": "short"}, {"mode": "other"}, {"page": -1}])
def test_a_malformed_state_is_refused(change):
    """A state nobody of ours wrote is not worked on."""
    with pytest.raises(ValidationError):
        RunState.model_validate({**RunState.of(RUN).model_dump(), **change})


def test_a_scheduled_event_starts_a_tail():
    """What the schedule sends is a first round's state."""
    state = TailState.model_validate({"time": "2026-03-10T12:00:00Z", "source": "aws.events"})

    assert (state.round, state.next) == (-1, Next.PLAN)
