"""Small histories of every sort, against a judge that tries all orders."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groupkit.check import CounterModel, KeyValueModel, LinearizabilityResult, Operation, RegisterModel, linearizable
from tests.check.histories import answered, by_permutation, explains, prefixes

small = st.integers(0, 3)
text = st.text("xy", max_size=3)
questions = {
    RegisterModel: st.one_of(
        st.just(("read",)),
        st.tuples(st.just("write"), st.one_of(st.none(), small)),
        st.tuples(st.just("cas"), st.one_of(st.none(), small), small),
    ),
    KeyValueModel: st.one_of(
        st.tuples(st.just("get"), st.sampled_from("kkl")),
        st.tuples(st.just("put"), st.sampled_from("kkl"), st.one_of(text, text, text, small)),
        st.tuples(st.just("append"), st.sampled_from("kkl"), text),
    ),
    CounterModel: st.one_of(
        st.just(("value",)),
        st.tuples(st.sampled_from(["inc", "inc", "dec"]), st.integers(1, 2)),
        st.just(("reset",)),
    ),
}
outputs = {RegisterModel: st.one_of(st.none(), small), KeyValueModel: text, CounterModel: st.integers(-1, 4)}


@st.composite
def histories(draw: st.DrawFn, model: type[Any]) -> list[Operation]:
    """Mostly right histories, some with a wrong answer or two."""
    span = draw(st.sampled_from([4, 12, 30]))
    calls: list[Any] = []
    for _ in range(draw(st.integers(0, 7))):
        call = draw(st.integers(0, span))
        ret = call + draw(st.integers(0, 8))
        effect = call + draw(st.floats(0, 1)) * (ret - call)
        if draw(st.integers(0, 4)) == 0:
            # Never returned; takes effect soon, late, or after everything.
            calls.append((draw(small), call, None, draw(questions[model]), effect + draw(st.sampled_from([0, 9, 99]))))
        else:
            calls.append((draw(small), call, ret, draw(questions[model]), effect))
    history = answered(calls, model())
    for place in draw(st.lists(st.integers(0, 6), max_size=2)):
        if place < len(history) and history[place].ret is not None:
            history[place] = _another_answer(history[place], draw(outputs[model]))
    return history


def _another_answer(operation: Operation, output: Any) -> Operation:
    if operation.input[0] == "cas":
        output = not operation.output
    return Operation(operation.client, operation.call, operation.ret, operation.input, output)


def agree(history: list[Operation], model: Any) -> LinearizabilityResult:
    """Compares verdict, order and shortest failing prefix with what trying all orders says."""
    result = linearizable(history, model)
    assert result.exhaustive
    assert bool(result) == by_permutation(history, model)
    if result:
        assert explains(result.order, history, model)
        assert (result.prefix, result.failed) == ((), None)
        return result
    last, seen = next((last, seen) for last, seen in prefixes(history) if not by_permutation(seen, model))
    key = getattr(model, "key", lambda _: None)
    assert result.failed == last
    known = [one if one.ret is not None else one.cut_off() for one in result.prefix]
    assert known == [one for one in seen if key(one.input) == key(last.input)]
    before = [one.cut_off() if one is result.failed else one for one in result.prefix]
    assert explains(result.order, before, model)
    assert result.shortest
    return result


@pytest.mark.parametrize("model", [RegisterModel, KeyValueModel, CounterModel])
def test_ready_made_models_agree_with_all_orders(model: type[Any]) -> None:
    @settings(max_examples=400)
    @given(histories(model))
    def run(history: list[Operation]) -> None:
        agree(history, model())

    run()


class Ledger:
    """A user's model: no keys, no hints, states that cannot be hashed, and answers that depend on their order."""

    def init(self) -> dict[str, list[int]]:
        return {"paid": []}

    def step(self, state: dict[str, list[int]], input: Any, output: Any) -> tuple[bool, dict[str, list[int]]]:
        if input == "list":
            return output == state["paid"], state
        if input == "last":
            return output == (state["paid"][-1] if state["paid"] else None), state
        return output is None, {"paid": [*state["paid"], input]}


@st.composite
def ledgers(draw: st.DrawFn) -> list[Operation]:
    history = []
    for _ in range(draw(st.integers(0, 6))):
        call = draw(st.integers(0, 10))
        ret = None if draw(st.integers(0, 4)) == 0 else call + draw(st.integers(0, 6))
        question = draw(st.sampled_from(["list", "last", 1, 1, 2]))
        output = {"list": st.lists(st.integers(1, 2), max_size=3), "last": st.sampled_from([None, 1, 2])}.get(
            str(question)
        )
        history.append(Operation("c", call, ret, question, None if output is None else draw(output)))
    return history


@settings(max_examples=200)
@given(ledgers())
def test_user_model_agrees_with_all_orders(history: list[Operation]) -> None:
    agree(history, Ledger())


class PlainRegister(RegisterModel):
    """The same answers by a `step` of its own: what the ready-made one knows beyond its steps must not be used."""

    def step(self, state: Any, input: Any, output: Any) -> tuple[bool, Any]:
        if input[0] == "read":
            return output in (None, state), state  # may also answer that it does not know
        return super().step(state, input, output)


@settings(max_examples=200)
@given(histories(RegisterModel))
def test_derived_model_agrees_with_all_orders(history: list[Operation]) -> None:
    agree(history, PlainRegister())
