"""Raft 5.3: log replication."""

from __future__ import annotations

from groupkit.raft.log import BLANK, SLICE
from groupkit.raft.messages import Append, AppendReply, Commit
from groupkit.raft.news import CONTACT, FOLLOWER, LEADER, LOG
from groupkit.raft.rules import ALL_RULES
from tests.raft.nodes import Nodes, fill, terms


def test_5_3_an_entry_that_a_majority_holds_is_committed_and_everybody_learns_it() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    assert nodes.propose("a", "x") == 1
    assert nodes["a"].commit == 0, "nobody else holds it yet"
    nodes.settle()
    assert [n.commit for n in nodes.values()] == [1, 1, 1]
    assert [n.log.entries for n in nodes.values()] == [[(1, "x", None)]] * 3


def test_5_3_a_minority_does_not_commit() -> None:
    nodes = Nodes("abcde")
    nodes.elect("a")
    nodes.propose("a", "x")
    nodes.settle("ab")
    assert [n.commit for n in nodes.values()] == [0] * 5


def test_5_3_an_append_fits_only_behind_an_entry_that_agrees() -> None:
    nodes = Nodes("abc")
    fill(nodes["b"], 1, 1)
    nodes["b"].receive("a", Append(3, 5, 2, ((3, "x", None),), 0, 1))
    nodes["b"].receive("a", Append(3, 2, 2, ((3, "x", None),), 0, 1))
    assert [m.ok for m in nodes.of("append_reply", "b", "a")] == [False, False]  # type: ignore[attr-defined]
    assert terms(nodes["b"]) == [1, 1]


def test_5_3_a_conflicting_entry_and_all_behind_it_are_removed() -> None:
    nodes = Nodes("abc")
    fill(nodes["b"], 1, 1, 2, 2, 2)
    nodes["b"].receive("a", Append(3, 2, 1, ((3, "x", None),), 0, 1))
    assert terms(nodes["b"]) == [1, 1, 3]
    assert nodes["b"].cut_log and nodes["b"].news & LOG


def test_5_3_entries_that_agree_stay_even_if_the_append_is_old_and_short() -> None:
    nodes = Nodes("abc")
    fill(nodes["b"], 1, 1, 1)
    nodes["b"].receive("a", Append(1, 0, 0, ((1, "1.1", None),), 0, 1))
    assert terms(nodes["b"]) == [1, 1, 1]
    assert not nodes["b"].cut_log
    (reply,) = nodes.of("append_reply", "b", "a")
    assert (reply.ok, reply.index) == (True, 1)  # type: ignore[attr-defined]


def test_5_3_an_append_is_acknowledged_only_as_far_as_it_matched() -> None:
    nodes = Nodes("abc")
    fill(nodes["b"], 1, 1, 1)
    nodes["b"].receive("a", Append(2, 1, 1, (), 0, 1))
    assert nodes.of("append_reply", "b", "a")[0].index == 1  # type: ignore[attr-defined]
    assert nodes["b"].matched == 1


def test_5_3_a_follower_commits_no_further_than_its_log_is_known_to_match() -> None:
    nodes = Nodes("abc")
    fill(nodes["b"], 1, 1, 1)
    nodes["b"].receive("a", Append(2, 1, 1, (), 3, 1))
    assert nodes["b"].commit == 1
    nodes["b"].receive("a", Commit(2, 3))
    assert nodes["b"].commit == 1


def test_5_3_without_the_bound_a_follower_commits_what_nobody_else_has() -> None:
    nodes = Nodes("abc", rules=ALL_RULES.without("commit_bounded"))
    fill(nodes["b"], 1, 1, 1)
    nodes["b"].receive("a", Append(2, 1, 1, (), 3, 1))
    assert nodes["b"].commit == 3


def test_5_3_nobody_but_the_leader_it_follows_may_append_in_its_term() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    nodes["b"].receive("c", Append(1, 0, 0, ((1, "no", None),), 1, 1))
    assert (nodes["b"].leader, nodes["b"].log.last) == ("a", 0)


