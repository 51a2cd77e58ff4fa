"""A worker on SQS with boto3 alone: one message at a time, protected while it works, and no message left behind.

    QUEUE_URL=... python worker.py        stops on SIGTERM
"""

import json
import logging
import os
import signal
import threading
import time
import urllib.request

import boto3
from botocore.config import Config

QUEUE = os.environ["QUEUE_URL"]
VISIBILITY = int(os.environ.get("VISIBILITY_TIMEOUT", "60"))  # seconds; renewed while a job runs
GIVE_BACK_AFTER = float(os.environ.get("GIVE_BACK_AFTER", "20"))  # seconds after SIGTERM; less than stopTimeout
log = logging.getLogger("worker")
sqs = boto3.client("sqs", config=Config(connect_timeout=3, read_timeout=15))  # read_timeout: longer than a long poll
stopping = threading.Event()
in_hand: str | None = None  # receipt handle of the message that is worked on


def work(body: str) -> None:
    """Does the job: yours goes here. SQS delivers at least once, so it must bear to be called twice for a message."""
    time.sleep(json.loads(body)["seconds"])


def protect(enabled: bool) -> None:
    """Asks the ECS agent to spare this task when the count is lowered. Never raises: the job matters more."""
    if agent := os.environ.get("ECS_AGENT_URI"):
        body = json.dumps({"ProtectionEnabled": enabled} | ({"ExpiresInMinutes": 60} if enabled else {})).encode()
        url, head = f"{agent}/task-protection/v1/state", {"content-type": "application/json"}
        try:
            urllib.request.urlopen(urllib.request.Request(url, body, head, method="PUT"), timeout=5).close()
        except OSError as error:
            log.warning("ECS did not set protection to %s: %s", enabled, error)


def hide(handle: str, seconds: int) -> None:
    """Keeps a message hidden for so many seconds from now; 0 gives it back."""
    try:
        sqs.change_message_visibility(QueueUrl=QUEUE, ReceiptHandle=handle, VisibilityTimeout=seconds)
    except Exception as error:
        log.warning("could not hide a message for %s s: %s", seconds, error)


def keep() -> None:
    """Renews the visibility timeout of the message in hand, so that the timeout can be shorter than a job."""
    while True:
        time.sleep(VISIBILITY / 2)
        if in_hand:
            hide(in_hand, VISIBILITY)


def give_up() -> None:
    """Gives the job in hand back and ends the process, just before ECS would kill it."""
    if in_hand:
        hide(in_hand, 0)
    os._exit(0)


def stop(*_: object) -> None:
    stopping.set()  # The poll in hand is finished, not cut: SQS may already have given a message to it.
    threading.Timer(GIVE_BACK_AFTER, give_up).start()


def handle(message: dict[str, str]) -> None:
    """Works on a message, then deletes it. After a failure SQS gives it out again, in the end to the dead letters."""
    global in_hand
    in_hand = message["ReceiptHandle"]
    protect(True)
    try:
        work(message["Body"])
        sqs.delete_message(QueueUrl=QUEUE, ReceiptHandle=in_hand)
        log.info("message %s done", message["MessageId"])
    except Exception:
        log.exception("message %s failed", message["MessageId"])
    in_hand = None
    protect(False)


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    signal.signal(signal.SIGTERM, stop)
    threading.Thread(target=keep, daemon=True).start()
    while not stopping.is_set():
        try:
            polled = sqs.receive_message(QueueUrl=QUEUE, WaitTimeSeconds=10, VisibilityTimeout=VISIBILITY)
        except Exception as error:
            log.warning("cannot receive, trying again in 1 s: %s", error)
            stopping.wait(1)
            continue
        for message in polled.get("Messages", []):
            if stopping.is_set():
                hide(message["ReceiptHandle"], 0)
            else:
                handle(message)
    os._exit(0)  # Not through the timer that is still set.


if __name__ == "__main__":
    main()
