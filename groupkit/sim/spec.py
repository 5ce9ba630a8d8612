"""What a host is given: what it joins with, and who hears of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from groupkit.raft.config import ConsensusConfig
from groupkit.raft.ids import GroupId, GroupKey
from groupkit.raft.replica import Replica
from groupkit.raft.rules import Rules
from groupkit.sim.disks import LogStorage


class Hub(Protocol):
    """Who wants to hear of every transition of one host: the When API, see ``groupkit.group``."""

    def state(self, role: str, term: int, leader: str | None) -> None: ...
    def committed(self, old: int, new: int) -> None: ...
    def log(self, cut: bool, term: int, index: int) -> None: ...
    def online(self, online: bool) -> None: ...
    def bonds(self) -> None: ...


class Spec:
    """What a host joins with: the same for all peers of one group, but for machine, disk and predicate."""

    __slots__ = ("authorize", "config", "disk", "group", "key", "replica", "rules")

    def __init__(
        self,
        group: GroupId,
        key: GroupKey,
        config: ConsensusConfig,
        rules: Rules,
        replica: Replica,
        disk: LogStorage,
        authorize: Callable[[str], bool] | None = None,
    ) -> None:
        self.group = group
        self.key = key
        self.config = config
        self.rules = rules
        self.replica = replica
        self.disk = disk
        self.authorize = authorize
