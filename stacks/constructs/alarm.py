"""An alarm that somebody hears."""

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct


class Alarm(Construct):
    """Rings when a metric reached its threshold in each of the last periods; silence is peace."""

    def __init__(  # noqa: PLR0913 - an alarm is what it says, by keyword
        self,
        scope: Construct,
        name: str,
        *,
        metric: cloudwatch.Metric,
        says: str,
        topic: sns.ITopic,
        threshold: int = 1,
        periods: int = 1,
    ) -> None:
        super().__init__(scope, f"Alarm-{name}")
        alarm = metric.create_alarm(
            self,
            "Alarm",
            alarm_name=name,
            alarm_description=says,
            threshold=threshold,
            evaluation_periods=periods,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(topic))
