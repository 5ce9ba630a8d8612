"""What a storm is made of: everything drawn from its seed beforehand, as plain data that can be printed and shrunk."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

from groupkit.group.naming import peer_names
from groupkit.raft.config import ConsensusConfig
from groupkit.raft.rules import ALL_RULES, Rules
from groupkit.sim.seeds import Seeds
from groupkit.trials.winds import ALONE, FAULTS, KEYS, TROUBLED, Act, Span

MOST_KINDS: Final = 6  # kinds of faults in one storm


@dataclass(frozen=True, repr=False)
class Plan:
    """One storm: the cluster, what happens to it (``acts``, in order), and when the faults end (``length``, s)."""

    seed: int
    peers: int
    quorum: str
    rules: Rules
    latency: tuple[float, float]
    config: ConsensusConfig
    kinds: tuple[str, ...]
    acts: tuple[Act, ...]
    length: float

    def __repr__(self) -> str:
        return f"<{self}>"

    def __str__(self) -> str:
        off = f", rules off: {', '.join(self.rules.off())}" if self.rules.off() else ""
        config = self.config
        return (
            f"storm {self.seed}: {self.peers} peers, {self.quorum} quorum, "
            f"latency {self.latency[0]:g}–{self.latency[1]:g} s, "
            f"heartbeats {config.heartbeat_interval:g} s, elections {config.election_timeout:g}+"
            f"{config.election_timeout_jitter:g} s, {len(self.acts)} acts in {self.length:g} s "
            f"({', '.join(self.kinds) or 'no faults'}){off}"
        )


def drawn(seed: int, *, peers: int | None, seconds: float | None, quorum: str, rules: Rules | None) -> Plan:
    """The storm of this seed; what is named here is not drawn."""
    die = Seeds(seed).stream("storm")
    count = die.choice((1, 2, 3, 3, 3, 4, 5, 5, 5, 7))
    length = die.choice((10.0, 20.0, 40.0))
    count = count if peers is None else peers  # drawn all the same: naming what was drawn gives the same storm
    length = length if seconds is None else seconds
    beat = die.choice((0.05, 0.1, 0.5))
    timeout = beat * die.choice((3, 4, 6))
    low = die.choice((0.001, 0.005, 0.010))
    latency = (low, low * die.choice((1.0, 1.5, 4.0)))
    config = ConsensusConfig(
        heartbeat_interval=beat,
        heartbeat_jitter=beat * die.choice((0.0, 0.3)),
        election_timeout=timeout,
        election_timeout_jitter=timeout * die.choice((0.25, 1.0)),
        forward_timeout=die.choice((0.3, 2.0)),
        snapshot_every=die.choice((None, None, None, 5, 20)),
    )
    names = peer_names(count)
    kinds, acts = _faults(die, names, length, latency[1], timeout)
    acts += _clients(die, names, length)
    acts.sort(key=lambda act: act[0])
    return Plan(seed, count, quorum, rules or ALL_RULES, latency, config, kinds, tuple(acts), length)


def _clients(die: Random, names: list[str], length: float) -> list[Act]:
    acts: list[Act] = []
    for number in range(die.randint(5, 60)):
        time = round(die.uniform(0.0, length), 3)
        peer, key = die.choice(names), f"k{die.randrange(KEYS)}"
        if die.random() < 0.7:
            acts.append((time, "append", (peer, key, f"{number},")))
        else:
            acts.append((time, "get", (peer, key)))
    return acts


def _faults(
    die: Random, names: list[str], length: float, wire: float, timeout: float
) -> tuple[tuple[str, ...], list[Act]]:
    kinds = die.sample(list(FAULTS), die.randint(1, MOST_KINDS))
    if len(names) == 1:
        kinds = [kind for kind in kinds if kind in ALONE]
    elif len(names) == 2:
        kinds = [kind for kind in kinds if kind not in TROUBLED]
    acts: list[Act] = []
    for kind in kinds:
        for _ in range(die.randint(1, 4)):
            start = round(die.uniform(0.0, length * 0.8), 3)
            end = round(min(length, start + die.expovariate(1.0) * length / 5), 3)
            acts += FAULTS[kind](die, names, Span(start, end, wire, timeout))
    return tuple(kinds), acts
