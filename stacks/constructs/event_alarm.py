"""An alarm on something that a function logs."""

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.constructs.alarm import Alarm
from stacks.naming import camel
from stacks.surroundings import Surroundings


class EventAlarm(Construct):
    """Rings whenever a function logs an event of this name."""

    def __init__(
        self,
        scope: Construct,
        event: str,
        *,
        function: lambda_.Function,
        says: str,
        around: Surroundings,
    ) -> None:
        super().__init__(scope, camel(event))
        name = around.naming.resource(event.replace("_", "-"))
        counted = logs.MetricFilter(
            self,
            "Counted",
            log_group=function.log_group,
            filter_pattern=logs.FilterPattern.string_value("$.message", "=", event),
            metric_namespace="oof",
            metric_name=name,
            metric_value="1",
        )
        Alarm(
            self,
            name,
            metric=counted.metric(period=Duration.minutes(5), statistic="Sum"),
            says=says,
            topic=around.alarms,
        )
