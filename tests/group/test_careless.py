"""What is said to who forgot an await, asks the wrong object, copies what lives, or waits in vain."""

from __future__ import annotations

import asyncio
import copy
import pickle
import signal
import threading
from collections.abc import Awaitable
from typing import Any

import pytest

import groupkit
from groupkit import Cluster, Counter, Rules, Timeline, run_sync
from groupkit.group import aside, button
from groupkit.group.aside import Aside
from tests.group.fake_time import WallLoop, in_wall_time
from tests.group.helpers import INC, led, pass_turns, virtual


async def _cell(awaited: Awaitable[Any]) -> Any:
    return await awaited


@virtual
async def test_a_wait_says_what_it_is() -> None:
    cluster, leader = await led()
    group = cluster[leader].group
    index = group.execute(INC())
    assert repr(index) == f"<Wait for execute() on {leader}: pending; await it>"
    assert await index == 1 and index.result() == 1
    assert repr(index) == f"<Wait for execute() on {leader}: done; await it to get Index(1)>"
    with pytest.raises(TypeError, match=r"not <Wait for leader_elected.*; await it to get PeerId"):
        cluster.kill(cluster.when().leader_elected())
    cluster.clock.pause()
    waiting = cluster.when().leader_changed()
    assert repr(waiting) == "<Wait for leader_changed() of the cluster: pending, the clock is paused; await it>"
    waiting.cancel()
    assert repr(waiting) == "<Wait for leader_changed() of the cluster: cancelled>"


@virtual
async def test_who_is_interrupted_or_times_out_learns_what_it_waited_for() -> None:
    cluster, _ = await led()
    cluster.clock.pause()
    task = asyncio.create_task(_cell(cluster.when().leader_changed()))
    await pass_turns()
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    said = "leader_changed() of the cluster was still to come at 2."
    assert said in str(caught.value) and "where the clock is paused: clock.resume()" in str(caught.value)
    cluster.clock.resume()
    with pytest.raises(TimeoutError) as late:
        await asyncio.wait_for(cluster.when().leader_changed(), 0)
    assert said in str(late.value.__cause__) or said in str(late.value.__context__)
    named = cluster.when().leader_changed()
    named.cancel("mine")
    with pytest.raises(asyncio.CancelledError, match="mine"):
        await named


def test_waiting_while_the_clock_is_paused_is_told_once_a_pause(caplog: pytest.LogCaptureFixture) -> None:
    async def main(loop: WallLoop) -> None:
        cluster = Cluster(3, machine=Counter, pace=1.0)
        leader = await cluster.when().leader_elected()
        for told in (1, 2):
            cluster.clock.pause()
            waiting = asyncio.create_task(_cell(cluster[leader].group.execute(INC())))
            await asyncio.sleep(1)
            assert len(caplog.messages) == told - 1, "a menu that holds time for a moment is no reason"
            await asyncio.sleep(60)
            assert len(caplog.messages) == told
            cluster.clock.resume()
            await waiting
        assert caplog.messages[0].startswith(f"still waiting for execute() on {leader}, and the clock is paused: clock")

    in_wall_time(main)


@virtual
async def test_what_cannot_be_awaited_itself_says_what_can() -> None:
    cluster, _ = await led()
    group = cluster["b"].group
    for asked, offers in (
        (group.when().committed(), "advanced(...), changed(...), reaches(...), reverted(...)"),
        (cluster.when(), "converged(...), leader_changed(...), leader_elected(...)"),
        (group.when(), "committed(...), is_follower(...)"),
    ):
        with pytest.raises(TypeError) as caught:
            await asked  # type: ignore[misc]
        assert "cannot be awaited itself: await one of " + offers in str(caught.value)


@virtual
async def test_what_only_a_group_has_is_at_the_group() -> None:
    cluster, _ = await led()
    with pytest.raises(AttributeError, match=r"no attribute 'execute': it is peer\.group\.execute"):
        cluster["a"].execute(INC())
    with pytest.raises(AttributeError, match=r"no attribute 'execute': it is cluster\[peer\]\.group\.execute"):
        cluster.execute(INC())
    with pytest.raises(AttributeError, match=r"no attribute 'group': it is cluster\[peer\]\.group"):
        _ = cluster.group
    with pytest.raises(AttributeError, match=r"'Cluster' object has no attribute 'leeder'$"):
        _ = cluster.leeder
    with pytest.raises(AttributeError, match=r"'Peer' object has no attribute 'leeder'$"):
        _ = cluster["a"].leeder
    with pytest.raises(AttributeError, match=r"no attribute 'kill': it is cluster\.kill\(peer\)"):
        cluster["a"].kill()
    with pytest.raises(TypeError, match=r"but type, the class Counter.Increment: make one of it, Counter.Incr"):
        cluster["a"].group.execute(Counter.Increment)


