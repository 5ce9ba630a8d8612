"""CursorWatchers: ``committed()`` gives Index, ``log()`` gives Cursor; every transition is looked at."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from groupkit import Cluster, ConsensusConfig, Cursor, GroupTerminated, Index, IndexRange
from tests.group.helpers import INC, led, others, pass_turns, virtual


@virtual
async def test_reaches_is_level_and_gives_the_value() -> None:
    cluster, leader = await led()
    group = cluster[leader].group
    assert await group.when().committed().reaches(0) == 0
    wait = group.when().committed().reaches(2)
    await group.execute_many([INC()] * 3)
    value = await wait
    assert type(value) is Index and value == 3, "at least that index: it may be further on"
    assert group.when().committed().reaches(3).done()
    assert type(await group.when().log().reaches(2)) is Cursor


@virtual
async def test_reaches_of_a_range_means_its_end() -> None:
    cluster, leader = await led()
    group = cluster[others(cluster, leader)[0]].group
    span = await cluster[leader].group.execute_many([INC()] * 4)
    assert span == IndexRange(1, 4)
    assert await group.when().committed().reaches(span) == 4
    assert (await group.when().log().reaches(span)).index == 4


@pytest.mark.parametrize(
    ("bad", "error"), [(-1, ValueError), (True, TypeError), (1.0, TypeError), ("1", TypeError), (2**64, ValueError),
                       (None, TypeError)],
)  # fmt: skip
def test_reaches_refuses_what_is_no_index(bad: Any, error: type[Exception]) -> None:
    @virtual
    async def run() -> None:
        cluster, _ = await led()
        for watcher in (cluster["a"].group.when().committed(), cluster["a"].group.when().log()):
            with pytest.raises(error, match=r"reaches\(index\) is a whole number from 0") as caught:
                watcher.reaches(bad)
            assert repr(bad) in str(caught.value)

    run()


def test_an_empty_range_is_refused() -> None:
    with pytest.raises(ValueError, match=r"IndexRange\(4, 3\) is empty"):
        IndexRange(4, 3)


@virtual
async def test_advanced_is_edge() -> None:
    cluster, leader = await led()
    group = cluster[leader].group
    await group.execute(INC())
    wait, position = group.when().committed().advanced(), group.when().log().advanced()
    await cluster.clock.advance(5)
    assert not wait.done() and not position.done()
    await group.execute(INC())
    assert await wait == 2 and await position == Cursor(1, 2)


@virtual
async def test_advanced_after_a_restart_means_further_than_at_the_call() -> None:
    cluster, leader = await led()
    victim = cluster[others(cluster, leader)[0]].group
    await cluster[leader].group.execute_many([INC()] * 3)
    await cluster.when().converged()
    advanced, changed = victim.when().committed().advanced(), victim.when().committed().changed()
    cluster.kill(victim)
    cluster.restart(victim)
    await victim.when().committed().reaches(3)
    assert not advanced.done(), "back to 3 is not further than 3"
    await cluster[leader].group.execute(INC())
    assert await advanced == 4
    assert await changed != 3


@virtual
async def test_changed_is_edge_and_gives_the_next_different_value() -> None:
    cluster, leader = await led()
    group = cluster[leader].group
    committed, log = group.when().committed().changed(), group.when().log().changed()
    assert not committed.done() and not log.done()
    await group.execute(INC())
    await group.execute(INC())
    assert await committed == 1 and await log == Cursor(1, 1), "the next one, not the newest"


async def _overwritten() -> tuple[Cluster, Any, Any]:
    """A former leader with an uncommitted entry that will be replaced, and its ``reverted`` waits."""
    cluster, leader = await led()
    former = cluster[leader].group
    cluster.isolate(former)
    lost = former.feed(INC(100))
    assert await lost == 1
    reverted = former.when().log().reverted()
    new = cluster[await cluster[others(cluster, leader)[0]].group.when().leader_changed()].group
    await new.execute(INC())
    return cluster, former, reverted


@virtual
async def test_log_reverted_fires_when_entries_were_removed_whatever_replaced_them() -> None:
    cluster, former, reverted = await _overwritten()
    back = former.when().committed().reverted()
    assert former.log_position() == Cursor(1, 1) and not reverted.done()
    cluster.heal()
    assert await reverted == Cursor(2, 1), "as long as before, yet another entry"
    await cluster.clock.advance(5)
    assert not back.done(), "what was committed never goes back"


@virtual
async def test_an_index_reached_and_lost_again_is_seen() -> None:
    cluster, leader = await led()
    former = cluster[leader].group
    reached = former.when().log().reaches(3)
    cluster.isolate(former)
    former.feed_many([INC(n) for n in range(3)])
    new = cluster[await cluster[others(cluster, leader)[0]].group.when().leader_changed()].group
    await new.execute(INC())
    cluster.heal()
    await former.when().log().reverted()
    assert former.log_position().index < 3
    assert (await reached).index == 3


@virtual
async def test_a_wiped_disk_is_a_step_backwards_of_the_log() -> None:
    cluster, leader = await led()
    victim = cluster[others(cluster, leader)[0]].group
    await cluster[leader].group.execute_many([INC()] * 3)
    await cluster.when().converged()
    reverted = victim.when().log().reverted()
    cluster.kill(victim)
    await cluster.clock.advance(1)
    assert not reverted.done(), "a kill keeps the disk"
    cluster.restart(victim, wipe=True)
    assert await reverted == Cursor(0, 0)


@virtual
async def test_async_for_gives_every_transition_in_order() -> None:
    cluster, leader = await led()
    group = cluster[others(cluster, leader)[0]].group
    commits, logs = aiter(group.when().committed()), aiter(group.when().log())
    for n in range(5):
        await cluster[leader].group.execute(INC(n))
    await cluster.when().converged()
    assert [await anext(commits) for _ in range(5)] == [1, 2, 3, 4, 5]
    assert [await anext(logs) for _ in range(5)] == [Cursor(1, i) for i in range(1, 6)]


@virtual
async def test_async_for_merges_nothing_while_nobody_looks() -> None:
    cluster, leader = await led()
    group = cluster[leader].group
    seen: list[int] = []

    async def watch() -> None:
        async for value in group.when().committed():
            seen.append(int(value))
            if value >= 20:
                return

    task = asyncio.create_task(watch())
    await asyncio.sleep(0)
    for n in range(20):
        await group.execute(INC(n))
    await task
    assert seen == list(range(1, 21))


@virtual
async def test_commands_handed_in_before_there_was_a_leader_are_single_steps_of_its_log() -> None:
    cluster = Cluster(2, config=ConsensusConfig(voters=("a",)))
    stream = aiter(cluster["a"].group.when().log())
    for n in range(3):
        cluster["a"].group.feed(n)
    assert [await anext(stream) for _ in range(3)] == [Cursor(1, 1), Cursor(1, 2), Cursor(1, 3)]


@virtual
async def test_a_stream_ends_with_the_group_after_its_last_value() -> None:
    cluster, leader = await led()
    group = cluster[leader].group
    stream = aiter(group.when().committed())
    await group.execute(INC())
    await cluster.close()
    assert await anext(stream) == 1
    with pytest.raises(GroupTerminated):
        await anext(stream)


@virtual
async def test_an_iteration_that_timed_out_goes_on() -> None:
    cluster, leader = await led()
    group = cluster[leader].group
    stream = aiter(group.when().committed())
    pending = asyncio.ensure_future(anext(stream))
    await pass_turns()
    pending.cancel()
    await pass_turns()
    await group.execute(INC())
    assert await anext(stream) == 1


@virtual
async def test_dropped_streams_are_forgotten() -> None:
    cluster, leader = await led()
    group = cluster[leader].group
    for _ in range(100):
        aiter(group.when().committed())
    await group.execute(INC())
    await group.execute(INC())
    assert not group._ear().commit_streams.refs


@virtual
async def test_a_watcher_says_what_it_watches() -> None:
    cluster, _ = await led()
    assert repr(cluster["a"].group.when().committed()) == "<watcher of committed() on a, now Index(0)>"
    assert repr(cluster["a"].group.when().log()) == "<watcher of log() on a, now Cursor(term=0, index=0)>"


@virtual
async def test_timeouts_of_watchers_say_what_was_awaited() -> None:
    cluster, _ = await led()
    watcher = cluster["b"].group.when().committed()
    for wait, what in [
        (watcher.reaches(7, timeout=1), r"committed\(\)\.reaches\(7\) on b"),
        (watcher.advanced(timeout=1), r"committed\(\)\.advanced\(\) on b"),
        (watcher.changed(timeout=1), r"committed\(\)\.changed\(\) on b"),
        (cluster["b"].group.when().log().reverted(timeout=1), r"log\(\)\.reverted\(\) on b"),
    ]:
        with pytest.raises(TimeoutError, match=what + ": nothing within 1 virtual seconds; b is .* of term 1"):
            await wait
