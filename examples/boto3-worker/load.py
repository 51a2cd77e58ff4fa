"""Sends jobs for the example, in bursts.

    QUEUE_URL=... python load.py --jobs 300 --minutes 2
"""

import argparse
import json
import os
import random
import time

import boto3

BURST_SECONDS = 10


def main(jobs: int, minutes: float, seconds: float, seed: int) -> None:
    chance = random.Random(seed)
    sqs = boto3.client("sqs")
    bursts = max(1, round(minutes * 60 / BURST_SECONDS))
    sent = 0
    for burst in range(bursts):
        for _ in range(jobs * (burst + 1) // bursts - sent):
            body = json.dumps({"seconds": round(chance.uniform(0.5, 1.5) * seconds, 3)})
            sqs.send_message(QueueUrl=os.environ["QUEUE_URL"], MessageBody=body)
            sent += 1
        if burst < bursts - 1:
            time.sleep(BURST_SECONDS)
    print(f"{sent} jobs sent")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=300)
    parser.add_argument("--minutes", type=float, default=2, help="time over which the bursts are spread")
    parser.add_argument("--seconds", type=float, default=2, help="work for each job, on average")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    main(arguments.jobs, arguments.minutes, arguments.seconds, arguments.seed)
