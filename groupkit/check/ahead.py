"""Looks ahead, where the model gives hints: what must not be left behind, and what does not matter.

- A state that somebody still needs, and nobody can give again, must not be overwritten.
- A state from which no need can be met is blank, and all blank states are one. An operation that blanks every state
  (a write nobody reads) only has to find a gap: it goes right before another overwriting, or where the state is blank.
  The exception is one that may have to end a state that somebody (a compare-and-set that failed) must avoid.

Where values are written once, as in most tests, that leaves so few orders that the search hardly ever turns back.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate
from math import inf

from .judge import Judge
from .lines import Lines, Need, PrefixLines, SameLines
from .models import NO_HINT
from .parts import Table
from .sameness import Token


@dataclass(frozen=True, slots=True)
class Restarts:
    """What could give one state, or a beginning of it, again."""

    kinds: frozenset[int]
    last: int  # the last of them to be called, among those that returned
    pending: int  # bits


class Ahead:
    """The hints of one table's operations, put together; without hints, or with some missing, it says nothing.

    `blanking`: the kinds of operation that blank every state, but for `ending`, those that fall under the exception.
    `blind`: the kinds that overwrite every state.
    """

    def __init__(self, table: Table, judge: Judge, silent: bool = False) -> None:
        self._table = table
        self._judge = judge
        self.blind: frozenset[int] = frozenset()
        self.blanking: frozenset[int] = frozenset()
        self.ending: frozenset[int] = frozenset()
        self._blank: int | None = None
        self._merged: dict[int, int] | None = None  # None where blank states are not told from others
        self._restarts: dict[Token, Restarts] = {}
        self._lost: dict[tuple[Token, Token], int] = {}
        self._kinds = dict.fromkeys([*table.kinds, *table.pending_kinds])
        self._givers: dict[Token, list[int]] = {}
        self._avoided: set[Token] = set()
        self._wanted: set[Token] = set()  # not to be merged though no returned operation needs it
        self._lines = None if silent else self._draw_lines()
        if self._lines is not None:
            self._find_blanking(self._lines)

    def is_hopeless(self) -> bool:
        """Whether some need is met neither by the state at the start nor by anything given."""
        if self._lines is None:
            return False
        start = self._judge.token(self._judge.start)
        for kind in dict.fromkeys(self._table.kinds):
            need = self._judge.hints[kind].needs
            if need is None or (start is not None and self._lines.leads(start, need)):
                continue
            if not any(self._lines.leads(gift, need) for gift in self._lines.restarts(need)):
                return True
        return False

    def merge(self, state: int) -> int:
        """The state, or the one blank state that stands for all of them."""
        merged = self._merged
        if merged is None or self._lines is None:
            return state
        result = merged.get(state)
        if result is None:
            here = self._judge.token(state)
            result = state
            if here is None or (not self._lines.span(here) and here not in self._wanted):
                self._blank = state if self._blank is None else self._blank
                result = self._blank
            merged[state] = result
        return result

    def is_blank(self, state: int) -> bool:
        """Whether this merged state is the blank one."""
        return state == self._blank

    def guard(self, state: int, waiting: tuple[int, ...], used: int) -> Guard | None:
        """What may forbid to leave this state at this position; None where nothing does."""
        lines, table = self._lines, self._table
        here = self._judge.token(state) if lines is not None else None
        if lines is None or here is None:
            return None
        span = lines.span(here)
        if not span:
            return None
        restarts = self._restarts_of(here, lines)
        called = table.called_by[waiting[0]]
        if restarts.last >= called or restarts.pending & ~used:
            return None
        gifts = sum(table.kinds[number] in restarts.kinds for number in waiting)
        needs = []
        for number in waiting:
            need = self._judge.hints[table.kinds[number]].needs
            if need is not None and lines.leads(here, need):
                needs.append((number, need))
        return Guard(self, here, called, gifts, restarts.kinds, needs)

    def last_lost(self, here: Token, there: Token) -> int:
        """The last call of a need that is met here, now or later, and not there; -1 if there is none."""
        last = self._lost.get((here, there))
        if last is None:
            assert self._lines is not None
            places, mine, theirs = self._lines.places, self._lines.span(here), self._lines.span(there)
            last = max((places[need] for need in mine if need not in theirs), default=-1)
            self._lost[here, there] = last
        return last

    def leads(self, state: Token, need: Token) -> bool:
        assert self._lines is not None
        return self._lines.leads(state, need)

    def token(self, state: int) -> Token:
        return self._judge.token(state) or ("?", None)

    def _draw_lines(self) -> Lines | None:
        hints, table = self._judge.hints, self._table
        known = [self._judge.token(self._judge.start)]
        for kind in self._kinds:
            hint = hints[kind]
            if hint.gives is not None:
                self._givers.setdefault(hint.gives, []).append(kind)
            elif not self._judge.reads[kind] and hint.grows is None:
                return None
            if hint.needs is not None:
                known.append(hint.needs)
        self._avoided = {state for kind in self._kinds if (state := hints[kind].avoids) is not None}
        self._wanted = {need for kind in table.pending_kinds if (need := hints[kind].needs) is not None}
        self._wanted |= self._avoided
        known += self._givers
        needs: list[Need] = []
        for number, kind in enumerate(table.kinds):
            need = hints[kind].needs
            if need is not None:
                needs.append((need, table.places[number]))
        if None in known:
            return None
        if all(hints[kind].grows is None for kind in self._kinds):
            return SameLines(needs, self._givers)
        is_text = all(state is not None and state[0] == "str" for state in known)
        return PrefixLines(needs, self._givers) if is_text else None

    def _find_blanking(self, lines: Lines) -> None:
        hints = {kind: self._judge.hints[kind] for kind in self._kinds}
        self.blind = frozenset(kind for kind, hint in hints.items() if hint.blind)
        if NO_HINT in hints.values():
            return
        self._merged = {}
        blanking = set()
        for kind, hint in hints.items():
            if hint.blind and hint.gives is not None:
                if not lines.span(hint.gives) and hint.gives not in self._wanted:
                    blanking.add(kind)
            elif hint.grows is not None and isinstance(lines, PrefixLines) and not lines.is_part(hint.grows):
                blanking.add(kind)
        self.ending = self._ending(blanking)
        self.blanking = frozenset(blanking) - self.ending

    def _ending(self, blanking: set[int]) -> frozenset[int]:
        """Those of these kinds that may have to end a state somebody avoids.

        A returned one can do so only if it overlaps what gives that state: otherwise its place is fixed anyhow.
        """
        table = self._table
        avoided = {kind for state in self._avoided for kind in self._givers.get(state, ())}
        ending: set[int] = set()
        if avoided or self._judge.token(self._judge.start) in self._avoided:
            ending = blanking.intersection(table.pending_kinds)
        spans = [(one.call, inf if one.ret is None else one.ret, kind) for one, kind in table.all()]
        givers = sorted((call, end) for call, end, kind in spans if kind in avoided)
        calls = [call for call, _ in givers]
        latest = list(accumulate((end for _, end in givers), max))
        for call, end, kind in spans:
            if kind in blanking and kind not in ending:
                earlier = bisect_left(calls, end)
                if earlier and latest[earlier - 1] > call:
                    ending.add(kind)
        return frozenset(ending)

    def _restarts_of(self, here: Token, lines: Lines) -> Restarts:
        restarts = self._restarts.get(here)
        if restarts is None:
            table = self._table
            kinds = frozenset(
                kind for gift in lines.restarts(here) for kind in self._givers[gift] if kind not in self.blanking
            )
            last = max((table.last_call[kind] for kind in kinds if kind in table.last_call), default=-1)
            pending = sum(1 << number for number, kind in enumerate(table.pending_kinds) if kind in kinds)
            restarts = self._restarts[here] = Restarts(kinds, last, pending)
        return restarts


@dataclass(frozen=True, slots=True)
class Guard:
    """What must not be left behind at one position, where nothing pending or still to be called could bring it back."""

    ahead: Ahead
    here: Token
    called: int
    gifts: int
    giving: frozenset[int]
    needs: list[tuple[int, Token]]

    def forbids(self, state: int, number: int = -1, kind: int = -1) -> bool:
        """Whether the operation of this number and kind (-1: a pending one) must not lead to this state."""
        if self.gifts - (kind in self.giving) > 0:
            return False
        there = self.ahead.token(state)
        if self.ahead.last_lost(self.here, there) >= self.called:
            return True
        return any(other != number and not self.ahead.leads(there, need) for other, need in self.needs)
