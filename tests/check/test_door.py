"""Bad input is refused, with the values and the way out."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest

from groupkit.check import CounterModel, KeyValueModel, Operation, RegisterModel, linearizable


@pytest.mark.parametrize(
    ("call", "ret", "error", "says"),
    [
        (2, 1, ValueError, "ret=1 is before call=2"),
        (math.nan, 1, ValueError, "call is a finite time, not nan"),
        (0, math.nan, ValueError, "never returned use ret=None"),
        (0, math.inf, ValueError, "never returned use ret=None"),
        (-math.inf, 0, ValueError, "call is a finite time, not -inf"),
        ("0", 1, TypeError, "call is a number, not '0'"),
        (None, 1, TypeError, "call is a number, not None"),
        (0, "1", TypeError, "ret is a number (None if it never returned), not '1'"),
        (True, 1, TypeError, "call is a number, not True"),
        (0, True, TypeError, "not True"),
    ],
)
def test_times(call: Any, ret: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error) as caught:
        Operation("a", call, ret, ("read",), None)
    assert says in str(caught.value)
    assert "a: read" in str(caught.value)


def test_times_may_be_any_numbers() -> None:
    third: Any = Fraction(1, 3)
    history = [Operation("a", third, third * 2, ("write", 1)), Operation("b", 0.7, 1, ("read",), 1)]
    assert linearizable(history, RegisterModel)


@pytest.mark.parametrize("history", [None, 3, ("a", 0, 1, ("read",), None), [("a", 0, 1, ("read",), None)], "ab"])
def test_a_history_holds_operations(history: Any) -> None:
    with pytest.raises(TypeError, match="Operation"):
        linearizable(history, RegisterModel)


def test_the_place_of_a_stranger_is_told() -> None:
    with pytest.raises(TypeError, match=r"history\[1\] is 7"):
        linearizable([Operation("a", 0, 1, ("read",)), 7], RegisterModel)  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("model", "question", "output", "says"),
    [
        (RegisterModel, ("raed",), None, "not ('raed',)"),
        (RegisterModel, "read", None, "not 'read'"),
        (RegisterModel, ("read", 1), None, "not ('read', 1)"),
        (RegisterModel, ("write",), None, '("write", v)'),
        (RegisterModel, None, None, "not None"),
        (RegisterModel, ("cas", 1, 2), None, "True or False, not None"),
        (RegisterModel, ("cas", 1, 2), 1, "True or False, not 1"),
        (KeyValueModel, ("read",), None, '("get", k)'),
        (KeyValueModel, ("delete", "x"), None, "not ('delete', 'x')"),
        (KeyValueModel, ("append", "x", 1), None, "only text can be appended, not 1"),
        (CounterModel, ("inc",), None, '("inc", n)'),
        (CounterModel, ("inc", True), None, "whole number, not True"),
        (CounterModel, ("dec", 0.5), None, "whole number, not 0.5"),
        (CounterModel, ("get", "x"), None, "not ('get', 'x')"),
    ],
)
def test_unknown_operations(model: Any, question: Any, output: Any, says: str) -> None:
    history = [Operation("a", 0, 1, question, output)]
    with pytest.raises(ValueError) as caught:
        linearizable(history, model)
    assert says in str(caught.value)
    assert "history[0]: a: " in str(caught.value)


def test_an_unknown_operation_is_refused_though_it_never_returned() -> None:
    with pytest.raises(ValueError, match="not \\('raed',\\)"):
        linearizable([Operation("a", 0, None, ("raed",))], RegisterModel)
    assert linearizable([Operation("a", 0, None, ("cas", 1, 2))], RegisterModel)


@pytest.mark.parametrize("budget", [True, 1.5, "9"])
def test_budget_is_a_number(budget: Any) -> None:
    with pytest.raises(TypeError, match="budget is a number of steps"):
        linearizable([], RegisterModel, budget=budget)


@pytest.mark.parametrize("budget", [0, -1])
def test_budget_is_positive(budget: int) -> None:
    with pytest.raises(ValueError, match="at least 1 step"):
        linearizable([], RegisterModel, budget=budget)


@pytest.mark.parametrize("model", [None, 3, object(), dict])
def test_a_model_can_step(model: Any) -> None:
    with pytest.raises(TypeError, match="RegisterModel, KeyValueModel and CounterModel"):
        linearizable([], model)


def test_a_class_that_needs_arguments_is_no_model() -> None:
    class Shelf:
        def __init__(self, size: int) -> None:
            self.init = size

        def step(self, state: Any, input: Any, output: Any) -> tuple[bool, Any]:
            return True, state

    with pytest.raises(TypeError, match="cannot make a Shelf without arguments"):
        linearizable([], Shelf)
    assert linearizable([], Shelf(3))


def test_a_counter_starts_at_a_number() -> None:
    with pytest.raises(ValueError, match="starts at a whole number, not 'x'"):
        CounterModel("x")  # type: ignore[arg-type]
