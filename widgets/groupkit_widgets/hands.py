"""What a click does: each gesture is one call of the public API, and one line of Python that does the same."""

from __future__ import annotations

import math
from itertools import count
from typing import TYPE_CHECKING, Any

from groupkit import Counter, KeyValue, NoOp, Register

if TYPE_CHECKING:
    from groupkit import Network

ON_MAIL = frozenset({"drop_message", "delay_message", "duplicate_message"})
VERBS = ON_MAIL | {
    "kill", "restart", "freeze", "thaw", "cut", "partition", "isolate", "heal", "timeout_now",
    "align_timers", "spread_timers", "set_latency", "random_faults", "end_random_faults",
}  # fmt: skip
READY = frozenset(kind.__name__ for kind in (Counter, KeyValue, NoOp, Register))  # machines that come with groupkit


class Hands:
    """Carries out what the page asks for. Runs on the group's own loop, as everything that changes a group does."""

    def __init__(self) -> None:
        self.lines: list[str] = []  # all of them so far, for a page that comes later
        self._numbers = count(1)
        self._last = 0.0  # the virtual time of the last line
        self._held = False  # whether time stands still where the lines have come to

    def do(self, network: Network, asked: dict[str, Any]) -> str:
        """Do what ``asked`` says. Returns the lines of Python that do the same at the same virtual time."""
        before, held = round(network.clock.now, 6), self._held
        line = str(getattr(self, f"_{asked['do']}")(network, asked))
        pause, self._last = before - self._last, before
        if not held and pause >= 5e-7:  # while time stands still, only steps move it on, and each of them has a line
            line = f"await cluster.clock.sleep({round(pause, 6)})\n{line}"
        self.lines.append(line)
        return line

    def _verb(self, network: Network, asked: dict[str, Any]) -> str:
        verb, args = asked["verb"], asked["args"]
        if verb not in VERBS:
            raise ValueError(f"a picture can do {', '.join(sorted(VERBS))}, not {verb!r}")
        if verb == "set_latency":
            args = [tuple(one) if isinstance(one, list) else one for one in args]
        about = _about_message(network, args[0]) if verb in ON_MAIL else ""
        getattr(network, verb)(*args)
        return f"cluster.{verb}({', '.join(_shown(arg) for arg in args)}){about}"

    def _tune(self, network: Network, asked: dict[str, Any]) -> str:
        name, value = asked["name"], asked["value"]
        lines = []
        for src, dst in ((asked["a"], asked["b"]), (asked["b"], asked["a"])):
            plain = {"latency": tuple(asked.get("latency") or network.recorder.meta["latency"]), "loss": 0.0}
            for field, new in plain.items() if name == "plain" else [(name, value)]:
                new = tuple(new) if isinstance(new, list) else new
                setattr(network.link(src, dst), field, new)
                lines.append(f"cluster.link({src!r}, {dst!r}).{field} = {new!r}")
        return "\n".join(lines)

    def _pause(self, network: Network, asked: dict[str, Any]) -> str:
        network.clock.pause()
        self._held = True
        return "cluster.clock.pause()"

    def _resume(self, network: Network, asked: dict[str, Any]) -> str:
        network.clock.resume()
        self._held = False
        return "cluster.clock.resume()"

    def _step(self, network: Network, asked: dict[str, Any]) -> str:
        network.clock.step()
        first = "" if self._held else "cluster.clock.pause()\n"
        self._held = True
        return f"{first}await cluster.clock.step()"

    def _pace(self, network: Network, asked: dict[str, Any]) -> str:
        pace = asked["pace"]
        network.clock.pace = math.inf if pace < 0 else float(pace)
        return f"cluster.clock.pace = {'math.inf' if pace < 0 else pace}"

    def _write(self, network: Network, asked: dict[str, Any]) -> str:
        name = asked["peer"] or _leader(network)
        group = network.peer(name).group
        command, text = a_command(network.recorder.meta["machine"], next(self._numbers))
        group.execute(command)
        return f"cluster[{name!r}].group.execute({text})"


def _about_message(network: Network, number: Any) -> str:
    """What a reader of the line has to know: which message that was, and when the number holds good."""
    found = next((one for one in network.in_flight() if one.number == number), None)
    what = f"the {found.kind} from {found.src} to {found.dst}; " if found else ""
    return f"  # {what}same seed and same calls before, same number"


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
    return machine in READY


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
