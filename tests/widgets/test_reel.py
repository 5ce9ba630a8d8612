"""What pictures are told: everything once, then only what is new, as plain JSON."""

import asyncio
import json
import math

import pytest

from groupkit import Cluster, Counter, run
from groupkit.record.telling import ENTRIES_SENT
from groupkit_widgets import reel as reels
from groupkit_widgets.reel import Reel


class Reader:
    """Folds frames as the page does, as far as these tests look."""

    def __init__(self, frame):
        assert frame["k"] == "full"
        self.take(frame)

    def take(self, frame):
        json.dumps(frame, allow_nan=False)
        if frame["k"] == "full":
            self.peers, self.wires = frame["base"], frame["wires"]
        self.time = frame["t"]
        for _, kind, peer, *details in frame["rows"]:
            if kind == "state":
                self.peers[peer].update(zip(("role", "term", "leader"), details))
                if details[0] == "down":
                    self.peers[peer]["committed"] = 0
            elif kind == "committed":
                self.peers[peer]["committed"] = details[0]
            elif kind == "log":
                self.peers[peer]["last"] = details[4]
            elif kind == "timer":
                self.peers[peer]["timer"] = details[0]
            elif kind == "wires":
                self.wires = details[0]

    def agrees_with(self, cluster):
        wires = {(src, dst): [cut, *tuned] for src, dst, cut, *tuned in self.wires}
        for ends, wire in cluster.view()["wires"].items():
            cut, *tuned = wires.pop(ends)
            assert cut == wire["cut"]
            assert not tuned or tuned == [list(wire["latency"]), wire["loss"], wire["duplicate"], wire["reorder"]]
        assert not wires
        for name, peer in cluster.view()["peers"].items():
            mine = self.peers[name]
            assert [mine[k] for k in ("role", "term", "leader", "committed")] == [
                peer[k] for k in ("role", "term", "leader", "committed")
            ]
            assert mine["last"] == peer["log"][1]
            if peer["timer"] is not None:
                assert mine["timer"] == [round(time, 4) for time in peer["timer"]]


def told(reel, cluster):
    frame = reel.delta(cluster)
    if frame is not None:
        reel.told(frame)
    return frame


@pytest.mark.parametrize("seed", range(4))
def test_frames_add_up_to_what_the_group_is(seed):
    async def main():
        cluster = Cluster(5, machine=Counter)
        reel = Reel(cluster, says=True, messages=True)
        reader = Reader(reel.full(cluster))
        leader = await cluster.when().leader_elected()
        for step in range(30):
            verb, *args = [
                ("kill", leader), ("restart", leader), ("isolate", leader), ("partition", ["a", "b"]),
                ("cut", "a", "c"),
                ("heal", "a", "c"), ("partition", ["a", "e"], ["c"]), ("cut", "d", "e", True), ("heal",),
                ("freeze", leader), ("thaw", leader),
            ][step % 11]  # fmt: skip
            getattr(cluster, verb)(*args)
            cluster.link("a", "b").loss = [0.0, 0.5][step % 2]
            cluster.link("b", "d").latency = [0.01, (0.01, 0.015)][step % 2]
            cluster["abcde"[step % 5]].group.feed(Counter.Increment(step))
            await cluster.clock.advance(0.7)
            if frame := told(reel, cluster):
                reader.take(frame)
            reader.agrees_with(cluster)
            leader = cluster.leader() or leader
        Reader(reel.full(cluster)).agrees_with(cluster)
        Reader(Reel(cluster, says=True, messages=True).full(cluster)).agrees_with(cluster)

    run(main, seed=seed)


def test_nothing_new_is_nothing_to_tell():
    async def main():
        cluster = Cluster(3)
        reel = Reel(cluster, says=True, messages=True)
        reel.told(reel.full(cluster))
        assert told(reel, cluster) is None
        cluster.clock.pace = 2.0
        assert told(reel, cluster)["pace"] == 2.0
        cluster.clock.pause()
        assert told(reel, cluster)["paused"] is True
        assert told(reel, cluster) is None
        await cluster.close()
        assert told(reel, cluster)["ended"] == "the cluster was closed"

    asyncio.run(main())


def test_time_alone_is_no_news():
    async def main():
        cluster = Cluster(1, pace=math.inf)
        await cluster.when().leader_elected()
        reel = Reel(cluster, says=False, messages=False)
        reel.told(reel.full(cluster))
        await cluster.clock.sleep(0.01)
        frame = told(reel, cluster)
        assert frame["news"] is False and frame["rows"] == [] and frame["pace"] == -1

    asyncio.run(main())


