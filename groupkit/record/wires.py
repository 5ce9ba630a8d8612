"""Which wires are not plain, told from the recorder's rows: so that the past can be shown as well as the present."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations
from typing import Any

from groupkit.record.faults import Pair, pairs_cut
from groupkit.record.recorder import Row

CHANGING = frozenset({"cut", "isolate", "partition", "heal", "link", "set_latency"})
TUNED = ("latency", "loss", "duplicate", "reorder")


class Wires:
    """Follows the fault rows of a run. ``cut``: direction -> "cut" or "partition"; ``tuned``: direction -> settings."""

    __slots__ = ("cut", "peers", "plain", "tuned")

    def __init__(self, peers: Sequence[str], latency: Sequence[float]) -> None:
        self.peers = list(peers)
        self.plain = {"latency": list(latency), "loss": 0.0, "duplicate": 0.0, "reorder": 0.0}
        self.cut: dict[Pair, str] = {}
        self.tuned: dict[Pair, dict[str, Any]] = {}

    def copy(self) -> Wires:
        """The same, to go on from here."""
        other = Wires(self.peers, self.plain["latency"])  # type: ignore[arg-type]
        other.cut, other.tuned = dict(self.cut), {pair: dict(tuned) for pair, tuned in self.tuned.items()}
        return other

    def take(self, row: Row) -> bool:
        """Fold one more row; returns whether a wire may have changed by it."""
        if row[1] != "fault" or row[3] not in CHANGING:
            return False
        peer, verb, args = row[2], row[3], row[4]
        if verb == "link":
            self._tune((peer, args[0]), args[1], args[2])
        elif verb == "set_latency":
            for pair in permutations(self.peers, 2):
                self._tune(pair, "latency", args)
        elif verb == "partition":
            self._partition(args)
        elif verb == "heal":
            for pair in list(self.cut) if peer is None else ((peer, args[0]), (args[0], peer)):
                self.cut.pop(pair, None)
        else:
            for pair in pairs_cut(verb, peer, args, self.peers):
                self.cut.setdefault(pair, "cut")
        return True

    def _tune(self, pair: Pair, name: str, value: Any) -> None:
        tuned = self.tuned.setdefault(pair, dict(self.plain))
        tuned[name] = list(value) if name == "latency" else value
        if tuned == self.plain:
            del self.tuned[pair]

    def _partition(self, sides: Sequence[Sequence[str]]) -> None:
        """A later partition takes the place of an earlier one; what was cut singly stays cut."""
        side_of = {peer: number for number, side in enumerate(sides) for peer in side}
        for a, b in permutations(self.peers, 2):
            if side_of.get(a) != side_of.get(b):
                self.cut.setdefault((a, b), "partition")
            elif self.cut.get((a, b)) == "partition":
                del self.cut[a, b]

    def told(self) -> list[list[Any]]:
        """As the page takes it: [source, destination, cut], and the four settings where one of them was changed."""
        found = []
        for pair in sorted({*self.cut, *self.tuned}):
            tuned = self.tuned.get(pair)
            found.append([*pair, self.cut.get(pair), *([tuned[name] for name in TUNED] if tuned else [])])
        return found

    def be(self, wires: Mapping[Pair, Mapping[str, Any]]) -> None:
        """As ``cluster.view()`` has it, for a run whose beginning was let go of."""
        self.cut = {pair: wire["cut"] for pair, wire in wires.items() if wire["cut"]}
        found = {pair: {**wire, "latency": list(wire["latency"])} for pair, wire in wires.items()}
        tuned = {pair: {name: wire[name] for name in TUNED} for pair, wire in found.items()}
        self.tuned = {pair: settings for pair, settings in tuned.items() if settings != self.plain}
