"""Queues: nothing is lost, nothing is worked twice at once, and somebody is told."""

from stacks.settings import ROOT
from tests.infrastructure.assembly import Assembly, Resource

DAY_S = 86_400


def _queues(assembly: Assembly, *, dead: bool) -> list[Resource]:
    return [
        queue
        for queue in assembly.find("AWS::SQS::Queue")
        if ("-dlq" in queue.properties["QueueName"]) == dead
    ]


def _dead_letters(assembly: Assembly, queue: Resource) -> Resource:
    return assembly.target(queue.stack, queue.properties["RedrivePolicy"]["deadLetterTargetArn"])


def test_every_queue_has_dead_letters_of_its_own_kind(assembly: Assembly) -> None:
    """A FIFO queue gives up into a FIFO queue, a standard one into a standard one."""
    queues = _queues(assembly, dead=False)

    assert {queue.properties["QueueName"] for queue in queues} == {
        f"oof-{assembly.stage}-{name}"
        for name in ("ingest-store", "ingest-fetch", "ingest-apply.fifo", "analysis-operations")
    }
    for queue in queues:
        dead = _dead_letters(assembly, queue)
        assert dead.logical_id in {each.logical_id for each in _queues(assembly, dead=True)}
        assert dead.properties.get("FifoQueue") == queue.properties.get("FifoQueue")


def test_every_dead_letter_queue_rings(assembly: Assembly) -> None:
    """The first dead letter raises an alarm that is sent somewhere."""
    dead = {queue.logical_id for queue in _queues(assembly, dead=True)}

    watched = {
        assembly.target(alarm.stack, dimension["Value"]).logical_id
        for alarm in assembly.find("AWS::CloudWatch::Alarm")
        for dimension in alarm.properties.get("Dimensions", [])
        if dimension["Name"] == "QueueName"
        and alarm.properties["MetricName"] == "ApproximateNumberOfMessagesVisible"
        and alarm.properties["Threshold"] == 1
        and alarm.properties["AlarmActions"]
    }

    assert watched == dead


def test_every_queue_rings_when_it_is_stuck(assembly: Assembly) -> None:
    """A message that waits a quarter of an hour tells of an outage before anything is given up."""
    watched = {
        assembly.target(alarm.stack, dimension["Value"]).logical_id
        for alarm in assembly.find("AWS::CloudWatch::Alarm")
        for dimension in alarm.properties.get("Dimensions", [])
        if alarm.properties["MetricName"] == "ApproximateAgeOfOldestMessage"
        and alarm.properties["Threshold"] == 900
    }

    assert watched == {queue.logical_id for queue in _queues(assembly, dead=False)}


def test_every_alarm_is_sent_to_somebody(assembly: Assembly) -> None:
    """None rings unheard, and none cries when there is nothing to measure."""
    for alarm in assembly.find("AWS::CloudWatch::Alarm"):
        [action] = alarm.properties["AlarmActions"]
        assert assembly.target(alarm.stack, action).body["Type"] == "AWS::SNS::Topic"
        assert alarm.properties["TreatMissingData"] == "notBreaching"


def test_what_somebody_must_hear_of_rings(assembly: Assembly) -> None:
    """Lines that functions log for it are counted and watched; no other lines are."""
    watched = {alarm.properties["MetricName"] for alarm in assembly.find("AWS::CloudWatch::Alarm")}
    steps = ROOT / "layers" / "core" / "python" / "oof" / "entrypoints"
    told = [*steps.glob("*_steps.py"), steps / "gauges.py"]
    files = [*(ROOT / "functions").rglob("handler.py"), *told]
    code = "".join(each.read_text() for each in files)
    filters = assembly.find("AWS::Logs::MetricFilter")

    assert filters
    for counted in filters:
        [metric] = counted.properties["MetricTransformations"]
        event = counted.properties["FilterPattern"].split('"')[1]
        assert counted.properties["FilterPattern"] == f'{{ $.message = "{event}" }}'
        assert f'error("{event}"' in code
        assert metric["MetricName"] in watched


def test_alarms_may_be_published(assembly: Assembly) -> None:
    """The topic's own policy lets CloudWatch in: it replaces the default that did."""
    principals = [
        statement["Principal"].get("Service")
        for policy in assembly.find("AWS::SNS::TopicPolicy")
        for statement in policy.properties["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow" and statement["Action"] == "sns:Publish"
    ]

    assert principals == ["cloudwatch.amazonaws.com"]


def test_a_message_outlives_an_outage(assembly: Assembly) -> None:
    """Only poison is given up: messages are kept two weeks and received a hundred times."""
    for queue in _queues(assembly, dead=False):
        assert queue.properties["MessageRetentionPeriod"] == 14 * DAY_S
        assert queue.properties["RedrivePolicy"]["maxReceiveCount"] >= 100
    for queue in _queues(assembly, dead=True):
        assert queue.properties["MessageRetentionPeriod"] == 14 * DAY_S


def test_a_message_stays_hidden_while_it_may_be_worked(assembly: Assembly) -> None:
    """Visibility is at least six times the worker's time-out."""
    mappings = assembly.find("AWS::Lambda::EventSourceMapping")

    assert len(mappings) == len(_queues(assembly, dead=False))
    for mapping in mappings:
        queue = assembly.target(mapping.stack, mapping.properties["EventSourceArn"])
        worker = assembly.target(mapping.stack, mapping.properties["FunctionName"])
        assert queue.properties["VisibilityTimeout"] >= 6 * worker.properties["Timeout"]


def test_workers_report_single_failures_and_are_bounded(assembly: Assembly) -> None:
    """One bad message does not repeat its batch, and a rush does not drown the database."""
    for mapping in assembly.find("AWS::Lambda::EventSourceMapping"):
        assert mapping.properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert 2 <= mapping.properties["ScalingConfig"]["MaximumConcurrency"] <= 20


def test_fifo_queues_keep_wallets_apart(assembly: Assembly) -> None:
    """Order, limits and deduplication are the wallet's; the id is the sender's, not the body's."""
    fifo = [
        queue.properties
        for queue in assembly.find("AWS::SQS::Queue")
        if queue.properties.get("FifoQueue")
    ]

    assert len(fifo) == 2
    for properties in fifo:
        assert properties["DeduplicationScope"] == "messageGroup"
        assert properties["FifoThroughputLimit"] == "perMessageGroupId"
        assert properties["ContentBasedDeduplication"] is False


def test_queues_are_encrypted_and_refuse_plain_http(assembly: Assembly) -> None:
    """Bodies rest encrypted, and travel by TLS alone."""
    queues = assembly.find("AWS::SQS::Queue")

    assert all(queue.properties["SqsManagedSseEnabled"] for queue in queues)
    guarded = {
        assembly.target(policy.stack, each).logical_id
        for policy in assembly.find("AWS::SQS::QueuePolicy")
        for statement in policy.properties["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny"
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        for each in policy.properties["Queues"]
    }
    assert guarded == {queue.logical_id for queue in queues}
