"""Faults and how long they lasted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from groupkit.record.faults import faults, pairs_cut

Make = Callable[..., Any]


def told(s: Any, end: float = 9.0) -> list[tuple[Any, ...]]:
    return [(f.verb, f.peer, f.start, f.end, f.open) for f in faults(s.recorder.rows, s.peers, end)]


def test_a_kill_lasts_until_the_restart_a_freeze_until_the_thaw(story: Make) -> None:
    s = story("abc").at(1.0).fault("kill", "a").at(2.0).fault("freeze", "b").at(3.0).fault("restart", "a", "wipe")
    s.at(4.0).fault("thaw", "b").at(5.0).fault("kill", "a")
    assert told(s) == [
        ("kill", "a", 1.0, 3.0, False),
        ("freeze", "b", 2.0, 4.0, False),
        ("restart", "a", 3.0, 3.0, False),
        ("thaw", "b", 4.0, 4.0, False),
        ("kill", "a", 5.0, 9.0, True),
    ]


def test_a_kill_ends_a_freeze(story: Make) -> None:
    s = story("ab").at(1.0).fault("freeze", "a").at(2.0).fault("kill", "a").at(3.0).fault("restart", "a")
    assert told(s)[0] == ("freeze", "a", 1.0, 2.0, False)


def test_a_cut_lasts_until_its_last_link_is_healed(story: Make) -> None:
    s = story("abc").at(1.0).fault("isolate", "a").at(2.0).fault("heal", "a", "b").at(3.0).fault("heal", "a", "c")
    s.at(4.0).fault("cut", "b", "c", "one way").at(5.0).fault("heal")
    assert [f for f in told(s) if f[0] != "heal"] == [
        ("isolate", "a", 1.0, 3.0, False),
        ("cut", "b", 4.0, 5.0, False),
    ]


def test_a_partition_takes_the_place_of_the_one_before_but_not_of_a_cut(story: Make) -> None:
    s = story("abc").at(1.0).fault("cut", "a", "b").at(2.0).fault("partition", None, ("a", "b"), ("c",))
    s.at(3.0).fault("partition", None, ("a",), ("b", "c")).at(4.0).fault("heal")
    assert told(s)[:3] == [
        ("cut", "a", 1.0, 4.0, False),
        ("partition", None, 2.0, 3.0, False),
        ("partition", None, 3.0, 4.0, False),
    ]


def test_which_directions_a_verb_cuts() -> None:
    assert pairs_cut("cut", "a", ("b", "one way"), "abc") == {("a", "b")}
    assert pairs_cut("cut", "a", ("b",), "abc") == {("a", "b"), ("b", "a")}
    assert pairs_cut("isolate", "a", (), "ab") == {("a", "b"), ("b", "a")}
    assert len(pairs_cut("partition", None, (("a",), ("b", "c")), "abc")) == 4


def test_rules_are_removed_one_by_one_and_a_stall_is_a_moment(story: Make) -> None:
    s = (
        story("a")
        .at(1.0)
        .fault("drop", None, "rule")
        .at(2.0)
        .fault("drop", None, "rule")
        .at(3.0)
        .fault("undrop", None, "rule")
    )
    s.at(4.0).row("stall", None, 0.5).fault("drift", "a", 1.2)
    assert [f for f in told(s) if f[0] != "undrop"] == [
        ("drop", None, 1.0, 3.0, False),
        ("drop", None, 2.0, 9.0, True),
        ("stall", None, 4.0, 4.0, False),
        ("drift", "a", 4.0, 4.0, False),
    ]
