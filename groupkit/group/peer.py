"""A peer of a network, and the way it joins a group: a builder, written in the order one would say it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from groupkit.group.errors import UnknownPeer
from groupkit.group.joining import join
from groupkit.group.live import Live, Near
from groupkit.raft.config import ConsensusConfig
from groupkit.raft.ids import GroupKey, PeerId
from groupkit.raft.machine import StateMachine
from groupkit.raft.rules import Rules
from groupkit.sim.disks import LogStorage, checked_disk

if TYPE_CHECKING:
    from groupkit.group.group import Group
    from groupkit.group.network import Network

DONE_TO_IT = ("kill", "restart", "freeze", "thaw", "isolate", "drift", "timeout_now")


class Peer(Near):
    """One member process of a network."""

    __slots__ = ("__weakref__", "_network", "id")

    def __init__(self, network: Network, id: PeerId) -> None:
        self._network = network
        self.id = id

    @property
    def alive(self) -> bool:
        """Whether the process runs (a frozen one does); of a network that has ended none does."""
        return not self._network._closed and self._network._world.processes[self.id].alive

    @property
    def frozen(self) -> bool:
        """Whether it stands still."""
        return self._network._world.processes[self.id].frozen

    @property
    def group(self) -> Group:
        """Its handle on the one group it is in. In several, or in none, it is ``UnknownPeer``: keep the ``Group`` that
        ``groups()...join()`` returned."""
        groups = self._network._groups_of(self.id)
        if len(groups) != 1:
            raise UnknownPeer(
                f"{self.id!r} is in {len(groups)} groups: keep the Group that join() returned"
                if groups
                else f"{self.id!r} is in no group: peer.groups().with_key(key).join() makes it join one"
            )
        return groups[0]

    def _where(self, name: str) -> str:
        from groupkit.group.group import Group  # which knows all of these

        return f"peer.group.{name}" if hasattr(Group, name) else f"cluster.{name}(peer)" if name in DONE_TO_IT else ""

    def groups(self) -> GroupBuilder:
        """Begin to join a group."""
        return GroupBuilder(self._network, self.id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Peer) and self.id == other.id and self._network is other._network

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        ended, state = self._network._closed, "alive" if self.alive else "down"
        return f"<Peer {self.id}, {ended or ('frozen' if self.frozen else state)}>"


class GroupBuilder(Live):
    """How a peer joins a group. Every step but the key is optional; ``join()`` does it."""

    __slots__ = ("_authorize", "_config", "_key", "_machine", "_network", "_peer", "_rules", "_storage")

    def __init__(self, network: Network, peer: PeerId) -> None:
        self._network = network
        self._peer = peer
        self._key: GroupKey | None = None
        self._machine: StateMachine | None = None
        self._config: ConsensusConfig | None = None
        self._storage: LogStorage | None = None
        self._authorize: Callable[[PeerId], bool] | None = None
        self._rules: Rules | None = None

    def with_key(self, key: GroupKey) -> GroupBuilder:
        """The secret that all members share."""
        if not isinstance(key, GroupKey):
            raise TypeError(f"with_key takes a GroupKey, made by GroupKey.from_secret(text), not {key!r}")
        self._key = key
        return self

    def with_state_machine(self, machine: StateMachine) -> GroupBuilder:
        """What the group replicates; default ``NoOp()``. Each peer needs an instance of its own."""
        if isinstance(machine, type):
            raise TypeError(f"with_state_machine takes an instance: write {machine.__name__}(), with brackets")
        if not isinstance(machine, StateMachine):
            raise TypeError(f"with_state_machine takes a StateMachine, not {machine!r}")
        self._machine = machine
        return self

    def with_consensus_config(self, config: ConsensusConfig) -> GroupBuilder:
        """Times and quorum; all members must agree on it."""
        if not isinstance(config, ConsensusConfig):
            raise TypeError(f"with_consensus_config takes a ConsensusConfig, not {config!r}")
        self._config = config
        return self

    def with_log_storage(self, storage: LogStorage) -> GroupBuilder:
        """This peer's disk; default ``MemoryLog()``."""
        self._storage = checked_disk(storage, "with_log_storage takes a MemoryLog() or a SqliteLog(path)")
        return self

    def with_rules(self, rules: Rules) -> GroupBuilder:
        """Which safety rules are kept; all members must agree on it."""
        if not isinstance(rules, Rules):
            raise TypeError(f"with_rules takes Rules(...), not {rules!r}")
        self._rules = rules
        return self

    def authorize(self, predicate: Callable[[PeerId], bool]) -> GroupBuilder:
        """Let in only peers for which ``predicate(peer_id)`` is true; bonds end when it stops being true."""
        if not callable(predicate):
            raise TypeError(f"authorize takes a function of a PeerId, not {predicate!r}")
        self._authorize = predicate
        return self

    def join(self) -> Group:
        """Join; joining the same group twice gives the same handle. Without a key, of a peer that is down, and
        with members quorum but no voters it is a ``ValueError``. Not yet in touch: see ``group.when().online()``."""
        if self._key is None:
            raise ValueError("a group needs a key: call with_key(GroupKey.from_secret('...')) before join()")
        return join(
            self._network,
            self._peer,
            key=self._key,
            machine=self._machine,
            config=self._config,
            rules=self._rules,
            storage=self._storage,
            authorize=self._authorize,
        )

    def __repr__(self) -> str:
        return f"<joining {self._peer}: call join()>"
