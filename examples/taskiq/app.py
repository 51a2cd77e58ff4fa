"""A TaskIQ application on SQS whose workers protect themselves from scale-in while they work.

    taskiq worker app:broker --workers 1 --max-async-tasks 4 --wait-tasks-timeout 50
"""

import asyncio
import os
import random
from typing import Any

from taskiq import TaskiqMessage, TaskiqMiddleware, TaskiqResult
from taskiq_aio_sqs import SQSBroker

from protection import Protection

region = os.environ.get("AWS_REGION", "eu-west-1")


class ProtectWhileBusy(TaskiqMiddleware):
    """Protection from the first job in hand to the last. In a thread, since other jobs must not wait for ECS."""

    def __init__(self) -> None:
        super().__init__()
        # Longer than the longest job.
        self._protection = Protection(minutes=10)

    async def pre_execute(self, message: TaskiqMessage) -> TaskiqMessage:
        await asyncio.to_thread(self._protection.begin)
        return message

    async def post_execute(self, message: TaskiqMessage, result: TaskiqResult[Any]) -> None:
        # Called after a job that failed too.
        await asyncio.to_thread(self._protection.end)


broker = SQSBroker(
    # Set for the embedded AWS and for LocalStack; AWS's own otherwise.
    endpoint_url=os.environ.get("AWS_ENDPOINT_URL", f"https://sqs.{region}.amazonaws.com"),
    region_name=region,
    sqs_queue_name=os.environ.get("QUEUE_NAME", "taskiq-tasks"),
).with_middlewares(ProtectWhileBusy())


@broker.task
async def render(seconds: float) -> None:
    """A fast job, around twenty seconds; `slow` ones take minutes. Done twice it does no harm, as SQS requires."""
    await asyncio.sleep(seconds)


@broker.task
async def fail_now_and_then(chance: float = 0.1) -> None:
    """Shows what becomes of failures: after maxReceiveCount they are in the dead-letter queue."""
    if random.random() < chance:
        raise RuntimeError("as asked for")
