"""What happens by the clock."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.constructs.alarm import Alarm
from stacks.constructs.network import Network
from stacks.constructs.python_function import FunctionFactory
from stacks.functions import Catalog
from stacks.naming import Naming
from stacks.settings import StageSettings

PATIENCE = Duration.minutes(1)


class SchedulesStack(Stack):
    """The sweep of forgotten wallets, and tail repair."""

    def __init__(  # noqa: PLR0913 - all by keyword, from the composition alone
        self,
        scope: Construct,
        *,
        stage: StageSettings,
        naming: Naming,
        catalog: Catalog,
        network: Network | None,
        alarms: sns.ITopic,
        repair_tail: sfn.IStateMachine,
    ) -> None:
        super().__init__(scope, naming.stack("Schedules"), termination_protection=stage.keeps_data)
        self._naming = naming
        factory = FunctionFactory(self, stage=stage, catalog=catalog, network=network)
        sweep = factory.make("job_sweep_pending")
        # The next tick repeats the work: a late or failed one is not worth a queue of retries.
        self._every(
            stage.sweep_minutes,
            "sweep-pending",
            targets.LambdaFunction(sweep, retry_attempts=0, max_event_age=PATIENCE),
        )
        self._every(
            stage.tail_minutes,
            "repair-tail",
            targets.SfnStateMachine(repair_tail, retry_attempts=0, max_event_age=PATIENCE),
        )
        Alarm(
            self,
            naming.resource("sweep-pending-failing"),
            metric=sweep.metric_errors(period=Duration.minutes(1)),
            says="The sweep failed five minutes in a row: forgotten wallets stay forgotten.",
            topic=alarms,
            periods=5,
        )

    def _every(self, minutes: int, name: str, target: events.IRuleTarget) -> None:
        """Do this every so many minutes."""
        events.Rule(
            self,
            name,
            rule_name=self._naming.resource(name),
            schedule=events.Schedule.rate(Duration.minutes(minutes)),
            targets=[target],
        )