def test_5_3_commit_messages_count_only_from_the_leader() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    nodes.propose("a", "x")
    nodes.settle(drop=lambda s, d, m: m.kind == "commit")
    nodes["b"].receive("c", Commit(1, 1))
    assert nodes["b"].commit == 0
    nodes["b"].receive("a", Commit(1, 1))
    assert nodes["b"].commit == 1


def test_5_3_lost_appends_are_sent_again_with_every_beat_until_acknowledged() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    nodes.propose("a", "x")
    nodes.lose()
    for _ in range(3):
        nodes["a"].beat()
        assert [len(m.entries) for m in nodes.of("append", "a", "b")] == [1]  # type: ignore[attr-defined]
        nodes.lose()
    nodes["a"].beat()
    nodes.settle()
    assert [n.commit for n in nodes.values()] == [1, 1, 1]


def test_5_3_a_lost_commit_message_is_made_up_for_by_the_next_heartbeat() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    nodes.propose("a", "x")
    nodes.settle(drop=lambda s, d, m: m.kind == "commit")
    assert [n.commit for n in nodes.values()] == [1, 0, 0]
    nodes["a"].beat()
    nodes.settle()
    assert [n.commit for n in nodes.values()] == [1, 1, 1]


def test_5_3_heartbeats_are_acknowledged() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    nodes["a"].beat()
    nodes.deliver("append")
    assert {(m.ok, m.round) for m in nodes.of("append_reply")} == {(True, nodes["a"].round)}  # type: ignore[attr-defined]


def test_5_3_duplicated_and_overtaken_messages_change_nothing() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    for command in "xyz":
        nodes.propose("a", command)
        nodes.settle()
    for src, dst, message in nodes.sent * 2:
        nodes[dst].receive(src, message)
    nodes.settle()
    assert [terms(n) for n in nodes.values()] == [[1, 1, 1]] * 3
    assert [n.commit for n in nodes.values()] == [3, 3, 3]
    assert nodes["a"].role == LEADER


def test_5_3_figure_7_a_new_leader_makes_every_log_equal_to_its_own() -> None:
    logs = {
        "a": (1, 1, 1, 4, 4, 5, 5, 6, 6, 6),
        "b": (1, 1, 1, 4, 4, 5, 5, 6, 6),
        "c": (1, 1, 1, 4),
        "d": (1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6),
        "e": (1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7),
        "f": (1, 1, 1, 4, 4, 4, 4),
        "g": (1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3),
    }
    nodes = Nodes("abcdefg")
    for name, wanted in logs.items():
        fill(nodes[name], *wanted)
    nodes["a"].term = 7
    nodes.elect("a", among="abcfg")
    nodes["a"].beat()
    nodes.settle()
    assert [terms(n) for n in nodes.values()] == [[*logs["a"], 8]] * 7
    assert [n.commit for n in nodes.values()] == [11] * 7


def test_5_3_fast_walk_back_skips_a_term_in_one_question() -> None:
    nodes = Nodes("abc")
    fill(nodes["a"], 1, *[4] * 40)
    fill(nodes["b"], 1, *[2] * 20, *[3] * 20)
    fill(nodes["c"], 1, *[4] * 40)
    nodes["a"].term = 4
    nodes.elect("a", among="ac")
    nodes.sent.clear()
    nodes["a"].beat()
    nodes.settle()
    refusals = [m for _, _, m in nodes.sent if m.kind == "append_reply" and not m.ok]  # type: ignore[attr-defined]
    assert len(refusals) == 2, "one for each conflicting term, not one for each of forty entries"
    assert terms(nodes["b"]) == terms(nodes["a"])


def test_5_3_fast_walk_back_over_a_short_log_is_one_question() -> None:
    nodes = Nodes("abc")
    fill(nodes["a"], *[1] * 50)
    fill(nodes["c"], *[1] * 50)
    nodes.elect("a", among="ac")
    nodes.sent.clear()
    nodes["a"].beat()
    nodes.settle()
    refusals = [m for _, _, m in nodes.sent if m.kind == "append_reply" and not m.ok]  # type: ignore[attr-defined]
    assert len(refusals) == 1
    assert nodes["b"].log.last == 51


