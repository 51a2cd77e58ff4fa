"""An SQSBroker for workers that come and go. Written for taskiq-aio-sqs 2.1.1, whose own broker

- polls on while all workers are busy, and takes up to 100 messages more than it works on;
- drops the messages that its last poll brings after SIGTERM: they stay hidden until their visibility timeout;
- ends the worker when a poll fails, and a heartbeat when one call of it fails.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection

from taskiq import AckableMessage
from taskiq_aio_sqs import SQSBroker, SQSQueue

log = logging.getLogger("taskiq.graceful")
RETRY_SECONDS = 1.0
WAKE_SECONDS = 0.5
ACK_ATTEMPTS = 30
Ack = Callable[[], Awaitable[None]]


class GracefulSQSBroker(SQSBroker):
    """Takes what it can work on, outlives a queue that is out of reach, and gives back what it does not finish."""

    def __init__(
        self,
        sqs_queue_name: str,
        *,
        listen_to: Collection[str] | None = None,
        give_back_after: float = 20,
        **more: object,
    ) -> None:
        """`listen_to`: the queues that a worker reads; None means all that are registered.

        `give_back_after`: seconds after SIGTERM at which jobs in hand go back to the queue. Less than
        `--wait-tasks-timeout`, which is less than the container's stopTimeout.
        """
        super().__init__(sqs_queue_name, **more)  # type: ignore[arg-type]
        self._listen_to = listen_to
        self._give_back_after = give_back_after
        self._stopping = False
        self._giving_back: asyncio.Task[None] | None = None
        # Receipt handle -> queue URL and heartbeat of each message that was received and not yet deleted.
        self._in_hand: dict[str, tuple[str, asyncio.Task[None] | None]] = {}

    async def listen(self) -> AsyncGenerator[AckableMessage, None]:
        """Yields messages as the worker asks for them. At most one poll for each queue is under way or waits.

        TaskIQ closes this generator on SIGTERM. The polls in hand are finished then, not cut: SQS may already have
        given a message to them.
        """
        queues = [queue for queue in self._queues.values() if self._listen_to is None or queue.name in self._listen_to]
        if not queues:
            raise ValueError(f"none of the queues {self._listen_to} is registered: {list(self._queues)}")
        polls: dict[SQSQueue, asyncio.Task[list[AckableMessage]]] = {}
        waiting: deque[AckableMessage] = deque()
        try:
            while True:
                for queue in queues:
                    if queue not in polls:
                        polls[queue] = asyncio.create_task(self._poll(queue))
                # With a timeout, since TaskIQ's signal handler sets an event without waking the event loop.
                await asyncio.wait(polls.values(), timeout=WAKE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                for queue in [queue for queue, poll in polls.items() if poll.done()]:
                    waiting.extend(polls.pop(queue).result())
                while waiting:
                    message = waiting.popleft()
                    yield message
        finally:
            self._stopping = True
            self._giving_back = asyncio.create_task(self._give_back_all_later())
            for brought in await asyncio.gather(*polls.values()):
                waiting.extend(brought)
            await self._give_back([message.ack.metadata.receipt_handle for message in waiting])  # type: ignore[union-attr]

    async def _poll(self, queue: SQSQueue) -> list[AckableMessage]:
        """Returns the messages of the first poll that brings some; none once the worker stops."""
        url = self._queue_urls[queue.name]
        reachable = True
        while not self._stopping:
            try:
                received = await self._receive(queue, url)
            except Exception as error:  # Of botocore, aiohttp, or the network: all mean "try again".
                if reachable:  # Told once: a partition of minutes must not fill the log.
                    log.warning("cannot receive from %s, trying again each %s s: %s", queue.name, RETRY_SECONDS, error)
                reachable = False
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if not reachable:
                log.info("receiving from %s again", queue.name)
            reachable = True
            messages = [await self._to_ackable_message(each, queue, url) for each in received]
            if messages:
                return [message for message in messages if message is not None]
        return []

    async def _receive(self, queue: SQSQueue, url: str) -> list[object]:
        hidden = {} if queue.visibility_timeout is None else {"VisibilityTimeout": queue.visibility_timeout}
        answer = await self._sqs_client.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=queue.max_number_of_messages,
            WaitTimeSeconds=queue.wait_time_seconds,
            MessageAttributeNames=["All"],
            AttributeNames=["ApproximateReceiveCount"],
            **hidden,
        )
        return answer.get("Messages", [])

    def build_ack_fnx(
        self, queue_url: str, receipt_handle: str, *, heartbeat_task: asyncio.Task[None] | None = None, **more: object
    ) -> Ack:
        """Builds an ack that tries again: a job that is done must not be done twice because SQS was out of reach."""
        delete = super().build_ack_fnx(queue_url, receipt_handle, heartbeat_task=heartbeat_task, **more)  # type: ignore[arg-type]
        self._in_hand[receipt_handle] = (queue_url, heartbeat_task)

        async def ack() -> None:
            for attempt in range(1, ACK_ATTEMPTS + 1):
                try:
                    await delete()
                    break
                except Exception as error:
                    if attempt == ACK_ATTEMPTS:
                        raise
                    if attempt == 1:
                        log.warning("cannot delete a message that is done, trying again: %s", error)
                    await asyncio.sleep(RETRY_SECONDS)
            self._in_hand.pop(receipt_handle, None)

        ack.metadata = delete.metadata  # type: ignore[attr-defined]
        return ack

    async def _heartbeat_loop(self, queue: SQSQueue, queue_url: str, receipt_handle: str) -> None:
        """Goes on with the broker's heartbeat after a call of it failed."""
        while receipt_handle in self._in_hand:
            with contextlib.suppress(Exception):
                await super()._heartbeat_loop(queue, queue_url, receipt_handle)

    async def _give_back_all_later(self) -> None:
        await asyncio.sleep(self._give_back_after)
        await self._give_back(list(self._in_hand))

    async def _give_back(self, handles: Collection[str]) -> None:
        """Makes messages visible at once, so that another worker takes them now and not after the visibility timeout."""
        for handle in handles:
            if handle not in self._in_hand:
                continue
            queue_url, heartbeat = self._in_hand.pop(handle)
            if heartbeat is not None:
                heartbeat.cancel()
            try:
                await self._sqs_client.change_message_visibility(
                    QueueUrl=queue_url, ReceiptHandle=handle, VisibilityTimeout=0
                )
                log.info("gave a message back: this worker stops")
            except Exception as error:
                log.warning("could not give a message back, it waits for its visibility timeout: %s", error)

    async def shutdown(self) -> None:
        """Closes the broker, as TaskIQ asks at the end of a worker and of a producer."""
        if self._giving_back is not None:
            self._giving_back.cancel()
        await super().shutdown()
