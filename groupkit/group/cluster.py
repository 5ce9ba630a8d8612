"""A cluster: a network whose peers have all joined one group. The one-line start of every lesson."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from groupkit.group import html
from groupkit.group.errors import GroupTerminated
from groupkit.group.joining import admit
from groupkit.group.naming import MOST_PEERS, checked_name, group_id, peer_names
from groupkit.group.network import Network
from groupkit.group.peer import Peer
from groupkit.group.together import ClusterWhen, Together
from groupkit.raft.config import ConsensusConfig
from groupkit.raft.ids import GroupId, GroupKey, PeerId, Quorum, choice, is_whole
from groupkit.raft.machine import NoOp, StateMachine
from groupkit.raft.rules import ALL_RULES, Rules
from groupkit.sim.bonds import bond_all
from groupkit.sim.disks import LogStorage, checked_disk
from groupkit.sim.life import boot
from groupkit.sim.world import Process

if TYPE_CHECKING:
    from groupkit.group.group import Group

MachineFactory = Callable[[], StateMachine]
StorageFactory = Callable[[str], LogStorage]
STORAGE = "storage takes a function of a peer's name that gives its disk, such as lambda name: MemoryLog()"


class Cluster(Network):
    """Peers that share one group from the beginning, bonded with each other at time 0.

    - ``peers``: a count from 1 to 100 ("a".."z", from 27 on "n001"…), or names.
    - ``machine``: a ``StateMachine`` class (or a function without arguments that makes one); each peer gets its own.
    - ``seed``, ``pace``, ``latency``, ``record``, ``strict``: see ``Network``.
    - ``config``: see ``ConsensusConfig``; voters, unless named: all that are no observers; nobody waits to bootstrap.
    - ``quorum``: "members" (Raft) or "bonded" (Mosaik). - ``rules``: see ``Rules``.
    - ``storage``: a function of a peer's name that gives its disk, such as ``lambda name: SqliteLog(f"{name}.db")``.

    Built where no loop runs, it starts at the first await.
    """

    __slots__ = ("_handles", "_together", "machine")

    def __init__(
        self,
        peers: int | Iterable[str],
        *,
        machine: MachineFactory = NoOp,
        seed: int | None = None,
        pace: float | None = None,
        config: ConsensusConfig | None = None,
        quorum: Quorum | str = "members",
        rules: Rules | None = None,
        latency: float | tuple[float, float] = (0.010, 0.015),
        storage: StorageFactory | None = None,
        record: bool = True,
        strict: bool = False,
    ) -> None:
        names = _checked_peers(peers)
        make = _checked_machine(machine)
        machines = {name: _made(make) for name in names}
        standing = [name for name in names if not machines[name].leadership.observer]
        settled = _settled_config(config, choice(Quorum, quorum), names, standing)
        if rules is not None and not isinstance(rules, Rules):
            raise TypeError(f"rules takes Rules(...), not {rules!r}")
        _check_storage(storage)
        super().__init__(seed=seed, pace=pace, latency=latency, record=record, strict=strict)
        self._handles: dict[str, Group] = {}
        key = GroupKey.from_secret(f"cluster of seed {self.seed}")
        rules = rules or ALL_RULES
        for name in names:
            self._world.processes[name] = Process(name)
        try:
            self._admit_all(machines, key, settled, rules, storage)
        except BaseException:
            Network._shut(self, "it could not be built")  # or the disks that it has would stay in use
            raise
        self._remember(make)
        self._begin()
        self._together = Together(self)

    def _admit_all(
        self,
        machines: dict[str, StateMachine],
        key: GroupKey,
        config: ConsensusConfig,
        rules: Rules,
        storage: StorageFactory | None,
    ) -> None:
        ids: dict[str, GroupId] = {}  # by the machines' signature: mostly one
        for name, own in machines.items():
            disk = None if storage is None else checked_disk(storage(name), f"for {name!r} {STORAGE}")
            id = ids.get(own.signature)
            if id is None:
                id = ids[own.signature] = group_id(key, config, rules, own)
            try:
                self._handles[name] = admit(self, PeerId(name), id, key, own, config, rules, disk, None)
            except BaseException:
                if disk is not None:  # it belongs to somebody else
                    disk.close()
                raise

    def _remember(self, make: MachineFactory) -> None:
        """A run that begins with empty disks can be played again, see ``replay``."""
        self.machine = make
        for recorder in self._recorders.values():
            recorder.machine = make
            disks = [group._host.spec.disk.read() for group in self._handles.values()]
            recorder.meta["cluster"] = all(not (term or entries or base) for term, _, base, entries, _ in disks)

    def _begin(self) -> None:
        hosts = [group._host for group in self._handles.values()]
        bond_all(hosts)
        for host in hosts:
            boot(host, delay=host.spec.config.bootstrap_delay)
        self._pump.touched()

    # -- its peers -----------------------------------------------------------------------------------------------

    def __getitem__(self, peer: Any) -> Peer:
        return self._peer(self._name(peer))

    def __len__(self) -> int:
        return len(self._world.processes)

    def __iter__(self) -> Iterator[Peer]:
        return iter([self._peer(name) for name in sorted(self._world.processes)])

    def __contains__(self, peer: object) -> bool:
        return getattr(peer, "id", peer) in self._world.processes

    @property
    def quorum(self) -> Quorum:
        """Whose majority counts."""
        return Quorum.BONDED if next(iter(self._handles.values())).config().bonded else Quorum.MEMBERS

    def leader(self) -> PeerId | None:
        """The leader that a majority of live peers follows; None if there is none."""
        return self._together.leader()

    def when(self) -> ClusterWhen:
        """Futures for what will happen to the cluster as a whole."""
        self._enter("when()")
        return ClusterWhen(self._together)

    def _touched(self) -> None:
        super()._touched()
        self._together.recheck()

    def _shut(self, why: str) -> None:
        why = "the cluster was closed" if why == "the network was closed" else why
        super()._shut(why)
        self._together.fail(GroupTerminated(why))

    def _repr_html_(self) -> str:
        return html.of_cluster(self)


def _checked_peers(peers: Any) -> list[str]:
    if isinstance(peers, bool | float | str | bytes):
        raise TypeError(f"peers is a count from 1 to {MOST_PEERS} or a list of names, not {peers!r}")
    if is_whole(peers):
        if not 1 <= peers <= MOST_PEERS:
            raise ValueError(f"peers is a count from 1 to {MOST_PEERS} or a list of names, not {peers!r}")
        return peer_names(int(peers))
    if not isinstance(peers, Iterable):
        raise TypeError(f"peers is a count from 1 to {MOST_PEERS} or a list of names, not {peers!r}")
    names = [str(checked_name(name)) for name in peers]
    if not names:
        raise ValueError(f"peers is empty: a cluster needs 1 to {MOST_PEERS} peers")
    if len(names) > MOST_PEERS:
        raise ValueError(f"a cluster has at most {MOST_PEERS} peers, not {len(names)}")
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"the name {name!r} is given twice: each peer needs its own")
    return sorted(names)


def _checked_machine(machine: Any) -> MachineFactory:
    if isinstance(machine, StateMachine):
        raise TypeError(
            f"machine takes the class {type(machine).__name__}, without brackets: each peer gets an instance of its own"
        )
    if not callable(machine) or (inspect.isclass(machine) and not issubclass(machine, StateMachine)):
        raise TypeError(f"machine takes a StateMachine class or a function that makes one, not {machine!r}")
    return machine  # type: ignore[no-any-return]


def _check_storage(storage: Any) -> None:
    if storage is None:
        return
    if not callable(storage):
        raise TypeError(f"{STORAGE}, not {storage!r}")
    with suppress(ValueError):  # some of those written in C do not tell what they take
        try:
            inspect.signature(storage).bind("a")
        except TypeError as error:
            raise TypeError(f"{STORAGE}; {storage!r} cannot be called with a name: {error}") from None


def _made(make: MachineFactory) -> StateMachine:
    machine = make()
    if not isinstance(machine, StateMachine):
        raise TypeError(f"machine takes a StateMachine class or a function that makes one; {make!r} made {machine!r}")
    return machine


def _settled_config(
    config: ConsensusConfig | None, quorum: Quorum, names: list[str], standing: list[str]
) -> ConsensusConfig:
    if config is not None and not isinstance(config, ConsensusConfig):
        raise TypeError(f"config takes a ConsensusConfig, not {config!r}")
    named = config is not None and config._quorum_named  # of equal ones, one may have named it
    return _settle(config or ConsensusConfig(), named, quorum, tuple(names), tuple(standing))


@functools.lru_cache(maxsize=16)  # many clusters of one kind are made one after another
def _settle(
    config: ConsensusConfig, named: bool, quorum: Quorum, names: tuple[str, ...], standing: tuple[str, ...]
) -> ConsensusConfig:
    if named and config.bonded:
        quorum = Quorum.BONDED
    delay = 0.0 if config.bootstrap_delay == ConsensusConfig.bootstrap_delay else config.bootstrap_delay
    if quorum is Quorum.BONDED:
        if config.voters is not None:
            raise ValueError("voters are named, yet quorum is 'bonded': leave out one of the two")
        return replace(config, quorum=quorum, bootstrap_delay=delay)
    if not standing:
        raise ValueError("all peers are observers, and observers never lead: let at least one machine stand")
    voters = config.voters if config.voters is not None else tuple(PeerId(name) for name in standing)
    unknown = [v for v in voters if v not in names]
    if unknown:
        raise ValueError(
            f"voters names {str(unknown[0])!r}, which is no peer of the cluster; its peers are {', '.join(names)}"
        )
    return replace(config, quorum=quorum, voters=voters, bootstrap_delay=delay)