def test_5_3_a_long_log_travels_in_slices() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    nodes.propose("a", *range(2 * SLICE + 10))
    nodes.settle()
    sizes = [len(m.entries) for s, d, m in nodes.sent if m.kind == "append" and d == "b" and m.entries]  # type: ignore[attr-defined]
    assert sizes == [SLICE, SLICE, 10]
    assert [n.commit for n in nodes.values()] == [2 * SLICE + 10] * 3


def test_5_3_one_append_is_in_flight_and_the_next_takes_all_that_came_meanwhile() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    nodes.propose("a", 0)
    assert [len(m.entries) for m in nodes.of("append", "a", "b")] == [1]  # type: ignore[attr-defined]
    for n in range(1, 5):
        nodes.propose("a", n)
    assert len(nodes.of("append", "a", "b")) == 1
    nodes.deliver("append", dst="b")
    nodes.deliver("append_reply", src="b")
    assert [len(m.entries) for m in nodes.of("append", "a", "b")] == [4]  # type: ignore[attr-defined]


def test_5_3_a_leader_never_changes_its_own_log_but_at_the_end() -> None:
    nodes = Nodes("abc")
    fill(nodes["a"], 1, 1)
    nodes.elect("a")
    assert not nodes["a"].cut_log
    assert [first for first, _ in nodes["a"].changes] == [3]


def test_5_3_the_new_leader_appends_a_noop_only_if_it_holds_uncertain_entries() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    assert nodes["a"].log.last == 0, "a fresh group: the first command gets index 1"
    nodes.propose("a", "x")
    nodes.settle()
    nodes.elect("b")
    assert nodes["b"].log.last == 1, "everything in it is known to be committed"
    nodes.propose("b", "y")
    nodes.settle(drop=lambda s, d, m: m.kind == "commit")
    nodes.elect("c")
    assert [e[1] for e in nodes["c"].log.entries] == ["x", "y", BLANK]
    assert nodes["c"].commit == 3


def test_5_3_a_follower_agrees_once_it_holds_what_its_leader_had_committed() -> None:
    nodes = Nodes("abc")
    fill(nodes["a"], 1, 1, 1, commit=3)
    fill(nodes["b"], 1, 1, 1, commit=3)
    nodes["c"].receive("a", Append(1, 3, 1, (), 3, 1))
    assert nodes["c"].role == FOLLOWER and nodes["c"].leader == "a" and not nodes["c"].agrees
    entries = tuple(nodes["a"].log.entries)
    nodes["c"].news = 0
    nodes["c"].receive("a", Append(1, 0, 0, entries, 3, 2))
    assert nodes["c"].agrees and nodes["c"].news & CONTACT


def test_5_3_without_the_matching_rule_logs_differ() -> None:
    nodes = Nodes("abc", rules=ALL_RULES.without("log_matching"))
    fill(nodes["b"], 1, 1)
    nodes["b"].receive("a", Append(3, 2, 2, ((3, "x", None),), 0, 1))
    assert terms(nodes["b"]) == [1, 1, 3]


def test_5_3_without_the_removal_rule_a_conflict_stays() -> None:
    nodes = Nodes("abc", rules=ALL_RULES.without("conflicts_removed"))
    fill(nodes["b"], 1, 2)
    nodes["b"].receive("a", Append(3, 1, 1, ((3, "x", None),), 0, 1))
    assert terms(nodes["b"]) == [1, 2]


def test_5_3_an_answer_never_lowers_what_a_follower_is_known_to_hold() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    nodes.propose("a", "x")
    nodes.settle()
    before = nodes["a"].followers["b"].match
    nodes["a"].receive("b", AppendReply(1, True, 0, 1))
    nodes["a"].receive("b", AppendReply(1, False, 1, 1, 0, 1))
    assert nodes["a"].followers["b"].match == before == 1
