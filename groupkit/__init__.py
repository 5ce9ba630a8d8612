"""groupkit: a live consensus group in a notebook.

    cluster = Cluster(5, machine=Counter, seed=7)
    leader = await cluster.when().leader_elected()
    await cluster["b"].group.execute(Counter.Increment(3))

Names are loaded when they are first asked for, so that ``import groupkit`` is quick and brings neither pandas nor
matplotlib.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from groupkit import check as check
    from groupkit.group.bonds import Bond as Bond
    from groupkit.group.bonds import Bonds as Bonds
    from groupkit.group.cluster import Cluster as Cluster
    from groupkit.group.errors import ApplyFailed as ApplyFailed
    from groupkit.group.errors import CommandError as CommandError
    from groupkit.group.errors import CommandLost as CommandLost
    from groupkit.group.errors import GroupTerminated as GroupTerminated
    from groupkit.group.errors import NoCommands as NoCommands
    from groupkit.group.errors import NotInFlight as NotInFlight
    from groupkit.group.errors import Offline as Offline
    from groupkit.group.errors import OutcomeUnknown as OutcomeUnknown
    from groupkit.group.errors import QueryError as QueryError
    from groupkit.group.errors import SafetyViolated as SafetyViolated
    from groupkit.group.errors import UnknownPeer as UnknownPeer
    from groupkit.group.group import Group as Group
    from groupkit.group.machines import Counter as Counter
    from groupkit.group.machines import KeyValue as KeyValue
    from groupkit.group.machines import Register as Register
    from groupkit.group.network import Network as Network
    from groupkit.group.peer import Peer as Peer
    from groupkit.group.replay import ReplayDiverged as ReplayDiverged
    from groupkit.group.replay import replay as replay
    from groupkit.group.run import run as run
    from groupkit.group.run import run_sync as run_sync
    from groupkit.group.tickets import QueryResult as QueryResult
    from groupkit.group.when import CursorWatcher as CursorWatcher
    from groupkit.group.when import When as When
    from groupkit.raft.config import ConsensusConfig as ConsensusConfig
    from groupkit.raft.ids import Consistency as Consistency
    from groupkit.raft.ids import Cursor as Cursor
    from groupkit.raft.ids import GroupId as GroupId
    from groupkit.raft.ids import GroupKey as GroupKey
    from groupkit.raft.ids import Index as Index
    from groupkit.raft.ids import IndexRange as IndexRange
    from groupkit.raft.ids import PeerId as PeerId
    from groupkit.raft.ids import Quorum as Quorum
    from groupkit.raft.ids import Term as Term
    from groupkit.raft.machine import NORMAL as NORMAL
    from groupkit.raft.machine import OBSERVER as OBSERVER
    from groupkit.raft.machine import NoOp as NoOp
    from groupkit.raft.machine import StateMachine as StateMachine
    from groupkit.raft.machine import reluctant as reluctant
    from groupkit.raft.rules import Rules as Rules
    from groupkit.record import plot as plot
    from groupkit.record.timeline import Timeline as Timeline
    from groupkit.record.violation import Violation as Violation
    from groupkit.sim.disks import MemoryLog as MemoryLog
    from groupkit.sim.sqlite import DamagedLog as DamagedLog
    from groupkit.sim.sqlite import SqliteLog as SqliteLog
    from groupkit.trials import papers as papers
    from groupkit.trials import schedules as schedules
    from groupkit.trials.again import rerun as rerun
    from groupkit.trials.storm import Storm as Storm
    from groupkit.trials.storm import storm as storm
    from groupkit.trials.sweep import SweepWarning as SweepWarning
    from groupkit.trials.sweep import sweep as sweep

__version__ = "0.1.0"

_HOMES = {
    "groupkit.group.bonds": ("Bond", "Bonds"),
    "groupkit.group.cluster": ("Cluster",),
    "groupkit.group.errors": (
        "ApplyFailed", "CommandError", "CommandLost", "GroupTerminated", "NoCommands", "NotInFlight", "Offline",
        "OutcomeUnknown", "QueryError", "SafetyViolated", "UnknownPeer",
    ),
    "groupkit.group.group": ("Group",),
    "groupkit.group.machines": ("Counter", "KeyValue", "Register"),
    "groupkit.group.network": ("Network",),
    "groupkit.group.peer": ("Peer",),
    "groupkit.group.replay": ("ReplayDiverged", "replay"),
    "groupkit.group.run": ("run", "run_sync"),
    "groupkit.group.tickets": ("QueryResult",),
    "groupkit.group.when": ("CursorWatcher", "When"),
    "groupkit.raft.config": ("ConsensusConfig",),
    "groupkit.raft.ids": (
        "Consistency", "Cursor", "GroupId", "GroupKey", "Index", "IndexRange", "PeerId", "Quorum", "Term",
    ),
    "groupkit.raft.machine": ("NORMAL", "OBSERVER", "NoOp", "StateMachine", "reluctant"),
    "groupkit.raft.rules": ("Rules",),
    "groupkit.record.timeline": ("Timeline",),
    "groupkit.record.violation": ("Violation",),
    "groupkit.sim.disks": ("MemoryLog",),
    "groupkit.trials.again": ("rerun",),
    "groupkit.trials.storm": ("Storm", "storm"),
    "groupkit.sim.sqlite": ("DamagedLog", "SqliteLog"),
    "groupkit.trials.sweep": ("SweepWarning", "sweep"),
}  # fmt: skip
_MODULES = ("check", "papers", "plot", "schedules")
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted([*_HOME_OF, *_MODULES])


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        value: Any = import_module(f"groupkit.{name}")
    elif name in _HOME_OF:
        value = getattr(import_module(_HOME_OF[name]), name)
    else:
        raise AttributeError(f"groupkit has no {name!r}; it has {', '.join(__all__)}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, *(name for name in globals() if name.startswith("__"))])
