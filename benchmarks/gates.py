"""What groupkit promises of its speed: the *gate* is judged with everything on, the *goal* with ``record=False``.

Most thresholds are ratios to what was measured in the same run. README.md says where they come from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks import cases
from benchmarks.measure import Result, Series

PYSYNCOBJ = "PySyncObj"  # the better of batched and not batched
MACHINE = "itself"  # the figure itself, whatever computer this is


@dataclass(frozen=True)
class Gate:
    """A threshold for ``case``: against ``of`` (a contender, ``PYSYNCOBJ`` or ``MACHINE``). None: there is none."""

    case: str
    peers: int
    of: str
    gate: float | None
    goal: float | None


# Of the floor in "100 in flight" and "1,000 at once": what happysim and etcd-io/raft had of it, times what is asked.
GATES = [
    Gate(cases.ONE, 5, PYSYNCOBJ, 1.5, 2.5),
    Gate(cases.ONE, 5, cases.FLOOR, None, 1 / 3),
    Gate(cases.HUNDRED, 5, cases.HAPPYSIM, 1.0, 1.7),
    Gate(cases.HUNDRED, 5, cases.FLOOR, 0.233, 0.4),
    Gate(cases.THOUSAND, 5, cases.HAPPYSIM, 4.0, None),
    Gate(cases.THOUSAND, 5, cases.FLOOR, 0.165, 0.271),
    Gate(cases.IDLE, 5, MACHINE, 1500, 3000),
    Gate(cases.IDLE, 50, MACHINE, 100, 250),
    Gate(cases.IDLE, 100, MACHINE, 40, 110),
    Gate(cases.TRIAL, 5, MACHINE, 600, 150),
    Gate(cases.SIX, 5, MACHINE, 54, 15),
    Gate(cases.MEMORY, 5, MACHINE, 30, 6),
    Gate(cases.IMPORT, 0, MACHINE, 100, 50),
    Gate(cases.IMPORT_NAMES, 0, MACHINE, 100, 50),
]


@dataclass(frozen=True)
class Verdict:
    """One threshold and what was measured. ``kind`` is "gate" or "goal"; ``most``: the threshold is an upper one."""

    kind: str
    gate: Gate
    measured: Series
    threshold: float
    most: bool
    unit: str

    @property
    def met(self) -> bool:
        """Judged by the median."""
        value = self.measured.median
        return value <= self.threshold if self.most else value >= self.threshold


def verdicts(results: Sequence[Result]) -> Iterator[Verdict]:
    """Each gate and goal whose case was measured."""
    found = {(result.case.name, result.case.peers): result for result in results}
    for gate in GATES:
        result = found.get((gate.case, gate.peers))
        if result is None:
            continue
        for kind, mine, threshold in (("gate", cases.RECORDED, gate.gate), ("goal", cases.BARE, gate.goal)):
            if mine not in result.series:
                mine = cases.RECORDED  # an import has no recorder to leave out
            measured = result.series[mine] if gate.of == MACHINE else against(result, mine, gate.of)
            if threshold is None or measured is None:
                continue
            itself = gate.of == MACHINE
            most = itself and not result.case.more_is_better
            yield Verdict(kind, gate, measured, threshold, most, result.case.unit if itself else f"× {gate.of}")


def against(result: Result, mine: str, other: str) -> Series | None:
    """How many times as good as ``other``; for PySyncObj the better of its two ways of sending counts."""
    if other == PYSYNCOBJ:
        both = [name for name in (cases.BATCHED, cases.PLAIN) if name in result.series]
        if not both:
            return None
        other = max(both, key=lambda name: result.series[name].median)
    return result.ratio(mine, other)
