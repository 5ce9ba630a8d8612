"""The When table of the contract, line by line: LEVEL resolves at once if it holds, EDGE only by a later transition."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from groupkit import Cluster, ConsensusConfig, GroupTerminated, PeerId, UnknownPeer
from tests.group.helpers import INC, led, others, virtual


@virtual
async def test_leader_elected_is_level() -> None:
    cluster = Cluster(3)
    group = cluster["a"].group
    early = group.when().leader_elected()
    assert not early.done()
    leader = await early
    assert type(leader) is PeerId and leader == group.leader()
    now = group.when().leader_elected()
    assert now.done() and await now == leader


@virtual
async def test_leader_elected_waits_while_this_peer_is_down() -> None:
    cluster, leader = await led()
    victim = others(cluster, leader)[0]
    cluster.kill(victim)
    wait = cluster[victim].group.when().leader_elected()
    await cluster.clock.advance(10)
    assert not wait.done()
    cluster.restart(victim)
    assert await wait == cluster.leader()


@virtual
async def test_leader_changed_is_edge() -> None:
    cluster, leader = await led()
    watcher = others(cluster, leader)[0]
    changed = cluster[watcher].group.when().leader_changed()
    await cluster.clock.advance(10)
    assert not changed.done(), "the leader there is, is no change"
    cluster.kill(leader)
    new = await changed
    assert new != leader and new == cluster[watcher].group.leader()


@virtual
async def test_leader_changed_from_no_leader_takes_the_first() -> None:
    cluster = Cluster(3)
    changed = cluster["a"].group.when().leader_changed()
    assert await changed == cluster["a"].group.leader() is not None


@virtual
async def test_leader_changed_none_never_counts() -> None:
    cluster, leader = await led()
    watcher = cluster[others(cluster, leader)[0]]
    changed = watcher.group.when().leader_changed()
    cluster.isolate(watcher)
    await cluster.clock.advance(10)
    assert watcher.group.leader() is None and not changed.done()
    cluster.heal()
    await cluster.when().converged()
    assert not changed.done() or changed.result() != leader


@virtual
async def test_leader_changed_sees_a_reign_that_came_and_went_between_call_and_await() -> None:
    cluster, leader = await led(5)
    watcher = cluster[others(cluster, leader)[0]].group
    second = others(cluster, leader, watcher.peer_id())[0]
    changed = watcher.when().leader_changed()
    is_second = watcher.when().leader_is(second)
    cluster.timeout_now(second)
    await cluster.clock.advance(0.2)
    assert watcher.leader() == second
    cluster.timeout_now(leader)
    await cluster.clock.advance(0.2)
    assert watcher.leader() == leader, "back to the old one before anybody awaited"
    assert await changed == second
    assert await is_second is None


@virtual
async def test_leader_is_is_level() -> None:
    cluster, leader = await led()
    group = cluster["a"].group
    assert group.when().leader_is(leader).done()
    for name in (leader, str(leader), cluster[leader]):
        assert await group.when().leader_is(name) is None
    other = others(cluster, leader)[0]
    wait = group.when().leader_is(other)
    assert not wait.done()
    cluster.timeout_now(other)
    assert await wait is None and group.leader() == other


@virtual
async def test_leader_is_of_an_unknown_peer_is_refused_at_the_call() -> None:
    cluster, _ = await led()
    with pytest.raises(UnknownPeer, match="there is no peer 'zoe' here; the peers are: a, b, c"):
        cluster["a"].group.when().leader_is("zoe")


@virtual
async def test_is_leader_is_level() -> None:
    cluster, leader = await led()
    assert cluster[leader].group.when().is_leader().done()
    other = others(cluster, leader)[0]
    wait = cluster[other].group.when().is_leader()
    assert not wait.done()
    cluster.timeout_now(other)
    assert await wait is None and cluster[other].group.is_leader()


@virtual
async def test_is_follower_is_level() -> None:
    cluster, leader = await led()
    assert cluster[others(cluster, leader)[0]].group.when().is_follower().done()
    wait = cluster[leader].group.when().is_follower()
    assert not wait.done()
    cluster.timeout_now(others(cluster, leader)[0])
    assert await wait is None and cluster[leader].group.role() == "follower"


@virtual
async def test_a_candidate_or_a_dead_peer_is_neither_leader_nor_follower() -> None:
    cluster, leader = await led()
    cluster.kill(leader)
    dead = cluster[leader].group
    lonely = cluster[others(cluster, leader)[0]].group
    cluster.isolate(lonely)
    while lonely.role() != "candidate":
        await cluster.clock.sleep(0.1)
    waits = [w for g in (dead, lonely) for w in (g.when().is_leader(), g.when().is_follower())]
    assert not any(wait.done() for wait in waits)
    assert (dead.is_leader(), dead.leader(), lonely.leader()) == (False, None, None)


@virtual
async def test_an_observer_is_not_a_follower() -> None:
    cluster, _ = await led(3, config=ConsensusConfig(voters=("a", "b")))
    watcher = cluster["c"].group
    assert (watcher.role(), watcher.leader()) == ("observer", cluster.leader())
    assert not watcher.when().is_follower().done()
    assert watcher.when().online().done()


@virtual
async def test_online_and_offline_are_level() -> None:
    cluster, leader = await led()
    group = cluster[others(cluster, leader)[0]].group
    assert group.is_online() and group.when().online().done()
    offline = group.when().offline()
    assert not offline.done()
    cluster.isolate(group)
    before = cluster.clock.now
    assert await offline is None and not group.is_online()
    assert cluster.clock.now - before <= group.config().election_timeout + 0.1
    assert group.when().offline().done()
    online = group.when().online()
    cluster.heal()
    assert await online is None


@virtual
async def test_offline_of_a_killed_peer() -> None:
    cluster, leader = await led()
    offline = cluster[leader].group.when().offline()
    cluster.kill(leader)
    assert offline.done()
    online = cluster[leader].group.when().online()
    cluster.restart(leader)
    assert await online is None and await offline is None


@virtual
async def test_an_isolated_leader_goes_offline_within_an_election_timeout() -> None:
    cluster, leader = await led()
    cluster.isolate(leader)
    before = cluster.clock.now
    await cluster[leader].group.when().offline()
    assert cluster.clock.now - before <= cluster[leader].group.config().election_timeout + 0.1


@pytest.mark.parametrize(
    "name", ["leader_elected", "leader_changed", "is_leader", "is_follower", "online", "offline", "bonds", "leader_is"]
)
def test_every_wait_times_out_saying_what_and_how_things_stand(name: str) -> None:
    @virtual
    async def run() -> None:
        cluster, leader = await led()
        group = cluster[others(cluster, leader)[0]].group
        if name in ("leader_elected", "is_follower", "online", "is_leader", "leader_is"):
            cluster.kill(group)
        make: Any = group.bonds().changed if name == "bonds" else getattr(group.when(), name)
        before = cluster.clock.now
        with pytest.raises(TimeoutError) as caught:
            await (make("b", timeout=1.5) if name == "leader_is" else make(timeout=1.5))
        assert cluster.clock.now - before == pytest.approx(1.5)
        text = str(caught.value)
        assert name in text and group.peer_id() in text and "nothing within 1.5 virtual seconds" in text
        assert ("is down" in text) or ("committed 0" in text and "term 1" in text)

    run()


@virtual
async def test_a_timeout_that_was_not_needed_leaves_no_trace() -> None:
    cluster, leader = await led()
    wait = cluster["a"].group.when().leader_changed(timeout=5)
    cluster.kill(leader)
    watcher = cluster[others(cluster, leader)[0]].group.when().leader_elected(timeout=0.001)
    await cluster.clock.advance(10)
    assert watcher.exception() is None
    assert wait.done()


@pytest.mark.parametrize("bad", [0, -1, float("nan"), float("inf"), "1", True])
def test_bad_timeouts_are_refused_at_the_call(bad: Any) -> None:
    @virtual
    async def run() -> None:
        cluster, _ = await led()
        group = cluster["a"].group
        calls: list[Any] = [
            group.when().leader_elected, group.when().online, group.when().committed().advanced,
            group.bonds().changed, cluster.when().converged, lambda timeout: group.execute(INC(), timeout=timeout),
            lambda timeout: group.query("x", timeout=timeout),
        ]  # fmt: skip
        for call in calls:
            with pytest.raises((ValueError, TypeError), match="timeout is a") as caught:
                call(timeout=bad)
            assert repr(bad) in str(caught.value)

    run()


@virtual
async def test_closing_ends_everything_pending_with_group_terminated() -> None:
    cluster, leader = await led()
    group = cluster[others(cluster, leader)[0]].group
    cluster.isolate(group)
    waits: list[Any] = [
        group.when().leader_changed(), group.when().is_leader(), group.when().offline(), group.bonds().changed(),
        group.when().committed().advanced(), group.when().committed().reaches(9), group.when().log().reverted(),
        group.when().log().reaches(9), group.execute(INC()), group.query("x"), cluster.when().leader_changed(),
        cluster.clock.sleep(100), anext(aiter(group.when().committed())), cluster.clock.advance(1000),
    ]  # fmt: skip
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    await asyncio.sleep(0)
    await cluster.close()
    for error in await asyncio.gather(*tasks, return_exceptions=True):
        assert isinstance(error, GroupTerminated) and "closed" in str(error), error


@virtual
async def test_after_the_end_every_call_says_so() -> None:
    cluster, _ = await led()
    group, when, cwhen = cluster["a"].group, cluster["a"].group.when(), cluster.when()
    await cluster.close()
    await cluster.close()
    calls: list[Any] = [
        when.leader_elected, when.online, when.committed().advanced, cwhen.converged, cluster.when,
        group.bonds().changed, lambda: group.execute(INC()), lambda: group.query("x"), lambda: cluster.kill("a"),
        lambda: cluster.clock.sleep(1), lambda: cluster.clock.advance(1), lambda: cluster.peer("new"),
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(GroupTerminated, match="closed"):
            call()
    assert group.role() == "down" and not group.is_online() and group.leader() is None


@virtual
async def test_leaving_ends_what_is_pending_on_that_handle_only() -> None:
    cluster, leader = await led()
    here, there = (cluster[name].group for name in others(cluster, leader))
    mine, yours = here.when().leader_changed(), there.when().leader_changed()
    await here.leave()
    with pytest.raises(GroupTerminated, match=f"{here.peer_id()} has left the group"):
        await mine
    await cluster.clock.advance(5)
    assert not yours.done() and len(there.bonds()) == 1


@virtual
async def test_a_kill_ends_nothing() -> None:
    cluster, leader = await led()
    victim = cluster[others(cluster, leader)[0]].group
    committed, elected, log = (
        victim.when().committed().reaches(3), victim.when().is_leader(), victim.when().log().reaches(3),
    )  # fmt: skip
    cluster.kill(victim)
    await cluster[leader].group.execute_many([INC()] * 3)
    assert not committed.done() and not log.done()
    cluster.restart(victim)
    assert (await committed, (await log).index) == (3, 3)
    cluster.timeout_now(victim)
    assert await elected is None
