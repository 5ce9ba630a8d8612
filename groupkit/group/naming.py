"""What things are called: peers, groups, and what a recorder says a run was."""

from __future__ import annotations

import functools
from typing import Any

from groupkit.raft.config import ConsensusConfig
from groupkit.raft.ids import GroupId, GroupKey, PeerId
from groupkit.raft.machine import StateMachine
from groupkit.raft.rules import Rules
from groupkit.sim.spec import Spec

MOST_PEERS = 100


def group_id(key: GroupKey, config: ConsensusConfig, rules: Rules, machine: StateMachine) -> GroupId:
    """Any difference in key, configuration, rules or machine signature gives another group."""
    return key.group_id(_agreed(config, rules), machine.signature)


@functools.lru_cache(maxsize=64)  # many clusters of one kind are made one after another
def _agreed(config: ConsensusConfig, rules: Rules) -> str:
    return repr(sorted(config.as_dict().items())) + repr(rules.off())


def describe(seed: int, latency: tuple[float, float], id: GroupId, spec: Spec) -> dict[str, Any]:
    """What a recorder keeps about its group: plain JSON data."""
    return {
        "seed": seed,
        "peers": [],
        "config": spec.config.as_dict(),
        "rules": dict.fromkeys(spec.rules.off(), False),
        "quorum": "bonded" if spec.config.bonded else "members",
        "voters": [str(v) for v in spec.config.voters or ()],
        "machine": type(spec.replica.machine).__name__,
        "group": str(id),
        "latency": list(latency),
    }


def checked_name(name: object) -> PeerId:
    """A peer's name: text of 1 to 40 printable characters."""
    if not isinstance(name, str):
        raise TypeError(f"a peer's name is text, not {name!r} ({type(name).__name__})")
    if not name.strip() or len(name) > 40 or not name.isprintable():
        raise ValueError(f"a peer's name is 1 to 40 printable characters, not {name!r}")
    return PeerId(name)


def peer_names(count: int) -> list[str]:
    """ "a".."z"; from 27 on "n001", "n002", ..., so that names sort as they were made."""
    if count <= 26:
        return [chr(ord("a") + i) for i in range(count)]
    return [f"n{i + 1:03d}" for i in range(count)]
