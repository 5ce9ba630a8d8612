"""Every public call, found by looking: what is called, and for each parameter a value that is welcome."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pandas as pd

import groupkit
from groupkit import Cluster, GroupKey, IndexRange, Network, NoOp, check, schedules
from groupkit.group.clock import Clock
from groupkit.group.faults import Dropping, Link
from groupkit.group.peer import GroupBuilder
from groupkit.group.together import ClusterWhen
from groupkit.trials.schedules import Schedule

KEY = GroupKey.from_secret("doors")


def never(_: Any) -> bool:
    """Drops nothing, authorizes nobody."""
    return False


async def scenario(seed: int) -> dict[str, Any]:
    """The shortest run."""
    async with Cluster(1) as cluster:
        await cluster.when().leader_elected()
    return {"peers": 1}


async def nothing() -> None:
    """What ``run`` runs."""


class Bench:
    """A small healthy group with a leader, and everything of it that has public calls."""

    def __init__(self, folder: Any) -> None:
        self.cluster = Cluster(3, machine=NoOp, seed=5)
        self.cluster.timeout_now("a")
        self.folder = folder

    async def ready(self) -> Bench:
        """Let it have its leader and a first command."""
        await self.cluster["a"].group.execute("first", timeout=5.0)
        return self

    async def works(self) -> None:
        """It commits, is watched, and nothing fell."""
        await self.cluster["a"].group.execute("again", timeout=20.0)
        assert not self.cluster.violations

    @property
    def group(self) -> groupkit.Group:
        return self.cluster["a"].group


BENCH: dict[type, Callable[[Bench], Any]] = {
    groupkit.Cluster: lambda b: b.cluster,
    groupkit.Peer: lambda b: b.cluster["b"],
    groupkit.Group: lambda b: b.group,
    groupkit.When: lambda b: b.group.when(),
    groupkit.CursorWatcher: lambda b: b.group.when().committed(),
    groupkit.Bonds: lambda b: b.group.bonds(),
    groupkit.Bond: lambda b: b.group.bonds().get("b"),
    groupkit.Timeline: lambda b: b.cluster.timeline,
    ClusterWhen: lambda b: b.cluster.when(),
    Clock: lambda b: b.cluster.clock,
    Link: lambda b: b.cluster.link("a", "b"),
    Dropping: lambda b: b.cluster.drop(never),
}
ALONE: dict[type, Callable[[], Any]] = {  # what needs no running group
    groupkit.Network: lambda: Network(seed=1),
    GroupBuilder: lambda: Network(seed=1).peer("a").groups().with_key(KEY),
    groupkit.ConsensusConfig: groupkit.ConsensusConfig,
    groupkit.Rules: groupkit.Rules,
    groupkit.GroupKey: lambda: KEY,
    groupkit.Index: lambda: groupkit.Index(1),
    groupkit.Term: lambda: groupkit.Term(1),
    groupkit.Cursor: groupkit.Cursor,
    groupkit.IndexRange: lambda: IndexRange(1, 2),
    groupkit.PeerId: lambda: groupkit.PeerId("a"),
    groupkit.GroupId: lambda: groupkit.GroupId("a"),
    Schedule: lambda: schedules.one_vote_a_term,
}
MADE = (
    groupkit.Cluster, groupkit.Network, groupkit.ConsensusConfig, groupkit.Rules, groupkit.GroupKey, groupkit.Index,
    groupkit.Term, groupkit.Cursor, groupkit.IndexRange, groupkit.SqliteLog, check.Operation,
)  # fmt: skip  # by their users; all others come out of calls
NOT_MADE = "made by groupkit, not by its users"
INSIDE = "called by the group, with what the group itself made"
LEFT_OUT: dict[Any, str] = {
    **dict.fromkeys((groupkit.Peer, groupkit.Group, groupkit.When, groupkit.CursorWatcher, groupkit.Bond), NOT_MADE),
    **dict.fromkeys((groupkit.Bonds, groupkit.Timeline, groupkit.QueryResult, groupkit.Storm), NOT_MADE),
    **dict.fromkeys((groupkit.Violation, check.LinearizabilityResult, check.Undecided), NOT_MADE),
    **dict.fromkeys((groupkit.StateMachine, groupkit.NoOp, groupkit.Counter, groupkit.Register), INSIDE),
    **dict.fromkeys((groupkit.KeyValue, groupkit.MemoryLog), INSIDE),
    **dict.fromkeys((groupkit.PeerId, groupkit.GroupId), "a str: any text is one"),
    **dict.fromkeys((check.RegisterModel, check.KeyValueModel, check.CounterModel, check.Model), INSIDE),
    groupkit.papers: "studies, whose parameters are those of their papers",
    "GroupKey.prove": INSIDE,
    "GroupKey.group_id": INSIDE,
    "Violation.of": INSIDE,
}

# A welcome value for every parameter, by its name; where a name means several things, by "where.name".
WELCOME: dict[str, Callable[[Bench], Any]] = {
    "peer": lambda b: "b", "a": lambda b: "a", "b": lambda b: "b", "sides": lambda b: ({"a", "b"},),
    "rate": lambda b: 1.0, "predicate": lambda b: never, "seconds_from_now": lambda b: 1.0, "verb": lambda b: "kill",
    "arguments": lambda b: ("b",), "by": lambda b: 0.1, "index": lambda b: 1, "command": lambda b: "more",
    "commands": lambda b: ["more"], "query": lambda b: "what", "key": lambda b: KEY, "machine": lambda b: NoOp(),
    "config": lambda b: groupkit.ConsensusConfig(), "storage": lambda b: groupkit.MemoryLog(),
    "rules": lambda b: groupkit.Rules(), "seed": lambda b: 1, "peers": lambda b: 3, "value": lambda b: 1,
    "start": lambda b: 1, "end": lambda b: 2, "other": lambda b: 3, "secret": lambda b: b"x", "text": lambda b: "x",
    "names": lambda b: ("pre_vote",), "path": lambda b: b.folder / "file", "time": lambda b: 0.1,
    "timeline": lambda b: b.cluster.timeline, "client": lambda b: "c", "call": lambda b: 1.0, "ret": lambda b: 2.0,
    "input": lambda b: ("read",), "history": lambda b: [check.Operation("c", 1.0, 2.0, ("read",), None)],
    "model": lambda b: check.RegisterModel, "factor": lambda b: 2.0, "main": lambda b: nothing,
    "awaitable": lambda b: nothing(), "scenario": lambda b: scenario, "over": lambda b: {}, "seeds": lambda b: 1,
    "message": lambda b: b.cluster.in_flight()[0], "latency": lambda b: 0.01,
    "frame": lambda b: pd.DataFrame({"x": [1, 2], "y": [1, 2], "z": [3.0, 4.0]}),
    "x": lambda b: "x", "y": lambda b: "y",
    "seconds": lambda b: 0.2, "shrink": lambda b: False, "progress": lambda b: False,
    "row": lambda b: groupkit.sweep(scenario, {}, 1, progress=False).iloc[0],
}  # fmt: skip
ALSO = {"storm": ("seconds", "shrink"), "sweep": ("progress",), "rerun": ("scenario",)}  # so that it stays short
SPECIAL: dict[str, Callable[[Bench], Any]] = {
    "Timeline.diff.other": lambda b: b.cluster.timeline,
    "plot.cdf.value": lambda b: "z",
    "plot.heatmap.value": lambda b: "z",
}


@dataclass(frozen=True)
class Door:
    """One public call. ``find(bench)`` gives what is called, ``names`` are its parameters."""

    label: str
    find: Callable[[Bench], Callable[..., Any]]
    names: tuple[str, ...]
    required: tuple[str, ...]
    starred: str = ""  # the one that takes any number

    def welcome(self, name: str) -> Callable[[Bench], Any] | None:
        """What makes a good value for a parameter; None: nobody said."""
        return SPECIAL.get(f"{self.label}.{name}") or WELCOME.get(name)

    def call(self, bench: Bench, name: str, junk: Any) -> Any:
        """Call it with ``junk`` for ``name`` and welcome values for whatever else it needs."""
        found = self.find(bench)
        if self.label.endswith("="):
            return found(junk)
        needed = [n for n in self.names if n == name or n in self.required or n in ALSO.get(self.label, ())]
        given = {n: junk if n == name else self.welcome(n)(bench) for n in needed}  # type: ignore[misc]
        if self.starred:
            rest = given.pop(self.starred)
            before = [given.pop(n) for n in self.names if n in given]
            return found(*before, *((junk,) if self.starred == name else rest), **given)
        return found(**given)


def _door(label: str, find: Callable[[Bench], Any], function: Any, *, bound: bool) -> Door:
    parameters = list(inspect.signature(function).parameters.values())[1 if bound else 0 :]
    starred = "".join(p.name for p in parameters if p.kind is p.VAR_POSITIONAL)
    required = tuple(p.name for p in parameters if p.default is p.empty)
    return Door(label, find, tuple(p.name for p in parameters), required, starred)


def _methods(kind: type, get: Callable[[Bench], Any]) -> Iterator[Door]:
    for name in dir(kind):
        member = inspect.getattr_static(kind, name)
        if kind is Network and getattr(Cluster, name) is getattr(Network, name):
            continue  # tried on a cluster
        if name.startswith("_") or (issubclass(kind, int | str) and hasattr(int, name) | hasattr(str, name)):
            continue
        label = f"{kind.__name__}.{name}"
        if isinstance(member, property) and member.fset is not None:
            yield Door(f"{label}=", lambda b, n=name: lambda v: setattr(get(b), n, v), (name,), ())  # type: ignore[misc]
        elif isinstance(member, staticmethod | classmethod):
            yield _door(label, lambda b, n=name: getattr(kind, n), getattr(kind, name), bound=False)  # type: ignore[misc]
        elif inspect.isfunction(member):
            yield _door(label, lambda b, n=name: getattr(get(b), n), member, bound=True)  # type: ignore[misc]


def doors() -> list[Door]:
    """All of them: what groupkit names, what its modules name, and what one gets from those."""
    found: list[Door] = []
    for kind, get in BENCH.items():
        found += _methods(kind, get)
    for kind, make in ALONE.items():
        found += _methods(kind, lambda _, make=make: make())  # type: ignore[misc]
    for kind in MADE:
        found.append(_door(kind.__name__, lambda _, k=kind: k, kind, bound=False))  # type: ignore[misc]
    for name, function in _functions():
        found.append(_door(name, lambda _, f=function: f, function, bound=False))  # type: ignore[misc]
    return [door for door in found if door.names and door.label not in LEFT_OUT]


def _functions() -> Iterator[tuple[str, Any]]:
    for name, value in _named():
        if inspect.isfunction(value):
            yield name, value


def _named() -> Iterator[tuple[str, Any]]:
    for name in groupkit.__all__:
        value = getattr(groupkit, name)
        if isinstance(value, ModuleType) and value not in LEFT_OUT and value is not schedules:
            for inner in value.__all__:
                yield f"{name}.{inner}", getattr(value, inner)
        else:
            yield name, value


def unknown_classes() -> list[str]:
    """Public classes of which nobody said whether and how they are called."""
    said = {*BENCH, *ALONE, *MADE, *LEFT_OUT}
    return [
        name
        for name, value in _named()
        if inspect.isclass(value) and value not in said and not issubclass(value, BaseException | groupkit.Quorum)
        and value is not groupkit.Consistency
    ]  # fmt: skip
