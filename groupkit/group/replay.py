"""A run is its seed and its inputs: play it again, to any moment, and from there another way."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from groupkit.group import machines
from groupkit.group.cells import default_pace
from groupkit.group.clock import checked_pace
from groupkit.group.cluster import Cluster
from groupkit.group.faults import VERBS
from groupkit.raft.config import ConsensusConfig, seconds
from groupkit.raft.machine import Packed, StateMachine
from groupkit.raft.rules import Rules
from groupkit.record.diff import Difference, difference
from groupkit.record.revive import revived
from groupkit.record.timeline import Timeline


class ReplayDiverged(Exception):
    """The run that was played again is not the one that was recorded; ``difference`` says where they part."""

    def __init__(self, difference: Difference) -> None:
        super().__init__(
            f"the replay parts from the recording: {difference}. Was it recorded by another version of groupkit, or "
            "does the machine depend on more than its commands?"
        )
        self.difference = difference


def replay(
    timeline: Timeline,
    *,
    until: float | None = None,
    machine: Callable[[], StateMachine] | None = None,
    pace: float | None = None,
) -> Cluster:
    """Play a recorded cluster again, from its seed and its inputs, and hand over the live cluster, its clock paused.

    Up to ``until`` (virtual seconds; default: to the end of the recording) everything happens as it did; this is
    checked against the recording, and ``ReplayDiverged`` names the first difference. From there, resume or advance the
    clock: it goes on as the recording did as long as nobody interferes, and another way if somebody does. ``machine``
    is the state machine's class where the recording, out of a file, does not know it. A run with a drop rule cannot be
    played again: its predicate is code.
    """
    if not isinstance(timeline, Timeline):
        raise TypeError(f"replay takes a Timeline, such as cluster.timeline or Timeline.load(path), not {timeline!r}")
    recorder = timeline.recorder
    end = recorder.now()
    stop = end if until is None else seconds(until, "until", zero=True)
    if stop > end:
        raise ValueError(
            f"until={stop:g} s is after the end of the recording, {end:.6g} s: replay to its end and advance"
        )
    cluster = _again(timeline, machine, pace)
    inputs = [entry for entry in recorder.inputs if entry[1] <= stop]
    for events, time, verb, *arguments in inputs:
        _run_to(cluster, events)
        cluster._world.now = max(cluster._world.now, time)
        _apply(cluster, verb, revived(tuple(arguments), cluster.machine))
    if until is None and recorder.events() >= 0:  # of a run cut short nobody knows how many there were
        _run_to(cluster, recorder.events())
    else:
        while cluster._world.run(stop, 10_000):
            pass
    cluster._world.now = max(cluster._world.now, stop)
    found = difference(recorder, cluster.recorder, until=stop)
    if found:
        raise ReplayDiverged(found)
    return cluster


def _again(timeline: Timeline, machine: Callable[[], StateMachine] | None, pace: float | None) -> Cluster:
    meta = timeline.meta
    if not meta.get("cluster"):
        raise ValueError(
            "this run was not made by Cluster(...), whose peers all join at the start: it cannot be played again"
        )
    checked = checked_pace(default_pace() if pace is None else pace)
    name = str(meta["machine"])
    make: Any = machine or timeline.recorder.machine or getattr(machines, name, None)
    if make is None:
        raise ValueError(
            f"the recording is of a machine {name!r}, which is not here: give its class, replay(..., machine=...)"
        )
    cluster = Cluster(
        meta["peers"],
        machine=make,
        seed=meta["seed"],
        pace=math.inf,  # at any other, time would flow before the clock stands still
        config=ConsensusConfig(**meta["config"]),
        quorum=meta["quorum"],
        rules=Rules(**meta["rules"]),
        latency=tuple(meta["latency"]),
    )
    cluster.clock.pause()
    cluster._pump.set_pace(checked)
    return cluster


def _run_to(cluster: Cluster, events: int) -> None:
    world = cluster._world
    while world.events < events and world.run(math.inf, events - world.events):
        pass


def _apply(cluster: Cluster, verb: str, arguments: tuple[Any, ...]) -> None:
    if verb == "submit":
        peer, how, commands = arguments
        given = [command.open() if isinstance(command, Packed) else command for command in commands]
        feed, many = how.startswith("feed"), how.endswith("many")
        cluster[peer].group._submit(how, given, feed=feed, many=many, timeout=None)
    elif verb == "query":
        cluster[arguments[0]].group.query(*arguments[1:])
    elif verb == "withdraw":
        _withdraw(cluster, *arguments)
    elif verb == "leave":
        cluster[arguments[0]].group.leave()
    elif verb == "link":
        src, dst, name, value = arguments
        setattr(cluster.link(src, dst), name, value)
    elif verb == "partition":
        cluster.partition(*arguments[0])
    elif verb in ("drop", "undrop"):
        raise ValueError("this run had a drop rule: its predicate is code, which a recording does not hold")
    elif verb in VERBS or verb == "at":
        getattr(cluster, verb)(*arguments)
    else:
        raise ValueError(
            f"the recording has an input {verb!r} that this groupkit does not know: use the one that wrote it"
        )


def _withdraw(cluster: Cluster, peer: str, number: int, outcome: str, why: str) -> None:
    host = cluster[peer].group._host
    cluster._journal("withdraw", peer, number, outcome, why)
    for submission in [*host.desk.pending, *host.desk.waiting, *host.desk.astray]:
        if submission.number == number:
            host.desk.withdraw(submission)
    host.tell("command", number, outcome, why)
