"""Ongaro's dissertation: 3.10 (timeout now), 4.2.3 and 6.2 (leases, check-quorum), 9.6 (pre-vote)."""

from __future__ import annotations

from groupkit.raft.messages import Append, AppendReply, PreVote, Vote, VoteReply
from groupkit.raft.news import CANDIDATE, FOLLOWER, HARD, LEADER, QUORUM
from groupkit.raft.rules import ALL_RULES
from tests.raft.nodes import Nodes, fill


def test_9_6_a_pre_vote_changes_nobodys_term_or_vote() -> None:
    nodes = Nodes("abc")
    nodes["a"].news = 0
    nodes["a"].election_timeout()
    assert (nodes["a"].role, nodes["a"].pre, nodes["a"].term, nodes["a"].vote) == (CANDIDATE, True, 0, None)
    assert not nodes["a"].news & HARD
    nodes.deliver("prevote", dst="b")
    assert (nodes["b"].term, nodes["b"].vote, nodes["b"].role) == (0, None, FOLLOWER)


def test_9_6_only_a_majority_of_pre_votes_leads_to_an_election() -> None:
    nodes = Nodes("abcde")
    nodes["a"].election_timeout()
    nodes.deliver("prevote", dst="b")
    nodes.deliver("vote_reply", src="b")
    assert nodes["a"].term == 0
    nodes.deliver("prevote", dst="c")
    nodes.deliver("vote_reply", src="c")
    assert (nodes["a"].term, nodes["a"].pre, nodes["a"].vote) == (1, False, "a")


def test_9_6_an_isolated_peer_does_not_raise_its_term() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    for _ in range(10):
        nodes["c"].lapse()
        nodes["c"].election_timeout()
        nodes.settle("ab")
    assert nodes["c"].term == 1
    nodes["a"].beat()
    nodes.settle()
    assert nodes["a"].role == LEADER and nodes["c"].leader == "a"
    assert {n.term for n in nodes.values()} == {1}


def test_9_6_who_hears_a_leader_refuses_the_pre_vote() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    nodes["b"].receive("c", PreVote(2, 0, 0))
    (reply,) = nodes.of("vote_reply", "b", "c")
    assert not reply.granted and "hears from leader a" in reply.reason  # type: ignore[attr-defined]


def test_9_6_a_pre_candidate_of_a_former_term_learns_the_newer_one() -> None:
    nodes = Nodes("abc")
    nodes["b"].receive("c", AppendReply(7, False, 0, 0))
    nodes["a"].election_timeout()
    nodes.settle("ab")
    assert nodes["a"].term == 7 and nodes["a"].role == FOLLOWER


def test_9_6_pre_vote_answers_of_an_earlier_question_do_not_count_as_votes() -> None:
    nodes = Nodes("abc")
    nodes["a"].timeout_now("test")
    nodes["a"].receive("b", VoteReply(2, True, True, ""))
    assert nodes["a"].role == CANDIDATE


def test_9_6_without_the_rule_an_isolated_peer_raises_its_term() -> None:
    nodes = Nodes("abc", rules=ALL_RULES.without("pre_vote"))
    for _ in range(3):
        nodes["c"].election_timeout()
        nodes.lose()
    assert nodes["c"].term == 3


def test_4_2_3_who_hears_a_leader_ignores_a_vote_request_of_a_higher_term() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    nodes["b"].receive("c", Vote(9, 9, 9))
    assert (nodes["b"].term, nodes["b"].leader) == (1, "a")
    assert not nodes.of("vote_reply", "b", "c")[0].granted  # type: ignore[attr-defined]
    nodes["b"].lapse()
    nodes["b"].receive("c", Vote(9, 9, 9))
    assert (nodes["b"].term, nodes["b"].vote) == (9, "c"), "an election timeout later the lease is over"


def test_4_2_3_the_leader_itself_ignores_it_too() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    nodes["a"].receive("c", Vote(9, 9, 9))
    assert (nodes["a"].role, nodes["a"].term) == (LEADER, 1)


def test_3_10_timeout_now_goes_past_pre_vote_and_leases() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    nodes["b"].timeout_now("test")
    assert (nodes["b"].role, nodes["b"].term, nodes["b"].pre) == (CANDIDATE, 2, False)
    nodes.settle()
    assert nodes.roles() == {"a": FOLLOWER, "b": LEADER, "c": FOLLOWER}
    assert {n.leader for n in nodes.values()} == {"b"}


def test_3_10_a_leader_does_not_stand_against_itself() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    nodes["a"].timeout_now("test")
    assert (nodes["a"].role, nodes["a"].term) == (LEADER, 1)


def test_6_2_a_leader_without_its_quorum_forgets_itself() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    nodes["a"].quorum_lapsed()
    assert (nodes["a"].role, nodes["a"].leader, nodes["a"].term) == (FOLLOWER, None, 1)


def test_6_2_answers_of_a_quorum_renew_the_lease() -> None:
    nodes = Nodes("abcde")
    nodes.elect("a")
    nodes["a"].contacts, nodes["a"].patience = 0, nodes["a"].patience + 1
    nodes["a"].news = 0
    nodes["a"].receive("b", AppendReply(1, True, 0, 1))
    nodes["a"].receive("b", AppendReply(1, True, 0, 2))
    assert not nodes["a"].news & QUORUM, "one peer twice is no quorum"
    nodes["a"].receive("c", AppendReply(1, True, 0, 1))
    assert nodes["a"].news & QUORUM


def test_6_2_a_single_voter_needs_nobody() -> None:
    nodes = Nodes("ab", voters="a")
    nodes["a"].election_timeout()
    nodes["a"].news = 0
    nodes["a"].quorum_lapsed()
    assert nodes["a"].role == LEADER and nodes["a"].news & QUORUM


def test_6_2_without_the_rule_a_lonely_leader_stays() -> None:
    nodes = Nodes("abc", rules=ALL_RULES.without("check_quorum"))
    nodes.elect("a")
    nodes["a"].quorum_lapsed()
    assert nodes["a"].role == LEADER


def test_9_6_after_a_leader_is_gone_the_others_elect_the_longest_log() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    nodes.propose("a", "x")
    nodes.settle("ab")
    for node in nodes.values():
        node.lapse()
    nodes["c"].election_timeout()
    nodes.settle("bc")
    assert nodes["c"].role != LEADER, "refused by b, whose log is longer"
    nodes["b"].election_timeout()
    nodes.settle("bc")
    assert nodes["b"].role == LEADER and nodes["c"].log.entries == [(1, "x", None)]


def test_9_6_a_pre_vote_that_is_refused_leaves_a_follower() -> None:
    nodes = Nodes("abc")
    fill(nodes["b"], 1)
    fill(nodes["c"], 1)
    nodes["a"].election_timeout()
    nodes.settle()
    assert (nodes["a"].role, nodes["a"].vote) == (FOLLOWER, None)


def test_5_2_a_leader_of_the_same_term_ends_a_pre_candidacy() -> None:
    nodes = Nodes("abc")
    nodes["a"].term = nodes["b"].term = 3
    nodes["b"].election_timeout()
    nodes["b"].receive("a", Append(3, 0, 0, (), 0, 1))
    assert (nodes["b"].role, nodes["b"].leader) == (FOLLOWER, "a")
