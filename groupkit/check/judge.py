"""Asks the model, and remembers: every state gets a number, every answer is asked for once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from .models import NO_HINT, Hint, Model, hints_of
from .operation import Operation, short_repr
from .sameness import Token, frozen, token

REFUSED = -1
_ANSWERS_KEPT = 1_000_000


class Judge:
    """One part's model, with its states and its kinds of operation as small numbers.

    Operations of one kind have equal input and output: whatever one does to a state, the other does too.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.states: list[Any] = []
        self._state_numbers: dict[Hashable, int] = {}
        self._stand_ins: list[Hashable | None] = []  # None for states that cannot be changed in place
        self._kind_numbers: dict[Hashable, int] = {}
        self._examples: list[Operation] = []
        self._answers: list[dict[int, int]] = []
        self._answers_held = 0
        self.reads: list[bool] = []  # by kind: leaves every state as it is
        self.hints: list[Hint] = []  # by kind
        self._hint = hints_of(model)
        self._tokens: dict[int, Token | None] = {}
        self._is_read: Callable[[Any, Any], bool] | None = getattr(model, "is_read", None)
        init = model.init
        self.start = self._number(init() if callable(init) else init)

    def kind(self, operation: Operation) -> int:
        """The number of the operation's kind."""
        returned = operation.ret is not None
        identity = (returned, frozen(operation.input), frozen(operation.output) if returned else None)
        number = self._kind_numbers.setdefault(identity, len(self._examples))
        if number == len(self._examples):
            self._examples.append(operation)
            self._answers.append({})
            output = operation.output if returned else None
            self.reads.append(self._is_read is not None and bool(self._is_read(operation.input, output)))
            self.hints.append(NO_HINT if self._hint is None else self._hint(operation.input, output))
        return number

    def after(self, state: int, kind: int) -> int:
        """The state after an operation of this kind, or REFUSED where its output would be wrong."""
        answers = self._answers[kind]
        number = answers.get(state)
        if number is None:
            number = self._ask(state, kind)
            if self._answers_held >= _ANSWERS_KEPT:
                self._forget()
            answers[state] = number
            self._answers_held += 1
        return number

    def token(self, state: int) -> Token | None:
        """What the hints call this state."""
        if state not in self._tokens:
            self._tokens[state] = token(self.states[state])
        return self._tokens[state]

    def _ask(self, number: int, kind: int) -> int:
        operation = self._examples[kind]
        state = self.states[number]
        returned = operation.ret is not None
        try:
            answer = self.model.step(state, operation.input, operation.output if returned else None)
        except Exception as error:
            error.add_note(f"while {self._name()} judged {operation} in state {short_repr(state)}")
            raise
        if not (isinstance(answer, (tuple, list)) and len(answer) == 2):
            raise TypeError(f"{self._name()}.step returns (ok, state), not {short_repr(answer)}, for {operation}")
        stand_in = self._stand_ins[number]
        if stand_in is not None and frozen(state) != stand_in:
            raise ValueError(
                f"{self._name()}.step changed the state it was given, for {operation}; "
                "let it copy the state, change the copy and return that"
            )
        if returned and not answer[0]:
            return REFUSED
        result = self._number(answer[1])
        if self.reads[kind] and result != number:
            raise ValueError(f"{self._name()}.is_read promises that nothing changes, but step does, for {operation}")
        return result

    def _number(self, state: Any) -> int:
        stand_in = frozen(state)
        number = self._state_numbers.setdefault(stand_in, len(self.states))
        if number == len(self.states):
            self.states.append(state)
            self._stand_ins.append(None if _is_hashable(state) else stand_in)
        return number

    def _forget(self) -> None:
        for answers in self._answers:
            answers.clear()
        self._answers_held = 0

    def _name(self) -> str:
        return type(self.model).__name__


def _is_hashable(value: object) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True
