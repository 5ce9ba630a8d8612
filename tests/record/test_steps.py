"""Step lines and logs at a moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from groupkit.record.steps import Steps, committed_steps, entries_at, log_steps, steps_down

Make = Callable[..., Any]


def test_a_line_holds_its_value_until_the_next_change() -> None:
    line = Steps([0.0], [0])
    for time, value in [(1.0, 1), (2.0, 1), (3.0, 4)]:
        line.put(time, value)
    assert line == Steps([0.0, 1.0, 3.0], [0, 1, 4])
    assert [line.at(t) for t in (-1.0, 0.5, 1.0, 2.9, 3.0, 9.0)] == [0, 0, 1, 1, 4, 4]


def test_of_several_changes_at_one_instant_the_last_counts() -> None:
    line = Steps([0.0], [0])
    for value in (1, 2, 3):
        line.put(1.0, value)
    assert line == Steps([0.0, 1.0], [0, 3])
    line.put(1.0, 0)
    assert line == Steps([0.0], [0])


def test_a_step_down_is_never_swallowed_by_what_follows_it() -> None:
    line = Steps([0.0], [0])
    for time, value in [(1.0, 5), (2.0, 2), (2.0, 5), (2.0, 7)]:
        line.put(time, value)
    assert line.values == [0, 5, 2, 7]
    assert line.times[2] == 2.0
    assert 2.0 < line.times[3] < 2.000001
    assert steps_down(line) == [(2.0, 5, 2)]


def test_a_peer_that_is_down_keeps_its_index_and_begins_again_at_0(story: Make) -> None:
    s = story("ab").everybody(1, "a").at(1.0).committed(5)
    s.at(2.0).state("b", "down", 1)
    s.at(3.0).row("committed", "b", 0).state("b", "follower", 1)  # as a world writes it: the index first
    s.at(4.0).committed(6)
    lines = committed_steps(s.recorder.rows, "ab")
    assert lines["b"] == Steps([0.0, 1.0, 3.0, 4.0], [0, 5, 0, 6])
    assert steps_down(lines["b"], resets=[3.0]) == []


def test_logs_grow_shrink_and_outlive_a_kill(story: Make) -> None:
    s = story("a").at(1.0).put("a", 1, (1, "x"), (1, "y"), (1, "z"))
    s.at(2.0).fault("kill", "a").state("a", "down", 1)
    s.at(3.0).put("a", 2, (2, "w"))
    lines = log_steps(s.recorder.rows, "a")
    assert lines["a"] == Steps([0.0, 1.0, 3.0], [0, 3, 2])
    assert log_steps(s.recorder.rows, "a", terms=True)["a"] == Steps([0.0, 1.0, 3.0], [0, 1, 2])
    assert entries_at(s.recorder.rows, "a", 2.5)["a"] == [(1, "x", None), (1, "y", None), (1, "z", None)]
    assert entries_at(s.recorder.rows, "a", 3.0)["a"] == [(1, "x", None), (2, "w", None)]


def test_what_the_recorder_let_go_of_is_unknown(story: Make) -> None:
    s = story("ab").at(1.0).row("log", "a", 4, ((2, "x", None),), 2, 4).row("log", "b", 6, (), 2, 5)
    logs = entries_at(s.recorder.rows, "ab", 1.0)
    assert logs["a"] == [None, None, None, (2, "x", None)]
    assert logs["b"] == [None] * 5
