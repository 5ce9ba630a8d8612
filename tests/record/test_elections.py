"""How elections are told from bare rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from groupkit.record.elections import Answers, elections

Make = Callable[..., Any]


def told(s: Any, end: float) -> list[tuple[Any, ...]]:
    return [(e.peer, e.term, e.pre, e.start, e.end, e.outcome) for e in elections(s.recorder.rows, end)]


def test_a_pre_vote_and_the_election_it_led_to_are_won(story: Make) -> None:
    s = story("abc").at(1.0).row("election", "a", 1, True, "knows no leader").state("a", "candidate", 0)
    s.row("vote", "b", "a", 1, True, True, "").at(1.1).row("election", "a", 1, False, "a majority").state(
        "a", "candidate", 1
    )
    s.row("vote", "b", "a", 1, False, True, "").row("vote", "c", "a", 1, False, False, "it voted for c")
    s.at(1.2).state("a", "leader", 1, "a")
    assert told(s, 2.0) == [("a", 1, True, 1.0, 1.1, "won"), ("a", 1, False, 1.1, 1.2, "won")]
    answers: Answers = {}
    _, real = elections(s.recorder.rows, 2.0, answers)
    assert (real.votes_for, real.votes_against, real.why) == (2, 1, "a majority")
    assert answers[1] == {"a": True, "b": True, "c": False}


def test_lost_to_another_leader_to_refusals_and_to_a_kill(story: Make) -> None:
    s = story("abc").at(1.0)
    for peer in "abc":
        s.row("election", peer, 2, False, "").state(peer, "candidate", 2)
    s.at(1.1).state("a", "follower", 2, "c").at(1.2).row("defeated", "b", 2, False, ["a", "c"])
    s.at(1.3).state("c", "down", 2)
    assert [(e[0], e[4], e[5]) for e in told(s, 2.0)] == [("a", 1.1, "lost"), ("b", 1.2, "lost"), ("c", 1.3, "lost")]


def test_timed_out_and_open(story: Make) -> None:
    s = story("ab").at(1.0).row("election", "a", 1, False, "").state("a", "candidate", 1)
    s.at(2.0).row("election", "a", 2, True, "the election before it had no winner")
    s.at(3.0).row("election", "a", 2, True, "the election before it had no winner")
    assert told(s, 4.0) == [
        ("a", 1, False, 1.0, 2.0, "timed out"),
        ("a", 2, True, 2.0, 3.0, "timed out"),
        ("a", 2, True, 3.0, 4.0, "open"),
    ]


def test_a_voter_counts_once_and_an_abstention_not_at_all(story: Make) -> None:
    s = story("abcd").at(1.0).row("election", "a", 1, False, "")
    for granted in (False, True, True):
        s.row("vote", "b", "a", 1, False, granted, "")
    s.row("vote", "c", "a", 1, False, False, "it abstains: it is catching up")
    s.row("vote", "d", "a", 1, True, True, "")  # answers another question
    (only,) = elections(s.recorder.rows, 2.0)
    assert (only.votes_for, only.votes_against) == (2, 0)


def test_a_vote_after_the_end_is_counted_for_the_round_it_answers(story: Make) -> None:
    s = story("abc").at(1.0).row("election", "a", 1, False, "").at(1.1).state("a", "leader", 1, "a")
    s.at(1.2).row("vote", "c", "a", 1, False, True, "")
    (only,) = elections(s.recorder.rows, 2.0)
    assert (only.votes_for, only.outcome, only.end) == (2, "won", 1.1)


def test_no_rows_no_elections() -> None:
    assert elections([], 1.0) == []
