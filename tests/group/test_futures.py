"""What ``when()`` returns are asyncio futures, and behave so in everything asyncio offers."""

from __future__ import annotations

import asyncio
import gc
import warnings
import weakref

import pytest

from tests.group.helpers import INC, led, others, pass_turns, virtual


@virtual
async def test_several_tasks_may_await_one_future() -> None:
    cluster, leader = await led()
    wait = cluster[leader].group.when().committed().advanced()

    async def look() -> int:
        return int(await wait)

    tasks = [asyncio.create_task(look()) for _ in range(5)]
    await asyncio.sleep(0)
    await cluster[leader].group.execute(INC())
    assert await asyncio.gather(*tasks) == [1] * 5 and await wait == 1


@virtual
async def test_it_is_a_future_and_can_be_cancelled() -> None:
    cluster, leader = await led()
    wait = cluster["a"].group.when().leader_changed()
    assert asyncio.isfuture(wait)
    assert wait.cancel() and wait.cancelled()
    with pytest.raises(asyncio.CancelledError):
        await wait
    cluster.kill(leader)
    await cluster[others(cluster, leader)[0]].group.when().leader_changed()


@virtual
async def test_cancelling_the_task_that_awaits_leaves_the_group_usable() -> None:
    cluster, leader = await led()

    async def look() -> None:
        await cluster["a"].group.when().leader_changed()

    task = asyncio.create_task(look())
    await pass_turns()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not cluster._pump.awaited
    assert await cluster[leader].group.execute(INC()) == 1


@virtual
async def test_asyncio_wait_gather_and_shield() -> None:
    cluster, leader = await led()
    group = cluster[leader].group
    never, soon = group.when().committed().reaches(99), group.when().committed().reaches(1)
    command = group.execute(INC())
    done, pending = await asyncio.wait([never, soon], return_when=asyncio.FIRST_COMPLETED)
    assert (done, pending) == ({soon}, {never})
    assert await asyncio.gather(soon, command, group.when().leader_elected()) == [1, 1, leader]
    assert await asyncio.shield(soon) == 1
    done, pending = await asyncio.wait([never], timeout=0.01)
    assert pending == {never}
    assert not cluster._pump.awaited, "asyncio gave up, so time has no reason to move"


@virtual
async def test_asyncio_timeouts_count_in_wall_time_and_cancel_the_wait() -> None:
    cluster, leader = await led()
    cluster.clock.pause()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await cluster["a"].group.when().leader_changed()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(cluster["a"].group.when().leader_changed(), 0.01)
    assert not cluster._pump.awaited
    cluster.clock.resume()
    assert await asyncio.wait_for(cluster[leader].group.execute(INC()), 60) == 1


@virtual
async def test_dropping_it_un_awaited_warns_about_nothing_and_leaks_nothing() -> None:
    cluster, leader = await led()
    group = cluster["a"].group
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        refs = [weakref.ref(group.when().leader_changed()) for _ in range(10)]
        refs += [weakref.ref(group.when().committed().reaches(99)) for _ in range(10)]
        refs += [weakref.ref(group.when().log().advanced(timeout=1)) for _ in range(10)]
        refs += [weakref.ref(group.bonds().changed()) for _ in range(10)]
        group.when().is_leader(timeout=0.5)
        cluster.when().leader_changed()
        gc.collect()
        assert [ref() for ref in refs] == [None] * 40
        await cluster.clock.advance(2)
        cluster.kill(leader)
        group.execute(INC())
        await cluster.close()
        gc.collect()


@virtual
async def test_dropped_waits_do_not_pile_up() -> None:
    cluster, leader = await led()
    group = cluster[others(cluster, leader)[0]].group
    for _ in range(5000):
        group.when().leader_changed()
        group.when().committed().reaches(10**6)
    ear = group._ear()
    assert len(ear.states.waits) < 200 and len(ear.commit_reaches.heap) < 200


@virtual
async def test_ten_thousand_watchers_wait_and_are_all_woken() -> None:
    cluster, leader = await led()
    group = cluster[others(cluster, leader)[0]].group
    waits = [group.when().committed().reaches(1 + n % 10) for n in range(5000)]
    waits += [group.when().committed().advanced() for _ in range(5000)]
    gathered = asyncio.gather(*waits)
    await cluster[leader].group.execute_many([INC()] * 10)
    values = await gathered
    assert len(values) == 10_000 and min(values) >= 1


@virtual
async def test_whoever_is_woken_runs_before_the_next_event() -> None:
    cluster, leader = await led()
    group = cluster[leader].group
    times: list[tuple[float, float]] = []

    async def watch() -> None:
        async for _ in group.when().committed():
            times.append((cluster.clock.now, cluster.clock.now))
            if len(times) == 3:
                return

    task = asyncio.create_task(watch())
    for _ in range(3):
        await group.execute(INC())
    await task
    committed = [row[0] for row in cluster.recorder.rows if row[1] == "committed" and row[2] == leader]
    assert [t for t, _ in times] == committed


@virtual
async def test_awaiting_twice_gives_the_same_again() -> None:
    cluster, leader = await led()
    wait = cluster[leader].group.execute(INC())
    assert await wait == await wait == 1 and wait.result() == 1


@virtual
async def test_nothing_moves_while_nobody_waits() -> None:
    cluster, _ = await led()
    before = cluster.clock.now
    cluster["a"].group.when().leader_changed()
    await asyncio.sleep(0.02)
    assert cluster.clock.now == before
