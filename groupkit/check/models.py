"""What an object does when one operation follows another: the ready-made models, and the shape of your own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral
from typing import Any, Protocol

from .operation import Operation, short_repr
from .sameness import Token, same, token


class Model(Protocol):
    """An object as it behaves when operations come one at a time.

    `init`: the state at the start (or a method without arguments that returns it).
    `step(state, input, output) -> (ok, state)`: whether `output` is a right answer to `input` in `state`, and the
    state afterwards. It depends on its arguments only, and returns a new state instead of changing the one it was
    given. States may be any plain values, lists and dicts included; states that are equal must behave alike. For an
    operation that never returned `output` is None and only the state of the answer counts.

    Three methods more are looked for, and may be left out:
    `key(input)`: splits a history into parts that know nothing of each other; each is judged alone, from `init`.
    `is_read(input, output)`: True promises that this operation leaves every state as it is. It saves much search.
    `check(operation)`: raises `ValueError` for an operation this model cannot judge.
    """

    @property
    def init(self) -> Any: ...

    def step(self, state: Any, input: Any, output: Any) -> tuple[bool, Any]: ...


@dataclass(frozen=True, slots=True)
class Hint:
    """What a ready-made model knows of one operation without a state; it only saves search.

    `needs`: the token of the only state in which it is right (or, never returned, does something).
    `gives`: the token of the only state it leads to, if it changes anything. `blind`: it leads there from every state.
    `grows`: the text it adds at the end of the state. `avoids`: the token of the only state in which it is wrong.
    """

    needs: Token | None = None
    gives: Token | None = None
    blind: bool = False
    grows: str | None = None
    avoids: Token | None = None


NO_HINT = Hint()


def hints_of(model: Model) -> Callable[[Any, Any], Hint] | None:
    """The model's hints, unless it is a user's class derived from a ready-made one with a `step` of its own."""
    for kind in type(model).__mro__:
        if "_hint" in vars(kind):
            hint: Callable[[Any, Any], Hint] = vars(kind)["_hint"].__get__(model)
            return hint
        if "step" in vars(kind):
            return None
    return None


class RegisterModel:
    """One value, `None` at the start (or `init`).

    `("read",)` returns the value, `("write", v)` returns None (its output is not looked at), `("cas", old, new)`
    writes `new` if the value is `old` and returns whether it did.
    """

    def __init__(self, init: Any = None) -> None:
        self.init = init

    def __repr__(self) -> str:
        return f"RegisterModel({'' if self.init is None else short_repr(self.init)})"

    def step(self, state: Any, input: Any, output: Any) -> tuple[bool, Any]:
        match input:
            case ("read",):
                return same(state, output), state
            case ("write", value):
                return True, value
            case ("cas", old, new):
                swaps = same(state, old)
                return same(swaps, output), new if swaps else state
        raise ValueError(f'a register knows ("read",), ("write", v) and ("cas", old, new), not {short_repr(input)}')

    def is_read(self, input: Any, output: Any) -> bool:
        return input[0] == "read" or (input[0] == "cas" and output is False)

    def _hint(self, input: Any, output: Any) -> Hint:
        match input:
            case ("read",):
                return Hint(needs=token(output))
            case ("write", value):
                return Hint(gives=token(value), blind=True)
            case ("cas", old, new):
                known = token(old)
                if known is None:
                    return NO_HINT
                return Hint(avoids=known) if output is False else Hint(needs=known, gives=token(new))
        return NO_HINT

    def check(self, operation: Operation) -> None:
        self.step(self.init, operation.input, operation.output)
        if operation.input[0] == "cas" and operation.ret is not None and not isinstance(operation.output, bool):
            raise ValueError(
                f"the output of a cas is whether it swapped, True or False, not {short_repr(operation.output)}"
            )


class KeyValueModel:
    """Values by key; a missing key reads as `""`. Each key is judged alone.

    `("get", k)` returns the value, `("put", k, v)` and `("append", k, v)` return None (their output is not looked
    at). Only text can be appended, and only to text. Keys that are equal are one key.
    """

    init = ""

    def __repr__(self) -> str:
        return "KeyValueModel()"

    def key(self, input: Any) -> Any:
        match input:
            case ("get", key) | ("put", key, _) | ("append", key, _):
                return key
        raise _unknown_to_a_store(input)

    def step(self, state: Any, input: Any, output: Any) -> tuple[bool, Any]:
        match input:
            case ("get", _):
                return same(state, output), state
            case ("put", _, value):
                return True, value
            case ("append", _, str() as text):
                return (True, state + text) if isinstance(state, str) else (False, state)
            case ("append", _, other):
                raise ValueError(f"only text can be appended, not {short_repr(other)}")
        raise _unknown_to_a_store(input)

    def is_read(self, input: Any, output: Any) -> bool:
        return bool(input[0] == "get")

    def _hint(self, input: Any, output: Any) -> Hint:
        match input:
            case ("get", _):
                return Hint(needs=token(output))
            case ("put", _, value):
                return Hint(gives=token(value), blind=True)
            case ("append", _, text) if type(text) is str:
                return Hint(grows=text)
        return NO_HINT

    def check(self, operation: Operation) -> None:
        self.step(self.init, operation.input, operation.output)


class CounterModel:
    """One whole number, 0 at the start (or `init`).

    `("inc", n)`, `("dec", n)` and `("reset",)` return None (their output is not looked at), `("value",)` returns the
    number. Nothing stops at zero. `n` is an int, of either sign.
    """

    def __init__(self, init: int = 0) -> None:
        _refuse_no_number(init, "a counter starts at")
        self.init = init

    def __repr__(self) -> str:
        return f"CounterModel({self.init or ''})"

    def step(self, state: Any, input: Any, output: Any) -> tuple[bool, Any]:
        match input:
            case ("value",):
                return same(state, output), state
            case ("inc", amount):
                _refuse_no_number(amount, "a counter goes up by")
                return True, state + amount
            case ("dec", amount):
                _refuse_no_number(amount, "a counter goes down by")
                return True, state - amount
            case ("reset",):
                return True, 0
        raise ValueError(f'a counter knows ("inc", n), ("dec", n), ("reset",) and ("value",), not {short_repr(input)}')

    def is_read(self, input: Any, output: Any) -> bool:
        return bool(input[0] == "value")

    def check(self, operation: Operation) -> None:
        self.step(self.init, operation.input, operation.output)


def _unknown_to_a_store(input: object) -> ValueError:
    return ValueError(
        f'a key-value store knows ("get", k), ("put", k, v) and ("append", k, v), not {short_repr(input)}'
    )


def _refuse_no_number(amount: object, what: str) -> None:
    if isinstance(amount, bool) or not isinstance(amount, Integral):
        raise ValueError(f"{what} a whole number, not {short_repr(amount)}")
