"""Sends jobs for the example, in bursts.

    python load.py --jobs 300 --minutes 2
"""

import argparse
import random
import time

from app import render, urgent

BURST_SECONDS = 10


def main(jobs: int, minutes: float, seconds: float, countdown: float, use_urgent: bool, seed: int) -> None:
    chance = random.Random(seed)
    task = urgent if use_urgent else render
    bursts = max(1, round(minutes * 60 / BURST_SECONDS))
    sent = 0
    for burst in range(bursts):
        for _ in range(jobs * (burst + 1) // bursts - sent):
            later = countdown if countdown and chance.random() < 0.1 else None
            task.apply_async((round(chance.uniform(0.5, 1.5) * seconds, 3),), countdown=later)
            sent += 1
        if burst < bursts - 1:
            time.sleep(BURST_SECONDS)
    print(f"{sent} jobs sent")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=300)
    parser.add_argument("--minutes", type=float, default=2, help="time over which the bursts are spread")
    parser.add_argument("--seconds", type=float, default=2, help="work for each job, on average")
    parser.add_argument("--countdown", type=float, default=0, help="seconds that one job in ten waits in a worker")
    parser.add_argument("--urgent", action="store_true", help="send to the queue for urgent jobs instead")
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args()
    main(a.jobs, a.minutes, a.seconds, a.countdown, a.urgent, a.seed)
