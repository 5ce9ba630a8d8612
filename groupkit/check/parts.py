"""A history as events in time, and its independent parts."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .judge import Judge
from .models import Model
from .operation import Operation
from .sameness import frozen


@dataclass(frozen=True, slots=True)
class Timed:
    """An operation with the places of its call and return in the order of all events of the history."""

    operation: Operation
    call: int
    ret: int | None


@dataclass(frozen=True, slots=True)
class Part:
    """The operations that share a key (all of them where the model has none), in the order of their calls."""

    key: Any
    timed: tuple[Timed, ...]

    def returns(self) -> list[int]:
        """The places of the returns, in order of time."""
        return sorted(timed.ret for timed in self.timed if timed.ret is not None)

    def until(self, event: int) -> Part:
        """What had been seen when this event had just happened: later returns are not known, later calls not made."""
        seen = []
        for timed in self.timed:
            if timed.call > event:
                break
            if timed.ret is not None and timed.ret > event:
                timed = Timed(timed.operation.cut_off(), timed.call, None)
            seen.append(timed)
        return Part(self.key, tuple(seen))

    def without(self, left_out: Callable[[Timed], bool]) -> Part:
        """The same part without some of its operations."""
        return Part(self.key, tuple(timed for timed in self.timed if not left_out(timed)))

    def operations(self) -> tuple[Operation, ...]:
        return tuple(timed.operation for timed in self.timed)


def split(operations: Sequence[Operation], model: Model) -> list[Part]:
    """The parts, in the order in which they are first called. Equal times: calls first, then as in the history."""
    events: list[tuple[Any, int, int]] = []
    for place, operation in enumerate(operations):
        events.append((operation.call, 0, place))
        if operation.ret is not None:
            events.append((operation.ret, 1, place))
    events.sort()
    called: dict[int, int] = {}
    returned: dict[int, int] = {}
    for position, (_, is_return, place) in enumerate(events):
        (returned if is_return else called)[place] = position
    key_of = getattr(model, "key", None)
    groups: dict[Hashable, tuple[Any, list[Timed]]] = {}
    for place, position in called.items():
        operation = operations[place]
        key = key_of(operation.input) if key_of is not None else None
        _, timed = groups.setdefault(_hashable(key), (key, []))
        timed.append(Timed(operation, position, returned.get(place)))
    return [Part(key, tuple(timed)) for key, timed in groups.values()]


class Table:
    """A part laid out for the search: each question it asks is one look-up.

    Returned operations are numbered by the order of their returns, so that of any set of them the smallest number
    returns first. Pending ones (never returned) are numbered by the order of their calls.
    """

    def __init__(self, part: Part, judge: Judge) -> None:
        kinds = [judge.kind(timed.operation) for timed in part.timed]
        ended = [(timed.ret, timed, kind) for timed, kind in zip(part.timed, kinds) if timed.ret is not None]
        ended.sort(key=lambda entry: entry[0])
        self.timed = [timed for _, timed, _ in ended]
        self.kinds = [kind for _, _, kind in ended]
        self.reads = [judge.reads[kind] for kind in self.kinds]
        self.deadlines = [ret for ret, _, _ in ended]
        self.arrivals = sorted(range(len(ended)), key=lambda number: self.timed[number].call)  # numbers
        self.calls = [self.timed[number].call for number in self.arrivals]
        self.places = [0] * len(ended)  # where in `arrivals` a number stands
        for place, number in enumerate(self.arrivals):
            self.places[number] = place
        self.last_call = {self.kinds[number]: place for place, number in enumerate(self.arrivals)}  # by kind
        self.called_by = [bisect_left(self.calls, deadline) for deadline in self.deadlines]
        pending = [(timed, kind) for timed, kind in zip(part.timed, kinds) if timed.ret is None]
        # A pending read has no effect and no answer to judge.
        self._set_pending([(timed, kind) for timed, kind in pending if not judge.reads[kind]])

    def all(self) -> Iterator[tuple[Timed, int]]:
        """Every operation, with its kind."""
        yield from zip(self.timed, self.kinds)
        yield from zip(self.pending, self.pending_kinds)

    def drop_pending(self, useless: frozenset[int]) -> None:
        """Forgets the pending operations of these kinds."""
        if useless:
            kept = [(timed, kind) for timed, kind in zip(self.pending, self.pending_kinds) if kind not in useless]
            self._set_pending(kept)

    def arrive(self, waiting: list[int], called: int) -> tuple[int, ...]:
        """Adds what is called before the first return of those waiting; `called` operations were called before."""
        arrivals, calls, deadlines = self.arrivals, self.calls, self.deadlines
        if not waiting and called < len(arrivals):
            waiting.append(arrivals[called])
            called += 1
        while called < len(arrivals) and calls[called] < deadlines[waiting[0]]:
            insort(waiting, arrivals[called])
            called += 1
        return tuple(waiting)

    def without(self, waiting: tuple[int, ...], index: int) -> tuple[int, ...]:
        """What waits when the one at this index has been placed."""
        if index:
            return waiting[:index] + waiting[index + 1 :]
        return self.arrive(list(waiting[1:]), self.called_by[waiting[0]])

    def _set_pending(self, pending: list[tuple[Timed, int]]) -> None:
        self.pending = [timed for timed, _ in pending]
        self.pending_kinds = [kind for _, kind in pending]
        calls = [timed.call for timed in self.pending]
        self.pending_by = [bisect_left(calls, deadline) for deadline in self.deadlines]


def _hashable(key: Any) -> Hashable:
    try:
        hash(key)
    except TypeError:
        return frozen(key)
    return key  # type: ignore[no-any-return]
