"""State machines: every step is a function of ours, retried on what passes, reachable."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from stacks.settings import ROOT, SIZES
from tests.infrastructure.assembly import Assembly, Resource, as_list, flatten

MACHINES = (
    "backfill_wallet",
    "repair_tail",
    "settle_finality",
    "reconcile_webhooks",
    "refresh_prices",
    "refresh_tokens",
)
PASSING = {
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
}
PLACEHOLDER = re.compile(r"\$\{(\w+)\}")


def _machine(assembly: Assembly, name: str) -> Resource:
    found = {
        machine.properties["StateMachineName"]: machine
        for machine in assembly.find("AWS::StepFunctions::StateMachine")
    }
    return found[f"oof-{assembly.stage}-{name}"]


def _steps(assembly: Assembly, machine: Resource) -> dict[str, str]:
    """The function that each placeholder stands for."""
    names = {function[:2]: name for name, function in assembly.functions().items()}
    return {
        placeholder: names[assembly.target(machine.stack, value)[:2]]
        for placeholder, value in machine.properties["DefinitionSubstitutions"].items()
    }


def _states(body: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every state, those inside maps and branches included."""
    for name, state in body["States"].items():
        yield name, state
        inner = [state[key] for key in ("ItemProcessor", "Iterator") if key in state]
        for each in (*inner, *state.get("Branches", [])):
            yield from _states(each)


def _definition(name: str) -> Mapping[str, Any]:
    path = ROOT / "statemachines" / f"{name}.asl.json"
    body: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return body


def _tasks(name: str) -> list[tuple[str, Mapping[str, Any]]]:
    return [(each, body) for each, body in _states(_definition(name)) if body["Type"] == "Task"]


def _function_of(state: Mapping[str, Any]) -> str:
    """The placeholder of the function that a task invokes."""
    [placeholder] = PLACEHOLDER.findall(json.dumps(state))
    return str(placeholder)


def _ways_on(state: Mapping[str, Any]) -> set[str]:
    """Every state that may follow."""
    branches = [*state.get("Choices", []), *state.get("Catch", []), state]
    return {each[key] for each in branches for key in ("Next", "Default") if key in each}


@pytest.mark.parametrize("name", MACHINES)
def test_every_task_resolves_to_a_function_of_ours(assembly: Assembly, name: str) -> None:
    """No placeholder is left, none is unused, and each is a deployed step."""
    machine = _machine(assembly, name)
    steps = _steps(assembly, machine)
    text = flatten(machine.properties["DefinitionString"])

    assert set(PLACEHOLDER.findall(text)) == set(steps)
    assert {_function_of(state) for _, state in _tasks(name)} == set(steps)
    assert all(step.startswith("step_") for step in steps.values())


@pytest.mark.parametrize("name", MACHINES)
def test_a_machine_may_invoke_exactly_its_steps(assembly: Assembly, name: str) -> None:
    """Its role names the functions of its tasks, and no other."""
    machine = _machine(assembly, name)
    role = assembly.target(machine.stack, machine.properties["RoleArn"])

    invoked = {
        assembly.target(machine.stack, resource)[:2]
        for statement in assembly.statements(role)
        if "lambda:InvokeFunction" in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    }

    functions = assembly.functions()
    assert invoked == {functions[step][:2] for step in _steps(assembly, machine).values()}


def test_every_step_belongs_to_a_machine(assembly: Assembly) -> None:
    """No step function is deployed that no machine invokes."""
    used = {
        step for name in MACHINES for step in _steps(assembly, _machine(assembly, name)).values()
    }

    assert used == {name for name in assembly.functions() if name.startswith("step_")}


@pytest.mark.parametrize("name", MACHINES)
def test_every_task_is_retried_and_bounded(assembly: Assembly, name: str) -> None:
    """What passes is tried again, also where every error has one name, and no task hangs."""
    steps = _steps(assembly, _machine(assembly, name))

    for label, state in _tasks(name):
        retried = {error for rule in state["Retry"] for error in rule["ErrorEquals"]}
        assert retried >= PASSING, label
        handlers = (*state["Retry"], *state.get("Catch", []))
        assert any("States.ALL" in rule["ErrorEquals"] for rule in handlers), label
        assert state["TimeoutSeconds"] >= SIZES[steps[_function_of(state)]].timeout_s, label


