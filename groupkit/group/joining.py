"""How a peer joins a group: its key, machine, disk and predicate become a host."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING

from groupkit.group.button import button_for
from groupkit.group.group import Group
from groupkit.group.naming import describe, group_id
from groupkit.raft.config import ConsensusConfig
from groupkit.raft.ids import GroupId, GroupKey, PeerId
from groupkit.raft.machine import NoOp, StateMachine
from groupkit.raft.replica import Replica
from groupkit.raft.rules import ALL_RULES, Rules
from groupkit.record.recorder import Recorder
from groupkit.sim import life, meeting
from groupkit.sim.disks import LogStorage, MemoryLog
from groupkit.sim.host import Host
from groupkit.sim.spec import Spec

if TYPE_CHECKING:
    from groupkit.group.network import Network


def join(
    network: Network,
    name: PeerId,
    *,
    key: GroupKey,
    machine: StateMachine | None,
    config: ConsensusConfig | None,
    rules: Rules | None,
    storage: LogStorage | None,
    authorize: Callable[[PeerId], bool] | None,
) -> Group:
    """The peer's handle on the group that key, configuration, rules and machine make."""
    network._enter(f"{name} joins")
    config = config or ConsensusConfig()
    rules = rules or ALL_RULES
    machine = machine if machine is not None else NoOp()
    if config.voters is None and not config.bonded:
        raise ValueError("quorum 'members' needs to know them: name the voters, ConsensusConfig(voters=[...])")
    id = group_id(key, config, rules, machine)
    known = network._groups.get((name, id))
    if known is not None:
        return known
    if not network._world.processes[name].alive:
        raise ValueError(f"{name!r} is down: restart it before it joins a group")
    trust = None if authorize is None else _asked_with_ids(authorize)
    group = admit(network, name, id, key, machine, config, rules, storage, trust)
    life.boot(group._host, delay=config.bootstrap_delay)
    meeting.meet(group._host)
    network._pump.touched()
    return group


def admit(
    network: Network,
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
    _check_own(network, machine, storage)
    process, replica = network._world.processes[name], Replica(machine)
    disk = storage if storage is not None else MemoryLog()
    disk.claim(f"{name} in group {id.short()}")
    spec = Spec(id, key, config, rules, replica, disk, trust)
    host = Host(network._world, process, spec, _recorder_of(network, id, spec), network._watchdog_of(id, config))
    host.on_fail = network._failed
    network._pump.button = network._pump.button or button_for(machine, network.clock.pause)
    process.hosts[id] = host
    group = network._groups[name, id] = Group(network, host)
    host.tell("join", id.short())
    if host.tape is not None and name not in host.tape.meta["peers"]:
        host.tape.meta["peers"] = sorted([*host.tape.meta["peers"], name])
    return group


def _check_own(network: Network, machine: StateMachine, storage: LogStorage | None) -> None:
    for group in network._groups.values():
        if group._host.replica.machine is machine:
            raise ValueError(f"this {type(machine).__name__} belongs to {group.peer_id()} already: give each its own")
        if storage is not None and group._host.spec.disk is storage:
            raise ValueError(f"{storage!r} is the disk of {group.peer_id()} already: give each peer its own")


def _recorder_of(network: Network, id: GroupId, spec: Spec) -> Recorder | None:
    if not network._record:
        return None
    recorder = network._recorders.get(id)
    if recorder is None:
        world = network._world
        meta = describe(network.seed, network._latency, id, spec)
        recorder = network._recorders[id] = Recorder(lambda: world.now, meta, events=lambda: world.events)
        assert network._inputs is not None
        recorder.inputs = network._inputs
        recorder.rows.extend(world.history)
        world.tapes.append(recorder)
    return recorder


def _asked_with_ids(predicate: Callable[[PeerId], bool]) -> Callable[[str], bool]:
    def asked(name: str) -> bool:
        try:
            return bool(predicate(PeerId(name)))
        except Exception as error:
            text = f"authorize(predicate) raised {error!r} for {name!r}: it is not let in"
            warnings.warn(text, RuntimeWarning, stacklevel=2)
            return False

    return asked