@virtual
async def test_what_only_the_clock_or_the_timeline_has_is_there_and_a_pace_is_not_set_in_vain() -> None:
    cluster, _ = await led()
    for name in ("pause", "advance", "now", "pace"):
        with pytest.raises(AttributeError, match=rf"no attribute '{name}': it is cluster\.clock\.{name}$"):
            getattr(cluster, name)
    with pytest.raises(AttributeError, match=r"no attribute 'elections': it is cluster\.timeline\.elections$"):
        cluster.elections()
    with pytest.raises(AttributeError, match=r"no attribute 'pace': it is cluster\.clock\.pace$"):
        cluster.pace = 0.1
    assert not hasattr(cluster, "pace")


@virtual
async def test_what_is_asked_cannot_be_told() -> None:
    cluster, leader = await led()
    for thing in (cluster, cluster[leader].group):
        kind = type(thing).__name__
        for name, text in (("leader", " attribute 'leader' is read-only"), ("leadr", " has no attribute 'leadr'")):
            with pytest.raises(AttributeError, match=f"^'{kind}' object{text}"):
                setattr(thing, name, "a")
    assert cluster.leader() == leader


@virtual
async def test_a_thread_that_run_has_made_is_told_the_way_out_of_a_thread() -> None:
    cluster, _ = await led()
    with pytest.raises(RuntimeError, match=r"kill was called from another thread: use network\.post\('kill', \.\.\.\)"):
        await asyncio.to_thread(cluster.kill, "a")


@virtual
async def test_no_picture_of_an_object_has_an_address() -> None:
    cluster, leader = await led()
    group = cluster[leader].group
    shown = [
        cluster, cluster[leader], group, group.when(), cluster.when(), group.when().log(), group.bonds(), cluster.clock,
        aiter(group.when().log()), cluster.drop(lambda message: False), cluster.link("a", "b"), cluster.recorder,
        cluster.timeline, cluster.timeline.diff(cluster.timeline), Counter(), Rules(), groupkit.check.CounterModel(),
        groupkit.check.RegisterModel(3), groupkit.check.KeyValueModel(), group.execute(INC()), cluster["a"].groups(),
    ]  # fmt: skip
    for one in shown:
        assert " at 0x" not in repr(one) and len(repr(one)) < 200, repr(one)
    assert repr(Rules()) == "Rules()" and repr(Rules().without("pre_vote")) == "Rules(pre_vote=False)"
    assert repr(Cluster(1)).startswith("<Cluster of 1 peer, ")
    assert not {"raft", "Any", "import_module"} & set(dir(groupkit))


@virtual
async def test_what_lives_is_not_copied_and_what_is_recorded_is() -> None:
    cluster, leader = await led()
    group = cluster[leader].group
    for living in (cluster, cluster["a"], group, group.bonds(), group.when(), cluster.clock, cluster.link("a", "b")):
        for copying in (copy.copy, copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError, match=f"a {type(living).__name__} cannot be copied or pickled: it lives on"):
                copying(living)
    timeline, end = cluster.timeline, cluster.clock.now
    copies: list[Timeline] = [copy.deepcopy(timeline), pickle.loads(pickle.dumps(timeline))]
    assert [one.digest() for one in copies] == [timeline.digest()] * 2
    await cluster.clock.advance(3)
    assert [one.end for one in copies] == [end] * 2, "they do not grow"
    assert groupkit.replay(copies[1]).timeline.digest() == copies[0].digest()


def test_a_storm_travels_to_another_process_without_its_cluster() -> None:
    storm = groupkit.storm(5, seconds=3)
    far = pickle.loads(pickle.dumps(storm))
    assert far == storm and far.cluster is None and storm.cluster is not None
    assert repr(storm).startswith("<storm 5: 5 peers") and repr(storm).endswith("the group held>")


@virtual
async def test_close_closes_at_the_call() -> None:
    cluster, _ = await led()
    closing = cluster.close()
    assert (
        repr(cluster).endswith("s: the cluster was closed>")
        and repr(cluster["a"]) == "<Peer a, the cluster was closed>"
    )
    assert not cluster["a"].alive and "the cluster was closed" in cluster["a"].group._repr_html_()
    assert await closing is None and await cluster.close() is None


