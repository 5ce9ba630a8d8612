"""The door: a history and a model in, a result out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf

from .judge import Judge
from .models import Model
from .narrow import Failure, Purse, earliest, narrow, take_turns
from .operation import Operation, gather, short_repr
from .parts import Timed, split
from .result import LinearizabilityResult
from .search import Search

# Steps to spend on the shortest prefix: so many, or so many times what the verdict took.
_STEPS_TO_NARROW, _NARROWING = 200_000, 10


def linearizable(
    history: Iterable[Operation], model: Model | type[Model], *, budget: int | None = None
) -> LinearizabilityResult:
    """Whether each operation can have taken effect at one instant between its call and its return.

    `history`: `Operation`s, in any order. `model`: what the object does, one operation at a time: a ready-made model
    or your own (see `Model`), as an instance or as a class that needs no arguments.
    `budget`: the most steps to spend on the verdict, a step being one question to the model (remembered answers
    included; about a million take a second). Without it the search goes on until the verdict is certain, which for a
    history with many concurrent operations can take long, and much memory.

    The result is true or false; with a budget that ran out it is neither, and asking it for its truth raises
    `Undecided`. A false result is a fact: every order was tried. It carries the shortest prefix that fails; narrowing
    down to it has a budget of its own, see `LinearizabilityResult.shortest`.

    Raises `TypeError` for what is no history, model or budget, `ValueError` for an operation the model does not know.
    """
    operations = gather(history)
    model = _ready(model)
    purse = Purse(_steps(budget))
    _refuse_unknown(operations, model)
    searches = [Search(part, Judge(model)) for part in split(operations, model)]
    failed = take_turns(searches, purse)
    failure: Failure | None = None
    undecided = tuple(search.part.key for search in searches if search.outcome is None)
    order: tuple[Operation, ...] = ()
    if failed is not None:
        narrowing = Purse(max(_STEPS_TO_NARROW, _NARROWING * purse.spent))
        others = [search for search in searches if search is not failed]
        failure, undecided = earliest(narrow(failed, narrowing), others, narrowing)
        order = failure.order
        purse.spent += narrowing.spent
    elif not undecided:
        order = _merged([search.order() for search in searches])
    return LinearizabilityResult(
        linearizable=False if failure is not None else None if undecided else True,
        history=operations,
        model=type(model).__name__,
        keyed=getattr(model, "key", None) is not None,
        parts=len(searches),
        undecided=undecided,
        steps=purse.spent,
        order=order,
        failure=failure,
    )


def _ready(model: Model | type[Model]) -> Model:
    if isinstance(model, type):
        kind: type[Model] = model
        try:
            model = kind()
        except TypeError as error:
            raise TypeError(f"cannot make a {kind.__name__} without arguments ({error}); pass a made one") from None
    if not callable(getattr(model, "step", None)) or not hasattr(model, "init"):
        raise TypeError(
            f"a model has `init` and `step(state, input, output) -> (ok, state)`; {short_repr(model)} has not; "
            "ready-made ones are RegisterModel, KeyValueModel and CounterModel"
        )
    return model


def _steps(budget: int | None) -> float:
    if budget is None:
        return inf
    if isinstance(budget, bool) or not isinstance(budget, int):
        raise TypeError(f"budget is a number of steps, or None for no limit, not {short_repr(budget)}")
    if budget < 1:
        raise ValueError(f"budget is at least 1 step, not {budget}; None sets no limit")
    return budget


def _refuse_unknown(operations: Sequence[Operation], model: Model) -> None:
    check = getattr(model, "check", None)
    if check is None:
        return
    for place, operation in enumerate(operations):
        try:
            check(operation)
        except ValueError as error:
            raise ValueError(f"{error}, in history[{place}]: {operation}") from None


def _merged(orders: Sequence[Sequence[Timed]]) -> tuple[Operation, ...]:
    """One order of all parts. Each operation is placed at the latest call so far, which is in time for each."""
    placed: list[tuple[int, int, Timed]] = []
    for order in orders:
        latest = -1
        for timed in order:
            latest = max(latest, timed.call)
            placed.append((latest, len(placed), timed))
    return tuple(timed.operation for _, _, timed in sorted(placed, key=lambda entry: entry[:2]))
