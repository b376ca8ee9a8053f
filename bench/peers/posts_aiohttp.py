#!/usr/bin/python3
"""Measures: POSTs of one day (96 rows, 4.8 KB) by aiohttp, CONCURRENCY tasks over one session.
usage: bench/peers/posts_aiohttp.py URL COUNT CONCURRENCY"""
import asyncio
import json
import sys

import aiohttp

sys.dont_write_bytecode = True
import measure  # noqa: E402

ROWS = [{"datetime": f"2024-01-15 {i // 4:02}:{i % 4 * 15:02}", "purchase": 12.345} for i in range(96)]
BODY = json.dumps({"purchase": ROWS}, separators=(",", ":")).encode()
HEADERS = {"Content-Type": "application/json", "Authorization": "Bearer token"}


async def worker(session, url, turns):
    good = 0
    for _ in turns:
        async with session.post(url, data=BODY) as answer:
            good += len(await answer.read()) > 0 and answer.status == 201
    return good


async def post_all(url, count, concurrency):
    """The workers share one iterator: who is free takes the next turn."""
    turns = iter(range(count))
    connector = aiohttp.TCPConnector(limit=concurrency)
    async with aiohttp.ClientSession(connector=connector, headers=HEADERS) as session:
        return sum(await asyncio.gather(*(worker(session, url, turns) for _ in range(concurrency))))


def main(url, count, concurrency):
    started = measure.start()
    good = asyncio.run(post_all(url, count, concurrency))
    measure.expect("the number of good answers", count, good)
    measure.finish(started, good, good * len(BODY))


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
