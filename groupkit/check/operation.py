"""One call a client made, and what came of it."""

from __future__ import annotations

import math
import reprlib
from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Real
from typing import Any

_short = reprlib.Repr()
_short.maxstring = _short.maxother = 40
_short.maxlong = 24


@dataclass(frozen=True, slots=True)
class Operation:
    """One call of one client.

    `client`: who called; any value, shown by its `str`. Clients are expected to wait for an answer before they call
    again, but operations of one client that overlap are taken as they are: as concurrent.
    `call`, `ret`: the times of call and return, finite numbers in any one unit (groupkit's own histories use virtual
    seconds), `ret` not before `call`. `ret=None`: no answer came; the operation may take effect at any time after its
    call, or never, and its output is unknown and not judged.
    `input`, `output`: plain values, in the words of the model that judges them.

    An operation comes before another only if it returned *before* the other was called. At equal times they are
    concurrent, because equal times do not tell which was first.
    """

    client: Any
    call: float
    ret: float | None
    input: Any
    output: Any = None

    def __post_init__(self) -> None:
        _refuse_odd_time("call", self.call, self)
        if self.ret is None:
            return
        _refuse_odd_time("ret", self.ret, self)
        if self.ret < self.call:
            raise ValueError(
                f"ret={self.ret!r} is before call={self.call!r}: nothing returns before its call, in {self}"
            )

    def __str__(self) -> str:
        end = "never returned" if self.ret is None else f"returned {time_text(self.ret)}"
        return f"{short_text(self.client)}: {self.deed()} (called {time_text(self.call)}, {end})"

    def deed(self) -> str:
        """What was asked and answered, in a few characters: `read -> 3`, `put 'x', 1`, `cas 1, 2 -> True`."""
        asked = _words(self.input)
        if self.ret is None:
            return f"{asked} -> ?"
        return asked if self.output is None and not _asks(self.input) else f"{asked} -> {short_repr(self.output)}"

    def cut_off(self) -> Operation:
        """The same call as it looked before its return was seen."""
        return Operation(self.client, self.call, None, self.input)


def gather(history: Iterable[Operation]) -> tuple[Operation, ...]:
    """The history as a tuple; anything in it that is no `Operation` is a `TypeError` that says where."""
    try:
        operations = tuple(history)
    except TypeError:
        raise TypeError(f"a history is a list of Operation, not {short_repr(history)}") from None
    for place, operation in enumerate(operations):
        if not isinstance(operation, Operation):
            raise TypeError(
                f"history[{place}] is {short_repr(operation)}; "
                "make it an Operation(client, call, ret, input, output), with ret=None if it never returned"
            )
    return operations


def time_text(time: object) -> str:
    """A time with at most six decimals."""
    return str(round(time, 6)) if isinstance(time, float) else short_text(time)


def short_repr(value: object) -> str:
    """The value's repr, cut to some forty characters."""
    return _short.repr(value)


def short_text(value: object) -> str:
    """The value's str, cut to some forty characters."""
    text = str(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _refuse_odd_time(name: str, value: object, operation: Operation) -> None:
    if isinstance(value, bool) or not isinstance(value, Real):
        way_out = "" if name == "call" else " (None if it never returned)"
        raise TypeError(f"{name} is a number{way_out}, not {short_repr(value)}, in {operation}")
    if not math.isfinite(value):
        way_out = "" if name == "call" else "; for an operation that never returned use ret=None"
        raise ValueError(f"{name} is a finite time, not {value!r}{way_out}, in {operation}")


def _words(value: object) -> str:
    if isinstance(value, (tuple, list)) and value and isinstance(value[0], str):
        return " ".join([short_text(value[0]), ", ".join(short_repr(part) for part in value[1:])]).rstrip()
    return short_repr(value)


def _asks(value: object) -> bool:
    """Whether `None` is worth showing as an answer: the ready-made questions say what they found."""
    return (
        isinstance(value, (tuple, list))
        and len(value) > 0
        and isinstance(value[0], str)
        and value[0] in ("read", "get", "value", "cas")
    )
