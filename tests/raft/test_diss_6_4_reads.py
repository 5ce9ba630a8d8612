"""Dissertation 6.4: linearizable reads without writing to the log."""

from __future__ import annotations

from groupkit.raft.messages import Read, ReadReply
from groupkit.raft.rules import ALL_RULES
from tests.raft.nodes import Nodes, fill


def test_6_4_a_read_is_answered_after_a_round_with_a_quorum() -> None:
    nodes = Nodes("abcde")
    nodes.elect("a")
    nodes.read("a", 1)
    assert nodes["a"].reads == []
    nodes.deliver("append", dst="b")
    nodes.deliver("append_reply", src="b")
    assert nodes["a"].reads == [], "two of five are no quorum"
    nodes.deliver("append", dst="c")
    nodes.deliver("append_reply", src="c")
    assert nodes["a"].reads == [(1, 0)]


def test_6_4_an_answer_to_an_earlier_round_confirms_nothing() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    nodes["a"].beat()
    nodes.deliver("append")
    nodes.read("a", 1)
    nodes.wire = [s for s in nodes.wire if s[2].kind == "append_reply"]
    nodes.collect()
    nodes.wire = [s for s in nodes.wire if s[2].kind == "append_reply"]
    nodes.deliver("append_reply")
    assert nodes["a"].reads == []


def test_6_4_the_read_index_is_the_commit_at_the_time_of_the_question_or_later() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    nodes.propose("a", "x")
    nodes.settle()
    nodes.read("a", 1)
    nodes.settle()
    assert nodes["a"].reads == [(1, 1)]


def test_6_4_a_new_leader_answers_only_once_its_own_noop_is_committed() -> None:
    nodes = Nodes("abc")
    for name in "abc":
        fill(nodes[name], 1)
    for node in nodes.values():
        node.lapse()
    nodes["a"].timeout_now("test")
    nodes.deliver("vote")
    nodes.deliver("vote_reply")
    nodes.read("a", 1)
    heartbeats = nodes.of("append")
    assert heartbeats and nodes["a"].log.last == 2
    nodes.settle(drop=lambda s, d, m: m.kind == "append" and bool(m.entries))  # type: ignore[attr-defined]
    assert nodes["a"].reads == [], "it does not know yet what is committed"
    nodes["a"].beat()
    nodes.settle()
    assert nodes["a"].reads == [(1, 2)]


def test_6_4_a_follower_asks_the_leader() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    nodes.propose("a", "x")
    nodes.settle()
    nodes["a"].receive("b", Read(1, 77))
    nodes.settle()
    assert nodes["b"].reads == [(77, 1)]


def test_6_4_who_does_not_lead_does_not_answer() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    nodes["c"].receive("b", Read(1, 77))
    nodes.settle()
    assert nodes["b"].reads == []


def test_6_4_a_former_leader_is_never_confirmed() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    nodes.read("a", 1)
    nodes.lose()
    nodes.elect("b", "bc")
    nodes["a"].beat()
    nodes.settle()
    assert nodes["a"].reads == [] and nodes["a"].waiting_reads == []


def test_6_4_reads_that_come_during_a_round_share_the_next_one() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    first = nodes["a"].round
    for ticket in range(10):
        nodes.read("a", ticket)
    nodes.settle()
    assert [ticket for ticket, _ in nodes["a"].reads] == list(range(10))
    assert nodes["a"].round == first + 2


def test_6_4_a_lost_round_is_made_up_for_by_the_next_heartbeat() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    nodes.read("a", 1)
    nodes.lose()
    nodes["a"].beat()
    nodes.settle()
    assert nodes["a"].reads == [(1, 0)]


def test_6_4_a_single_voter_answers_at_once() -> None:
    nodes = Nodes("a")
    nodes["a"].election_timeout()
    nodes.read("a", 1)
    assert nodes["a"].reads == [(1, 0)]


def test_6_4_in_a_second_reign_reads_are_answered_too() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    for _ in range(3):
        nodes.read("a", 0)
        nodes.settle()
    nodes.elect("b")
    nodes.elect("a")
    nodes["a"].reads.clear()
    nodes.read("a", 5)
    nodes.settle()
    nodes["a"].beat()
    nodes.settle()
    assert nodes["a"].reads == [(5, 0)]


def test_6_4_without_the_rule_a_former_leader_answers_at_once() -> None:
    nodes = Nodes("abc", rules=ALL_RULES.without("read_index"))
    nodes.elect("a")
    nodes.elect("b", "bc")
    nodes.read("a", 1)
    assert nodes["a"].reads == [(1, 0)]


def test_6_4_answers_of_a_former_term_are_ignored() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    nodes.elect("b")
    nodes["c"].receive("a", ReadReply(1, 3, 9))
    assert nodes["c"].reads == []
