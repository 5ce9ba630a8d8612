"""What was broken on purpose, and for how long. Plain Python, for frames, pictures and pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from groupkit.record.recorder import Row

CUTTING = ("cut", "partition", "isolate")
ENDED_BY = {
    "kill": ("restart",),
    "freeze": ("thaw", "kill"),
    "drop": ("undrop",),
    "random_faults": ("end_random_faults",),
}
Pair = tuple[str, str]  # a direction: source, destination


class Fault(NamedTuple):
    """A fault verb. ``peer``: the one concerned, None for the world. ``end`` is ``start`` for a verb of an instant;
    otherwise the moment the fault was undone: kill by restart, freeze by thaw, drop by undrop, random faults by their
    end; cut, partition and isolate when the last link they cut was healed (``open``: not by the end of the run)."""

    verb: str
    peer: str | None
    args: tuple[Any, ...]
    start: float
    end: float
    open: bool


def pairs_cut(verb: str, peer: str | None, args: Sequence[Any], peers: Sequence[str]) -> set[Pair]:
    """The directions that a verb cuts."""
    if verb == "partition":
        return {pair for one, two in combinations(args, 2) for a in one for b in two for pair in ((a, b), (b, a))}
    if peer is None:
        return set()
    if verb == "isolate":
        return {pair for other in peers if other != peer for pair in ((peer, other), (other, peer))}
    return {(peer, args[0])} if "one way" in args[1:] else {(peer, args[0]), (args[0], peer)}


def faults(rows: Iterable[Row], peers: Sequence[str], end: float) -> list[Fault]:
    """Every fault verb and every stall, in order of happening."""
    found: list[Fault] = []
    waiting: dict[tuple[str, str | None], list[int]] = {}  # (verb that ends it, peer or handle) -> places in found
    severed: list[tuple[int, set[Pair]]] = []
    for row in rows:
        if row[1] == "stall":
            found.append(Fault("stall", None, row[3:], row[0], row[0], False))
        if row[1] != "fault":
            continue
        time, _, peer, verb, args = row
        key = peer if peer is not None else str(args[-1]) if verb in ("drop", "undrop") else None
        ended = [place for place in waiting.get((verb, key), ()) if found[place].open]
        if ended:
            found[ended[0]] = found[ended[0]]._replace(end=time, open=False)
        if verb == "heal":
            severed = _mend(found, severed, time, None if peer is None else {(peer, args[0]), (args[0], peer)})
        elif verb == "partition":  # takes the place of the one before
            before = [cut for cut in severed if found[cut[0]].verb == "partition"]
            severed = [cut for cut in severed if cut not in before]
            _mend(found, before, time, None)
        lasting = verb in ENDED_BY or verb in CUTTING
        found.append(Fault(verb, peer, args, time, end if lasting else time, lasting))
        for ender in ENDED_BY.get(verb, ()):
            waiting.setdefault((ender, key), []).append(len(found) - 1)
        if verb in CUTTING:
            severed.append((len(found) - 1, pairs_cut(verb, peer, args, peers)))
    return found


def _mend(
    found: list[Fault], severed: list[tuple[int, set[Pair]]], time: float, healed: set[Pair] | None
) -> list[tuple[int, set[Pair]]]:
    """Take the ``healed`` directions (None: all) out of what is cut; what has none left ends now. Returns the rest."""
    still: list[tuple[int, set[Pair]]] = []
    for place, pairs in severed:
        left = set() if healed is None else pairs - healed
        if left:
            still.append((place, left))
        else:
            found[place] = found[place]._replace(end=time, open=False)
    return still
