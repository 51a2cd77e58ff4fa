"""Sends jobs for the example, in bursts.

    python load.py --jobs 300 --minutes 2
"""

import argparse
import asyncio
import random

from app import book, broker, render

BURST_SECONDS = 10


async def main(jobs: int, minutes: float, seconds: float, orders: bool, seed: int) -> None:
    chance = random.Random(seed)
    bursts = max(1, round(minutes * 60 / BURST_SECONDS))
    sent = 0
    await broker.startup()
    try:
        for burst in range(bursts):
            for _ in range(jobs * (burst + 1) // bursts - sent):
                work = round(chance.uniform(0.5, 1.5) * seconds, 3)
                customer = f"customer-{chance.randrange(20)}"
                if orders:
                    await book.kicker().with_labels(group_id=customer).kiq(customer, work)
                else:
                    await render.kiq(work)
                sent += 1
            if burst < bursts - 1:
                await asyncio.sleep(BURST_SECONDS)
    finally:
        await broker.shutdown()
        print(f"{sent} jobs sent")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=300)
    parser.add_argument("--minutes", type=float, default=2, help="time over which the bursts are spread")
    parser.add_argument("--seconds", type=float, default=2, help="work for each job, on average")
    parser.add_argument("--orders", action="store_true", help="send to the FIFO queue instead")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    asyncio.run(main(arguments.jobs, arguments.minutes, arguments.seconds, arguments.orders, arguments.seed))
