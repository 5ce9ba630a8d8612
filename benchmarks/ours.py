"""groupkit itself, as a user runs it; ``record`` is what ``Cluster(record=...)`` takes, ``make`` makes the cluster."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Coroutine
from typing import Any

from benchmarks.measure import clock
from groupkit import Cluster, ConsensusConfig, run

LATENCY = (0.010, 0.015)  # seconds one way, the default of a Cluster
IDLE = ConsensusConfig(
    heartbeat_interval=0.05, heartbeat_jitter=0.0, election_timeout=0.15, election_timeout_jitter=0.15
)
BROADCAST = (0.005, 0.010)  # one way: a round trip takes 15 ms in the mean
LIMIT = 10.0  # virtual seconds: an election that took longer is given up


async def _ready(
    peers: int, record: bool, config: ConsensusConfig | None = None, make: type[Cluster] = Cluster
) -> Cluster:
    cluster = make(peers, seed=7, record=record, config=config, latency=LATENCY)
    await cluster.when().converged()
    return cluster


def _measured(main: Callable[[], Coroutine[Any, Any, float]]) -> float:
    return run(main)


def commands(peers: int, at_once: int, record: bool, count: int, make: type[Cluster] = Cluster) -> float:
    """Seconds to commit ``count`` commands from the leader, ``at_once`` in flight together, each awaited."""

    async def main() -> float:
        async with await _ready(peers, record, make=make) as cluster:
            leader = cluster.leader()
            group = cluster[leader].group
            start = clock()
            if at_once == 1:
                for number in range(count):
                    await group.execute(number)
            else:
                for first in range(0, count, at_once):
                    await asyncio.gather(*[group.execute(n) for n in range(first, min(first + at_once, count))])
            taken = clock() - start
            _check(cluster, count)
            return taken

    return _measured(main)


def batches(peers: int, size: int, record: bool, count: int, make: type[Cluster] = Cluster) -> float:
    """Seconds to commit ``count`` commands by ``execute_many``, ``size`` in a call, one call after the other."""

    async def main() -> float:
        async with await _ready(peers, record, make=make) as cluster:
            leader = cluster.leader()
            group = cluster[leader].group
            start = clock()
            for first in range(0, count, size):
                await group.execute_many(range(first, min(first + size, count)))
            taken = clock() - start
            _check(cluster, count)
            return taken

    return _measured(main)


def _check(cluster: Cluster, count: int) -> None:
    leader = cluster.leader()
    assert leader is not None and cluster[leader].group.committed() >= count and not cluster.violations


def idle(peers: int, record: bool, seconds: float, make: type[Cluster] = Cluster) -> float:
    """Seconds that ``seconds`` virtual ones take in a group that has a leader and nothing to do."""

    async def main() -> float:
        async with await _ready(peers, record, IDLE, make) as cluster:
            start = clock()
            await cluster.clock.advance(seconds)
            taken = clock() - start
            assert cluster.leader() is not None and not cluster.violations
            return taken

    return _measured(main)


def trials(timeouts: tuple[float, float], record: bool, count: int, make: type[Cluster] = Cluster) -> float:
    """Seconds for ``count`` trials of Raft's Figure 16: start five peers, elect, crash the leader, elect again."""
    config = ConsensusConfig(
        heartbeat_interval=timeouts[0] / 2,
        heartbeat_jitter=0.0,
        election_timeout=timeouts[0],
        election_timeout_jitter=timeouts[1] - timeouts[0],
    )

    async def main() -> float:
        start = clock()
        for seed in range(count):
            cluster = make(5, seed=seed, record=record, config=config, latency=BROADCAST)
            try:
                leader = await cluster.when().leader_elected(timeout=LIMIT)
                cluster.kill(leader)
                await cluster.when().leader_changed(timeout=LIMIT)
            except TimeoutError:
                pass  # the votes were split for too long, which is a result too
            await cluster.close()
        return clock() - start

    return _measured(main)


def events(timeouts: tuple[float, float], count: int) -> float:
    """How many events of the simulated world one of ``trials`` takes, on average."""
    total = 0

    class Counted(Cluster):
        async def close(self) -> None:
            nonlocal total
            total += self._world.events
            await super().close()

    trials(timeouts, False, count, make=Counted)
    return total / count


def memory(record: bool, clusters: int) -> float:
    """Bytes of a peer: groups of five, elected and idle, with all that belongs to them, divided by their peers."""

    async def main() -> float:
        async with await _ready(5, record):
            pass  # what is made once for all is not a peer's
        gc.collect()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        kept = [await _ready(5, record) for _ in range(clusters)]
        gc.collect()
        after = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        for cluster in kept:
            await cluster.close()
        return (after - before) / (5 * clusters)

    return _measured(main)


ASK = """
import sys, time
start = time.process_time()
{line}
print(time.process_time() - start, *[name for name in ("pandas", "numpy", "matplotlib") if name in sys.modules])
"""


def importing(line: str) -> float:
    """Seconds that an import takes in a fresh process, whose start does not count. No heavy library may come along."""
    ask = [sys.executable, "-c", ASK.format(line=line)]
    answer = subprocess.run(ask, capture_output=True, text=True, check=True).stdout.split()
    assert len(answer) == 1, f"{line} brings {', '.join(answer[1:])}"
    return float(answer[0])
