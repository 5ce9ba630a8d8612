"""Stretches of time: roles, reigns, downs, bonds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from groupkit.record.intervals import (
    Band,
    BondSpan,
    Reign,
    Spell,
    bond_spans,
    captions,
    downs,
    leaderless,
    named,
    reigns,
    spells,
    terms_on_top,
    together,
    union,
)

Make = Callable[..., Any]


def test_roles_touch_and_a_change_of_leader_alone_is_no_new_stretch(story: Make) -> None:
    s = story("a").state("a", "follower", 0).at(1.0).state("a", "follower", 1).at(1.5).state("a", "follower", 1, "b")
    s.at(2.0).state("a", "candidate", 2).at(3.0).state("a", "leader", 2, "a").at(4.0)
    assert spells(s.recorder.rows, 4.0) == [
        Spell("a", "follower", 0, 0.0, 1.0, False),
        Spell("a", "follower", 1, 1.0, 2.0, False),
        Spell("a", "candidate", 2, 2.0, 3.0, False),
        Spell("a", "leader", 2, 3.0, 4.0, True),
    ]


def test_a_reign_counts_its_followers_at_their_most(story: Make) -> None:
    s = story("abc").at(1.0).state("a", "leader", 1, "a").state("b", "follower", 1, "a").state("c", "follower", 1, "a")
    s.at(2.0).state("b", "down", 1).at(3.0).state("a", "follower", 2).state("c", "leader", 2, "c")
    assert reigns(s.recorder.rows, 5.0) == [
        Reign("a", 1, 1.0, 3.0, False, 2),
        Reign("c", 2, 3.0, 5.0, True, 0),
    ]


def test_a_leader_that_wins_again_begins_a_new_reign(story: Make) -> None:
    s = story("a").at(1.0).state("a", "leader", 1, "a").at(2.0).state("a", "leader", 2, "a")
    assert [(r.term, r.start, r.end, r.open) for r in reigns(s.recorder.rows, 3.0)] == [
        (1, 1.0, 2.0, False),
        (2, 2.0, 3.0, True),
    ]


def test_a_change_of_term_while_down_is_no_new_fall(story: Make) -> None:
    s = story("ab").at(1.0).state("a", "down", 1).at(2.0).state("a", "down", 2).at(3.0).state("a", "follower", 2)
    s.at(4.0).state("b", "down", 2)
    assert downs(s.recorder.rows, 5.0) == [Band("a", 1.0, 3.0), Band("b", 4.0, 5.0)]


def test_leaderless_time_is_what_the_reigns_leave() -> None:
    led = [Reign("a", 1, 1.0, 3.0, False, 2), Reign("b", 2, 2.0, 4.0, False, 1), Reign("c", 3, 6.0, 8.0, True, 1)]
    assert leaderless(led, 0.0, 8.0) == [Band("nobody", 0.0, 1.0), Band("nobody", 4.0, 6.0)]
    assert leaderless([], 2.0, 3.0) == [Band("nobody", 2.0, 3.0)]
    assert leaderless(led, 6.5, 7.0) == []


def test_where_reigns_overlap_the_higher_term_is_on_top() -> None:
    led = [Reign("a", 1, 0.0, 10.0, False, 0), Reign("b", 2, 4.0, 6.0, False, 0)]
    assert [(r.leader, r.start, r.end) for r in terms_on_top(led)] == [("a", 0, 4), ("b", 4, 6), ("a", 6, 10)]


def test_who_led_at_once() -> None:
    a, b = Reign("a", 1, 0.0, 10.0, False, 0), Reign("b", 2, 4.0, 6.0, False, 0)
    nothing = Reign("c", 3, 2.0, 2.0, False, 0)
    assert together([a, nothing, b]) == [(0.0, 4.0, [a]), (4.0, 6.0, [b, a]), (6.0, 10.0, [a])]
    later = Reign("a", 4, 12.0, 13.0, True, 0)
    assert together([a, later]) == [(0.0, 10.0, [a]), (12.0, 13.0, [later])]
    assert together([]) == []
    assert named([a]) == ["term 1: a leads", "term 1: a", "1"]
    assert captions([a, later]) == [(0.0, 10.0, named([a])), (12.0, 13.0, named([later]))]
    rival = a._replace(leader="d", start=9.0)
    assert [told[-1] for _, _, told in captions([a, rival])] == ["term 1: a", "2 leaders"]
    assert named([b, a, rival]) == [
        "term 2: b leads, term 1: a and d lead",
        "term 2: b, term 1: a d",
        "3 leaders",
        "2, 1",
    ]


def test_union_of_bands() -> None:
    bands = [Band("a", 3.0, 5.0), Band("b", 1.0, 2.0), Band("a", 4.0, 6.0), Band("c", 6.0, 7.0)]
    assert union(bands) == [Band("b", 1.0, 2.0), Band("a, c", 3.0, 7.0)]


def test_a_bond_lasts_while_both_sides_hold_it(story: Make) -> None:
    s = story("ab").at(1.0).row("bond", "b", "a", True, "").at(2.0).row("bond", "a", "b", True, "")
    s.at(3.0).row("bond", "b", "a", False, "missed 10 heartbeats of a").at(4.0).row("bond", "a", "b", False, "good-bye")
    s.at(5.0).row("bond", "a", "b", True, "").row("bond", "b", "a", True, "")
    assert bond_spans(s.recorder.rows, 6.0) == [
        BondSpan("a", "b", 2.0, 3.0, False, "missed 10 heartbeats of a"),
        BondSpan("a", "b", 5.0, 6.0, True, ""),
    ]
