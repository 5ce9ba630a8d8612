"""What a click does: each gesture is one call of the public API, and one line of Python that does the same."""

from __future__ import annotations

import math
import random
from itertools import count
from typing import TYPE_CHECKING, Any

from groupkit import Counter, KeyValue, NoOp, Register

if TYPE_CHECKING:
    from groupkit import Network

STORM = 12.0  # virtual seconds of random faults
VERBS = frozenset({"kill", "restart", "freeze", "thaw", "cut", "partition", "isolate", "heal", "timeout_now"})


class Hands:
    """Carries out what the page asks for. Runs on the group's own loop, as everything that changes a group does."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._storms = count(1)
        self._last = 0.0  # the virtual time of the last line

    def do(self, network: Network, asked: dict[str, Any]) -> str:
        """Do what ``asked`` says. Returns the lines of Python that do the same at the same virtual time."""
        before = network.clock.now
        line = getattr(self, f"_{asked['do']}")(network, asked)
        pause = before - self._last
        self._last = before
        return f"await cluster.clock.sleep({pause:.3f})\n{line}" if pause > 0.0005 else str(line)

    def _verb(self, network: Network, asked: dict[str, Any]) -> str:
        verb, args = asked["verb"], asked["args"]
        if verb not in VERBS:
            raise ValueError(f"a picture can do {', '.join(sorted(VERBS))}, not {verb!r}")
        getattr(network, verb)(*args)
        return f"cluster.{verb}({', '.join(_shown(arg) for arg in args)})"

    def _tune(self, network: Network, asked: dict[str, Any]) -> str:
        name, value = asked["name"], asked["value"]
        lines = []
        for src, dst in ((asked["a"], asked["b"]), (asked["b"], asked["a"])):
            plain = {"latency": tuple(network.recorder.meta["latency"]), "loss": 0.0}
            for field, new in plain.items() if name == "plain" else [(name, value)]:
                new = tuple(new) if isinstance(new, list) else new
                setattr(network.link(src, dst), field, new)
                lines.append(f"cluster.link({src!r}, {dst!r}).{field} = {new!r}")
        return "\n".join(lines)

    def _pause(self, network: Network, asked: dict[str, Any]) -> str:
        network.clock.pause()
        return "cluster.clock.pause()"

    def _resume(self, network: Network, asked: dict[str, Any]) -> str:
        network.clock.resume()
        return "cluster.clock.resume()"

    def _step(self, network: Network, asked: dict[str, Any]) -> str:
        network.clock.step()
        return "await cluster.clock.step()"

    def _pace(self, network: Network, asked: dict[str, Any]) -> str:
        pace = asked["pace"]
        network.clock.pace = math.inf if pace < 0 else float(pace)
        return f"cluster.clock.pace = {'math.inf' if pace < 0 else pace}"

    def _storm(self, network: Network, asked: dict[str, Any]) -> str:
        seed = next(self._storms)
        lines = [f"# random faults, seed {seed}"]
        for seconds, verb, names in a_storm([str(peer) for peer in network.view(wires=False)["peers"]], seed):
            network.at(seconds, verb, *names)
            lines.append(f"cluster.at({', '.join(repr(part) for part in (seconds, verb, *names))})")
        return "\n".join(lines)

    def _write(self, network: Network, asked: dict[str, Any]) -> str:
        name = asked["peer"] or _leader(network)
        group = network.peer(name).group
        command, text = a_command(network.recorder.meta["machine"], next(self._numbers))
        group.execute(command)
        return f"cluster[{name!r}].group.execute({text})"


def a_storm(peers: list[str], seed: int) -> list[tuple[float, str, tuple[str, ...]]]:
    """Faults for the next ``STORM`` virtual seconds, each undone again: (seconds from now, verb, peers)."""
    dice = random.Random(seed)
    found: list[tuple[float, str, tuple[str, ...]]] = []
    time = 0.2
    while time < STORM:
        verb, undo = dice.choice([("kill", "restart"), ("freeze", "thaw"), ("isolate", "heal"), ("cut", "heal")])
        names = tuple(dice.sample(peers, min(len(peers), 2 if verb == "cut" else 1)))
        lasts = dice.uniform(1.0, 4.0)
        if verb != "cut" or len(names) == 2:
            found.append((round(time, 2), verb, names))
            found.append((round(time + lasts, 2), undo, () if undo == "heal" else names))
        time += dice.uniform(0.5, 2.5)
    return sorted(found)


def a_command(machine: str, number: int) -> tuple[Any, str]:
    """Something to write into a ready-made machine, and how it is spelled; of others it is not known what they take."""
    key = "xyz"[number % 3]
    known = {
        "Counter": (Counter.Increment(1), "Counter.Increment(1)"),
        "Register": (Register.Write(number), f"Register.Write({number})"),
        "KeyValue": (KeyValue.Put(key, number), f"KeyValue.Put({key!r}, {number})"),
        "NoOp": (f"command {number}", f"'command {number}'"),
    }
    if machine not in known:
        raise TypeError(f"nobody told this picture what a {machine} takes: write with group.execute(command) in a cell")
    return known[machine]


def writes(machine: str) -> bool:
    """Whether ``a_command`` knows what this machine takes."""
    return machine in {kind.__name__ for kind in (Counter, KeyValue, NoOp, Register)}


def _leader(network: Network) -> str:
    peers = network.view(wires=False)["peers"]
    leaders = [(peer["term"], name) for name, peer in peers.items() if peer["role"] == "leader"]
    if leaders:
        return str(max(leaders)[1])
    alive = [name for name, peer in peers.items() if peer["role"] != "down"]
    if not alive:
        raise LookupError("every peer is down: restart one before writing")
    return str(alive[0])


def _shown(arg: Any) -> str:
    return "{" + ", ".join(repr(one) for one in sorted(arg)) + "}" if isinstance(arg, list) else repr(arg)
