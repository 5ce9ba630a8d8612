"""How figures are taken: all contenders in turn, several rounds, around each the price of a heap push and pop.

That price says how much the computer was disturbed. Where it is well above the lowest of the run, the figure is taken
again, and of the attempts the one in the calmest surroundings counts, whatever its figure is.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

clock = time.process_time
"""Seconds of this process on a core. On an idle computer they are wall seconds, since nothing here ever waits; on one
that is busy with other things they still tell what the work costs."""

CALM = 1.15  # a heap push and pop may cost so many times the lowest price of the run
ATTEMPTS = 3  # of each figure at most

Contender = Callable[[int], float]  # how much to do -> the seconds it took, or the figure itself


@dataclass(frozen=True)
class Case:
    """One line of the table. ``per`` is "second" (more is better) or "unit" (the seconds that one takes: less is
    better); "itself" means that a contender returns the figure (less is better), given ``amount``."""

    name: str
    peers: int
    contenders: dict[str, Contender]
    per: str = "second"
    unit: str = "/s"
    scale: float = 1.0  # the figure is shown in units that are so many times smaller
    amount: int = 20  # how much to do in the first, uncounted round
    step: int = 1  # amounts are multiples of it

    @property
    def more_is_better(self) -> bool:
        """Whether a higher figure is the better one."""
        return self.per == "second"


@dataclass
class Series:
    """The figures of one contender in one case, a figure a round."""

    figures: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.figures)

    @property
    def low(self) -> float:
        """The lowest."""
        return min(self.figures)

    @property
    def high(self) -> float:
        """The highest."""
        return max(self.figures)


@dataclass
class Result:
    """What was measured in one case: a series for each contender, and the noise (ns of a heap push and pop)."""

    case: Case
    series: dict[str, Series]
    noise: Series

    def ratio(self, mine: str, other: str) -> Series | None:
        """How many times as good as ``other``, round by round: above 1 it is better. None where one is missing."""
        one, two = self.series.get(mine), self.series.get(other)
        if one is None or two is None:
            return None
        pairs = zip(one.figures, two.figures)
        return Series([a / b if self.case.more_is_better else b / a for a, b in pairs])


def heap_price(pairs: int = 20_000) -> float:
    """Nanoseconds of one push and one pop of a tuple, with 100 entries in the heap."""
    heap: list[tuple[float, int, None, None]] = [(number * 0.7 % 1, number, None, None) for number in range(100)]
    heapify(heap)
    start = clock()
    for number in range(100, 100 + pairs):
        heappush(heap, (heappop(heap)[0] + 0.5, number, None, None))
    return (clock() - start) / pairs * 1e9


class Meter:
    """Takes figures. ``target``: about so many seconds for each; ``rounds``: so many times."""

    def __init__(self, rounds: int, target: float) -> None:
        self.rounds = rounds
        self.target = target
        self._amounts: dict[tuple[str, int, str], int] = {}
        self.again = 0  # figures that were taken again
        self._calmest = float("inf")
        self.wall = 0.0  # seconds by the wall clock spent on the figures
        self.cpu = 0.0  # and by the clock they are taken with

    def run(self, cases: Sequence[Case]) -> Iterator[tuple[str, list[Result]]]:
        """Measure. After each round yields which it was, and the results so far (none after the uncounted one)."""
        results = [Result(case, {name: Series() for name in case.contenders}, Series()) for case in cases]
        for case in cases:
            for name in case.contenders:
                self._warm_up(case, name)
        yield "warm-up", []
        for number in range(self.rounds):
            for result in results:
                for name, series in result.series.items():
                    noise, figure = self._calmly(result.case, name, self._amounts[_key(result.case, name)])
                    result.noise.figures.append(noise)
                    series.figures.append(figure)
            yield f"round {number + 1} of {self.rounds}", results

    def _warm_up(self, case: Case, name: str) -> None:
        """Learn how much a contender does in the time that a figure should take."""
        amount = case.amount
        if case.per != "itself":
            taken = max(case.contenders[name](amount), 1e-6)
            steps = round(amount * self.target / taken / case.step)
            amount = max(case.step * max(steps, 1), case.amount)
        self._amounts[_key(case, name)] = amount

    def _calmly(self, case: Case, name: str, amount: int) -> tuple[float, float]:
        """The heap price around a figure (ns, the higher of before and after), and the figure."""
        attempts: list[tuple[float, float]] = []
        while len(attempts) < ATTEMPTS:
            before = heap_price()
            figure = self._figure(case, name, amount)
            after = heap_price()
            attempts.append((max(before, after), figure))
            self._calmest = min(self._calmest, before, after)
            if attempts[-1][0] <= CALM * self._calmest:
                break
        self.again += len(attempts) - 1
        return min(attempts, key=lambda attempt: attempt[0])

    def _figure(self, case: Case, name: str, amount: int) -> float:
        gc.collect()
        wall, cpu = time.perf_counter(), clock()
        value = case.contenders[name](amount)
        if case.per != "itself":
            self.wall += time.perf_counter() - wall
            self.cpu += clock() - cpu
            value = amount / value if case.more_is_better else value / amount
        return value * case.scale


def _key(case: Case, name: str) -> tuple[str, int, str]:
    return case.name, case.peers, name
