"""Raft 5.1: terms are a logical clock, and every message carries one."""

from __future__ import annotations

import pytest

from groupkit.raft.messages import Append, AppendReply, Commit, Vote, VoteReply
from groupkit.raft.news import CANDIDATE, FOLLOWER, HARD, LEADER
from groupkit.raft.rules import ALL_RULES
from tests.raft.nodes import Nodes


def test_5_1_a_peer_begins_as_follower_of_nobody_in_term_0() -> None:
    node = Nodes("abc")["a"]
    assert (node.role, node.leader, node.term, node.vote, node.commit) == (FOLLOWER, None, 0, None, 0)


@pytest.mark.parametrize("role", [FOLLOWER, CANDIDATE, LEADER])
def test_5_1_whoever_sees_a_higher_term_becomes_a_follower_in_it(role: str) -> None:
    nodes = Nodes("abc")
    if role == LEADER:
        nodes.elect("a")
    elif role == CANDIDATE:
        nodes["a"].timeout_now("test")
    assert nodes["a"].role == role
    nodes["a"].receive("b", AppendReply(9, False, 0, 0))
    assert (nodes["a"].role, nodes["a"].term, nodes["a"].leader) == (FOLLOWER, 9, None)
    assert nodes["a"].news & HARD, "the new term has to be on the disk"


def test_5_1_a_new_term_clears_the_vote() -> None:
    nodes = Nodes("abc")
    nodes["a"].receive("b", Vote(1, 0, 0))
    assert nodes["a"].vote == "b"
    nodes["a"].receive("c", AppendReply(2, True, 0, 0))
    assert nodes["a"].vote is None


def test_5_1_a_stale_append_is_refused_and_tells_the_former_leader_the_new_term() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    nodes["b"].receive("c", AppendReply(5, True, 0, 0))
    nodes["b"].receive("a", Append(1, 0, 0, ((1, "x", None),), 1, 1))
    assert nodes["b"].log.last == 0
    (reply,) = nodes.of("append_reply", "b", "a")
    assert (reply.term, reply.ok) == (5, False)  # type: ignore[attr-defined]
    nodes.settle()
    assert (nodes["a"].role, nodes["a"].term) == (FOLLOWER, 5)


def test_5_1_a_stale_vote_request_is_refused_with_the_newer_term() -> None:
    nodes = Nodes("abc")
    nodes["b"].receive("c", AppendReply(5, True, 0, 0))
    nodes["b"].receive("a", Vote(3, 9, 9))
    (reply,) = nodes.of("vote_reply", "b", "a")
    assert (reply.term, reply.granted) == (5, False)  # type: ignore[attr-defined]
    assert "behind term 5" in reply.reason  # type: ignore[attr-defined]
    assert nodes["b"].vote is None


def test_5_1_stale_commits_and_answers_change_nothing() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    nodes.propose("a", "x")
    nodes.lose()
    nodes["b"].receive("a", Commit(0, 7))
    nodes["a"].receive("b", AppendReply(0, True, 1, 1))
    nodes["a"].receive("b", VoteReply(0, False, True, ""))
    assert (nodes["a"].commit, nodes["b"].commit) == (0, 0)


def test_5_1_without_the_rule_a_former_leader_stays() -> None:
    nodes = Nodes("abc", rules=ALL_RULES.without("higher_term_steps_down"))
    nodes.elect("a")
    nodes["a"].receive("b", AppendReply(9, False, 0, 0))
    assert (nodes["a"].role, nodes["a"].term) == (LEADER, 1)


def test_5_1_without_the_rule_a_stale_append_is_taken() -> None:
    nodes = Nodes("abc", rules=ALL_RULES.without("stale_ignored"))
    nodes.elect("a")
    nodes["b"].receive("a", Append(0, 0, 0, ((0, "old", None),), 0, 1))
    assert nodes["b"].log.last == 1
