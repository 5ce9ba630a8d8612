"""Reading a message holds the group's time, and whoever is gone holds it no longer."""

import asyncio
import signal

import pytest

from groupkit import Cluster, Counter
from groupkit.group import button
from groupkit_widgets import Dashboard, Topology, holds
from tests.widgets.test_live import Wire, is_kind, wired


def paces(cluster):
    return [row[3] for row in cluster.recorder.rows if row[1] == "pace"]


async def held(wire, cluster, page="p", number=1):
    wire.ask(do="hold", page=page, id=number)
    await wire.until(lambda one: one["k"] == "done" and one["id"] == number)
    assert cluster.clock.paused


async def tell(wire, **content):
    wire.ask(**content)
    await asyncio.sleep(0)  # it is done on the group's loop


def on_a_cluster(what, **options):
    async def main():
        cluster, picture, wire = wired(**options)
        wire.ask(do="open", need=True)
        await wire.until(is_kind("full"))
        await what(cluster, picture, wire)
        await cluster.close()

    asyncio.run(main())


def test_time_waits_until_the_last_reader_has_done():
    async def what(cluster, picture, wire):
        other = Wire(Topology(cluster))
        await held(wire, cluster)
        await held(wire, cluster, "q", 2)
        await held(other, cluster)
        await tell(wire, do="release", id=3)
        await tell(other, do="release", id=4)
        assert cluster.clock.paused
        await tell(wire, do="release", page="q", id=5)
        assert not cluster.clock.paused and paces(cluster) == [0.0, 20.0]
        assert picture._hands.lines == [], "nobody did that by hand"

    on_a_cluster(what)


@pytest.mark.parametrize("goes", ["close", "picture"])
def test_a_page_or_a_picture_that_goes_holds_nothing(goes):
    async def what(cluster, picture, wire):
        await held(wire, cluster)
        if goes == "close":
            await tell(wire, do="close")
        else:
            picture.close()
        assert not cluster.clock.paused

    on_a_cluster(what)


def test_a_page_that_is_gone_without_a_word_counts_as_gone_after_a_while(monkeypatch):
    monkeypatch.setattr(holds, "LEASE", 0.05)

    async def what(cluster, picture, wire):
        wire.ask(do="show", n=-1)
        await held(wire, cluster)
        wire.sent.clear()
        await wire.until(lambda one: one.get("paused") is False)
        assert not cluster.clock.paused
        await tell(wire, do="holding")  # it is back, and sees that time went on: that stops nothing
        assert not cluster.clock.paused

    on_a_cluster(what)


def test_who_says_that_it_still_reads_counts_as_there(monkeypatch):
    async def what(cluster, picture, wire):
        loop, now = asyncio.get_running_loop(), [100.0]
        monkeypatch.setattr(loop, "time", lambda: now[0])
        await held(wire, cluster)
        reading = holds.holds_of(cluster)
        now[0] += holds.LEASE - 1
        await tell(wire, do="holding")
        now[0] += 1
        reading._look(now[0])
        assert cluster.clock.paused
        now[0] += holds.LEASE
        reading._look(now[0] - 2 * holds.LATE)  # the loop was held up: nobody could be heard
        assert cluster.clock.paused
        now[0] += holds.LEASE
        reading._look(now[0])
        assert not cluster.clock.paused
        monkeypatch.undo()

    on_a_cluster(what)


def test_what_the_user_paused_stays_paused():
    async def what(cluster, picture, wire):
        cluster.clock.pause()
        wire.ask(do="hold", id=1)
        await wire.until(is_kind("done"))
        await tell(wire, do="release")
        assert cluster.clock.paused and paces(cluster) == [0.0]
        cluster.clock.resume()
        await held(wire, cluster, number=2)
        await tell(wire, do="pause", id=3)  # on another page
        await tell(wire, do="release")
        assert cluster.clock.paused
        cluster.clock.resume()
        await held(wire, cluster, number=4)
        cluster.clock.resume()
        cluster.clock.pause()  # by a cell, meanwhile
        await tell(wire, do="release")
        assert cluster.clock.paused

    on_a_cluster(what)


def test_a_cell_that_pauses_while_somebody_reads_has_paused():
    async def what(cluster, picture, wire):
        await held(wire, cluster)
        cluster.clock.pause()
        await tell(wire, do="release")
        assert cluster.clock.paused and paces(cluster) == [0.0]
        await held(wire, cluster, number=2)
        cluster.clock.resume()
        assert not cluster.clock.paused, "who says so lets time go on, whoever reads"
        await held(wire, cluster, "q", 3)
        await tell(wire, do="release")  # its menu has closed by itself meanwhile
        assert cluster.clock.paused, "the other one reads still"
        await held(wire, cluster, number=4)
        await tell(wire, do="release", page="q")
        assert cluster.clock.paused
        await tell(wire, do="release")
        assert not cluster.clock.paused and paces(cluster) == [0.0, 20.0, 0.0, 20.0]

    on_a_cluster(what)


def test_a_page_is_told_that_time_stands_though_nobody_reads_any_more():
    async def what(cluster, picture, wire):
        wire.ask(do="show", n=-1)
        await held(wire, cluster)
        cluster.clock.pause()
        await tell(wire, do="release", id=2)
        wire.sent.clear()
        wire.ask(do="open", need=True)
        assert (await wire.until(is_kind("full")))["paused"] is True
        cluster.clock.resume()
        await wire.until(lambda one: one.get("paused") is False)

    on_a_cluster(what)


def test_a_cluster_that_ends_meanwhile_is_left_alone():
    async def main():
        cluster = Cluster(3, machine=Counter, pace=20.0)
        picture = Dashboard(cluster)
        wire = Wire(picture)
        await held(wire, cluster)
        await cluster.close()
        await tell(wire, do="release")
        await tell(wire, do="close")
        picture.close()
        assert paces(cluster) == [0.0]

    asyncio.run(main())


def test_a_menu_that_closes_does_not_undo_what_the_stop_button_paused(monkeypatch):
    class Stuck(Counter):
        endless = True

        def apply(self, command, ctx):
            while Stuck.endless:
                signal.raise_signal(signal.SIGINT)

    async def main():
        cluster = Cluster(3, machine=Stuck, seed=2, pace=20.0)
        wire = Wire(Dashboard(cluster))
        wire.ask(do="open", need=True)
        wire.ask(do="show", n=-1)
        leader = await cluster.when().leader_elected()
        cluster[leader].group.execute(Counter.Increment(1))
        await wire.until(lambda one: one.get("paused") is True)  # the play button says Resume
        await held(wire, cluster)
        await tell(wire, do="release")
        assert cluster.clock.paused and paces(cluster) == [0.0]
        wire.sent.clear()
        Stuck.endless = False
        await tell(wire, do="resume", id=2)
        assert not cluster.clock.paused and paces(cluster) == [0.0, 20.0]
        await wire.until(lambda one: one.get("paused") is False)
        await cluster.close()

    monkeypatch.setattr(button, "in_notebook", lambda: True)
    before = signal.signal(signal.SIGINT, lambda number, frame: None)
    try:
        asyncio.run(main())
    finally:
        signal.signal(signal.SIGINT, before)
