"""State machines, callbacks and commands that do what they should not: refused with the way out, or simply borne.

Elsewhere: a machine that changes its command or hands out its insides (tests/group/test_door.py), calls ``execute``
from ``apply`` or raises there (test_commands.py), raises in ``snapshot`` (test_more.py), depends on more than its
command (test_more.py); ten thousand watchers (test_futures.py); calls from another thread (test_life.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from groupkit import ApplyFailed, Cluster, ConsensusConfig, Counter, QueryError, run
from tests.group.fake_time import WallLoop, in_wall_time
from tests.group.helpers import INC, led, others, virtual

SHORT = ConsensusConfig(
    heartbeat_interval=0.05, heartbeat_jitter=0.02, election_timeout=0.15, election_timeout_jitter=0.15
)


def test_a_machine_that_takes_its_time_causes_no_election() -> None:
    async def main(loop: WallLoop) -> None:
        class Slow(Counter):
            signature = "Slow"

            def apply(self, command: Any, ctx: Any) -> None:
                loop.block(0.4)  # of wall time: more than the longest election timeout
                super().apply(command, ctx)

        cluster = Cluster(5, machine=Slow, seed=3, pace=1.0, config=SHORT)
        leader = await cluster.when().leader_elected()
        await cluster.when().converged()
        before = sum(row[1] == "election" for row in cluster.recorder.rows)
        for _ in range(5):
            await cluster[leader].group.execute(INC())
            await cluster.clock.sleep(0.2)
        assert sum(row[1] == "election" for row in cluster.recorder.rows) == before
        assert cluster.leader() == leader
        await cluster.close()

    in_wall_time(main)


CALLS: dict[str, Callable[[Cluster], Any]] = {
    "kill": lambda c: c.kill("a"),
    "partition": lambda c: c.partition({"a"}),
    "link": lambda c: setattr(c.link("a", "b"), "loss", 1.0),
    "drop": lambda c: c.drop(lambda message: True),
    "at": lambda c: c.at(1.0, "kill", "a"),
    "query": lambda c: c["a"].group.query(Counter.Value()),
    "leave": lambda c: c["a"].group.leave(),
    "when": lambda c: c["a"].group.when().online(),
    "cluster.when": lambda c: c.when().converged(),
    "watcher": lambda c: c["a"].group.when().committed().advanced(),
    "bonds": lambda c: c["a"].group.bonds().changed(),
    "advance": lambda c: c.clock.advance(1.0),
    "sleep": lambda c: c.clock.sleep(1.0),
}


@pytest.mark.parametrize("what", CALLS)
def test_a_machine_that_calls_back_into_the_group_is_refused_with_the_way_out(what: str) -> None:
    said: list[str] = []
    clusters: list[Cluster] = []

    class Nosy(Counter):
        signature = "Nosy"

        def apply(self, command: Any, ctx: Any) -> None:
            try:
                CALLS[what](clusters[0])
            except RuntimeError as error:
                said.append(str(error))
            super().apply(command, ctx)

    async def main() -> None:
        clusters.append(Cluster(3, machine=Nosy, seed=1))
        cluster = clusters[0]
        leader = await cluster.when().leader_elected()
        await cluster[leader].group.execute(INC())
        await cluster.when().converged()
        assert len(said) == 3
        assert all("from inside an event" in text and "call it from a task or a cell" in text for text in said), said
        assert await cluster[leader].group.execute(INC()) == 2 and all(peer.alive for peer in cluster)
        assert not [row for row in cluster.recorder.rows if row[1] == "fault"]

    run(main, seed=1)


@virtual
async def test_a_callback_of_a_future_may_do_everything() -> None:
    cluster, leader = await led(5)
    done: list[Any] = []
    group = cluster[leader].group

    def react(future: Any) -> None:
        cluster.kill(others(cluster, leader)[0])
        group.execute(INC()).add_done_callback(lambda again: done.append(again.result()))

    group.execute(INC()).add_done_callback(react)
    await group.when().committed().reaches(2)
    await cluster.clock.advance(0.1)
    assert done == [2] and sum(peer.alive for peer in cluster) == 4 and not cluster.violations


@virtual
async def test_a_query_that_raises_fails_for_its_caller_only() -> None:
    class Shy(Counter):
        signature = "Shy"

        def query(self, query: Any) -> Any:
            if query == "boom":
                raise KeyError("not today")
            return super().query(query)

    cluster, leader = await led(machine=Shy)
    for peer in cluster:
        for level in ("weak", "strong"):
            with pytest.raises(QueryError, match=r"'boom'.*not today|not today.*'boom'"):
                await peer.group.query("boom", level)
    assert all(peer.alive for peer in cluster)
    await cluster[leader].group.execute(INC())
    assert await cluster[leader].group.query(Counter.Value()) == 1


@virtual
async def test_a_machine_that_cannot_restore_stops_its_own_peer() -> None:
    class Stiff(Counter):
        signature = "Stiff"
        broken: set[int] = set()

        def restore(self, data: Any) -> None:
            if id(self) in Stiff.broken and data:
                raise ValueError("cannot go back")
            super().restore(data)

    cluster, leader = await led(machine=Stiff, config=ConsensusConfig(snapshot_every=2))
    victim = others(cluster, leader)[0]
    Stiff.broken.add(id(cluster[victim].group._host.replica.machine))
    cluster.isolate(victim)
    await cluster[leader].group.execute_many([INC()] * 10)
    cluster.heal()
    await cluster.clock.advance(20.0)
    assert not cluster[victim].alive, "its machine is not what was agreed on"
    assert await cluster[leader].group.execute(INC()) == 11 and not cluster.violations
    Stiff.broken.clear()
    cluster.restart(victim)
    await cluster.when().converged(timeout=60.0)
    assert await cluster[victim].group.query(Counter.Value(), "weak") == 11


@virtual
async def test_a_machine_that_cannot_restore_when_its_peer_starts_says_so() -> None:
    class Stiff(Counter):
        signature = "Stiff"
        broken = False

        def restore(self, data: Any) -> None:
            if Stiff.broken:
                raise ValueError("cannot go back")
            super().restore(data)

    cluster, leader = await led(machine=Stiff)
    await cluster[leader].group.execute(INC())
    victim = others(cluster, leader)[0]
    cluster.kill(victim)
    Stiff.broken = True
    cluster.restart(victim)
    assert not cluster[victim].alive and not cluster.violations
    text = (
        rf"^{victim} has stopped: its Stiff raised ValueError\('cannot go back'\) in restore\(\), for the state after"
    )
    with pytest.raises(ApplyFailed, match=text) as failed:
        await cluster[victim].group.execute(INC())
    assert failed.value.commands == () and (failed.value.peer, failed.value.index) == (victim, 0)
    Stiff.broken = False
    cluster.restart(victim)
    await cluster.when().converged(timeout=60.0)
    assert await cluster[victim].group.query(Counter.Value(), "weak") == 1


@virtual
async def test_ten_megabytes_on_twenty_five_peers() -> None:
    from groupkit import Register

    cluster = Cluster(25, machine=Register, seed=1)
    leader = await cluster.when().leader_elected()
    big = b"x" * 10_000_000
    await cluster[leader].group.execute(Register.Write(big))
    await cluster.when().converged(timeout=10.0)
    for peer in cluster:
        assert len((await peer.group.query(Register.Read(), "weak")).result) == len(big)
    assert "x" * 1000 not in cluster.timeline._repr_html_() + repr(cluster.timeline)
