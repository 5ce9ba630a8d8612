"""Beginnings and ends: loops that come and go, interrupts, forgotten clusters, memory, one trace everywhere."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import signal
import subprocess
import sys
import threading
import tracemalloc
import weakref
from pathlib import Path

import pytest

import groupkit
from groupkit import Cluster, Counter
from tests.group.fake_time import WallLoop, in_wall_time
from tests.group.helpers import INC, led, virtual

ROOT = Path(__file__).parents[2]


def test_run_gives_the_result_and_its_seed_to_every_network() -> None:
    async def main() -> tuple[int, float, int]:
        cluster = Cluster(3)
        return cluster.seed, cluster.clock.pace, Cluster(3, seed=5).seed

    assert groupkit.run(main, seed=42) == (42, float("inf"), 5)


def test_run_works_where_a_loop_is_running_already() -> None:
    async def inner() -> int:
        cluster = Cluster(3, machine=Counter)
        return int(await cluster["a"].group.execute(INC()))

    async def failing() -> None:
        raise LookupError("from inside")

    async def outer() -> int:
        with pytest.raises(LookupError, match="from inside"):
            groupkit.run(failing)
        return groupkit.run(inner)

    assert asyncio.run(outer()) == 1


def test_a_cluster_built_where_no_loop_runs_starts_at_the_first_await() -> None:
    cluster = Cluster(3, machine=Counter)
    cluster.link("a", "b").latency = 0.02
    assert cluster.clock.now == 0 and cluster.leader() is None

    async def main() -> int:
        return int(await cluster["a"].group.execute(INC()))

    assert asyncio.run(main()) == 1


@pytest.mark.parametrize("pace", [float("inf"), 50.0])
def test_a_second_asyncio_run_goes_on_with_the_same_cluster(pace: float) -> None:
    cluster = Cluster(3, machine=Counter, pace=pace)

    async def once() -> int:
        pending = cluster["b"].group.when().leader_changed()
        await cluster.when().leader_elected()
        del pending
        return int(await cluster["a"].group.execute(INC()))

    assert [asyncio.run(once()) for _ in range(3)] == [1, 2, 3]


def test_run_sync_without_a_loop() -> None:
    cluster = Cluster(3, machine=Counter)
    assert groupkit.run_sync(cluster["a"].group.execute(INC())) == 1

    async def coroutine() -> int:
        return int(await cluster["a"].group.execute(INC()))

    assert groupkit.run_sync(coroutine()) == 2
    assert asyncio.run(coroutine()) == 3, "and on to a loop of one's own"


def test_run_sync_between_the_awaits_of_a_loop_that_rests() -> None:
    """As in a terminal of IPython, which runs its loop for a line with an await only."""
    loop = asyncio.new_event_loop()
    try:
        cluster = Cluster(3, machine=Counter)

        async def line() -> int:
            return int(await cluster["a"].group.execute(INC()))

        assert loop.run_until_complete(line()) == 1
        assert groupkit.run_sync(cluster["a"].group.execute(INC())) == 2
        assert loop.run_until_complete(line()) == 3
    finally:
        loop.close()


def test_run_sync_inside_a_running_loop() -> None:
    """In a process of its own, because nesting changes asyncio for good."""
    code = """
import asyncio, warnings
from groupkit import Cluster, Counter, run_sync
async def main():
    cluster = Cluster(3, machine=Counter)
    def callback():
        return run_sync(cluster["a"].group.execute(Counter.Increment(1)))
    print(callback(), callback(), await cluster["b"].group.execute(Counter.Increment(1)))
asyncio.run(main())
"""
    assert _python(sys.executable, code) == "1 2 3\n"


def test_the_turn_that_run_sync_is_first_called_in_finds_what_it_counted_on() -> None:
    code = """
import asyncio
from groupkit import Cluster, Counter, run_sync
async def main():
    cluster, done, loop = Cluster(3, machine=Counter), [], asyncio.get_running_loop()
    loop.call_soon(lambda: done.append(run_sync(cluster["a"].group.execute(Counter.Increment(1)))))
    for number in range(20, 25):
        loop.call_soon(done.append, number)
    while len(done) < 6:
        await asyncio.sleep(0)
    print(sorted(map(int, done)))
asyncio.run(main())
"""
    assert _python(sys.executable, code) == "[1, 20, 21, 22, 23, 24]\n"


def test_run_sync_hears_an_interrupt_that_somebody_else_listens_for() -> None:
    code = """
import asyncio, signal
from groupkit import Cluster, run_sync
async def main():
    signal.signal(signal.SIGINT, lambda number, frame: print("left word for the loop"))
    cluster = Cluster(3)
    await cluster.when().leader_elected()
    asyncio.get_running_loop().call_later(0.05, signal.raise_signal, signal.SIGINT)
    try:
        run_sync(cluster.when().leader_changed())
    except KeyboardInterrupt:
        print("heard")
    signal.raise_signal(signal.SIGINT)
