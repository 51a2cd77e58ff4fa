"""Makes Celery workers on SQS fit for being scaled: protection, heartbeats, and no message left behind at a shutdown.

Written for celery 5.7 and kombu 5.7, which on their own

- cut the long poll of an idle worker on SIGTERM, when SQS may already have given a message to it;
- never renew a visibility timeout: a job, a countdown or an ETA that is longer is given out again, and done twice.

    app = Celery(...)
    graceful.install(app)
"""

import time

from botocore.exceptions import BotoCoreError, ClientError
from celery import Celery, Task, bootsteps
from celery.utils.log import get_logger
from celery.worker.consumer import Consumer
from celery.worker.request import Request
from kombu.message import Message
from kombu.transport import SQS, TRANSPORT_ALIASES

from protection import Protection

log = get_logger(__name__)
protection = Protection()


def install(app: Celery) -> None:
    """Makes `app` use everything in this file."""
    TRANSPORT_ALIASES["sqs"] = f"{__name__}:GracefulTransport"
    app.steps["consumer"].add(GracefulStop)
    # Before the app's tasks are made: they inherit from it.
    app.Task = ProtectedTask


class ProtectedRequest(Request):
    """A job as Celery's main process sees it: its children run the jobs, but only the main process knows of them all."""

    def on_accepted(self, pid: int, time_accepted: float) -> None:
        protection.begin(self.id)
        super().on_accepted(pid, time_accepted)

    # With acks_late a job ends in one of these two, however it went.
    def acknowledge(self) -> None:
        super().acknowledge()
        protection.end(self.id)

    def reject(self, requeue: bool = False) -> None:
        super().reject(requeue)
        protection.end(self.id)


class ProtectedTask(Task):
    """A task whose worker is protected from scale-in while it runs."""

    abstract = True
    Request = ProtectedRequest


class GracefulChannel(SQS.Channel):
    """Counts its polls, and renews the visibility timeout of every message in hand: running, prefetched, or not due yet."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.polls = 0

    def _get_async(self, queue: str, count: int = 1, callback: object = None) -> object:
        self.polls += 1
        return super()._get_async(queue, count, callback)

    def _on_messages_ready(self, queue: str, qname: str, messages: dict) -> int:
        self.polls -= 1
        return super()._on_messages_ready(queue, qname, messages)

    def renew(self) -> None:
        """Hides every message in hand for another visibility timeout."""
        for message in list(self.qos._delivered.values()):
            self._hide(message, self.visibility_timeout)

    def _restore(self, message: Message, *_: object) -> None:
        """Gives a message back at once. kombu's own hides it for another `wait_time_seconds`."""
        self._hide(message, 0)

    def _hide(self, message: Message, seconds: int) -> None:
        info = message.delivery_info
        try:
            self.sqs(queue=info.get("routing_key")).change_message_visibility(
                QueueUrl=info["sqs_queue"],
                ReceiptHandle=info["sqs_message"]["ReceiptHandle"],
                VisibilityTimeout=seconds,
            )
        except (BotoCoreError, ClientError) as error:
            log.warning("could not change the visibility timeout of a message to %s s: %s", seconds, error)


class GracefulTransport(SQS.Transport):
    Channel = GracefulChannel


class GracefulStop(bootsteps.StartStopStep):
    """Starts the heartbeat, and at a shutdown finishes the polls in hand before the connection is closed.

    A message that such a poll brings is given back by kombu, since its consumer is gone by then.
    """

    requires = {"celery.worker.consumer.tasks:Tasks"}

    def start(self, consumer: Consumer) -> None:
        channel = consumer.task_consumer.channel
        self._heartbeat = consumer.hub.call_repeatedly(channel.visibility_timeout / 2, channel.renew)

    def stop(self, consumer: Consumer) -> None:
        channel = consumer.task_consumer.channel
        consumer.task_consumer.cancel()
        deadline = time.monotonic() + channel.wait_time_seconds + 2
        loop = consumer.hub.create_loop()
        while channel.polls > 0 and time.monotonic() < deadline:
            next(loop)
