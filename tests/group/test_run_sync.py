"""Contract 7: who is woken runs before the next event, and so does who waits by ``run_sync``."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import groupkit
from groupkit import Cluster, Counter

NESTED = """
import asyncio
from groupkit import Cluster, Counter, run, run_sync

async def main(nested):
    cluster, times = Cluster(3, machine=Counter, seed=5), []
    await cluster.when().converged()
    group = cluster["a"].group
    async def cell():
        await group.query(Counter.Value())
        times.append(cluster.clock.now)
        await group.execute(Counter.Increment(1))
        times.append(cluster.clock.now)
    def callback():
        run_sync(group.query(Counter.Value()))
        times.append(cluster.clock.now)
        run_sync(group.execute(Counter.Increment(1)))
        times.append(cluster.clock.now)
    if nested:
        asyncio.get_running_loop().call_soon(callback)
    else:
        task = asyncio.create_task(cell())
    await cluster.clock.sleep(1)
    return [*times, cluster.timeline.digest()]

awaited = run(lambda: main(False))
print([run(lambda: main(True)) == awaited for again in range(3)])
"""

INSIDE_EACH_OTHER = """
import asyncio
from groupkit import Cluster, Counter, run, run_sync

async def main():
    cluster, said = Cluster(3, machine=Counter, seed=5), []
    loop, clock = asyncio.get_running_loop(), cluster.clock
    def outer():
        loop.call_soon(inner)
        run_sync(clock.sleep(1))
        said.append(("outer", clock.now))
    def inner():
        run_sync(clock.sleep(3))
        said.append(("inner", clock.now))
    loop.call_soon(outer)
    await clock.sleep(9)
    return said

print(run(main))
"""


def _python(code: str) -> str:
    """In a process of its own, because nesting changes asyncio for good."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_a_callback_gets_its_answer_at_the_instant_at_which_a_task_would() -> None:
    """Also in the turn in which nesting begins, and though somebody else waits for something far later."""
    assert _python(NESTED) == "[True, True, True]\n"


def test_of_waits_inside_each_other_the_innermost_runs_first() -> None:
    assert _python(INSIDE_EACH_OTHER) == "[('inner', 3.0), ('outer', 3.0)]\n"


def test_without_a_loop_time_ends_where_the_wait_does() -> None:
    cluster = Cluster(3, machine=Counter, seed=5)

    async def begin() -> asyncio.Task[None]:
        async def wait() -> None:
            await cluster.clock.sleep(9)

        return asyncio.create_task(wait())

    task = groupkit.run_sync(begin())
    for time in (1.0, 2.0):
        groupkit.run_sync(cluster.clock.sleep(1))
        assert cluster.clock.now == time and not task.done()
    groupkit.run_sync(task)
    assert cluster.clock.now == 9
