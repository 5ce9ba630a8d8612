"""Models: the ready-made ones step by step, and what is done for a user's own."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from groupkit.check import CounterModel, KeyValueModel, Operation, RegisterModel, linearizable


def test_register_steps() -> None:
    model = RegisterModel()
    assert model.init is None
    assert model.step(None, ("read",), None) == (True, None)
    assert model.step(3, ("read",), 4) == (False, 3)
    assert model.step(3, ("write", 4), None) == (True, 4)
    assert model.step(3, ("cas", 3, 4), True) == (True, 4)
    assert model.step(3, ("cas", 3, 4), False) == (False, 4)
    assert model.step(3, ("cas", 2, 4), False) == (True, 3)
    assert model.step(1, ("cas", True, 4), True) == (False, 1)


def test_key_value_steps() -> None:
    model = KeyValueModel()
    assert model.init == ""
    assert [model.key(question) for question in (("get", "x"), ("put", "y", "1"), ["append", "z", "1"])] == list("xyz")
    assert model.step("", ("get", "x"), "") == (True, "")
    assert model.step("1", ("put", "x", "2"), None) == (True, "2")
    assert model.step("1", ("append", "x", "2"), None) == (True, "12")
    assert model.step(5, ("append", "x", "2"), None) == (False, 5)


def test_counter_steps() -> None:
    model = CounterModel()
    assert model.init == 0
    assert model.step(0, ("inc", 2), None) == (True, 2)
    assert model.step(0, ("dec", 2), None) == (True, -2)
    assert model.step(7, ("reset",), None) == (True, 0)
    assert model.step(7, ("value",), 7) == (True, 7)
    assert model.step(1, ("value",), True) == (False, 1)


def test_equal_keys_are_one_key() -> None:
    history = [Operation("a", 0, 1, ("put", 1, "v")), Operation("a", 2, 3, ("get", True), "v")]
    assert linearizable(history, KeyValueModel)


def own(step: Any, init: Any = 0, **more: Any) -> Any:
    return SimpleNamespace(init=init, step=step, **more)


ASK = [Operation("a", 0, 1, "ask", 1)]


def test_init_may_be_a_value_or_a_method() -> None:
    def step(state: Any, input: Any, output: Any) -> Any:
        return state == [1], state

    assert linearizable(ASK, own(step, [1]))
    assert linearizable(ASK, own(step, lambda: [1]))


def test_a_key_splits_the_history() -> None:
    seen = []

    def step(state: int, input: tuple[str, int], output: Any) -> Any:
        seen.append((state, input))
        return True, state + 1

    history = [Operation("a", place, place + 0.5, (name, place)) for place, name in enumerate("xyxy")]
    result = linearizable(history, own(step, key=lambda input: [input[0]]))  # a key that cannot be hashed will do
    assert result and result.parts == 2
    assert sorted(seen) == [(0, ("x", 0)), (0, ("y", 1)), (1, ("x", 2)), (1, ("y", 3))]


def test_an_unknown_output_is_not_shown_and_not_judged() -> None:
    outputs = []

    def step(state: Any, input: Any, output: Any) -> Any:
        outputs.append(output)
        if input == "look":
            return state == output, state
        return False, "touched"

    history = [Operation("a", 0, None, "touch", "junk"), Operation("b", 1, 2, "look", "touched")]
    assert linearizable(history, own(step))
    assert "junk" not in outputs


def test_a_step_that_changes_its_state_is_found_out() -> None:
    def step(state: list[int], input: Any, output: Any) -> Any:
        state.append(1)
        return True, state

    with pytest.raises(ValueError, match=r"changed the state it was given.*copy"):
        linearizable(ASK, own(step, []))


@pytest.mark.parametrize("answer", [None, True, (True,), (True, 1, 2), "ab c"])
def test_a_step_returns_two_things(answer: Any) -> None:
    with pytest.raises(TypeError, match=r"step returns \(ok, state\), not"):
        linearizable(ASK, own(lambda state, input, output: answer))


def test_an_error_in_step_names_the_operation() -> None:
    def step(state: Any, input: Any, output: Any) -> Any:
        raise ZeroDivisionError("oh")

    with pytest.raises(ZeroDivisionError) as caught:
        linearizable(ASK, own(step))
    assert caught.value.__notes__ == ["while SimpleNamespace judged a: 'ask' -> 1 (called 0, returned 1) in state 0"]


def test_a_broken_promise_of_a_read_is_found_out() -> None:
    model = own(lambda state, input, output: (True, state + 1), is_read=lambda input, output: True)
    with pytest.raises(ValueError, match="is_read promises that nothing changes, but step does"):
        linearizable(ASK, model)


def test_states_of_different_kinds_are_kept_apart() -> None:
    """1, True and 1.0 are equal in Python, but a model may tell them apart: none may stand for another."""

    def step(state: Any, input: Any, output: Any) -> Any:
        return (True, output) if input == "set" else (type(state).__name__ == output, state)

    values: list[Any] = [1, True, 1.0]
    for last in values:
        history = [Operation("a", 0, 5, "set", value) for value in values]
        history.append(Operation("b", 6, 7, "type", type(last).__name__))
        assert linearizable(history, own(step)), last


def test_states_may_be_of_any_sort() -> None:
    class Odd:
        """Neither hashable nor to be pickled."""

        __hash__ = None  # type: ignore[assignment]

        def __init__(self, count: int) -> None:
            self.count = count
            self.secret = lambda: None

    def step(state: Odd, input: Any, output: Any) -> Any:
        return (True, Odd(state.count + 1)) if input == "inc" else (state.count == output, state)

    history = [Operation("a", place, place + 1.5, "inc") for place in range(5)]
    assert linearizable([*history, Operation("b", 9, 10, "count", 5)], own(step, Odd(0)))
    assert not linearizable([*history, Operation("b", 9, 10, "count", 4)], own(step, Odd(0)))
