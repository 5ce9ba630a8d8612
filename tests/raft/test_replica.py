"""Raft 5.3: committed commands are applied in order, each once."""

from __future__ import annotations

from typing import Any

import pytest

from groupkit import Counter, StateMachine
from groupkit.raft.log import BLANK, Log
from groupkit.raft.machine import Packed
from groupkit.raft.replica import ApplyError, Replica


class Notebook(StateMachine):
    """Writes down what it was given, and where."""

    def __init__(self) -> None:
        self.lines: list[Any] = []

    def apply(self, command: Any, ctx: Any) -> None:
        if command == "burn":
            raise ValueError("fire")
        self.lines.append((int(ctx.index), int(ctx.term), command))
        if isinstance(command, list):
            command.append("scribble")


def log_of(*entries: Any) -> Log:
    log = Log()
    log.extend([(term, command, None) for term, command in entries])
    return log


def test_5_3_each_command_is_applied_once_and_in_order() -> None:
    log, machine = log_of((1, "x"), (1, "y"), (2, "z")), Notebook()
    replica = Replica(machine)
    for upto in (1, 1, 3, 2):
        replica.apply(log, upto)
    assert machine.lines == [(1, 1, "x"), (2, 1, "y"), (3, 2, "z")]
    assert replica.applied == 3


def test_a_new_leaders_noop_reaches_no_machine() -> None:
    machine = Notebook()
    replica = Replica(machine)
    replica.apply(log_of((1, "x"), (2, BLANK), (2, "y")), 3)
    assert [line[0] for line in machine.lines] == [1, 3] and replica.applied == 3


def test_a_machine_that_raises_is_named_with_index_and_command() -> None:
    replica = Replica(Notebook())
    with pytest.raises(ApplyError) as caught:
        replica.apply(log_of((1, "x"), (1, "burn"), (1, "y")), 3)
    assert (caught.value.index, caught.value.command, str(caught.value.cause)) == (2, "burn", "fire")


def test_every_peer_gets_its_own_copy_of_a_mutable_command() -> None:
    log = log_of((1, Packed(["x"])))
    one, other = Notebook(), Notebook()
    Replica(one).apply(log, 1)
    Replica(other).apply(log, 1)
    assert one.lines == other.lines == [(1, 1, ["x", "scribble"])]
    assert one.lines[0][2] is not other.lines[0][2]


def test_restore_goes_back_to_a_snapshot_or_to_the_beginning() -> None:
    counter = Counter()
    replica = Replica(counter)
    replica.apply(log_of((1, Counter.Increment(2)), (1, Counter.Increment(3))), 1)
    kept = replica.snapshot()
    replica.apply(log_of((1, Counter.Increment(2)), (1, Counter.Increment(3))), 2)
    assert counter.value == 5
    replica.restore(kept, 1)
    assert (counter.value, replica.applied) == (2, 1)
    replica.restore(None, 0)
    assert (counter.value, replica.applied) == (0, 0)


def test_a_snapshot_shares_nothing_with_the_machine() -> None:
    machine = Notebook()
    replica = Replica(machine)
    replica.apply(log_of((1, Packed(["x"]))), 1)
    kept = replica.snapshot()
    machine.lines[0][2].append("later")
    replica.restore(kept, 1)
    assert machine.lines == [(1, 1, ["x", "scribble"])]


def test_signatures_default_to_the_class_name() -> None:
    class Other(Notebook):
        signature = "mine"

    class Another(Other):
        pass

    assert (Notebook.signature, Other.signature, Another.signature) == ("Notebook", "mine", "Another")
