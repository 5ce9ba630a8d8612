"""The door: a history and a model in, a result out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf

from .judge import Judge
from .models import Model
from .narrow import Purse, earliest, narrow, take_turns
from .operation import Operation, gather, short_repr
from .parts import Part, Timed, split
from .result import LinearizabilityResult
from .search import Search

_STEPS_TO_NARROW = 200_000


def linearizable(
    history: Iterable[Operation], model: Model | type[Model], *, budget: int | None = None
) -> LinearizabilityResult:
    """Whether each operation can have taken effect at one instant between its call and its return.

    `history`: `Operation`s, in any order. `model`: what the object does, one operation at a time: a ready-made model
    or your own (see `Model`), as an instance or as a class that needs no arguments.
    `budget`: the most steps to spend on the verdict, a step being one question to the model (remembered answers
    included; about a million take a second). Without it the search goes on until the verdict is certain, which for a
    history with many concurrent operations can take long.

    The result is true or false; with a budget that ran out it is neither, and asking it for its truth raises
    `Undecided`. A false result is a fact: every order was tried. It carries the shortest prefix that fails; narrowing
    down to it has a budget of its own, see `LinearizabilityResult.shortest`.

    Raises `TypeError` for what is no history, model or budget, `ValueError` for an operation the model does not know.
    """
    operations = gather(history)
    model = _ready(model)
    purse = Purse(_steps(budget))
    _check(operations, model)
    searches = [Search(part, Judge(model)) for part in split(operations, model)]
    failed = take_turns(searches, purse)
    facts = {"operations": operations, "model": type(model).__name__, "parts": len(searches)}
    if failed is not None:
        return _failing(failed, searches, purse, facts)
    undecided = tuple(search.part.key for search in searches if search.outcome is None)
    keyed = getattr(model, "key", None) is not None
    order = () if undecided else _merge([search.order() for search in searches])
    return LinearizabilityResult(None if undecided else True, **facts)
