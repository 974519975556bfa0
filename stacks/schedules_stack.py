"""What happens by the clock."""

from collections.abc import Mapping

from aws_cdk import Duration, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.constructs.alarm import Alarm
from stacks.constructs.event_alarm import EventAlarm
from stacks.constructs.python_function import FunctionFactory
from stacks.settings import StageSettings
from stacks.surroundings import Surroundings

PATIENCE = Duration.minutes(1)
JOBS = {
    "sweep-pending": "job_sweep_pending",
    "keep-packs": "job_keep_packs",
    "check-bodies": "job_check_bodies",
    "roll-windows": "job_roll_windows",
    "quote-wallets": "job_quote_wallets",
    "find-neighbours": "job_find_neighbours",
    "check-rollups": "job_check_rollups",
    "backfill-favourites": "job_backfill_favourites",
    "warm-programs": "job_warm_programs",
}
"""Schedules that start a function; how often is a setting of the stage."""
BY_HAND = ("job_renormalize",)
"""Functions that nothing but an operator starts."""
MACHINES = {
    "repair-tail": "repair_tail",
    "settle-finality": "settle_finality",
    "reconcile-webhooks": "reconcile_webhooks",
    "refresh-prices": "refresh_prices",
    "refresh-tokens": "refresh_tokens",
}
"""Schedules that start a state machine."""
EVENTS = {
    "job_keep_packs": {
        "packs_broken": "A pack of raw bodies is damaged: packs.fault says how; S3 keeps old "
        "versions a month.",
    },
    "job_check_rollups": {
        "rollup_drift": "What is stored of a wallet is not what its facts come to: the log names "
        "wallet, table and row; `./oof replay` folds the wallet anew.",
    },
    "job_sweep_pending": {
        "budget_degrades": "The day's credits run out: /v1/health tells what stopped.",
        "circuit_open": "The provider keeps failing: nobody asks it but for a trial now and then.",
    },
}
"""What a function logs for somebody to hear, and what each means."""


class SchedulesStack(Stack):
    """Every schedule, and the functions that schedules or operators alone start.

    The next tick repeats the work: a late or failed start is not worth a queue of retries.
    """

    def __init__(
        self,
        scope: Construct,
        around: Surroundings,
        *,
        machines: Mapping[str, sfn.IStateMachine],
    ) -> None:
        super().__init__(
            scope,
            around.naming.stack("Schedules"),
            termination_protection=around.stage.keeps_data,
        )
        self._around = around
        factory = FunctionFactory(self, around)
        for function in BY_HAND:
            factory.make(function)
        for name, function in JOBS.items():
            job = factory.make(function)
            self._schedule(
                name, targets.LambdaFunction(job, retry_attempts=0, max_event_age=PATIENCE)
            )
            self._watch(name, job)
            for event, says in EVENTS.get(function, {}).items():
                EventAlarm(self, event, function=job, says=says, around=around)
        for name, machine in MACHINES.items():
            start = targets.SfnStateMachine(
                machines[machine], retry_attempts=0, max_event_age=PATIENCE
            )
            self._schedule(name, start)

    def _schedule(self, name: str, target: events.IRuleTarget) -> None:
        """Do this as often as the stage says."""
        events.Rule(
            self,
            name,
            rule_name=self._around.naming.resource(name),
            schedule=_times(self._around.stage, name),
            targets=[target],
        )

    def _watch(self, name: str, job: lambda_.Function) -> None:
        """Ring where a job fails again and again."""
        Alarm(
            self,
            self._around.naming.resource(f"{name}-failing"),
            metric=job.metric_errors(period=Duration.minutes(1)),
            says="The job failed five minutes in a row: its log says why.",
            topic=self._around.alarms,
            periods=5,
        )


def _times(stage: StageSettings, name: str) -> events.Schedule:
    """When a schedule is due. Raises KeyError for one that the stage does not set."""
    if name in stage.daily_at:
        hour, minute = stage.daily_at[name].split(":")
        return events.Schedule.cron(hour=hour, minute=minute)
    return events.Schedule.rate(Duration.minutes(stage.every_minutes[name]))
