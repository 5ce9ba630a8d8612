"""The kinds of faults a storm is made of: each draws, for its span of time, what is done to whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Final

KEYS: Final = 3
Act = tuple[float, str, tuple[Any, ...]]  # (time in s, verb, arguments)


@dataclass(frozen=True, slots=True)
class Span:
    """When faults begin and end, and by what they are measured: the longest latency, and the election timeout (s)."""

    start: float
    end: float
    wire: float
    timeout: float


Wind = Callable[[Random, list[str], Span], list[Act]]


def _crash(die: Random, names: list[str], span: Span) -> list[Act]:
    peer = die.choice(names)
    return [(span.start, "kill", (peer,)), (span.end, "restart", (peer,))]


def _freeze(die: Random, names: list[str], span: Span) -> list[Act]:
    peer = die.choice(names)
    return [(span.start, "freeze", (peer,)), (span.end, "thaw", (peer,))]


def _one_way(die: Random, names: list[str], span: Span) -> list[Act]:
    a, b = die.sample(names, 2)
    return [(span.start, "cut", (a, b, True)), (span.end, "heal", (a, b))]


def _flapping(die: Random, names: list[str], span: Span) -> list[Act]:
    a, b = die.sample(names, 2)
    step = max(0.05, (span.end - span.start) / 6)
    acts: list[Act] = []
    for turn in range(6):
        acts.append((round(span.start + turn * step, 3), *(("cut", (a, b)) if turn % 2 == 0 else ("heal", (a, b)))))
    return acts


def _halves(die: Random, names: list[str], span: Span) -> list[Act]:
    side = tuple(sorted(die.sample(names, die.randint(1, len(names) - 1))))
    return [(span.start, "partition", (side,)), (span.end, "heal", ())]


def _bridge(die: Random, names: list[str], span: Span) -> list[Act]:
    """Two halves that only one peer sees."""
    _, *others = die.sample(names, len(names))  # who comes first is the bridge
    left, right = others[: len(others) // 2], others[len(others) // 2 :]
    acts: list[Act] = [(span.start, "cut", (a, b)) for a in left for b in right]
    return [*acts, (span.end, "heal", ())]


def _ring(die: Random, names: list[str], span: Span) -> list[Act]:
    """Each sees a majority, no two the same one."""
    order = die.sample(names, len(names))
    count = len(order)
    reach = count // 4 + (count % 4 > 0)
    acts: list[Act] = []
    for i in range(count):
        for j in range(i + 1, count):
            if min(j - i, count - (j - i)) > reach:
                acts.append((span.start, "cut", (order[i], order[j])))
    return [*acts, (span.end, "heal", ())]


def _bad_wire(name: str, values: tuple[Any, ...]) -> Wind:
    def make(die: Random, names: list[str], span: Span) -> list[Act]:
        wires = [(a, b) for a in names for b in names if a != b]
        chosen = wires if die.random() < 0.4 else die.sample(wires, max(1, len(wires) // 4))
        value = die.choice(values)
        acts: list[Act] = [(span.start, "link", (a, b, name, value)) for a, b in chosen]
        return [*acts, *((span.end, "plain", (a, b, name)) for a, b in chosen)]

    return make


def _drift(die: Random, names: list[str], span: Span) -> list[Act]:
    peer = die.choice(names)
    return [(span.start, "drift", (peer, die.choice((0.5, 0.9, 1.1, 2.0)))), (span.end, "drift", (peer, 1.0))]


def _leaderless(die: Random, names: list[str], span: Span) -> list[Act]:
    return [(span.start, "isolate_leader", ()), (span.end, "heal", ())]


def _restless(die: Random, names: list[str], span: Span) -> list[Act]:
    return [(span.start, "timeout_now", (die.choice(names),))]


def _old_news(die: Random, names: list[str], span: Span) -> list[Act]:
    """One peer leads, and then the wires from or to it are so slow that its words arrive when others have led since.

    What belongs to a former term then meets peers that have just gone on to a new one (Raft 5.1).
    """
    slow, *others = die.sample(names, len(names))
    reach = span.timeout * die.choice((0.5, 1.0, 2.0, 4.0))
    latency = (round(reach * die.choice((0.0, 0.3)), 4), round(reach, 4))
    ways = die.choice(("from", "from", "to", "both"))
    wires = [(slow, peer) for peer in others if ways != "to"] + [(peer, slow) for peer in others if ways != "from"]
    pen = _Pen(die, span)
    pen.write("timeout_now", slow)
    pen.wait(4, 12)
    pen.acts += [(pen.now, "link", (src, dst, "latency", latency)) for src, dst in wires]
    for _ in range(die.randint(1, 3)):
        pen.append(slow)
        pen.wait(0, 4)
    turns = die.randint(3, 10)
    for turn in range(turns):
        peer = others[turn % min(2, len(others))]
        pen.write("timeout_now", peer)
        pen.wait(2, 10)
        key = pen.append(peer)
        if die.random() < 0.5:  # does it still answer as if it led?
            pen.write("get", slow, key)
        pen.now = round(pen.now + die.uniform(0.0, 2.0) * reach / turns, 4)
    return [*pen.acts, *((pen.now, "plain", (src, dst, "latency")) for src, dst in wires)]


def _old_tail(die: Random, names: list[str], span: Span) -> list[Act]:
    """Figure 8 of the Raft paper, loosely: a crashed leader comes back with a tail of an old term, spreads it, crashes.

    The tail is longer than one message, so that the first of it may reach a majority before anything of the new term.
    """
    first, other, *rest = die.sample(names, len(names))
    minority = (first, *rest[: die.randint(0, (len(names) - 1) // 2 - 1)])
    pen = _Pen(die, span)
    for _ in range(2):  # a peer that has voted in the coming term has to be asked again in the next
        pen.write("timeout_now", first)
        pen.wait(3, 8)
    pen.write("partition", tuple(sorted(minority)))
    pen.write("flood", first, die.choice((1100, 1500, 2500, 3500)))
    pen.wait(3, 20)
    pen.write("kill", first)
    pen.write("timeout_now", other)
    pen.wait(2, 6)
    pen.write("isolate", other)
    pen.append(other)
    pen.wait(1, 10)
    pen.write("kill", other)
    pen.write("restart", first)
    pen.write("heal")
    pen.wait(6, 20)
    for _ in range(2):
        pen.write("timeout_now", first)
        pen.wait(3, 8)
    pen.wait(0, 12)
    pen.write("kill", first)
    pen.write("restart", other)
    pen.wait(6, 20)
    for _ in range(3):
        pen.write("timeout_now", other)
        pen.wait(3, 8)
    pen.write("restart", first)
    return pen.acts


class _Pen:
    """Writes acts down one after the other; the waits between them are drawn."""

    def __init__(self, die: Random, span: Span) -> None:
        self._die, self._wire = die, span.wire
        self.now = span.start
        self.acts: list[Act] = []

    def wait(self, low: float, high: float) -> None:
        """Between so many times the longest latency."""
        self.now = round(self.now + self._die.uniform(low, high) * self._wire, 4)

    def write(self, verb: str, *arguments: Any) -> None:
        self.acts.append((self.now, verb, arguments))

    def append(self, peer: str) -> str:
        """A client of this peer writes; what it writes names the moment, so it is there only once. Returns the key."""
        key = f"k{self._die.randrange(KEYS)}"
        self.write("append", peer, key, f"{peer}{self.now},")
        return key


FAULTS: Final[dict[str, Wind]] = {
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
    "old news": _old_news,
    "old tail": _old_tail,
}
ALONE: Final = ("crash", "freeze", "drift")  # kinds that can befall a single peer
TROUBLED: Final = ("old tail",)  # kinds that take three