@virtual
async def test_another_thread_gets_a_way_out_that_works() -> None:
    cluster, leader = await led()

    def said(call: object) -> str:
        errors: list[str] = []

        def work() -> None:
            try:
                call()  # type: ignore[operator]
            except RuntimeError as error:
                errors.append(str(error))

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        return "".join(errors)

    assert "use network.post(function, ...), which may be" in said(lambda: cluster[leader].group.execute(INC()))
    clock = cluster.clock
    for call in (clock.pause, clock.resume, clock.step, cluster.close, lambda: setattr(clock, "pace", 2)):
        assert "was called from another thread: use network.post(function" in said(call)
    assert not clock.paused and cluster.leader() == leader

    async def inside() -> None:
        await cluster.when().leader_elected()

    with pytest.raises(
        RuntimeError, match=r"groupkit.run and sweep have a thread and a loop of their own, so make the"
    ):
        groupkit.run(inside)


@virtual
async def test_run_and_run_sync_say_what_they_take() -> None:
    cluster, _ = await led()
    with pytest.raises(TypeError, match=r"not <Wait for .*: in a cell, write await in front of that"):
        groupkit.run(cluster.when().leader_elected())  # type: ignore[arg-type]
    with pytest.raises(
        TypeError, match=r"run_sync takes something that can be awaited, not .*: call it, with brackets"
    ):
        run_sync(cluster.when().leader_elected)  # type: ignore[arg-type]


@pytest.mark.parametrize("awaits", [True, False])
def test_an_interrupt_ends_what_run_does_beside_a_loop(monkeypatch: pytest.MonkeyPatch, awaits: bool) -> None:
    begun, ended, real = threading.Event(), threading.Event(), Aside.over
    interrupts = [KeyboardInterrupt()]

    async def endless() -> None:
        cluster = Cluster(3)
        try:
            begun.set()  # from here on it may be broken off in any line
            while True:
                if awaits:
                    await cluster.when().leader_changed()
        finally:
            ended.set()

    def over(self: Aside, within: float | None = None) -> bool:
        if begun.wait(60) and interrupts:
            raise interrupts.pop()  # as the stop button does
        return real(self, within)

    monkeypatch.setattr(Aside, "over", over)
    monkeypatch.setattr(aside, "PATIENCE", 60.0 if awaits else 0.05)

    async def cell() -> None:
        with pytest.raises(KeyboardInterrupt):
            groupkit.run(endless)

    asyncio.run(cell())
    assert ended.wait(60), "its thread does not go on behind the notebook's back"


def test_an_interrupted_run_sync_waits_no_more() -> None:
    """At pace inf, time would run on for nobody."""
    cluster = Cluster(3, machine=Counter)

    def press(message: object) -> bool:
        raise KeyboardInterrupt

    rule = cluster.drop(press)
    with pytest.raises(KeyboardInterrupt):
        run_sync(cluster["a"].group.execute(INC()))
    rule.remove()
    assert run_sync(asyncio.sleep(0, "the loop lives")) == "the loop lives"
    assert not cluster._pump.awaited


def test_the_stop_button_pressed_twice_ends_an_apply_that_never_ends(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """In a kernel, where it cancels the cell: that takes effect at the cell's next await, and would never come."""
    presses: list[int] = []

    class Stuck(Counter):
        def apply(self, command: Any, ctx: Any) -> None:
            while True:
                signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(button, "in_notebook", lambda: True)
    before = signal.signal(signal.SIGINT, lambda number, frame: presses.append(number))
    loop = asyncio.new_event_loop()
    try:
        cluster = Cluster(3, machine=Stuck)

        async def stuck() -> None:
            await cluster["a"].group.execute(INC())

        cell = loop.create_task(stuck())
        while not presses and not cell.done():
            loop.run_until_complete(asyncio.sleep(0))
        assert cluster.clock.paused and len(presses) == 1, "the kernel hears of the first press, to cancel the cell"
        assert "the stop button ended an event in the midst of a state machine's apply" in caplog.messages[0]
        cell.cancel()
        with pytest.raises(asyncio.CancelledError, match="where the clock is paused"):
            loop.run_until_complete(cell)
        cluster.close()
        signal.raise_signal(signal.SIGINT)
        assert len(presses) == 2, "and all of them again when the turn is over"
    finally:
        signal.signal(signal.SIGINT, before)
        loop.close()
