"""The search for an order that explains one part: Wing and Gong's, with the memory Lowe added.

A position of the search is the set of operations already placed, and the state they lead to. The next operation may
be any that was called before the first return of an operation not yet placed; these are the ones *waiting*. The set
of placed operations follows from the waiting ones alone (it is everything called before their first return, without
themselves), so a position is known again by this short tuple and the state, where Lowe's linked list of events needs
a bit for every operation. No list is changed on the way down, and none has to be mended on the way back.

Some things keep it short, and none of them loses an order:
- A read that is right now is placed now: it changes nothing for the others, and must be placed some time.
- Of waiting operations of one kind the one that returns first is placed first: exchanging two never hurts.
- Pending operations are placed only right before an operation that returned, the fewest first.
- A position is left when another with the same ones waiting and the same state used only some of its pending ones.
- What must not be left behind, and what does not matter: see `ahead`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .ahead import Ahead
from .judge import REFUSED, Judge
from .parts import Part, Table, Timed

Waiting = tuple[int, ...]  # numbers, ascending: the first returns first
Placed = tuple[int, ...]  # returned operations by number, pending ones as ~number
Position = tuple[Waiting, int, int, Placed]  # waiting, state, pending ones used (bits), what was placed to get here

STATES_SHOWN = 12


class Search:
    """One part's search; it can be left and taken up again.

    `outcome`: True (an order was found), False (there is none) or None (not known yet).
    `steps`: answers asked of the model so far, remembered ones included: the measure of work.
    `ahead=False` looks at every order, hopeless ones too. Then `frontier` is the latest return that any order gets
    to without placing that operation (as a place in the order of events).
    """

    def __init__(self, part: Part, judge: Judge, ahead: bool = True) -> None:
        self.part = part
        self.steps = 0
        self.outcome: bool | None = None
        self.frontier = -1
        self._states_there: dict[int, None] = {}
        self.judge = judge
        self._table = Table(part, judge)
        self._ahead = Ahead(self._table, judge, silent=not ahead)
        self._table.drop_pending(self._ahead.blanking)
        self._met: dict[tuple[Waiting, int], tuple[int, ...]] = {}
        self._path: list[tuple[Iterator[Position | None], Placed]] = []
        # What changes nothing can be left out of an order. So a part has none if it has none without its failed
        # compare-and-sets, and that may be much easier to see.
        self._easier: Search | None = None
        if self._ahead.ending:
            self._easier = Search(
                part.without(lambda one: judge.hints[judge.kind(one.operation)].avoids is not None), judge
            )
        if self._ahead.is_hopeless():
            self.outcome = False
        else:
            self._enter((self._table.arrive([], 0), self._ahead.merge(judge.start), 0, ()))

    def run(self, steps: int) -> bool | None:
        """Searches on for about so many steps; returns `outcome`."""
        stop = self.steps + steps
        if self._easier is not None and self.outcome is None:
            before = self._easier.steps
            outcome = self._easier.run(steps // 2)
            self.steps += self._easier.steps - before
            if outcome is False:
                self._end(False)
            if outcome is not None:
                self._easier = None
        path = self._path
        while self.outcome is None and self.steps < stop:
            self.steps += 1
            try:
                position = next(path[-1][0])
            except StopIteration:
                path.pop()
                if not path:
                    self._end(False)
                continue
            if position is not None:
                self._enter(position)
        return self.outcome

    def order(self) -> list[Timed]:
        """The order found; pending operations without an effect are not in it."""
        table = self._table
        placed = [number for _, numbers in self._path for number in numbers]
        return [table.timed[number] if number >= 0 else table.pending[~number] for number in placed]

    def states_there(self) -> list[Any]:
        """Some of the states, at the frontier, of orders that did not place the operation that returns there."""
        return [self.judge.states[number] for number in self._states_there]

    def _end(self, outcome: bool) -> None:
        self.outcome = outcome
        self._met.clear()

    def _enter(self, position: Position) -> None:
        waiting, state, used, placed = position
        waiting, settled = self._settle(waiting, state)
        placed += settled
        if not waiting:
            self._path.append((iter(()), placed))
            self._end(True)
        elif self._is_new(waiting, state, used):
            self._path.append((self._moves(waiting, state, used), placed))

    def _moves(self, waiting: Waiting, state: int, used: int) -> Iterator[Position | None]:
        """What can follow: an operation that returned, after none, one or more of the pending ones.

        Yields None now and then, so that a long row of pending operations can be interrupted.
        """
        tries, apart = self._tries(waiting)
        rows: list[tuple[int, int, Placed]] = [(state, used, ())]
        for state, used, row in rows:  # grows while it is read: the fewest pending operations first
            guard = self._ahead.guard(state, waiting, used)
            for index, kind in tries:
                result, number = self._after(state, kind), waiting[index]
                if result != REFUSED and not (guard and guard.forbids(result, number, kind)):
                    yield self._table.without(waiting, index), result, used, (*row, number)
            yield None
            for number, kind in self._open_kinds(waiting, used, apart):
                result = self._after(state, kind)
                if result == state or (guard and guard.forbids(result)):
                    continue
                now_used, longer = used | 1 << number, (*row, ~number)
                rest, settled = self._settle(waiting, result)
                if settled:
                    yield rest, result, now_used, longer + settled
                elif self._is_new(waiting, result, now_used):
                    rows.append((result, now_used, longer))

    def _tries(self, waiting: Waiting) -> tuple[list[tuple[int, int]], frozenset[int]]:
        """Which of those waiting may be next, as (index, kind), and the kinds that are set apart.

        While one that blanks the state waits, it alone may overwrite: others go by way of the blank state.
        """
        kinds, reads, ahead = self._table.kinds, self._table.reads, self._ahead
        first: dict[int, int] = {}
        for index, number in enumerate(waiting):
            if not reads[number]:
                first.setdefault(kinds[number], index)
        gap = next((kind for kind in first if kind in ahead.blanking), None)
        if gap is None:
            return [(index, kind) for kind, index in first.items()], frozenset()
        apart = ahead.blind | ahead.blanking
        return [(index, kind) for kind, index in first.items() if kind == gap or kind not in apart], apart

    def _open_kinds(self, waiting: Waiting, used: int, apart: frozenset[int]) -> Iterator[tuple[int, int]]:
        """Pending operations that may have taken effect by now, the first unused one of each kind not set apart."""
        kinds = self._table.pending_kinds
        seen = set(apart)
        for number in range(self._table.pending_by[waiting[0]]):
            kind = kinds[number]
            if kind not in seen and not used >> number & 1:
                seen.add(kind)
                yield number, kind

    def _settle(self, waiting: Waiting, state: int) -> tuple[Waiting, Placed]:
        """Places what can be placed at no cost: right reads, and in a blank state everything that blanks."""
        table, ahead = self._table, self._ahead
        reads, kinds = table.reads, table.kinds
        free: frozenset[int] = ahead.blanking if ahead.is_blank(state) else frozenset()
        placed: list[int] = []
        while waiting:
            rest = []
            for number in waiting:
                kind = kinds[number]
                if kind in free or (reads[number] and self._after(state, kind) == state):
                    placed.append(number)
                else:
                    rest.append(number)
            if len(rest) == len(waiting):
                break
            first = waiting[0]
            waiting = tuple(rest) if rest and rest[0] == first else table.arrive(rest, table.called_by[first])
        return waiting, tuple(placed)

    def _after(self, state: int, kind: int) -> int:
        self.steps += 1
        result = self.judge.after(state, kind)
        return result if result == REFUSED else self._ahead.merge(result)

    def _is_new(self, waiting: Waiting, state: int, used: int) -> bool:
        where = (waiting, state)
        met = self._met.get(where, ())
        if any(not before & ~used for before in met):
            return False
        self._met[where] = (*met, used)
        deadline = self._table.deadlines[waiting[0]]
        if deadline > self.frontier:
            self.frontier = deadline
            self._states_there.clear()
        if deadline == self.frontier and len(self._states_there) < STATES_SHOWN:
            self._states_there[state] = None
        return True
