"""The stop button that ends an event pauses the clock, as its user would, and leaves nothing that moves it on."""

from __future__ import annotations

import asyncio
import gc
import math
import signal
import weakref
from collections.abc import Awaitable, Iterator
from typing import Any

import pytest

from groupkit import Cluster, Counter, ReplayDiverged, replay
from groupkit.group import button
from groupkit.group.button import Button, Stopped
from tests.group.fake_time import WallLoop, in_wall_time
from tests.group.helpers import INC, pass_turns


class Stuck(Counter):
    """Its ``apply`` never ends, and the button is pressed all the while; or it is a counter."""

    endless = True

    def apply(self, command: Any, ctx: Any) -> Any:
        while type(self).endless:
            signal.raise_signal(signal.SIGINT)
        return super().apply(command, ctx)


@pytest.fixture(autouse=True)
def presses(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """As in a kernel; here are the presses that it hears of."""
    heard: list[int] = []
    monkeypatch.setattr(button, "in_notebook", lambda: True)
    monkeypatch.setattr(Stuck, "endless", True)
    before = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    yield heard
    signal.signal(signal.SIGINT, before)


def paces(cluster: Cluster) -> list[float]:
    return [row[3] for row in cluster.recorder.rows if row[1] == "pace"]


async def _cell(awaited: Awaitable[Any]) -> None:
    await awaited


async def stopped(pace: float = math.inf) -> tuple[Cluster, asyncio.Future[Any], asyncio.Task[None]]:
    """A cluster whose first ``apply`` was ended by the button, the command's future, and who awaits it."""
    cluster = Cluster(3, machine=Stuck, seed=1, pace=pace)
    leader = await cluster.when().leader_elected()
    index = cluster[leader].group.execute(INC())
    cell = asyncio.create_task(_cell(index))
    while not cluster.clock.paused:
        await asyncio.sleep(0)
    return cluster, index, cell


@pytest.mark.parametrize("pace", [math.inf, 5.0])
def test_it_is_the_pause_of_the_clocks_user(pace: float, presses: list[int]) -> None:
    async def main(loop: WallLoop) -> None:
        cluster, index, cell = await stopped(pace)
        assert len(presses) == 1, "the kernel hears of the first press"
        assert not cluster._world.busy and cluster.recorder.rows[-1] == (cluster.clock.now, "pace", None, 0.0)
        assert "paused" in repr(cluster.clock) and "paused" in cluster._repr_html_() and "paused" in repr(index)
        now = cluster.clock.now
        for _ in range(2):
            cluster.clock.hold().release()
            cluster.clock.pause()
        await asyncio.sleep(5)
        assert cluster.clock.paused and cluster.clock.now == now and paces(cluster) == [0.0]
        cluster.clock.resume()
        assert not cluster.clock.paused and paces(cluster) == [0.0, pace]
        Stuck.endless = False
        await cluster.clock.sleep(1)
        assert not index.done(), "what the event would have done at that peer is lost"
        cell.cancel()
        await cluster.close()

    in_wall_time(main)


def test_who_waits_on_is_told_that_the_clock_is_paused(caplog: pytest.LogCaptureFixture) -> None:
    async def main(loop: WallLoop) -> None:
        cluster, _, cell = await stopped()
        await asyncio.sleep(60)
        ended, reminded = caplog.messages
        assert ended == (
            "the stop button ended an event in the midst of a state machine's apply, and the clock is paused. What "
            "that event had done stays half done, so this group can no longer keep its promises: close this cluster, "
            "mend that code, and build another one"
        )
        assert reminded.startswith("still waiting for execute() on ") and "the clock is paused: clock.resu" in reminded
        cell.cancel()
        await cluster.close()

    in_wall_time(main)


def test_the_end_of_a_hold_does_not_undo_it() -> None:
    async def main(loop: WallLoop) -> None:
        cluster = Cluster(3, machine=Stuck, seed=1)
        leader = await cluster.when().leader_elected()
        with cluster.clock.hold():
            cluster[leader].group.execute(INC())
            steps = cluster.clock.step(1000)
            with pytest.raises(asyncio.CancelledError, match=r"step\(1000\) was still to come at .* the clock is pau"):
                await steps
        assert cluster.clock.paused and paces(cluster) == [0.0], "it stood all the time"
        await cluster.close()

    in_wall_time(main)


def test_whoever_advances_the_clock_is_not_given_the_next_endless_event(presses: list[int]) -> None:
    async def main(loop: WallLoop) -> None:
        cluster = Cluster(3, machine=Stuck, seed=1)
        leader = await cluster.when().leader_elected()
        cluster[leader].group.execute(INC())

        async def on_and_on() -> None:
            await asyncio.gather(cluster.clock.advance(30), cluster.clock.advance(60))

        behind = asyncio.create_task(on_and_on())  # not the cell: the kernel does not cancel it
        await asyncio.sleep(1)
        assert behind.cancelled() and cluster.clock.paused and len(presses) == 1
        now = cluster.clock.now
        cell = asyncio.create_task(_cell(cluster.when().leader_changed()))
        await pass_turns()
        assert cluster.clock.now == now and not cell.done()
        cell.cancel()
        Stuck.endless = False
        await cluster.clock.advance(1)
        assert cluster.clock.now == now + 1 and cluster.clock.paused
        await cluster.close()

    in_wall_time(main)


def test_a_press_too_many_does_not_spoil_the_pause(presses: list[int]) -> None:
    done = []

    def press_on() -> None:
        signal.raise_signal(signal.SIGINT)
        done.append(signal.getsignal(signal.SIGINT))

    def turn() -> None:
        raise Stopped("a state machine's apply")

    listening = Button(press_on)
    before = signal.getsignal(signal.SIGINT)
    listening.during(turn, press_on)
    assert done == [listening.pressed] * 2 and presses == []
    assert signal.getsignal(signal.SIGINT) is before


def test_it_says_what_it_has_ended(caplog: pytest.LogCaptureFixture) -> None:
    async def main(loop: WallLoop) -> None:
        Stuck.endless = False
        cluster = Cluster(3, machine=Stuck, seed=1)

        def none_of_it(message: object) -> bool:
            while True:
                signal.raise_signal(signal.SIGINT)

        cluster.drop(none_of_it)
        with pytest.raises(asyncio.CancelledError):
            await cluster.clock.advance(10)
        assert caplog.messages[0].startswith("the stop button ended an event in the midst of none_of_it, and the clock")
        await cluster.close()

    in_wall_time(main)


def test_what_was_before_that_event_can_be_played_again() -> None:
    async def main(loop: WallLoop) -> None:
        cluster, _, cell = await stopped()
        Stuck.endless = False
        again = replay(cluster.timeline, until=cluster.clock.now - 1e-6)
        assert again.clock.paused and again.timeline.digest() == cluster.timeline.until(again.clock.now).digest()
        with pytest.raises(ReplayDiverged, match="knows indexes up to 1 as committed"):
            replay(cluster.timeline)
        cell.cancel()
        await cluster.close()

    in_wall_time(main)


def test_a_closed_cluster_with_a_button_is_gone_with_its_last_reference() -> None:
    async def main(loop: WallLoop) -> None:
        gc.collect()
        gc.disable()
        try:
            cluster, index, cell = await stopped()
            cell.cancel()
            refs = [weakref.ref(cluster), weakref.ref(cluster.clock), weakref.ref(cluster._pump)]
            await cluster.close()
            del cluster, index, cell
            await pass_turns()
            assert [ref() for ref in refs] == [None] * 3
        finally:
            gc.enable()

    in_wall_time(main)
