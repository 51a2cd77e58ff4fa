"""Makes Celery workers on SQS fit for being scaled: protection, heartbeats, and no message left behind at a shutdown.

Written for celery 5.7 and kombu 5.7, which on their own

- cut the long poll of an idle worker on SIGTERM, when SQS may already have given a message to it;
- hold the jobs that do not end before ECS kills the worker until their visibility timeout is over;
- end when a poll or an ack is refused (HTTP 403), as in a partition, and leave their jobs hidden;
- never renew a visibility timeout: a job, a countdown or an ETA that is longer is given out again, and done twice.

    app = Celery(...)
    graceful.install(app)
"""

import os
import threading
import time

from botocore.client import BaseClient
from botocore.exceptions import BotoCoreError, ClientError
from celery import Celery, Task, bootsteps
from celery.utils.log import get_logger
from celery.worker import state
from celery.worker.consumer import Consumer
from celery.worker.request import Request
from kombu.asynchronous.aws.connection import AsyncHTTPResponse
from kombu.asynchronous.aws.sqs.connection import AsyncSQSConnection
from kombu.message import Message
from kombu.transport import SQS, TRANSPORT_ALIASES

from protection import Protection

log = get_logger(__name__)
STALE = ("ReceiptHandleIsInvalid", "InvalidParameterValue")  # the message is somebody else's by now
ACK_ATTEMPTS = 30
GIVE_BACK_AFTER = float(os.environ.get("GIVE_BACK_AFTER", "20"))  # seconds after SIGTERM; less than stopTimeout
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


class PatientConnection(AsyncSQSConnection):
    """Takes a poll that was refused for one that brought nothing: kombu polls again after `polling_interval`."""

    refused = False  # Of all connections, so that a partition of minutes is told once.

    def _on_list_ready(self, parent: object, markers: list, operation: str, response: AsyncHTTPResponse) -> dict:
        was_refused = PatientConnection.refused
        PatientConnection.refused = response.status != self.STATUS_CODE_OK
        if PatientConnection.refused:
            if not was_refused:
                log.warning("cannot receive, trying again: HTTP %s %s", response.status, response.read()[:300])
            return {}
        if was_refused:
            log.info("receiving again")
        return super()._on_list_ready(parent, markers, operation, response)


class GracefulChannel(SQS.Channel):
    """Counts its polls, and keeps every message in hand hidden: running, prefetched, or not due yet."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.polls = 0

    def asynsqs(self, queue: str | None = None) -> PatientConnection:
        return PatientConnection(self.sqs(queue=queue), region=self.region)

    def _get_async(self, queue: str, count: int = 1, callback: object = None) -> object:
        self.polls += 1
        return super()._get_async(queue, count, callback)

    def _on_messages_ready(self, queue: str, qname: str, messages: dict) -> int:
        self.polls -= 1
        return super()._on_messages_ready(queue, qname, messages)

    def basic_ack(self, delivery_tag: str, multiple: bool = False, attempt: int = 1) -> None:
        """Deletes a message whose job is done, and tries again: a job must not be done twice because SQS was away."""
        message = self.qos._delivered.get(delivery_tag)
        if message is None:
            return
        try:
            self._client(message).delete_message(**self._handle(message))
        except (BotoCoreError, ClientError) as error:
            stale = isinstance(error, ClientError) and error.response["Error"]["Code"] in STALE
            if not stale and attempt < ACK_ATTEMPTS and not self.closed:
                log.warning("cannot delete a message that is done, trying again in 1 s: %s", error)
                self.hub.call_later(1, self.basic_ack, delivery_tag, multiple, attempt + 1)
                return
        self.qos.ack(delivery_tag)

    def renew(self) -> None:
        """Hides every message in hand for another visibility timeout."""
        for message in self._in_hand():
            self._hide(message, self.visibility_timeout)

    def give_up(self) -> None:
        """Gives every message in hand back and ends the worker, just before ECS would kill it."""
        for message in self._in_hand():
            self._restore(message)
        os._exit(0)

    def _in_hand(self) -> list[Message]:
        return [message for tag, message in list(self.qos._delivered.items()) if tag not in self.qos._dirty]

    def _restore(self, message: Message, *_: object) -> None:
        """Gives a message back at once. kombu's own hides it for another `wait_time_seconds`."""
        self._hide(message, 0)

    def _hide(self, message: Message, seconds: int) -> None:
        try:
            self._client(message).change_message_visibility(**self._handle(message), VisibilityTimeout=seconds)
        except (BotoCoreError, ClientError) as error:
            log.warning("could not change the visibility timeout of a message to %s s: %s", seconds, error)

    def _client(self, message: Message) -> BaseClient:
        return self.sqs(queue=self.canonical_queue_name(message.delivery_info["routing_key"]))

    @staticmethod
    def _handle(message: Message) -> dict[str, str]:
        info = message.delivery_info
        return {"QueueUrl": info["sqs_queue"], "ReceiptHandle": info["sqs_message"]["ReceiptHandle"]}


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
        self._heartbeat.cancel()
        if state.should_stop is None and state.should_terminate is None:
            return  # Celery only connects anew.
        channel = consumer.task_consumer.channel
        timer = threading.Timer(GIVE_BACK_AFTER, channel.give_up)
        timer.daemon = True
        timer.start()
        consumer.task_consumer.cancel()
        deadline = time.monotonic() + channel.wait_time_seconds + 2
        loop = consumer.hub.create_loop()
        while channel.polls > 0 and time.monotonic() < deadline:
            next(loop)
