"""A network: peers, links, one clock, one seed."""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from groupkit.group.cells import default_pace, end_former
from groupkit.group.clock import Clock, checked_pace
from groupkit.group.errors import GroupTerminated, SafetyViolated
from groupkit.group.faults import Faults
from groupkit.group.group import Group, timeline_of
from groupkit.group.history import operations
from groupkit.group.machines import NoOp
from groupkit.group.naming import MOST_PEERS, checked_name, describe, group_id, peer_names
from groupkit.group.peer import Peer
from groupkit.group.pump import Pump
from groupkit.group.run import inside_run, reopening
from groupkit.group.view import view
from groupkit.raft.config import ConsensusConfig
from groupkit.raft.ids import GroupId, GroupKey, PeerId
from groupkit.raft.machine import StateMachine
from groupkit.raft.replica import Replica
from groupkit.raft.rules import ALL_RULES, Rules
from groupkit.record.recorder import Input, Recorder
from groupkit.record.violation import Violation
from groupkit.sim import faults, life, meeting
from groupkit.sim.disks import LogStorage, MemoryLog
from groupkit.sim.host import Host
from groupkit.sim.invariants import Breach, Watchdog
from groupkit.sim.spec import Spec
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
        self._latency = faults.latency_range(latency)  # as it was built; the world's own may be set anew
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
        """The peer of that name, made at first mention; without a name, a new one."""
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
        return operations(self.recorder.rows, weak=weak)

    @property
    def timeline(self) -> Timeline:
        """Everything recorded of the one group of this network; of several, ask ``group.timeline``."""
        if len(self._recorders) != 1 and self._record:
            raise LookupError(
                f"this network has {len(self._recorders)} groups: ask the timeline of one, group.timeline"
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

    async def close(self) -> None:
        """End everything: all that is pending raises ``GroupTerminated``. Twice is harmless."""
        self._shut("the network was closed")

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

    # -- joining -------------------------------------------------------------------------------------------------

    def _join(
        self,
        name: PeerId,
        *,
        key: GroupKey,
        machine: StateMachine | None,
        config: ConsensusConfig | None,
        rules: Rules | None,
        storage: LogStorage | None,
        authorize: Callable[[PeerId], bool] | None,
    ) -> Group:
        self._enter(f"{name} joins")
        config = config or ConsensusConfig()
        rules = rules or ALL_RULES
        machine = machine if machine is not None else NoOp()
        if config.voters is None and not config.bonded:
            raise ValueError("quorum 'members' needs to know them: name the voters, ConsensusConfig(voters=[...])")
        id = group_id(key, config, rules, machine)
        known = self._groups.get((name, id))
        if known is not None:
            return known
        if not self._world.processes[name].alive:
            raise ValueError(f"{name!r} is down: restart it before it joins a group")
        trust = None if authorize is None else _asked_with_ids(authorize)
        group = self._admit(name, id, key, machine, config, rules, storage, trust)
        life.boot(group._host, delay=config.bootstrap_delay)
        meeting.meet(group._host)
        self._pump.touched()
        return group

    def _admit(
        self,
        name: PeerId,
        id: GroupId,
        key: GroupKey,
        machine: StateMachine,
        config: ConsensusConfig,
        rules: Rules,
        storage: LogStorage | None,
        trust: Callable[[str], bool] | None,
    ) -> Group:
        """Make the host of a new member; it has not begun yet, and knows nobody."""
        self._check_own(machine, storage)
        process, replica = self._world.processes[name], Replica(machine)
        disk = storage if storage is not None else MemoryLog()
        disk.claim(f"{name} in group {id.short()}")
        spec = Spec(id, key, config, rules, replica, disk, trust)
        host = Host(self._world, process, spec, self._recorder_of(id, spec), self._watchdog_of(id, config))
        host.on_fail = self._failed
        process.hosts[id] = host
        group = self._groups[name, id] = Group(self, host)
        host.tell("join", id.short())
        if host.tape is not None and name not in host.tape.meta["peers"]:
            host.tape.meta["peers"] = sorted([*host.tape.meta["peers"], name])
        return group

    def _check_own(self, machine: StateMachine, storage: LogStorage | None) -> None:
        for group in self._groups.values():
            if group._host.replica.machine is machine:
                raise ValueError(
                    f"this {type(machine).__name__} belongs to {group.peer_id()} already: give each its own"
                )
            if storage is not None and group._host.spec.disk is storage:
                raise ValueError(f"{storage!r} is the disk of {group.peer_id()} already: give each peer its own")

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

    def _recorder_of(self, id: GroupId, spec: Spec) -> Recorder | None:
        if not self._record:
            return None
        recorder = self._recorders.get(id)
        if recorder is None:
            world = self._world
            meta = describe(self.seed, self._latency, id, spec)
            recorder = self._recorders[id] = Recorder(lambda: world.now, meta, events=lambda: world.events)
            assert self._inputs is not None
            recorder.inputs = self._inputs
            recorder.rows.extend(world.history)
            world.tapes.append(recorder)
        return recorder

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
        return f"<{type(self).__name__} of {len(self._world.processes)} peers, seed {self.seed}, {self._clock!r}>"


def _asked_with_ids(predicate: Callable[[PeerId], bool]) -> Callable[[str], bool]:
    def asked(name: str) -> bool:
        try:
            return bool(predicate(PeerId(name)))
        except Exception as error:
            text = f"authorize(predicate) raised {error!r} for {name!r}: it is not let in"
            warnings.warn(text, RuntimeWarning, stacklevel=2)
            return False

    return asked