asyncio.run(main())
"""
    assert _python(sys.executable, code) == "heard\nleft word for the loop\n"


def test_two_clusters_live_in_one_loop() -> None:
    @virtual
    async def go() -> None:
        one, two = Cluster(3, machine=Counter, seed=1), Cluster(3, machine=Counter, seed=2)
        results = await asyncio.gather(*(c["a"].group.execute(INC()) for c in (one, two) for _ in range(5)))
        assert results == [1, 2, 3, 4, 5] * 2
        await one.close()
        assert await two["a"].group.execute(INC()) == 6

    go()


def test_another_thread_is_sent_to_post() -> None:
    @virtual
    async def go() -> None:
        cluster, leader = await led()
        said: list[str] = []

        def work() -> None:
            try:
                cluster.kill(leader)
            except RuntimeError as error:
                said.append(str(error))
            cluster.post("kill", leader)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert "was called from another thread: use network.post('kill', ...)" in said[0]
        await cluster.when().leader_changed()
        assert not cluster[leader].alive

    go()


@pytest.mark.parametrize("pace", [float("inf"), 5.0])
def test_an_interrupted_cell_leaves_the_group_usable(pace: float) -> None:
    """The loop lives on, as a kernel's does; the cell that awaited is gone."""
    loop = asyncio.new_event_loop()
    # Whoever was started in the background by a shell ignores interrupts, and hands that on.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        cluster = Cluster(3, machine=Counter, pace=pace)

        async def forever() -> None:
            leader = await cluster.when().leader_elected()
            await cluster[leader].group.execute(INC())
            loop.call_soon(signal.raise_signal, signal.SIGINT)
            await cluster[leader].group.when().leader_changed()

        cell = loop.create_task(forever())
        with pytest.raises(KeyboardInterrupt):
            loop.run_until_complete(cell)
        cell.cancel()
        with pytest.raises(asyncio.CancelledError):
            loop.run_until_complete(cell)

        async def next_cell() -> int:
            return int(await cluster["b"].group.execute(INC(), timeout=5))

        assert loop.run_until_complete(next_cell()) == 2
        assert cluster.violations == []
    finally:
        signal.signal(signal.SIGINT, before)
        loop.close()


def test_an_interrupt_in_the_middle_of_an_event_is_like_a_lost_message() -> None:
    loop = asyncio.new_event_loop()
    try:
        cluster = Cluster(3, machine=Counter)
        left = [3]

        def press(message: object) -> bool:
            left[0] -= 1
            if left[0] == 0:
                raise KeyboardInterrupt
            return False

        async def cell() -> int:
            return int(await cluster["b"].group.execute(INC(), timeout=20))

        rule = cluster.drop(press)
        with pytest.raises(KeyboardInterrupt):
            loop.run_until_complete(cell())
        for task in asyncio.all_tasks(loop):
            task.cancel()
        rule.remove()
        assert loop.run_until_complete(cell()) >= 1
        assert cluster.violations == []
    finally:
        loop.close()


def test_a_forgotten_cluster_leaves_no_task_and_is_collected() -> None:
    async def main(loop: WallLoop) -> None:
        for pace in (float("inf"), 1.0):
            cluster = Cluster(3, machine=Counter, pace=pace)
            leader = await cluster.when().leader_elected()
            await cluster[leader].group.execute(INC())
            pump, ref = weakref.ref(cluster._pump), weakref.ref(cluster)
            del cluster
            await asyncio.sleep(0)  # the loop still holds what has just woken this task
            gc.collect()
            assert ref() is None and pump() is None
            assert len(asyncio.all_tasks()) == 1
            await asyncio.sleep(1.0)

    in_wall_time(main)


def test_a_cluster_that_somebody_awaits_is_not_forgotten() -> None:
    @virtual
    async def go() -> None:
        leader = await Cluster(3).when().leader_elected()
        assert leader in "abc"
        group = Cluster(3, machine=Counter)["b"].group
        gc.collect()
        assert await group.execute(INC()) == 1

    go()


def test_leaving_the_with_block_closes() -> None:
    @virtual
    async def go() -> None:
        async with Cluster(3, machine=Counter) as cluster:
            assert await cluster["a"].group.execute(INC()) == 1
        with pytest.raises(groupkit.GroupTerminated, match="the cluster was closed"):
            cluster["a"].group.execute(INC())

    go()


def test_a_thousand_clusters_one_after_another_need_flat_memory() -> None:
    async def one(seed: int) -> None:
        cluster = Cluster(3, machine=Counter, seed=seed)
        await cluster["a"].group.execute(INC())

    async def main() -> tuple[int, int]:
        objects, traced = [], []
        for seed in range(1000):
            await one(seed)
            if seed == 900:
                tracemalloc.start(1)  # from here on: to look at every allocation of all the thousand would take long
            if seed in (99, 920, 999):
                await asyncio.sleep(0)
                gc.collect()
                objects.append(len(gc.get_objects()))
                traced.append(tracemalloc.get_traced_memory()[0])
        return objects[-1] - objects[0], traced[-1] - traced[-2]

    try:
        more_objects, more_bytes = groupkit.run(main)
    finally:
        tracemalloc.stop()
    assert more_objects < 900, "not one object for each of nine hundred clusters"
    assert more_bytes < 79 * 1000, "not one thousand bytes for each of the last seventy-nine"


