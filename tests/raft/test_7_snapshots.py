"""Raft 7: snapshots, on the protocol's side."""

from __future__ import annotations

from groupkit.raft.log import Log
from groupkit.raft.messages import Append, Snapshot
from groupkit.raft.node import Node
from tests.raft.nodes import Nodes, fill


def pruned(node: Node, index: int) -> None:
    """As a host does once ``index`` is applied."""
    term = int(node.log.term_at(index))
    node.log.prune(index)
    node.snapshot = Snapshot(node.term, index, term, b"state", dict(node.log.latest), 0)


def install(node: Node) -> None:
    """As a host does with what the leader sent."""
    kept = node.install
    assert kept is not None
    node.install = None
    node.log.restart_at(kept.index, kept.index_term, kept.latest)
    node.commit = kept.index


def test_7_who_needs_pruned_entries_gets_the_snapshot() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    nodes.propose("a", *range(10))
    nodes.settle("ab")
    pruned(nodes["a"], 8)
    nodes["a"].beat()
    nodes.deliver("snapshot", dst="c")
    assert nodes["c"].install is not None and nodes["c"].install.index == 8
    install(nodes["c"])
    nodes.settle()
    assert (nodes["c"].log.base, nodes["c"].log.last, nodes["c"].commit) == (8, 10, 10)


def test_7_a_follower_that_holds_the_entries_keeps_its_log() -> None:
    nodes = Nodes("abc")
    fill(nodes["b"], 1, 1, 1)
    nodes["b"].receive("a", Snapshot(1, 2, 1, b"", {}, 1))
    assert nodes["b"].install is None
    assert (nodes["b"].commit, nodes["b"].log.last) == (2, 3)


def test_7_a_snapshot_replaces_a_log_that_does_not_agree() -> None:
    nodes = Nodes("abc")
    fill(nodes["b"], 1, 1, 1)
    nodes["b"].receive("a", Snapshot(3, 2, 2, b"", {}, 1))
    assert nodes["b"].install is not None


def test_7_a_delayed_snapshot_never_takes_a_peer_back() -> None:
    nodes = Nodes("abc")
    fill(nodes["b"], 1, 1, 1, 1, 1, 1, commit=6)
    nodes["b"].receive("a", Append(1, 6, 1, (), 6, 1))
    pruned(nodes["b"], 5)
    nodes["b"].receive("a", Snapshot(1, 3, 1, b"", {}, 1))
    assert nodes["b"].install is None
    assert (nodes["b"].commit, nodes["b"].log.base) == (6, 5)


def test_7_appends_that_begin_before_the_base_are_taken_from_there_on() -> None:
    nodes = Nodes("abc")
    fill(nodes["b"], 1, 1, 1, 1, commit=4)
    nodes["b"].receive("a", Append(1, 4, 1, (), 4, 1))
    pruned(nodes["b"], 4)
    nodes["b"].receive("a", Append(1, 2, 1, tuple((1, n, None) for n in range(4)), 4, 2))
    assert (nodes["b"].log.last, nodes["b"].log.base) == (6, 4)
    assert nodes["b"].matched == 6


def test_7_heartbeats_to_a_follower_before_the_base_still_confirm_reads() -> None:
    nodes = Nodes("abc")
    nodes.elect("a")
    nodes.propose("a", *range(10))
    nodes.settle()
    for node in nodes.values():
        pruned(node, 9)
    for progress in nodes["a"].followers.values():
        progress.match = 3
    nodes.read("a", 1)
    nodes.settle()
    assert nodes["a"].reads == [(1, 10)]


def test_6_3_identities_of_pruned_commands_outlive_a_removal() -> None:
    log = Log()
    log.extend([(1, "x", ("c", 1)), (1, "y", None), (1, "z", ("c", 2))])
    log.prune(2)
    log.cut(3)
    assert log.latest == {"c": (1, 1, 1)}
    assert log.find(("c", 1)) == (1, 1)
