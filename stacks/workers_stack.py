"""Queues and the functions that work them."""

from aws_cdk import Stack
from constructs import Construct

from stacks.constructs.event_alarm import EventAlarm
from stacks.constructs.python_function import FunctionFactory
from stacks.constructs.work_queue import WorkQueue
from stacks.functions import Capability, Grant, Provision
from stacks.surroundings import Surroundings

WORKERS = {
    "ingest-store": "worker_store_transactions",
    "ingest-fetch": "worker_fetch_transactions",
    "ingest-apply.fifo": "worker_apply_wallet",
}
SENDING = {
    "ingest-store": (Capability.STORE_SEND, "OOF_STORE_QUEUE_URL"),
    "ingest-fetch": (Capability.FETCH_SEND, "OOF_FETCH_QUEUE_URL"),
    "ingest-apply.fifo": (Capability.APPLY_SEND, "OOF_APPLY_QUEUE_URL"),
}
BLOCKED_EVENT = "wallet_blocked"
"""What the worker logs when it sets a wallet aside."""


class WorkersStack(Stack):
    """Every queue, its worker between them, and what sending to it means."""

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
            if worker == "worker_apply_wallet":
                EventAlarm(
                    self,
                    BLOCKED_EVENT,
                    function=function,
                    says="A wallet was set aside: its summary has the code, the log the cause.",
                    around=around,
                )

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
