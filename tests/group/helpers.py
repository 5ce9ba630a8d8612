"""What the tests of this room share."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine
from typing import Any

import groupkit
from groupkit import Cluster, Counter, PeerId

INC = Counter.Increment


def virtual(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an ``async def test_...`` on a loop of its own, in virtual time; what its loop complains of fails it."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        complaints: list[Any] = []

        async def main() -> None:
            asyncio.get_running_loop().set_exception_handler(lambda loop, told: complaints.append(told))
            async with asyncio.timeout(120):  # of wall time: a test that hangs fails
                await test(*args, **kwargs)

        groupkit.run(main, seed=1)
        assert not complaints, complaints

    return run


async def led(count: int = 3, **options: Any) -> tuple[Cluster, PeerId]:
    """A cluster with a leader that everybody follows, and that leader."""
    options.setdefault("machine", Counter)
    cluster = Cluster(count, **options)
    leader = await cluster.when().leader_elected()
    await cluster.when().converged()
    return cluster, leader


def others(cluster: Cluster, *but: str) -> list[PeerId]:
    """The names of all peers but these."""
    return [peer.id for peer in cluster if peer.id not in but]


async def pass_turns(n: int = 10) -> None:
    """Let the loop turn, so that tasks which can run do."""
    for _ in range(n):
        await asyncio.sleep(0)