SCRIPT = """
import asyncio, groupkit
from groupkit import Cluster, ConsensusConfig, KeyValue
from groupkit.record.digest import digest
async def main():
    cluster = Cluster(5, machine=KeyValue, seed=11, config=ConsensusConfig(snapshot_every=20))
    async def client(name):
        for n in range(30):
            try:
                await cluster[name].group.execute(KeyValue.Put(f"k{n % 7}", (name, n)), timeout=3)
                await cluster[name].group.query(KeyValue.Items(), timeout=3)
            except (groupkit.CommandError, groupkit.QueryError):
                await cluster.clock.sleep(0.1)
    async def watch(name):
        async for index in cluster[name].group.when().committed():
            if index % 10 == 0:
                cluster[name].group.feed(KeyValue.Delete("k1"))
    watchers = [asyncio.create_task(watch(name)) for name in "abcde"]
    clients = [asyncio.create_task(client(name)) for name in "abcde"]
    leader = await cluster.when().leader_elected()
    cluster.link("a", "c").loss = 0.2
    cluster.link("b", "d").reorder = 0.3
    cluster.partition({"a", "b"}, {"d", "c", "e"})
    await cluster.clock.sleep(4)
    cluster.heal(); cluster.kill(leader)
    await cluster.clock.sleep(4)
    cluster.restart(leader); cluster.isolate("b"); cluster.freeze("c"); cluster.drift("d", 1.3)
    await cluster.clock.sleep(9)
    cluster.heal(); cluster.thaw("c")
    await asyncio.gather(*clients)
    await cluster.when().converged(timeout=60)
    print(len(cluster.recorder.rows), digest(cluster.recorder))
groupkit.run(main, seed=3)
"""


def _python(executable: str, code: str, **environment: str) -> str:
    env = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), **environment}
    done = subprocess.run([executable, "-c", code], env=env, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_one_script_has_one_trace_under_every_hash_seed() -> None:
    digests = {_python(sys.executable, SCRIPT, PYTHONHASHSEED=seed) for seed in ("0", "1", "4242")}
    assert len(digests) == 1
    assert int(digests.pop().split()[0]) > 500


def _other_python() -> str | None:
    """An interpreter of another supported version, if there is one that starts."""
    mine = f"python3.{sys.version_info.minor}"
    for name in ("python3.14", "python3.13", "python3.12", "python3.11"):
        found = shutil.which(name)
        if found and name != mine and subprocess.run([found, "-c", ""], capture_output=True).returncode == 0:
            return found
    return None


def test_one_script_has_one_trace_in_another_python() -> None:
    other = _other_python()
    if other is None:
        pytest.skip("no other Python from 3.11 to 3.14 is installed here, so versions cannot be compared")
    assert _python(other, SCRIPT) == _python(sys.executable, SCRIPT)


def test_a_watcher_more_changes_nothing_in_the_run() -> None:
    digests = []
    for watched in (False, True):

        async def main(watched: bool = watched) -> None:
            cluster = Cluster(3, machine=Counter, seed=5)
            if watched:
                for peer in cluster:
                    peer.group.when().leader_changed(timeout=2.5)
                    aiter(peer.group.when().committed())
                cluster.when().converged(timeout=1)
                cluster.clock.sleep(0.77)
            cluster.at(3.0, "kill", "a")
            await cluster.clock.sleep(12)
            digests.append(cluster.timeline.digest())

        groupkit.run(main)
    assert digests[0] == digests[1]


@virtual
async def test_a_closed_cluster_is_gone_with_its_last_reference() -> None:
    """A thousand trials must not wait for the garbage collector: memory that is returned at once is used again."""
    gc.collect()
    gc.disable()
    try:
        cluster = Cluster(5, machine=Counter, seed=3)
        leader = await cluster.when().leader_elected()
        waiting = [cluster[leader].group.when().leader_changed(), cluster["b"].group.when().committed().reaches(99)]
        await cluster[leader].group.execute(Counter.Increment(2))
        rule = cluster.drop(lambda message: False)
        cluster.random_faults(3)
        cluster.kill("a")
        cluster.partition({"b"}, {"c"})
        await cluster.clock.advance(1)
        parts = [cluster, cluster["b"], cluster["b"].group, cluster["b"].group._host, cluster.recorder, cluster._pump]
        refs = [weakref.ref(part) for part in parts]
        await cluster.close()
        del parts, waiting, rule, cluster
        await asyncio.sleep(0)
        await asyncio.sleep(0)  # who waited is told on the loop
        assert [ref() for ref in refs] == [None] * 6
    finally:
        gc.enable()


@virtual
async def test_a_group_outlives_its_closed_cluster() -> None:
    cluster, leader = await led()
    group = cluster[leader].group
    await group.execute(INC(1))
    await cluster.close()
    del cluster
    assert group.role() in ("leader", "down") and len(group.timeline.events()) > 0
    with pytest.raises(groupkit.GroupTerminated, match="the cluster was closed"):
        group.execute(INC(1))
