"""Sockets that are opened and hardly used: half say nothing, half send their head a byte a second."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from tests.load.browser import Address

HEAD = b"GET /healthz/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: " + b"x" * 4000


async def _socket(address: Address, talks: bool) -> None:
    """One socket, opened again whenever the server has enough of it."""
    while True:
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection(address.host, address.port)
            try:
                for at in range(len(HEAD)):
                    if talks:
                        writer.write(HEAD[at : at + 1])
                        await writer.drain()
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(1):
                            if not await reader.read(100):
                                break
            finally:
                writer.close()
        await asyncio.sleep(0.2)


@contextlib.asynccontextmanager
async def sockets(address: Address, count: int) -> AsyncIterator[None]:
    """So many of them while the block runs."""
    tasks = [asyncio.create_task(_socket(address, number % 2 == 0)) for number in range(count)]
    await asyncio.sleep(1)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
