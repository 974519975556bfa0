"""Queues, the functions that work them, and the door that bodies come in by."""

from collections.abc import Mapping

from aws_cdk import Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from constructs import Construct

from stacks.constructs.event_alarm import EventAlarm
from stacks.constructs.public_api import Door, PublicApi
from stacks.constructs.python_function import FunctionFactory
from stacks.constructs.work_queue import WorkQueue
from stacks.functions import Capability, Grant, Provision
from stacks.surroundings import Surroundings

WORKERS = {
    "ingest-store": "worker_store_transactions",
    "ingest-fetch": "worker_fetch_transactions",
    "ingest-apply.fifo": "worker_apply_wallet",
    "analysis-operations": "worker_fold_view",
}
SENDING = {
    "ingest-store": (Capability.STORE_SEND, "OOF_STORE_QUEUE_URL"),
    "ingest-fetch": (Capability.FETCH_SEND, "OOF_FETCH_QUEUE_URL"),
    "ingest-apply.fifo": (Capability.APPLY_SEND, "OOF_APPLY_QUEUE_URL"),
    "analysis-operations": (Capability.ANALYSIS_SEND, "OOF_ANALYSIS_QUEUE_URL"),
}
ALARMING: Mapping[str, Mapping[str, str]] = {
    "worker_apply_wallet": {
        "wallet_blocked": "A wallet was set aside: its summary has the code, the log the cause.",
    },
    "worker_fold_view": {
        "view_given_up": "A view failed again and again: the log has the cause, its caller a code.",
    },
    "worker_store_transactions": {
        "body_false": "A webhook's body was not what the node says: its facts were replaced.",
    },
}
"""Events that a worker logs and that somebody has to hear of."""


INGEST_ROUTE = "/ingest/webhook/helius"


class WorkersStack(Stack):
    """Every queue, its worker between them, what sending to it means, and the ingest API."""

    def __init__(self, scope: Construct, around: Surroundings) -> None:
        super().__init__(
            scope,
            around.naming.stack("Workers"),
            termination_protection=around.stage.keeps_data,
        )
        self.queues = {
            name: WorkQueue(self, name, stage=around.stage, worker=worker, alarms=around.alarms)
            for name, worker in WORKERS.items()
        }
        for name, queue in self.queues.items():
            capability, variable = SENDING[name]
            around.catalog.offer(
                capability,
                Provision(environment={variable: queue.queue.queue_url}, grants=(queue.send(),)),
            )
        around.catalog.offer(Capability.QUEUE_HEALTH, self._health())
        factory = FunctionFactory(self, around)
        for name, worker in WORKERS.items():
            function = factory.make(worker)
            self.queues[name].feed(function)
            for event, says in ALARMING.get(worker, {}).items():
                EventAlarm(self, event, function=function, says=says, around=around)

        ingest = self._ingest(factory, around)
        posted_to = around.stage.webhook_url
        url = f"{ingest.url}{INGEST_ROUTE[1:]}" if posted_to is None else posted_to
        around.catalog.offer(
            Capability.WEBHOOK_URL, Provision(environment={"OOF_WEBHOOK_URL": url})
        )

    def _ingest(self, factory: FunctionFactory, around: Surroundings) -> PublicApi:
        """The API that senders of webhooks post to."""
        door = Door(
            routes={INGEST_ROUTE: [apigateway.HttpMethod.POST]},
            throttle=around.stage.ingest_throttle,
            open_because="the function compares the sender's header or signature, in constant time",
        )
        function = factory.make("api_ingest_webhook")
        return PublicApi(self, "ingest", door=door, function=function, around=around)

    def _health(self) -> Provision:
        """Reading how long each queue is, and how many messages were given up."""
        queues = [
            queue for work in self.queues.values() for queue in (work.queue, work.dead_letters)
        ]
        return Provision(
            environment={
                variable: self.queues[name].queue.queue_url
                for name, (_, variable) in SENDING.items()
            },
            grants=(
                Grant(
                    actions=("sqs:GetQueueAttributes", "sqs:GetQueueUrl"),
                    resources=tuple(queue.queue_arn for queue in queues),
                ),
            ),
        )
