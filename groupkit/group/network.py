"""A network: peers, links, one clock, one seed."""

from __future__ import annotations

import weakref
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from groupkit.group.cells import default_pace, end_former
from groupkit.group.clock import Clock, checked_pace
from groupkit.group.errors import GroupTerminated, SafetyViolated
from groupkit.group.faults import Faults
from groupkit.group.group import Group, timeline_of
from groupkit.group.live import Elsewhere
from groupkit.group.naming import MOST_PEERS, checked_name, peer_names
from groupkit.group.peer import Peer
from groupkit.group.pump import Pump
from groupkit.group.run import inside_run, reopening
from groupkit.group.view import view
from groupkit.group.wait import Wait
from groupkit.raft.config import ConsensusConfig
from groupkit.raft.ids import GroupId, PeerId
from groupkit.record.recorder import Input, Recorder
from groupkit.record.violation import Violation
from groupkit.sim import checks, faults
from groupkit.sim.host import Host
from groupkit.sim.invariants import Breach, Watchdog
from groupkit.sim.world import Process, World

if TYPE_CHECKING:
    from groupkit.check import Operation
    from groupkit.record.timeline import Timeline


class Network(Faults):
    """The simulated world. Its peers are made at first mention; time flows as ``pace`` says.

    - ``seed``: the same seed and the same calls give the same run. - ``pace``: virtual seconds per wall second; default
    1.0 in a notebook, ``math.inf`` elsewhere. - ``latency``: of every link, seconds or (low, high).
    - ``record=False`` keeps no timeline. - ``strict=True`` raises a safety violation in the awaiting cell.
    """

    __slots__ = (
        "__weakref__", "_clock", "_closed", "_groups", "_inputs", "_latency", "_number", "_peers", "_pump", "_record",
        "_recorders", "_strict", "_violations", "_watchdogs", "_world",
    )  # fmt: skip

    def __init__(
        self,
        *,
        seed: int | None = None,
        pace: float | None = None,
        latency: float | tuple[float, float] = (0.010, 0.015),
        record: bool = True,
        strict: bool = False,
    ) -> None:
        if seed is None:
            seed = inside_run.get() or 0
        checks.check_switch(record, "record")
        checks.check_switch(strict, "strict")
        self._latency = checks.latency_range(latency)  # as it was built; the world's own may be set anew
        self._world = World(seed, self._latency)
        self._pump = Pump(self._world, checked_pace(default_pace() if pace is None else pace))
        self._clock = Clock(self._pump)
        reopened = reopening.get()
        self._record = record or reopened is not None
        self._strict = strict
        self._number = 0
        self._peers: weakref.WeakValueDictionary[str, Peer] = weakref.WeakValueDictionary()
        self._groups: dict[tuple[str, GroupId], Group] = {}
        self._recorders: dict[GroupId, Recorder] = {}
        self._inputs: list[Input] | None = [] if self._record else None  # all its recorders share it
        self._watchdogs: dict[GroupId, Watchdog] = {}
        self._violations: list[Violation] = []
        self._closed = ""
        if reopened is not None:
            reopened.append(self)
        end_former(self)
        self._pump.home.settle()

    pace = Elsewhere()  # or to set it would do nothing

    def _where(self, name: str) -> str:
        from groupkit.record.timeline import Timeline

        if name == "group":
            return "cluster[peer].group"
        for place, kind in (("cluster[peer].group", Group), ("cluster.clock", Clock), ("cluster.timeline", Timeline)):
            if hasattr(kind, name):
                return f"{place}.{name}"
        return ""

    # -- the world -----------------------------------------------------------------------------------------------

    @property
    def clock(self) -> Clock:
        """Virtual time: now, pace, pause, step, advance, sleep."""
        return self._clock

    @property
    def seed(self) -> int:
        """What all randomness comes from."""
        return self._world.seeds.seed

    def peer(self, name: str | None = None) -> Peer:
        """The peer of that name (1 to 40 printable characters), made at first mention; without a name, a new one. A
        network has at most 100: one more is a ``ValueError``."""
        if name is None:
            name = next(n for n in peer_names(MOST_PEERS + 1) if n not in self._world.processes)
        else:
            name = str(checked_name(name))
        processes = self._world.processes
        if name not in processes:
            self._enter(f"peer({name!r})")
            if len(processes) >= MOST_PEERS:
                raise ValueError(f"a network has at most {MOST_PEERS} peers; {name!r} would be one more")
            processes[name] = Process(name)
        return self._peer(name)

    def _peer(self, name: str) -> Peer:
        """The handle of a peer there is: the same one as long as somebody holds it."""
        peer = self._peers.get(name)
        if peer is None:
            peer = self._peers[name] = Peer(self, PeerId(name))
        return peer

    @property
    def violations(self) -> list[Violation]:
        """Every safety property that did not hold so far, in order of time; all groups of this network together.

        Each has ``events``, what led to it, and opens in the timeline: see ``Violation``."""
        return list(self._violations)

    def history(self, *, weak: bool = True) -> list[Operation]:
        """Who called what, when, and what came back, for ``groupkit.check.linearizable``; ``weak=False`` leaves out
        weak queries, which promise nothing. See ``groupkit.group.history.operations`` for the inputs."""
        from groupkit.group.history import operations

        checks.check_switch(weak, "weak")
        return operations(self.recorder.rows, weak=weak)

    @property
    def timeline(self) -> Timeline:
        """Everything recorded of the one group of this network. ``LookupError`` where there is none yet, or several (of
        which ask ``group.timeline``), and where nothing is recorded."""
        if len(self._recorders) != 1 and self._record:
            raise LookupError(
                f"this network has {len(self._recorders)} groups: ask the timeline of one, group.timeline"
                if self._recorders
                else "nobody has joined a group here yet, so nothing is recorded: peer.groups().with_key(key).join()"
            )
        return timeline_of(next(iter(self._recorders.values()), None))

    @property
    def recorder(self) -> Recorder:
        """The raw memory behind ``timeline``, for live pictures."""
        self.timeline  # noqa: B018 - refuses where there is not exactly one
        return next(iter(self._recorders.values()))

    def view(self, *, wires: bool = True) -> dict[str, Any]:
        """This moment as plain data, for live pictures: see ``groupkit.group.view``. Never waits."""
        return view(self, wires=wires)

    # -- life ----------------------------------------------------------------------------------------------------

    def close(self) -> Wait[None]:
        """End everything at the call: all that is pending raises ``GroupTerminated``. What is returned is done at once.
        Twice is harmless."""
        self._pump.home.check("close()")
        self._shut("the network was closed")
        wait: Wait[None] = Wait(self._pump, "close()")
        wait.resolve(None)
        return wait

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    def _shut(self, why: str) -> None:
        if self._closed:
            return
        self._closed = why
        for group in list(self._groups.values()):
            group._end(why, for_good=True)
            group._host.spec.disk.close()
            group._host.close()
        self._pump.close(GroupTerminated(why))
        self._world.close()
        for recorder in self._recorders.values():
            recorder.stop()
        for watchdog in self._watchdogs.values():
            watchdog.close()

    def _enter(self, what: str) -> None:
        if self._closed:
            raise GroupTerminated(f"{what}: {self._closed}")
        super()._enter(what)

    # -- its groups ----------------------------------------------------------------------------------------------

    def _leave(self, group: Group) -> None:
        host = group._host
        host.tell("leave")
        group._end(f"{host.id} has left the group")  # before the bonds: alone, a bonded leader would commit anything
        host.left = True
        for pair in list(host.pairs.values()):
            pair.part(host, "left the group")
        host.process.hosts.pop(host.group, None)
        self._groups.pop((host.id, host.group), None)
        host.spec.disk.close()
        self._pump.touched()

    def _watchdog_of(self, id: GroupId, config: ConsensusConfig) -> Watchdog:
        watchdog = self._watchdogs.get(id)
        if watchdog is None:
            watchdog = self._watchdogs[id] = Watchdog(config.bonded, partial(self._violated, id))
        return watchdog

    def _violated(self, id: GroupId, breach: Breach) -> None:
        violation = Violation.of(breach, self._recorders.get(id))
        self._violations.append(violation)
        if self._strict:
            for wait in list(self._pump.awaited):
                wait.fail(SafetyViolated(violation))

    def _failed(self, host: Host) -> None:
        faults.kill(self._world, host.id, f"its machine raised {host.failed.cause!r}" if host.failed else "")

    def _groups_of(self, name: str) -> list[Group]:
        return [group for (peer, _), group in self._groups.items() if peer == name]

    def _journal(self, verb: str, *arguments: Any) -> None:
        """Write down what came from outside, so that the run can be played again."""
        world = self._world
        if self._inputs is not None:
            self._inputs.append((world.events, world.now, verb, *arguments))

    def _next_number(self) -> int:
        self._number += 1
        return self._number

    def __repr__(self) -> str:
        count = len(self._world.processes)
        state = f"ended at {self._world.now:.3f} s: {self._closed}" if self._closed else repr(self._clock)
        return f"<{type(self).__name__} of {count} peer{'s'[: count != 1]}, seed {self.seed}, {state}>"