def test_much_at_once_is_told_afresh_and_only_the_newest(monkeypatch):
    monkeypatch.setattr(reels, "ROWS_AT_ONCE", 50)
    monkeypatch.setattr(reels, "ROWS_AT_START", 40)

    async def main():
        cluster = Cluster(3, machine=Counter)
        reel = Reel(cluster, says=False, messages=True)
        reel.told(reel.full(cluster))
        group = cluster[await cluster.when().leader_elected()].group
        for n in range(60):
            await group.execute(Counter.Increment(n))
        frame = told(reel, cluster)
        assert frame["k"] == "full" and len(frame["rows"]) < 60 and frame["since"] > 0
        assert len(frame["msgs"]) <= reels.MESSAGES_AT_ONCE
        Reader(frame).agrees_with(cluster)

    run(main, seed=1)


def test_the_fate_of_a_message_is_told_when_it_is_known():
    async def main():
        cluster = Cluster(2, latency=0.1)
        leader = await cluster.when().leader_elected()
        other = next(peer.id for peer in cluster if peer.id != leader)
        reel = Reel(cluster, says=False, messages=True)
        reel.told(reel.full(cluster))
        while not (frame := told(reel, cluster)) or not any(m[3:5] == [leader, other] for m in frame["msgs"]):
            await cluster.clock.advance(0.05)
        number = next(m[0] for m in frame["msgs"] if m[3:5] == [leader, other])
        cluster.kill(other)
        found = {}
        for _ in range(4):
            await cluster.clock.advance(0.05)
            if frame := told(reel, cluster):
                found.update({n: fate for n, fate, _ in frame["fates"]})
        assert found[number] == "down"

    run(main, seed=3)


def test_what_befalls_a_message_on_its_way_is_told():
    async def main():
        cluster = Cluster(3, latency=0.1)
        await cluster.when().converged()
        while len(cluster.in_flight()) < 2:
            await cluster.clock.advance(0.01)
        one, other = cluster.in_flight()
        reel = Reel(cluster, says=False, messages=True)
        reel.told(reel.full(cluster))
        await cluster.clock.advance(0.04)
        cluster.delay_message(one, 0.3)
        cluster.duplicate_message(other, 0.3)
        cluster.drop_message(other)
        now, copy = cluster.clock.now, max(m.number for m in cluster.in_flight())
        frame = told(reel, cluster)
        assert frame["late"] == [[one.number, now, one.arrival, one.arrival + 0.3]]
        assert frame["fates"] == [[other.number, "dropped", now], [copy, "duplicate", now]]
        assert [m[:3] for m in frame["msgs"]] == [[copy, now, other.arrival + 0.3]]
        await cluster.clock.advance(0.01)
        assert told(reel, cluster)["fates"] == [], "told once"
        cluster.drop_message(copy)
        assert told(reel, cluster)["fates"] == [[copy, "dropped", cluster.clock.now]], "a copy may be lost as well"
        full = Reel(cluster, says=False, messages=True).full(cluster)
        assert full["late"] == frame["late"] and [copy, "dropped", cluster.clock.now] in full["fates"]

    run(main, seed=3)


def test_a_long_batch_is_told_by_its_end():
    async def main():
        cluster = Cluster(1, machine=Counter)
        group = cluster["a"].group
        await cluster.when().leader_elected()
        reel = Reel(cluster, says=True, messages=True)
        reel.told(reel.full(cluster))
        await group.execute_many([Counter.Increment(n) for n in range(200)])
        log = next(row for row in told(reel, cluster)["rows"] if row[1] == "log")
        assert log[3:5] == [1, 200 - ENTRIES_SENT] and log[5][-1] == [1, "Counter.Increment(n=199)"]
        base = Reel(cluster, says=False, messages=False).full(cluster)
        assert base["rows"]

    run(main, seed=0)


def test_peers_that_join_later_make_a_fresh_start():
    async def main():
        from groupkit import GroupKey, Network, NoOp

        network = Network(seed=1)
        key = GroupKey.from_secret("x")
        network.peer("a").groups().with_key(key).with_state_machine(NoOp()).join()
        reel = Reel(network, says=True, messages=True)
        assert reel.full(network)["meta"]["peers"] == ["a"]
        network.peer("b").groups().with_key(key).with_state_machine(NoOp()).join()
        frame = told(reel, network)
        assert frame["k"] == "full" and frame["meta"]["peers"] == ["a", "b"]

    run(main, seed=0)
