"""A TaskIQ application on SQS: two queues, and workers that Sluice can scale without losing work.

    taskiq worker app:broker --workers 1 --max-async-tasks 4 --max-fails 1 --wait-tasks-timeout 25
"""

import asyncio
import os
from typing import Any

from taskiq import TaskiqMessage, TaskiqMiddleware, TaskiqResult
from taskiq_aio_sqs import SQSQueue

from graceful import GracefulSQSBroker
from protection import Protection

TASKS = os.environ.get("TASKS_QUEUE", "taskiq-tasks")
ORDERS = os.environ.get("ORDERS_QUEUE", "taskiq-orders.fifo")


class ProtectWhileBusy(TaskiqMiddleware):
    """Protects this ECS task from scale-in, from the first job in hand to the last."""

    def __init__(self) -> None:
        super().__init__()
        self._protection = Protection()

    # In a thread, since other jobs must not wait for ECS.
    async def pre_execute(self, message: TaskiqMessage) -> TaskiqMessage:
        await asyncio.to_thread(self._protection.begin, message.task_id)
        return message

    async def post_execute(self, message: TaskiqMessage, result: TaskiqResult[Any]) -> None:
        # Called after a job that failed too.
        await asyncio.to_thread(self._protection.end, message.task_id)


broker = GracefulSQSBroker(
    TASKS,
    # Set for the embedded AWS and other clouds; AWS's own otherwise.
    endpoint_url=os.environ.get("AWS_ENDPOINT_URL"),
    region_name=os.environ.get("AWS_REGION", "eu-west-1"),
    wait_time_seconds=10,
    # Renews the visibility timeout while a job runs, so the timeout can be far shorter than the longest job.
    enable_heartbeat=True,
    # FIFO: a task that is sent twice within five minutes is one message.
    use_task_id_for_deduplication=True,
    # One ECS service and one policy for each queue: `LISTEN_TO` says which one a worker reads.
    listen_to=os.environ.get("LISTEN_TO", TASKS).split(","),
    give_back_after=float(os.environ.get("GIVE_BACK_AFTER", "20")),
).with_queues(SQSQueue(name=ORDERS, is_fifo=True, wait_time_seconds=10))
broker.add_middlewares(ProtectWhileBusy())


@broker.task
async def render(seconds: float) -> None:
    """Stands for a job of yours. Done twice it does no harm, as SQS requires."""
    await asyncio.sleep(seconds)


@broker.task(queue=ORDERS)
async def book(customer: str, seconds: float) -> None:
    """Stands for a job whose order matters: those with the same label `group_id` run one after the other."""
    await asyncio.sleep(seconds)