def test_a_run_outlasts_minutes_without_its_database() -> None:
    """What it fetched is paid for: it waits with it, half the longest pauses on the average."""
    for label, state in _tasks("backfill_wallet"):
        (rule,) = (each for each in state["Retry"] if "StoreUnavailable" in each["ErrorEquals"])
        assert rule["JitterStrategy"] == "FULL", label
        pauses = (
            min(rule["IntervalSeconds"] * rule["BackoffRate"] ** at, rule["MaxDelaySeconds"])
            for at in range(rule["MaxAttempts"])
        )
        assert sum(pauses) / 2 >= 180, label


@pytest.mark.parametrize("name", MACHINES)
def test_every_state_is_reachable_and_leads_somewhere(name: str) -> None:
    """No state is orphaned, none names one that does not exist, and an end can be reached."""
    body = _definition(name)
    states = body["States"]
    reached: set[str] = set()
    ahead = {body["StartAt"]}
    while ahead:
        reached |= ahead
        ahead = {way for each in ahead for way in _ways_on(states[each])} - reached

    assert reached == set(states)
    ends = [state for state in states.values() if state.get("End") or state["Type"] == "Succeed"]
    assert ends
    assert body["TimeoutSeconds"] > 0


def test_starting_a_backfill_is_allowed_to_whoever_is_told_its_name(assembly: Assembly) -> None:
    """The variable and the permission come together."""
    for name, function in assembly.functions().items():
        told = "OOF_BACKFILL_MACHINE_ARN" in assembly.environment(function)
        assert told == ("states:StartExecution" in assembly.actions(function)), name


def test_schedules_reach_what_they_name(assembly: Assembly) -> None:
    """Each does what it is for, as often as it should."""
    rules = {
        rule.properties["Name"]: (
            rule.properties["ScheduleExpression"],
            assembly.target(rule.stack, rule.properties["Targets"][0]["Arn"]).body["Type"],
        )
        for rule in assembly.find("AWS::Events::Rule")
    }

    assert rules == {
        f"oof-{assembly.stage}-sweep-pending": ("rate(1 minute)", "AWS::Lambda::Function"),
        f"oof-{assembly.stage}-backfill-favourites": (
            "cron(20 01 * * ? *)",
            "AWS::Lambda::Function",
        ),
        f"oof-{assembly.stage}-warm-programs": ("cron(20 02 * * ? *)", "AWS::Lambda::Function"),
        f"oof-{assembly.stage}-keep-packs": ("cron(10 03 * * ? *)", "AWS::Lambda::Function"),
        f"oof-{assembly.stage}-check-rollups": ("cron(10 04 * * ? *)", "AWS::Lambda::Function"),
        f"oof-{assembly.stage}-check-bodies": ("rate(5 minutes)", "AWS::Lambda::Function"),
        f"oof-{assembly.stage}-quote-wallets": ("rate(15 minutes)", "AWS::Lambda::Function"),
        f"oof-{assembly.stage}-roll-windows": ("rate(15 minutes)", "AWS::Lambda::Function"),
        f"oof-{assembly.stage}-find-neighbours": ("rate(1 hour)", "AWS::Lambda::Function"),
        f"oof-{assembly.stage}-settle-finality": (
            "rate(1 minute)",
            "AWS::StepFunctions::StateMachine",
        ),
        f"oof-{assembly.stage}-repair-tail": (
            "rate(2 minutes)",
            "AWS::StepFunctions::StateMachine",
        ),
        f"oof-{assembly.stage}-refresh-prices": (
            "rate(5 minutes)",
            "AWS::StepFunctions::StateMachine",
        ),
        f"oof-{assembly.stage}-refresh-tokens": (
            "rate(15 minutes)",
            "AWS::StepFunctions::StateMachine",
        ),
        f"oof-{assembly.stage}-reconcile-webhooks": (
            "rate(2 minutes)",
            "AWS::StepFunctions::StateMachine",
        ),
    }
