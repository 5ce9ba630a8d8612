"""Ready-made state machines, with the commands they take and the queries they answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from groupkit.raft.ids import is_number, is_whole
from groupkit.raft.machine import Context, NoOp, StateMachine

__all__ = ["Counter", "KeyValue", "NoOp", "Register"]


def _unknown(machine: StateMachine, what: str, value: Any, known: str) -> TypeError:
    return TypeError(f"{type(machine).__name__} knows no {what} {value!r}; it knows {known}")


def _settle_number(command: Any) -> None:
    """Let its ``n`` be a plain number, as those of numpy and pandas are numbers, too."""
    value = command.n
    if not is_number(value):
        raise TypeError(f"{type(command).__name__} takes a number, not {value!r}")
    object.__setattr__(command, "n", int(value) if is_whole(value) else float(value))


class Counter(StateMachine):
    """A number, from 0. Commands ``Increment(n=1)``, ``Decrement(n=1)``, ``Reset()``; query ``Value()``."""

    @dataclass(frozen=True, slots=True)
    class Increment:
        """Add ``n``."""

        n: float = 1

        def __post_init__(self) -> None:
            if type(self.n) is not int:
                _settle_number(self)

    @dataclass(frozen=True, slots=True)
    class Decrement:
        """Take ``n`` away."""

        n: float = 1

        def __post_init__(self) -> None:
            if type(self.n) is not int:
                _settle_number(self)

    @dataclass(frozen=True, slots=True)
    class Reset:
        """Back to 0."""

    @dataclass(frozen=True, slots=True)
    class Value:
        """What does it stand at?"""

    def __init__(self) -> None:
        self.value: float = 0

    def apply(self, command: Any, ctx: Context) -> None:
        """Count."""
        kind = type(command)
        if kind is Counter.Increment:
            self.value += command.n
        elif kind is Counter.Decrement:
            self.value -= command.n
        elif kind is Counter.Reset:
            self.value = 0
        else:
            raise _unknown(self, "command", command, "Increment(n), Decrement(n) and Reset()")

    def query(self, query: Any) -> float:
        """``Value()``: the number."""
        if isinstance(query, Counter.Value):
            return self.value
        raise _unknown(self, "query", query, "Value()")


class Register(StateMachine):
    """One value, None at first. Commands ``Write(v)``, ``CompareAndSet(old, new)``; query ``Read()``."""

    @dataclass(frozen=True, slots=True)
    class Write:
        """Let it be ``value``."""

        value: Any

    @dataclass(frozen=True, slots=True)
    class CompareAndSet:
        """Let it be ``new`` if it is ``old`` now."""

        old: Any
        new: Any

    @dataclass(frozen=True, slots=True)
    class Read:
        """What is it?"""

    def __init__(self) -> None:
        self.value: Any = None

    def apply(self, command: Any, ctx: Context) -> None:
        """Write, or write if."""
        if isinstance(command, Register.Write):
            self.value = command.value
        elif isinstance(command, Register.CompareAndSet):
            if self.value == command.old:
                self.value = command.new
        else:
            raise _unknown(self, "command", command, "Write(v) and CompareAndSet(old, new)")

    def query(self, query: Any) -> Any:
        """``Read()``: the value."""
        if isinstance(query, Register.Read):
            return self.value
        raise _unknown(self, "query", query, "Read()")


class KeyValue(StateMachine):
    """A table. Commands ``Put(k, v)``, ``Append(k, v)``, ``Delete(k)``; queries ``Get(k)``, ``Items()``.

    ``Append`` joins ``v`` behind what is there by ``+``; to a missing key it is a ``Put``.
    """

    @dataclass(frozen=True, slots=True)
    class Put:
        """Let ``key`` hold ``value``."""

        key: Any
        value: Any

    @dataclass(frozen=True, slots=True)
    class Append:
        """Join ``value`` behind what ``key`` holds."""

        key: Any
        value: Any

    @dataclass(frozen=True, slots=True)
    class Delete:
        """Forget ``key``, if it is there."""

        key: Any

    @dataclass(frozen=True, slots=True)
    class Get:
        """What does ``key`` hold?"""

        key: Any

    @dataclass(frozen=True, slots=True)
    class Items:
        """Everything, as a dict."""

    def __init__(self) -> None:
        self.items: dict[Any, Any] = {}

    def apply(self, command: Any, ctx: Context) -> None:
        """Change one key."""
        if isinstance(command, KeyValue.Put):
            self.items[command.key] = command.value
        elif isinstance(command, KeyValue.Append):
            known = self.items.get(command.key)
            self.items[command.key] = command.value if known is None else known + command.value
        elif isinstance(command, KeyValue.Delete):
            self.items.pop(command.key, None)
        else:
            raise _unknown(self, "command", command, "Put(k, v), Append(k, v) and Delete(k)")

    def query(self, query: Any) -> Any:
        """``Get(k)``: the value or None; ``Items()``: a dict of all."""
        if isinstance(query, KeyValue.Get):
            return self.items.get(query.key)
        if isinstance(query, KeyValue.Items):
            return dict(self.items)
        raise _unknown(self, "query", query, "Get(k) and Items()")
