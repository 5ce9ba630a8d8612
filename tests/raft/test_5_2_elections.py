"""Raft 5.2: leader election."""

from __future__ import annotations

from groupkit.raft.messages import Append, PreVote, Vote, VoteReply
from groupkit.raft.news import BEAT, CANDIDATE, FOLLOWER, HARD, HEARD, LEADER
from groupkit.raft.rules import ALL_RULES
from tests.raft.nodes import Nodes, fill


def test_5_2_a_majority_of_votes_makes_a_leader() -> None:
    nodes = Nodes("abcde")
    nodes["a"].timeout_now("test")
    nodes.deliver("vote", dst="b")
    nodes.deliver("vote_reply", src="b")
    assert nodes["a"].role == CANDIDATE
    nodes.deliver("vote", dst="c")
    nodes.deliver("vote_reply", src="c")
    assert nodes["a"].role == LEADER


def test_5_2_a_candidate_raises_its_term_votes_for_itself_and_asks_all_others() -> None:
    nodes = Nodes("abc")
    nodes["a"].timeout_now("test")
    assert (nodes["a"].term, nodes["a"].vote, nodes["a"].leader) == (1, "a", None)
    assert nodes["a"].news & HARD
    assert nodes["a"].news & HEARD, "its election clock begins anew"
    assert {dst for _, dst, m in nodes.collect() if m.kind == "vote"} == {"b", "c"}


def test_5_2_one_vote_a_term() -> None:
    nodes = Nodes("abc")
    nodes["a"].receive("b", Vote(1, 0, 0))
    nodes["a"].receive("c", Vote(1, 0, 0))
    granted = {dst: m.granted for _, dst, m in nodes.collect()}  # type: ignore[attr-defined]
    assert granted == {"b": True, "c": False}
    assert nodes["a"].vote == "b"


def test_5_2_the_same_candidate_may_ask_twice() -> None:
    nodes = Nodes("abc")
    nodes["a"].receive("b", Vote(1, 0, 0))
    nodes["a"].receive("b", Vote(1, 0, 0))
    assert [m.granted for _, _, m in nodes.collect()] == [True, True]  # type: ignore[attr-defined]


def test_5_2_a_vote_counts_once_however_often_it_arrives() -> None:
    nodes = Nodes("abcde")
    nodes["a"].timeout_now("test")
    for _ in range(5):
        nodes["a"].receive("b", VoteReply(1, False, True, ""))
    assert nodes["a"].role == CANDIDATE


def test_5_2_votes_of_another_term_or_question_do_not_count() -> None:
    nodes = Nodes("abc")
    nodes["a"].timeout_now("test")
    nodes["a"].receive("b", VoteReply(1, True, True, "a pre-vote"))
    nodes["a"].receive("b", VoteReply(0, False, True, "an old vote"))
    assert nodes["a"].role == CANDIDATE


def test_5_2_granting_a_vote_restarts_the_election_clock_and_goes_to_the_disk() -> None:
    nodes = Nodes("abc")
    nodes["a"].news = 0
    nodes["a"].receive("b", Vote(1, 0, 0))
    assert nodes["a"].news & HEARD and nodes["a"].news & HARD
    nodes["a"].news = 0
    nodes["a"].receive("c", Vote(1, 0, 0))
    assert not nodes["a"].news & HEARD, "a refusal does not"


def test_5_2_the_first_heartbeat_goes_out_at_once() -> None:
    nodes = Nodes("abc")
    nodes["a"].timeout_now("test")
    nodes.deliver("vote", dst="b")
    nodes.deliver("vote_reply", src="b")
    assert {dst for _, dst, m in nodes.collect() if m.kind == "append"} == {"b", "c"}
    assert nodes["a"].news & BEAT


def test_5_2_a_candidate_that_hears_the_leader_of_its_term_follows_it() -> None:
    nodes = Nodes("abc")
    nodes["b"].timeout_now("test")
    nodes["b"].receive("a", Append(1, 0, 0, (), 0, 1))
    assert (nodes["b"].role, nodes["b"].leader, nodes["b"].term) == (FOLLOWER, "a", 1)


def test_5_2_a_split_vote_is_tried_again_in_a_new_term() -> None:
    nodes = Nodes("abcd")
    nodes["a"].timeout_now("test")
    nodes["b"].timeout_now("test")
    nodes.deliver("vote", "a", "c")
    nodes.deliver("vote", "b", "d")
    nodes.settle()
    assert LEADER not in nodes.roles().values()
    nodes.elect("a")
    assert nodes["a"].term == 2


def test_5_2_a_candidate_that_was_refused_by_too_many_gives_up_at_once() -> None:
    nodes = Nodes("abc")
    nodes["a"].timeout_now("test")
    for peer in "bc":
        nodes["a"].receive(peer, VoteReply(1, False, False, "no"))
    assert nodes["a"].role == FOLLOWER
    assert nodes["a"].vote == "a", "its vote of this term is spent"


def test_5_2_a_follower_that_hears_its_leader_does_not_stand() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    nodes["b"].news = 0
    nodes["a"].beat()
    nodes.settle()
    assert nodes["b"].news & HEARD


def test_5_2_without_the_rule_a_peer_votes_twice_in_a_term() -> None:
    nodes = Nodes("abc", rules=ALL_RULES.without("one_vote_a_term"))
    nodes["a"].receive("b", Vote(1, 0, 0))
    nodes["a"].receive("c", Vote(1, 0, 0))
    assert [m.granted for _, _, m in nodes.collect()] == [True, True]  # type: ignore[attr-defined]


def test_5_4_1_a_vote_goes_only_to_a_log_at_least_as_up_to_date() -> None:
    cases = {(2, 3): True, (3, 1): True, (2, 4): True, (2, 2): False, (1, 9): False, (0, 0): False}
    for (last_term, last_index), granted in cases.items():
        for kind in (Vote, PreVote):
            nodes = Nodes("abc")
            fill(nodes["a"], 1, 1, 2)
            nodes["a"].receive("b", kind(4, last_term, last_index))
            (reply,) = nodes.of("vote_reply", "a", "b")
            assert reply.granted is granted, (last_term, last_index)  # type: ignore[attr-defined]
            assert nodes["a"].vote == ("b" if granted and kind is Vote else None)


def test_5_4_1_the_refusal_says_how_far_behind_the_log_is() -> None:
    nodes = Nodes("abc")
    fill(nodes["a"], 1, 2)
    nodes["a"].receive("b", Vote(3, 1, 5))
    (reply,) = nodes.of("vote_reply", "a", "b")
    assert reply.reason == "its log (term 1, index 5) is behind mine (term 2, index 2)"  # type: ignore[attr-defined]


def test_5_4_1_without_the_rule_an_empty_log_may_win() -> None:
    nodes = Nodes("abc", rules=ALL_RULES.without("log_up_to_date"))
    fill(nodes["a"], 1, 2)
    nodes["a"].receive("b", Vote(3, 0, 0))
    assert nodes.of("vote_reply", "a", "b")[0].granted  # type: ignore[attr-defined]


def test_5_2_a_single_peer_elects_itself_at_once() -> None:
    nodes = Nodes("a")
    nodes["a"].election_timeout()
    assert (nodes["a"].role, nodes["a"].term) == (LEADER, 1)
