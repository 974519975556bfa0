"""State machines, from `statemachines/*.asl.json`, and the functions that are their steps."""

import json
import re
from collections.abc import Mapping

from aws_cdk import ArnFormat, Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.acknowledge import accept
from stacks.constructs.alarm import Alarm
from stacks.constructs.event_alarm import EventAlarm
from stacks.constructs.python_function import (
    FunctionFactory,
    allow,
    allow_without_resource,
    retention,
)
from stacks.errors import SynthesisRefused
from stacks.functions import FUNCTIONS, Capability, Grant, Provision
from stacks.naming import camel
from stacks.settings import ROOT
from stacks.surroundings import Surroundings

BACKFILL = "backfill_wallet"
SCHEDULED = (
    "repair_tail",
    "settle_finality",
    "reconcile_webhooks",
    "refresh_prices",
    "refresh_tokens",
)
"""Machines that the clock starts; `stacks/schedules_stack.py` says how often."""
STARTED: Mapping[Capability, tuple[str, str]] = {
    Capability.BACKFILL_START: ("OOF_BACKFILL_MACHINE_ARN", BACKFILL),
    Capability.PRICES_START: ("OOF_PRICES_MACHINE_ARN", "refresh_prices"),
    Capability.TOKENS_START: ("OOF_TOKENS_MACHINE_ARN", "refresh_tokens"),
}
"""Machines that functions start, and the variable that says where."""
ALARMING: Mapping[str, Mapping[str, str]] = {
    "step_confirm_webhooks": {
        "webhooks_drifted": "Webhooks were found other than we put them; the log says how.",
        "webhooks_not_put": "The provider could not be brought in line; the log says why.",
    },
    "step_plan_tail": {
        "webhooks_silent": "Wallets move and no webhook delivers: what is lost is listed for.",
    },
    "step_settle_finality": {
        "landings_revoked": "The chain dropped or moved what was counted: ledgers took it back.",
    },
}
"""Events that a step logs and that somebody has to hear of."""
PLACEHOLDER = re.compile(r"\$\{(\w+)Arn\}")
# CloudWatch Logs gives these no resource: delivery of an execution's log is the account's.
LOG_DELIVERY_ACTIONS = (
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
)
TRACE_ACTIONS = (
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
)


class WorkflowStack(Stack):
    """Each machine may invoke the steps that its file names."""

    def __init__(self, scope: Construct, around: Surroundings) -> None:
        super().__init__(
            scope,
            around.naming.stack("Workflow"),
            termination_protection=around.stage.keeps_data,
        )
        self._around = around
        self._stage = around.stage
        self._naming = around.naming
        self._alarms = around.alarms
        self._factory = FunctionFactory(self, around)
        self._steps: dict[str, lambda_.Function] = {}
        # By name: a step of the machine itself lets a long run go on in another execution.
        for capability, (variable, machine) in STARTED.items():
            around.catalog.offer(capability, _starting(variable, self._arn_of(machine)))
        self.machines: Mapping[str, sfn.IStateMachine] = {
            BACKFILL: self._machine(BACKFILL),
            **{name: self._machine(name) for name in SCHEDULED},
        }

    def _arn_of(self, name: str) -> str:
        """The address of a machine, known from its name before it is made."""
        return self.format_arn(
            service="states",
            resource="stateMachine",
            resource_name=self._naming.resource(name),
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )

    def _machine(self, name: str) -> sfn.StateMachine:
        """The machine of a file, with each `${<Function>Arn}` standing for a function of ours."""
        definition = (ROOT / "statemachines" / f"{name}.asl.json").read_text(encoding="utf-8")
        steps = {
            placeholder: self._step(name, placeholder)
            for placeholder in sorted(set(PLACEHOLDER.findall(definition)))
        }
        log_group = logs.LogGroup(
            self,
            f"{camel(name)}Logs",
            log_group_name=f"/aws/vendedlogs/states/{self._naming.resource(name)}",
            retention=retention(self._stage.log_retention_days),
            removal_policy=RemovalPolicy.DESTROY,
        )
        machine = sfn.StateMachine(
            self,
            camel(name),
            state_machine_name=self._naming.resource(name),
            definition_body=sfn.DefinitionBody.from_string(json.dumps(json.loads(definition))),
            definition_substitutions={
                f"{placeholder}Arn": step.function_arn for placeholder, step in steps.items()
            },
            role=self._role(name, [step.function_arn for step in steps.values()]),
            logs=sfn.LogOptions(destination=log_group, level=sfn.LogLevel.ERROR),
            tracing_enabled=self._stage.is_traced,
        )
        accept(machine, "SF1", "errors are logged; an execution's history holds every event")
        if not self._stage.is_traced:
            accept(machine, "SF2", "tracing is off in this stage, by its settings")
        Alarm(
            self,
            self._naming.resource(f"{name}-failed"),
            metric=machine.metric_failed(period=Duration.minutes(5)),
            says="An execution failed: its history says where.",
            topic=self._alarms,
        )
        return machine

    def _step(self, machine: str, placeholder: str) -> lambda_.Function:
        """The function that a placeholder stands for, shared by all machines."""
        names = {camel(function): function for function in FUNCTIONS}
        if placeholder not in names:
            raise SynthesisRefused(
                f"statemachines/{machine}.asl.json names ${{{placeholder}Arn}}, "
                "which is no function of ours"
            )
        name = names[placeholder]
        if name not in self._steps:
            self._steps[name] = self._factory.make(name)
            for event, says in ALARMING.get(name, {}).items():
                EventAlarm(self, event, function=self._steps[name], says=says, around=self._around)
        return self._steps[name]

    def _role(self, name: str, steps: list[str]) -> iam.Role:
        """A role that may invoke exactly its steps, and log."""
        role = iam.Role(
            self, f"{camel(name)}Role", assumed_by=iam.ServicePrincipal("states.amazonaws.com")
        )
        allow(role, ("lambda:InvokeFunction",), tuple(steps))
        allow_without_resource(
            role, LOG_DELIVERY_ACTIONS, "the delivery of execution logs is the account's"
        )
        if self._stage.is_traced:
            allow_without_resource(
                role, TRACE_ACTIONS, "traces are the account's: X-Ray names no resource"
            )
        return role


def _starting(variable: str, arn: str) -> Provision:
    """Starting executions of a machine."""
    return Provision(
        environment={variable: arn},
        grants=(Grant(actions=("states:StartExecution",), resources=(arn,)),),
    )
