"""A load for the example: steady jobs with spikes of five times as many.

    python load.py --rate 2 --minutes 10
"""

import argparse
import asyncio
import random

from app import broker, render


async def main(rate: float, minutes: float, slow: float) -> None:
    await broker.startup()
    sent = 0
    try:
        for second in range(int(minutes * 60)):
            # A spike of half a minute in each five.
            now = rate * (5 if second % 300 < 30 else 1)
            for _ in range(int(now) + (random.random() < now % 1)):
                seconds = random.uniform(180, 420) if random.random() < slow else random.uniform(10, 30)
                await render.kiq(seconds)
                sent += 1
            await asyncio.sleep(1)
    finally:
        await broker.shutdown()
        print(f"{sent} jobs sent")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=1, help="jobs a second between spikes")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--slow", type=float, default=0.05, help="share of jobs that take minutes")
    arguments = parser.parse_args()
    asyncio.run(main(arguments.rate, arguments.minutes, arguments.slow))
