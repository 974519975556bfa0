"""One queue with everything it must have: dead letters, alarms, and its worker."""

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.constructs.alarm import Alarm
from stacks.functions import Grant
from stacks.naming import Naming, camel
from stacks.settings import StageSettings

RETENTION = Duration.days(14)
VISIBILITY_TIMEOUTS = 6
STUCK_S = 900
FIFO = ".fifo"


class WorkQueue(Construct):
    """A queue worked by one function.

    A FIFO queue orders each wallet's messages and deduplicates within the wallet, by an id that
    the sender gives. A message is dead only after so many receives that an outage cannot kill it.
    """

    def __init__(
        self, scope: Construct, name: str, *, stage: StageSettings, worker: str, alarms: sns.ITopic
    ) -> None:
        super().__init__(scope, camel(name))
        self._flow = stage.flows[name]
        self._naming = Naming(stage=stage.name)
        is_fifo = name.endswith(FIFO)
        dead_name = f"{name.removesuffix(FIFO)}-dlq{FIFO if is_fifo else ''}"
        self.dead_letters = self._queue("DeadLetters", dead_name)
        timeout = Duration.seconds(stage.size_of(worker).timeout_s * VISIBILITY_TIMEOUTS)
        self.queue = self._queue(
            "Queue",
            name,
            visibility_timeout=timeout,
            dead_letter_queue=sqs.DeadLetterQueue(
                queue=self.dead_letters, max_receive_count=stage.max_receive_count
            ),
        )
        self._watch(name, dead_name, alarms)

    def send(self) -> Grant:
        """What a sender is allowed."""
        return Grant(actions=("sqs:SendMessage",), resources=(self.queue.queue_arn,))

    def feed(self, worker: lambda_.Function) -> None:
        """Give messages to the worker, batch by batch; it reports which of them failed."""
        worker.add_event_source(
            sources.SqsEventSource(
                self.queue,
                batch_size=self._flow.batch_size,
                max_concurrency=self._flow.max_concurrency,
                report_batch_item_failures=True,
            )
        )

    def _queue(
        self,
        construct_id: str,
        name: str,
        *,
        visibility_timeout: Duration | None = None,
        dead_letter_queue: sqs.DeadLetterQueue | None = None,
    ) -> sqs.Queue:
        """A queue encrypted at rest and in transit; FIFO if its name says so."""
        is_fifo = name.endswith(FIFO)
        return sqs.Queue(
            self,
            construct_id,
            queue_name=self._naming.resource(name),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=RETENTION,
            visibility_timeout=visibility_timeout,
            dead_letter_queue=dead_letter_queue,
            fifo=True if is_fifo else None,
            content_based_deduplication=False if is_fifo else None,
            deduplication_scope=sqs.DeduplicationScope.MESSAGE_GROUP if is_fifo else None,
            fifo_throughput_limit=(
                sqs.FifoThroughputLimit.PER_MESSAGE_GROUP_ID if is_fifo else None
            ),
        )

    def _watch(self, name: str, dead_name: str, alarms: sns.ITopic) -> None:
        """Ring on the first dead letter, and when nothing has been worked for long."""
        minute = Duration.minutes(1)
        Alarm(
            self,
            self._naming.resource(dead_name),
            metric=self.dead_letters.metric_approximate_number_of_messages_visible(
                period=minute, statistic="Maximum"
            ),
            says="Messages were given up: read one, mend the cause, then redrive.",
            topic=alarms,
        )
        Alarm(
            self,
            self._naming.resource(f"{name}-stuck"),
            metric=self.queue.metric_approximate_age_of_oldest_message(
                period=minute, statistic="Maximum"
            ),
            says="A message has waited a quarter of an hour: its worker or the database is down.",
            topic=alarms,
            threshold=STUCK_S,
        )
