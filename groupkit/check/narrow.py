"""From a part that fails to the shortest prefix of it that fails."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from .judge import Judge
from .operation import Operation
from .parts import Part
from .search import STATES_SHOWN, Search

_SLICE = 1_000  # steps a part may search before it is the next part's turn
_STEPS_FOR_STATES = 20_000


class Purse:
    """How many steps may still be taken, by all that draw on it."""

    def __init__(self, steps: float = inf) -> None:
        self.left = steps
        self.spent = 0

    def run(self, search: Search, steps: int) -> bool | None:
        """Lets this search go on, for at most so many steps."""
        before = search.steps
        outcome = search.run(int(min(steps, self.left)))
        self.left -= search.steps - before
        self.spent += search.steps - before
        return outcome


def take_turns(searches: Iterable[Search], purse: Purse) -> Search | None:
    """Searches all in turn, until one fails (it is returned), all succeed, or the purse is empty."""
    waiting = deque(searches)
    while waiting:
        search = waiting.popleft()
        outcome = purse.run(search, _SLICE)
        if outcome is False:
            return search
        if outcome is None:
            if purse.left <= 0:
                return None
            waiting.append(search)
    return None


@dataclass(frozen=True, slots=True)
class Failure:
    """A prefix of one part that no order explains.

    `event`: the place of its last event, the return of `failed`. `order`: an order that explains everything before
    this event. `states`: states that orders of the others lead to by then; `all_states`: there are no more.
    `shortest`: the prefix without its last event is known to be explained by `order`.
    """

    key: Any
    event: int
    prefix: tuple[Operation, ...]
    failed: Operation
    order: tuple[Operation, ...]
    states: tuple[Any, ...]
    all_states: bool
    shortest: bool


def narrow(failed: Search, purse: Purse) -> Failure:
    """The shortest failing prefix of a part whose search failed; a longer one if the purse does not reach.

    Halves the distance between a prefix that is explained and one that is not, until they are neighbours.
    """
    part, judge = failed.part, failed.judge
    returns = part.returns()
    explained, fails = -1, len(returns) - 1
    proof: Search | None = None
    # Where the search looked at every order, it could not get past the very return to be found.
    hints = [returns.index(failed.frontier)] if failed.frontier >= 0 else []
    hints += [place - 1 for place in hints]
    while fails - explained > 1:
        middle = hints.pop(0) if hints else (explained + fails) // 2
        if not explained < middle < fails:
            continue
        search = Search(part.until(returns[middle]), judge)
        outcome = purse.run(search, 1 << 62)
        if outcome is None:
            break
        if outcome:
            explained, proof = middle, search
        else:
            fails = middle
    event = returns[fails]
    prefix = part.until(event)
    last = next(timed.operation for timed in prefix.timed if timed.ret == event)
    seen = {timed.call: last.cut_off() if timed.ret == event else timed.operation for timed in prefix.timed}
    states, all_states = _states_before(prefix, event, judge, proof)
    return Failure(
        key=part.key,
        event=event,
        prefix=prefix.operations(),
        failed=last,
        order=tuple(seen[timed.call] for timed in proof.order()) if proof is not None else (),
        states=states,
        all_states=all_states,
        shortest=fails - explained == 1,
    )


def _states_before(prefix: Part, event: int, judge: Judge, proof: Search | None) -> tuple[tuple[Any, ...], bool]:
    """What the reader wants to see: the states there can be when the last operation returns, and whether these are all.

    A search that does not look ahead finds them, where a few steps are enough; otherwise one order gives one state.
    """
    search = Search(prefix, judge, ahead=False)
    search.run(_STEPS_FOR_STATES)
    found = search.states_there()
    if search.frontier == event and found:
        return tuple(found), search.outcome is False and len(found) < STATES_SHOWN
    order = proof.order() if proof is not None else []
    last = next(timed for timed in prefix.timed if timed.ret == event)
    if any(timed.call == last.call for timed in order):
        return (), False
    state = judge.start
    for timed in order:
        state = judge.after(state, judge.kind(timed.operation))
    return (judge.states[state],), False


def earliest(failure: Failure, others: Sequence[Search], purse: Purse) -> tuple[Failure, tuple[Any, ...]]:
    """The failure that ends first among all parts, and the keys of the parts not known to hold until then."""
    open_ones = [search for search in others if search.outcome is not True]
    while True:
        cut = [Search(search.part.until(failure.event), search.judge) for search in open_ones]
        sooner = take_turns(cut, purse)
        if sooner is None:
            return failure, tuple(search.part.key for search in cut if search.outcome is None)
        failure = narrow(sooner, purse)
        open_ones = [search for search, tried in zip(open_ones, cut) if tried.outcome is None]
