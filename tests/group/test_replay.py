"""``replay``: every input of a run is played again, live and out of a file; what cannot be is refused in words."""

from __future__ import annotations

import enum
import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from groupkit import (
    Cluster,
    ConsensusConfig,
    Counter,
    GroupKey,
    KeyValue,
    Network,
    OutcomeUnknown,
    ReplayDiverged,
    StateMachine,
    Timeline,
    replay,
)
from tests.group.helpers import led, others, virtual


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


@dataclass(frozen=True)
class Paint:
    what: str
    colours: frozenset[Colour]


class Wall(StateMachine):
    """A machine of somebody's own, whose commands are of types of its own."""

    def __init__(self) -> None:
        self.painted: list[Any] = []

    def apply(self, command: Any, ctx: Any) -> None:
        self.painted.append(command)

    def query(self, query: Any) -> Any:
        return len(self.painted)


@virtual
async def test_every_kind_of_input_is_played_again(tmp_path: Path) -> None:
    cluster, leader = await led(5, machine=KeyValue, config=ConsensusConfig(snapshot_every=7))
    one, other, third, fourth = (cluster[name].group for name in others(cluster, leader))
    cluster.link(one.peer_id(), other.peer_id()).latency = (0.02, 0.03)
    await one.execute(KeyValue.Put("k", [1, {"a": {2}}]))
    await other.execute_many([KeyValue.Append("l", "x"), KeyValue.Delete("k")])
    await third.feed(KeyValue.Put("m", 1))
    await third.feed_many([KeyValue.Put("m", n) for n in range(9)])
    await one.query(KeyValue.Get("l"))
    await one.query(KeyValue.Items(), "weak")
    cluster.partition({one.peer_id()}, set(others(cluster, one.peer_id())))
    with pytest.raises(OutcomeUnknown):
        await one.execute(KeyValue.Put("lost", 1), timeout=0.7)
    cluster.at(0.5, "partition", {other.peer_id()})
    await cluster.clock.advance(1)
    cluster.heal()
    await fourth.leave()
    cluster.cut(one.peer_id(), other.peer_id(), one_way=True)
    await cluster.clock.advance(3)
    timeline = cluster.timeline
    verbs = {entry[2] for entry in timeline.recorder.inputs}
    assert {"submit", "query", "withdraw", "leave", "link", "partition", "at", "heal", "cut"} <= verbs
    timeline.save(tmp_path / "run.gz")
    for told in (timeline, Timeline.load(tmp_path / "run.gz")):
        again = replay(told)
        assert again.timeline.digest() == timeline.digest() and again.clock.now == cluster.clock.now
        assert again.clock.paused and again.recorder.inputs == timeline.recorder.inputs


@virtual
async def test_a_machine_of_ones_own_is_played_again_out_of_a_file_with_its_commands(tmp_path: Path) -> None:
    cluster, leader = await led(machine=Wall)
    for command in (
        Paint("door", frozenset({Colour.RED, Colour.BLUE})),
        [Colour.RED],
        {"k": (Paint("w", frozenset()),)},
    ):
        await cluster[leader].group.execute(command)
    cluster.timeline.save(tmp_path / "run.gz")
    loaded = Timeline.load(tmp_path / "run.gz")
    with pytest.raises(
        ValueError, match=r"is of a machine 'Wall', which is not here: give its class, replay\(\.\.\., m"
    ):
        replay(loaded)
    again = replay(loaded, machine=Wall)
    assert again.timeline.digest() == cluster.timeline.digest()
    assert again[leader].group._host.replica.machine.painted == cluster[leader].group._host.replica.machine.painted


@virtual
async def test_a_command_whose_type_is_not_here_is_named(tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Local:
        n: int

    cluster, leader = await led(machine=Wall)
    await cluster[leader].group.execute(Local(1))
    cluster.timeline.save(tmp_path / "run.gz")
    with pytest.raises(
        ValueError, match=r"a command .*Local\(n=1\) of type '.*Local', which is not here: define or import"
    ):
        replay(Timeline.load(tmp_path / "run.gz"), machine=Wall)


@virtual
async def test_a_machine_that_depends_on_more_than_its_commands_is_found_out() -> None:
    numbers = itertools.count()

    class Moody(Counter):
        signature = "Moody"

        def query(self, query: Any) -> Any:
            return next(numbers)

    cluster, leader = await led(machine=Moody)
    await cluster[leader].group.query(Counter.Value())
    with pytest.raises(
        ReplayDiverged, match=rf"parts from the recording: from .* s on the one says '{leader} answered 0'"
    ):
        replay(cluster.timeline)
    try:
        replay(cluster.timeline)
    except ReplayDiverged as found:
        assert found.difference.time == cluster.clock.now and "another version of groupkit" in str(found)


@virtual
async def test_what_cannot_be_played_again_is_refused_by_what_to_do() -> None:
    cluster, _ = await led()
    for until in (cluster.clock.now + 0.001, 99):
        with pytest.raises(ValueError, match=f"until={until:g} s is after the end of the recording, .* and advance$"):
            replay(cluster.timeline, until=until)
    rule = cluster.drop(lambda message: False)
    with pytest.raises(ValueError, match="this run had a drop rule: its predicate is code"):
        replay(cluster.timeline)
    rule.remove()
    before = Timeline(cluster.recorder)
    before.recorder.inputs[:] = [(0, 0.0, "dance", "a")]
    with pytest.raises(
        ValueError, match="an input 'dance' that this groupkit does not know: use the one that wrote it"
    ):
        replay(before)
    network = Network(seed=1)
    group = network.peer("a").groups().with_key(GroupKey.from_secret("k")).join()
    with pytest.raises(ValueError, match=r"was not made by Cluster\(\.\.\.\), whose peers all join at the start"):
        replay(group.timeline)


@virtual
async def test_a_run_that_began_with_a_full_disk_cannot_be_played_again(tmp_path: Path) -> None:
    from groupkit import SqliteLog

    def disk(name: str) -> SqliteLog:
        return SqliteLog(tmp_path / f"{name}.db")

    first, leader = await led(machine=Counter, seed=3, storage=disk)
    await first[leader].group.execute(Counter.Increment(1))
    assert replay(first.timeline).timeline.digest() == first.timeline.digest()
    await first.close()
    second = Cluster(3, machine=Counter, seed=3, storage=disk)
    await second.when().leader_elected()
    with pytest.raises(ValueError, match="it cannot be played again"):
        replay(second.timeline)
    await second.close()
