"""Raft 5.4: what a leader may commit."""

from __future__ import annotations

import pytest

from groupkit.raft import quorum
from groupkit.raft.messages import AppendReply
from groupkit.raft.news import LEADER
from groupkit.raft.rules import ALL_RULES
from tests.raft.nodes import Nodes, fill, terms


def figure_8(nodes: Nodes) -> None:
    """Up to (c): a leads in term 4 and has sent its entry of term 2 to a majority, but nothing of term 4."""
    for name, log in {"a": (1, 2), "b": (1, 2), "c": (1,), "d": (1,), "e": (1, 3)}.items():
        fill(nodes[name], *log)
        nodes[name].commit = 1
    for node in nodes.values():
        node.term = 3
    nodes["a"].timeout_now("figure 8")
    nodes.deliver("vote")
    nodes.deliver("vote_reply", src="b")
    nodes.deliver("vote_reply", src="c")
    assert nodes["a"].role == LEADER and terms(nodes["a"]) == [1, 2, 4]
    nodes["a"].receive("b", AppendReply(4, True, 2, 1))
    nodes["a"].receive("c", AppendReply(4, True, 2, 1))
    nodes["a"].receive("d", AppendReply(4, True, 2, 1))


def test_5_4_2_only_own_term_entries_commit_by_counting() -> None:
    nodes = Nodes("abcde")
    figure_8(nodes)
    assert nodes["a"].commit == 1, "the entry of term 2 is on a majority, and still not committed"
    nodes["a"].receive("b", AppendReply(4, True, 3, 1))
    nodes["a"].receive("c", AppendReply(4, True, 3, 1))
    assert nodes["a"].commit == 3, "an entry of its own term takes the earlier ones along"


def test_5_4_2_without_the_rule_figure_8_commits_what_may_be_lost() -> None:
    nodes = Nodes("abcde", rules=ALL_RULES.without("own_term_commit"))
    figure_8(nodes)
    assert nodes["a"].commit == 2


def test_5_4_3_who_lacks_a_committed_entry_cannot_win() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    nodes.propose("a", "x")
    nodes.settle("ab")
    for node in nodes.values():
        node.lapse()
    nodes["c"].timeout_now("test")
    nodes.settle("bc")
    assert nodes["c"].role != LEADER
    nodes.elect("b", "bc")
    assert next(e[1] for e in nodes["b"].log.entries) == "x"


@pytest.mark.parametrize(("count", "needed"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3), (6, 4), (7, 4), (100, 51)])
def test_5_2_a_majority_is_more_than_half(count: int, needed: int) -> None:
    assert quorum.majority(count) == needed


@pytest.mark.parametrize("held", [(0, 0, 0, 0), (5, 0, 0, 0), (5, 4, 0, 0), (5, 4, 3, 2), (5, 5, 5, 5)])
def test_5_3_the_agreed_index_is_what_a_majority_holds(held: tuple[int, ...]) -> None:
    nodes = Nodes("abcde")
    nodes.elect("a")
    nodes["a"].log.extend([(1, n, None) for n in range(5)])
    for peer, match in zip("bcde", held):
        nodes["a"].followers[peer].match = match
    assert quorum.agreed_index(nodes["a"]) == sorted([5, *held], reverse=True)[2]


def test_observers_never_stand_never_vote_and_never_count() -> None:
    nodes = Nodes("abcd", voters="ab")
    assert nodes.roles() == {"a": "follower", "b": "follower", "c": "observer", "d": "observer"}
    nodes["c"].election_timeout()
    nodes["c"].timeout_now("test")
    assert nodes["c"].role == "observer" and not nodes.collect()
    nodes["a"].timeout_now("test")
    assert {dst for _, dst, _ in nodes.collect()} == {"b"}
    nodes.settle()
    assert nodes["a"].role == LEADER
    nodes.propose("a", "x")
    nodes.settle("acd")
    assert nodes["a"].commit == 0, "two observers hold it, and count for nothing"
    nodes["a"].beat()
    nodes.settle()
    assert [n.commit for n in nodes.values()] == [1, 1, 1, 1]


def test_a_voter_whose_machine_is_an_observer_does_not_count_either() -> None:
    nodes = Nodes("abc", observers="c")
    nodes.elect("a")
    nodes.propose("a", "x")
    nodes.settle("ac")
    assert nodes["a"].commit == 0
    nodes["a"].quorum_lapsed()
    assert nodes["a"].role != LEADER, "contact with an observer is no contact with a quorum"


def test_a_single_voter_with_observers_commits_at_once() -> None:
    nodes = Nodes("abc", voters="a")
    nodes["a"].election_timeout()
    nodes.propose("a", "x")
    assert (nodes["a"].role, nodes["a"].commit) == (LEADER, 1)
    nodes.settle()
    assert [n.commit for n in nodes.values()] == [1, 1, 1]
