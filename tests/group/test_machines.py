"""The ready-made machines: what their commands do, what their queries answer, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest

from groupkit import Counter, KeyValue, NoOp, Register, StateMachine
from groupkit.raft.machine import Context


def after(machine: StateMachine, *commands: Any) -> Any:
    for command in commands:
        machine.apply(command, Context())
    return machine


def test_a_counter_goes_up_and_down_and_back_to_zero() -> None:
    counter = after(Counter(), Counter.Increment(), Counter.Increment(4), Counter.Decrement(1.5), Counter.Decrement())
    assert counter.query(Counter.Value()) == 2.5
    assert after(counter, Counter.Reset()).query(Counter.Value()) == 0
    for command in (Counter.Increment, Counter.Decrement):
        for wrong in ("3", None, True):
            with pytest.raises(TypeError, match=f"^{command.__name__} takes a number, not {wrong!r}"):
                command(wrong)


def test_a_register_is_written_and_swapped_where_it_is_as_expected() -> None:
    register = Register()
    assert register.query(Register.Read()) is None
    assert after(register, Register.CompareAndSet(None, 1)).query(Register.Read()) == 1
    assert after(register, Register.CompareAndSet(2, 3)).query(Register.Read()) == 1
    assert after(register, Register.Write((1, 2))).query(Register.Read()) == (1, 2)


def test_a_table_is_put_to_appended_to_and_deleted_from() -> None:
    table = after(KeyValue(), KeyValue.Put("k", "x"), KeyValue.Append("k", "y"), KeyValue.Append("new", (1,)))
    assert table.query(KeyValue.Get("k")) == "xy" and table.query(KeyValue.Get("nowhere")) is None
    told = table.query(KeyValue.Items())
    assert told == {"k": "xy", "new": (1,)}
    after(table, KeyValue.Delete("k"), KeyValue.Delete("nowhere"))
    assert table.query(KeyValue.Items()) == {"new": (1,)} and told["k"] == "xy", "what was answered stays as it was"


def test_a_machine_that_does_nothing_takes_anything() -> None:
    assert after(NoOp(), 1, "two", (3,)).query("anything") is None


@pytest.mark.parametrize(
    ("machine", "commands", "queries"),
    [
        (Counter(), r"Increment\(n\), Decrement\(n\) and Reset\(\)", r"Value\(\)"),
        (Register(), r"Write\(v\) and CompareAndSet\(old, new\)", r"Read\(\)"),
        (KeyValue(), r"Put\(k, v\), Append\(k, v\) and Delete\(k\)", r"Get\(k\) and Items\(\)"),
    ],
)  # fmt: skip
def test_what_a_machine_does_not_know_is_refused_by_what_it_knows(machine: Any, commands: str, queries: str) -> None:
    name = type(machine).__name__
    with pytest.raises(TypeError, match=f"^{name} knows no command 'huh'; it knows {commands}$"):
        machine.apply("huh", Context())
    with pytest.raises(TypeError, match=f"^{name} knows no query 'huh'; it knows {queries}$"):
        machine.query("huh")


def test_a_machine_of_ones_own_that_lacks_a_method_says_which() -> None:
    class Bare(StateMachine):
        pass

    with pytest.raises(NotImplementedError, match=r"^Bare needs a method apply\(self, command, ctx\)$"):
        Bare().apply(1, Context())
    with pytest.raises(NotImplementedError, match=r"^Bare needs a method query\(self, query\)$"):
        Bare().query(1)
    assert repr(Bare()) == "<machine Bare>" and Bare.signature == "Bare"
