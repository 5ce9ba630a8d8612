"""Pictures and their pages: who is told what, when nobody is, and that nothing is left behind."""

import asyncio
import gc
import threading
import weakref

import pytest

import groupkit_widgets
from groupkit import Cluster, Counter, Network
from groupkit_widgets import Dashboard, Leadership, live

PATIENCE = 60  # seconds of wall time: a test that hangs fails


class Wire:
    """What a picture sends, in place of a front end."""

    def __init__(self, picture):
        self.picture = picture
        self.sent = []
        self.news = asyncio.Event()
        picture.send = self._send

    def _send(self, content, buffers=None):
        self.sent.append(content)
        self.news.set()

    def ask(self, **content):
        live._heard(self.picture, {"page": "p", **content}, None)

    async def until(self, wanted):
        async with asyncio.timeout(PATIENCE):
            while not any(wanted(one) for one in self.sent):
                self.news.clear()
                await self.news.wait()
        return next(one for one in self.sent if wanted(one))

    async def rest(self, cluster):
        """Until the picture plans nothing more: on a slow computer its next turn may be far away."""
        async with asyncio.timeout(PATIENCE):
            while self.picture._handle is not None:
                await cluster.clock.sleep(0.1)


def wired(kind=Dashboard, **options):
    cluster = Cluster(3, machine=Counter, seed=2, **{"pace": 20.0, **options})
    picture = kind(cluster)
    return cluster, picture, Wire(picture)


def is_kind(kind):
    return lambda one: one["k"] == kind


def test_a_page_is_told_everything_once_and_then_what_is_new():
    async def main():
        cluster, _, wire = wired()
        wire.ask(do="open", need=True)
        await wire.until(is_kind("full"))
        assert wire.sent[0]["meta"]["peers"] == ["a", "b", "c"]
        wire.ask(do="show", n=1)
        led = lambda one: any(row[1] == "state" and row[3] == "leader" for row in one.get("rows", ()))  # noqa: E731
        await wire.until(led)
        assert [one["n"] for one in wire.sent] == list(range(1, len(wire.sent) + 1))
        await cluster.close()

    asyncio.run(main())


def test_a_click_is_done_on_the_groups_loop_whatever_thread_it_comes_on():
    async def main():
        cluster, _, wire = wired()
        threading.Thread(target=wire.ask, kwargs={"do": "verb", "verb": "kill", "args": ["a"], "id": 1}).start()
        assert (await wire.until(is_kind("done")))["id"] == 1
        assert not cluster["a"].alive
        wire.ask(do="verb", verb="kill", args=["nobody"], id=2)
        error = await wire.until(is_kind("error"))
        assert error["id"] == 2 and "the peers are: a, b, c" in error["text"]
        await cluster.close()

    asyncio.run(main())


def test_hidden_pages_are_told_nothing():
    async def main():
        cluster, picture, wire = wired()
        wire.ask(do="open", need=True)
        wire.ask(do="show", n=-1)
        await wire.until(is_kind("delta"))
        wire.ask(do="hide")
        await wire.rest(cluster)
        count = len(wire.sent)
        await cluster.clock.sleep(10)
        assert len(wire.sent) == count and picture._handle is None
        wire.sent.clear()
        wire.ask(do="show", n=picture._sequence)
        await wire.until(is_kind("delta"))
        await cluster.close()

    asyncio.run(main())


def test_a_page_that_reads_nothing_any_more_counts_as_gone(monkeypatch):
    monkeypatch.setattr(live, "UNREAD", 3)

    async def main():
        cluster, picture, wire = wired()
        wire.ask(do="open", need=True)
        wire.ask(do="show", n=-1)
        await wire.until(lambda one: one["n"] >= 4)
        await wire.rest(cluster)
        assert picture._pages == {} and picture._handle is None
        wire.sent.clear()
        wire.ask(do="ack", n=3)  # it was there after all
        await wire.until(is_kind("full"))
        await wire.until(is_kind("delta"))
        await cluster.close()

    asyncio.run(main())


def test_when_the_cluster_has_ended_the_last_picture_stays_and_the_cluster_is_let_go():
    async def main():
        cluster, picture, wire = wired()
        wire.ask(do="open", need=True)
        wire.ask(do="show", n=-1)
        await cluster.when().leader_elected()
        await cluster.close()
        await wire.until(lambda one: one.get("ended"))
        assert picture._handle is None
        gone = weakref.ref(cluster)
        del cluster
        gc.collect()
        assert gone() is None
        wire.sent.clear()
        wire.ask(do="open", need=True)
        again = await wire.until(is_kind("full"))
        wire.ask(do="show", n=again["n"])
        assert picture._handle is None, "it has nothing more to tell"
        assert again["ended"] and any(row[3] == "leader" for row in again["rows"] if row[1] == "state")
        wire.ask(do="verb", verb="kill", args=["a"], id=5)
        assert "gone" in (await wire.until(is_kind("error")))["text"]

    asyncio.run(main())


def test_a_picture_nobody_looks_at_keeps_no_cluster_alive():
    async def main():
        cluster, picture, wire = wired()
        wire.ask(do="open", need=True)
        wire.ask(do="show", n=-1)
        await wire.until(is_kind("delta"))
        wire.ask(do="hide")
        wire.ask(do="close")
        await wire.rest(cluster)
        await asyncio.sleep(0)  # past the loop's own hold on what has just been awaited
        gone = weakref.ref(cluster)
        del cluster
        gc.collect()
        assert gone() is None and picture._handle is None
        assert "ended" in repr(picture)

    asyncio.run(main())


def test_a_picture_that_is_closed_stops():
    async def main():
        cluster, picture, wire = wired()
        wire.ask(do="open", need=True)
        wire.ask(do="show", n=-1)
        await wire.until(is_kind("delta"))
        picture.close()
        count = len(wire.sent)
        await cluster.clock.sleep(10)
        assert len(wire.sent) == count
        wire.ask(do="open", need=True)
        await asyncio.sleep(0)
        assert len(wire.sent) == count
        await cluster.close()

    asyncio.run(main())


def test_what_is_no_cluster_is_refused_at_the_door():
    async def main():
        with pytest.raises(TypeError, match="takes a Cluster"):
            Dashboard("cluster")
        with pytest.raises(LookupError, match="record=False"):
            Dashboard(Cluster(3, record=False))
        with pytest.raises(LookupError, match="nobody has joined a group here yet"):
            Dashboard(Network())

    asyncio.run(main())


@pytest.mark.parametrize("name", groupkit_widgets.__all__)
def test_every_script_is_one_module_that_asks_for_nothing(name):
    script = getattr(groupkit_widgets, name)._esm
    script = str(script)
    assert script.count("export default") == 1 and "import " not in script.replace("important", "")
    assert "http" not in script and "eval(" not in script and "innerHTML" not in script


def test_a_bundle_has_a_still_picture_and_words():
    async def main():
        cluster = Cluster(3, seed=2)
        await cluster.when().leader_elected()
        for kind in (Dashboard, Leadership):
            data, _ = kind(cluster)._repr_mimebundle_()
            assert data["image/svg+xml"].startswith("<svg") and "leads term 1" in data["text/plain"]
            assert "application/vnd.jupyter.widget-view+json" in data

    asyncio.run(main())
