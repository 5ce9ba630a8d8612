"""What a storm is made of: everything drawn from its seed beforehand, as plain data that can be printed and shrunk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from groupkit.group.naming import peer_names
from groupkit.raft.config import ConsensusConfig
from groupkit.raft.rules import ALL_RULES, Rules
from groupkit.sim.seeds import Seeds

KEYS: Final = 3
Act = tuple[float, str, tuple[Any, ...]]  # (time in s, verb, arguments)


@dataclass(frozen=True)
class Plan:
    """One storm: the cluster, what happens to it (``acts``, in order), and when the faults end (``length``, s)."""

    seed: int
    peers: int
    quorum: str
    rules: Rules
    latency: tuple[float, float]
    config: ConsensusConfig
    acts: tuple[Act, ...]
    length: float

    def __str__(self) -> str:
        off = f", rules off: {', '.join(self.rules.off())}" if self.rules.off() else ""
        config = self.config
        return (
            f"storm {self.seed}: {self.peers} peers, {self.quorum} quorum, "
            f"latency {self.latency[0]:g}–{self.latency[1]:g} s, "
            f"heartbeats {config.heartbeat_interval:g} s, elections {config.election_timeout:g}+"
            f"{config.election_timeout_jitter:g} s, {len(self.acts)} acts in {self.length:g} s{off}"
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
    config = ConsensusConfig(
        heartbeat_interval=beat,
        heartbeat_jitter=beat * die.choice((0.0, 0.3)),
        election_timeout=timeout,
        election_timeout_jitter=timeout * die.choice((0.25, 1.0)),
        forward_timeout=die.choice((0.3, 2.0)),
        snapshot_every=die.choice((None, None, None, 5, 20)),
    )
    names = peer_names(count)
    acts = _faults(die, names, length) + _clients(die, names, length)
    return Plan(
        seed,
        count,
        quorum,
        rules or ALL_RULES,
        (low, low * die.choice((1.0, 1.5, 4.0))),
        config,
        tuple(sorted(acts, key=lambda act: act[0])),
        length,
    )


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


def _faults(die: Random, names: list[str], length: float) -> list[Act]:
    kinds = die.sample(list(FAULTS), die.randint(1, 6))
    if len(names) == 1:
        kinds = [kind for kind in kinds if kind in ("crash", "freeze", "drift")]
    acts: list[Act] = []
    for kind in kinds:
        for _ in range(die.randint(1, 4)):
            start = round(die.uniform(0.0, length * 0.8), 3)
            end = round(min(length, start + die.expovariate(1.0) * length / 5), 3)
            acts += FAULTS[kind](die, names, start, end)
    return acts


def _crash(die: Random, names: list[str], start: float, end: float) -> list[Act]:
    peer = die.choice(names)
    return [(start, "kill", (peer,)), (end, "restart", (peer,))]


def _freeze(die: Random, names: list[str], start: float, end: float) -> list[Act]:
    peer = die.choice(names)
    return [(start, "freeze", (peer,)), (end, "thaw", (peer,))]


def _one_way(die: Random, names: list[str], start: float, end: float) -> list[Act]:
    a, b = die.sample(names, 2)
    return [(start, "cut", (a, b, True)), (end, "heal", (a, b))]


def _flapping(die: Random, names: list[str], start: float, end: float) -> list[Act]:
    a, b = die.sample(names, 2)
    step = max(0.05, (end - start) / 6)
    acts: list[Act] = []
    for turn in range(6):
        acts.append((round(start + turn * step, 3), *(("cut", (a, b)) if turn % 2 == 0 else ("heal", (a, b)))))
    return acts


def _halves(die: Random, names: list[str], start: float, end: float) -> list[Act]:
    side = tuple(sorted(die.sample(names, die.randint(1, len(names) - 1))))
    return [(start, "partition", (side,)), (end, "heal", ())]


def _bridge(die: Random, names: list[str], start: float, end: float) -> list[Act]:
    """Two halves that only one peer sees."""
    shuffled = die.sample(names, len(names))
    bridge, others = shuffled[0], shuffled[1:]
    left, right = others[: len(others) // 2], others[len(others) // 2 :]
    acts: list[Act] = [(start, "cut", (a, b)) for a in left for b in right]
    return [*acts, (end, "heal", ())] if bridge else []


def _ring(die: Random, names: list[str], start: float, end: float) -> list[Act]:
    """Each sees a majority, no two the same one."""
    order = die.sample(names, len(names))
    count = len(order)
    reach = count // 4 + (count % 4 > 0)
    acts: list[Act] = []
    for i in range(count):
        for j in range(i + 1, count):
            if min(j - i, count - (j - i)) > reach:
                acts.append((start, "cut", (order[i], order[j])))
    return [*acts, (end, "heal", ())]


def _bad_wire(name: str, values: tuple[Any, ...]) -> Callable[[Random, list[str], float, float], list[Act]]:
    def make(die: Random, names: list[str], start: float, end: float) -> list[Act]:
        wires = [(a, b) for a in names for b in names if a != b]
        chosen = wires if die.random() < 0.4 else die.sample(wires, max(1, len(wires) // 4))
        value = die.choice(values)
        acts: list[Act] = [(start, "link", (a, b, name, value)) for a, b in chosen]
        return [*acts, *((end, "plain", (a, b, name)) for a, b in chosen)]

    return make


def _drift(die: Random, names: list[str], start: float, end: float) -> list[Act]:
    peer = die.choice(names)
    return [(start, "drift", (peer, die.choice((0.5, 0.9, 1.1, 2.0)))), (end, "drift", (peer, 1.0))]


def _leaderless(die: Random, names: list[str], start: float, end: float) -> list[Act]:
    return [(start, "isolate_leader", ()), (end, "heal", ())]


def _restless(die: Random, names: list[str], start: float, end: float) -> list[Act]:
    return [(start, "timeout_now", (die.choice(names),))]


FAULTS: Final[dict[str, Callable[[Random, list[str], float, float], list[Act]]]] = {
    "crash": _crash,
    "freeze": _freeze,
    "loss": _bad_wire("loss", (0.05, 0.3, 0.7)),
    "duplicate": _bad_wire("duplicate", (0.1, 0.5)),
    "reorder": _bad_wire("reorder", (0.1, 0.5)),
    "slow": _bad_wire("latency", (0.05, 0.2, (0.0, 0.5))),
    "flapping": _flapping,
    "one way": _one_way,
    "halves": _halves,
    "bridge": _bridge,
    "ring": _ring,
    "drift": _drift,
    "no leader": _leaderless,
    "restless": _restless,
}
