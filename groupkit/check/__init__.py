"""Is a history of calls linearizable? Stands alone: the standard library only.

from groupkit.check import Operation, RegisterModel, linearizable

result = linearizable(
    [
        Operation("a", 0.0, 1.0, ("write", 1)),
        Operation("b", 2.0, 3.0, ("read",), None),   # a stale answer: the write had returned before
    ],
    RegisterModel(),
)
assert not result
print(result)
"""

from .checker import linearizable
from .models import CounterModel, KeyValueModel, Model, RegisterModel
from .operation import Operation
from .result import LinearizabilityResult, Undecided

__all__ = [
    "linearizable",
    "Operation",
    "RegisterModel",
    "KeyValueModel",
    "CounterModel",
    "Model",
    "LinearizabilityResult",
    "Undecided",
]
