"""A Celery application on SQS: a queue for each priority, and workers that Sluice can scale without losing work.

    celery --app app worker --queues celery-jobs --concurrency 2
"""

import os
import time

from celery import Celery

import graceful

JOBS = os.environ.get("JOBS_QUEUE", "celery-jobs")
URGENT = os.environ.get("URGENT_QUEUE", "celery-urgent")

app = Celery("app", broker="sqs://")  # Credentials, Region and endpoint are found as boto3 finds them.
app.conf.update(
    # Delete a message after its job, not before: a worker that dies leaves its messages in the queue.
    task_acks_late=True,
    # A child that dies (out of memory, say) gives its job back.
    task_reject_on_worker_lost=True,
    # Take no more than the children work on. Celery's own 4 hides messages that another worker could do now.
    worker_prefetch_multiplier=1,
    task_default_queue=JOBS,
    task_create_missing_queues=True,
    task_routes={"app.urgent": {"queue": URGENT}},
    # SQS has no broadcast: remote control and events would only cost calls.
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    broker_transport_options={
        "region": os.environ.get("AWS_REGION", "eu-west-1"),
        "wait_time_seconds": 10,
        # Seconds after a poll that brought nothing, or was refused.
        "polling_interval": 1,
        # Renewed while a job runs (graceful.py). Twice stopTimeout at least: a stopping worker renews nothing.
        "visibility_timeout": int(os.environ.get("VISIBILITY_TIMEOUT", "120")),
        # A queue out of reach must not hold the worker's main loop for botocore's minute.
        "client-config": {"connect_timeout": 3, "read_timeout": 15, "retries": {"total_max_attempts": 2}},
    },
)
graceful.install(app)


@app.task
def render(seconds: float) -> None:
    """Stands for a job of yours. Done twice it does no harm, as SQS requires."""
    time.sleep(seconds)


@app.task
def urgent(seconds: float) -> None:
    """Goes to a queue of its own, which has workers and a policy of its own: SQS knows no priorities."""
    time.sleep(seconds)
