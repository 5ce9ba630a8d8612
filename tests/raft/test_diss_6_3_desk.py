"""Dissertation 6.3: what a client handed in is applied once, and its fate is told truly."""

from __future__ import annotations

from typing import Any

from groupkit.raft.desk import Desk
from groupkit.raft.messages import Forward
from groupkit.raft.news import LEADER
from groupkit.raft.rules import ALL_RULES
from groupkit.raft.submissions import Reading, Submission
from tests.raft.nodes import Nodes


class Told(Submission):
    """Remembers what it was told."""

    __slots__ = ("fate", "given")

    def __init__(self, number: int, *commands: Any) -> None:
        super().__init__(number, commands)
        self.fate: list[str] = []
        self.given: list[tuple[int, int]] = []

    def end(self, outcome: str, why: str) -> None:
        self.fate.append(outcome)

    def indexed(self, term: int, index: int) -> None:
        super().indexed(term, index)
        self.given.append((term, index))


class Asked(Reading):
    __slots__ = ("fate",)

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.fate: list[str] = []

    def ready(self) -> None:
        self.fate.append("ready")

    def fail(self, why: str) -> None:
        self.fate.append(why)


class Desks(Nodes):
    """Nodes with a desk each; what a host would pass on is passed on after every round."""

    def __init__(self, names: str, **options: Any) -> None:
        super().__init__(names, **options)
        self.desks = {name: Desk(node, f"{name}#1") for name, node in self.items()}
        self.known = dict.fromkeys(names, (0, None))

    def collect(self) -> list[Any]:
        for _ in range(3):
            for name, node in self.items():
                self._pass_on(name)
                node.news = 0
        return super().collect()

    def _pass_on(self, name: str) -> None:
        node, desk = self[name], self.desks[name]
        if (node.term, node.leader) != self.known[name]:
            self.known[name] = (node.term, node.leader)
            desk.new_leader()
        changes, node.changes = node.changes, []
        if node.cut_log:
            node.cut_log = False
            desk.cut()
        for first, entries in changes:
            desk.seen(first, entries)
        if node.placed:
            places, node.placed = node.placed, []
            desk.placed(places)
        for ticket, index in node.reads:
            desk.confirmed(ticket, index, node.commit)
        node.reads.clear()
        desk.applied(node.commit)

    def commands(self, name: str) -> list[Any]:
        return [entry[1] for entry in self[name].log.entries]


def test_on_the_leader_commands_get_their_index_at_once() -> None:
    desks = Desks("abc")
    desks.elect("a")
    told = Told(1, "x", "y")
    desks.desks["a"].submit(told)
    assert (told.given, told.fate) == ([(1, 1)], [])
    desks.settle()
    assert told.fate == ["committed"]


def test_6_3_a_follower_forwards_with_an_identity() -> None:
    desks = Desks("abc")
    desks.elect("a")
    told = Told(1, "x")
    desks.desks["b"].submit(told)
    (forward,) = desks.of("forward", "b", "a")
    assert isinstance(forward, Forward) and [e[2] for e in forward.commands] == [("b#1", 1)]
    desks.settle()
    assert (told.given, told.fate) == ([(1, 1)], ["committed"])


def test_6_3_a_forward_that_arrives_twice_is_taken_once() -> None:
    desks = Desks("abc")
    desks.elect("a")
    desks.desks["b"].submit(Told(1, "x"))
    (forward,) = desks.of("forward")
    desks["a"].receive("b", forward)
    desks.settle()
    assert [desks.commands(name) for name in "abc"] == [["x"]] * 3


def test_6_3_without_the_rule_it_is_taken_twice() -> None:
    desks = Desks("abc", rules=ALL_RULES.without("applied_once"))
    desks.elect("a")
    desks.desks["b"].submit(Told(1, "x"))
    (forward,) = desks.of("forward")
    desks["a"].receive("b", forward)
    desks.settle()
    assert desks.commands("a") == ["x", "x"]


def test_6_3_a_lost_forward_is_sent_again_after_a_while() -> None:
    desks = Desks("abc")
    desks.elect("a")
    told = Told(1, "x")
    desks.desks["b"].submit(told)
    desks.lose()
    desks.desks["b"].retry()
    desks.settle()
    assert told.fate == ["committed"] and desks.commands("a") == ["x"]


def test_6_3_a_lost_answer_does_not_matter_once_the_entry_is_seen() -> None:
    desks = Desks("abc")
    desks.elect("a")
    told = Told(1, "x")
    desks.desks["b"].submit(told)
    desks.settle(drop=lambda s, d, m: m.kind == "forward_reply")
    assert told.fate == ["committed"]
    assert not desks.desks["b"].pending


def test_6_3_a_forward_survives_a_change_of_leader() -> None:
    desks = Desks("abc")
    desks.elect("a")
    told = Told(1, "x")
    desks.desks["b"].submit(told)
    desks.lose()
    desks.elect("c", "bc")
    desks.settle("bc")
    assert told.fate == ["committed"] and desks.commands("c") == ["x"]


def test_6_3_a_forward_survives_that_its_own_peer_becomes_the_leader() -> None:
    desks = Desks("abc")
    desks.elect("a")
    told = Told(1, "x")
    desks.desks["b"].submit(told)
    desks.deliver("forward")
    desks.deliver("append", "a", "b")
    desks.lose()
    desks.elect("b", "bc")
    desks.settle("bc")
    assert told.fate == ["committed"]
    assert desks.commands("b").count("x") == 1


def test_6_3_a_stale_forward_is_not_taken() -> None:
    desks = Desks("abc")
    desks.elect("a")
    desks.elect("b")
    desks["b"].receive("c", Forward(1, [(0, "x", ("c#1", 1))]))
    assert desks.commands("b") == []


def test_overwritten_on_a_former_leader_is_certainly_lost() -> None:
    desks = Desks("abc")
    desks.elect("a")
    told = Told(1, "x")
    desks.desks["a"].submit(told)
    desks.lose()
    desks.elect("b", "bc")
    desks.desks["b"].submit(Told(1, "y"))
    desks.settle("bc")
    assert told.fate == []
    desks["b"].beat()
    desks.settle()
    assert told.fate == ["lost"]
    assert desks.commands("a") == ["y"]


def test_a_longer_log_does_not_make_it_committed() -> None:
    """It is this command, known by term and index, never just "the index was reached"."""
    desks = Desks("abc")
    desks.elect("a")
    told = Told(1, "x")
    desks.desks["a"].submit(told)
    desks.lose()
    desks.elect("b", "bc")
    for command in "pqr":
        desks.desks["b"].submit(Told(1, command))
    desks.settle()
    desks["b"].beat()
    desks.settle()
    assert desks["a"].commit == 3 and told.fate == ["lost"]


def test_commands_of_one_desk_keep_their_order() -> None:
    desks = Desks("abc")
    desks.elect("a")
    for n in range(5):
        desks.desks["b"].submit(Told(n, n))
    desks.settle()
    assert desks.commands("a") == [0, 1, 2, 3, 4]


def test_nothing_was_ever_sent_is_offline_and_something_was_is_unknown() -> None:
    desks = Desks("abc")
    never, sent = Told(1, "x"), Told(2, "y")
    desks.desks["a"].submit(never)
    desks.desks["a"].close("a went down")
    desks.elect("b")
    desks.desks["c"].submit(sent)
    desks.desks["c"].close("c went down")
    assert (never.fate, sent.fate) == (["offline"], ["unknown"])


def test_without_a_leader_it_gives_up_after_a_while() -> None:
    desks = Desks("abc")
    told = Told(1, "x")
    desk = desks.desks["a"]
    desk.submit(told)
    for _ in range(desk.patience):
        assert told.fate == []
        desk.retry()
    assert told.fate == ["offline"] and not desk.pending


def test_who_gave_up_is_told_nothing_more() -> None:
    desks = Desks("abc")
    desks.elect("a")
    told = Told(1, "x")
    desks.desks["b"].submit(told)
    desks.lose()
    desks.desks["b"].withdraw(told)
    desks.desks["b"].retry()
    desks.settle()
    assert told.fate == [] and desks.commands("a") == []


def test_a_long_batch_of_which_a_part_survived_says_how_much() -> None:
    desks = Desks("abc")
    desks.elect("a")
    told = Told(1, *range(1500))
    desks.desks["a"].submit(told)
    desks.deliver("append")  # the first 1024 of them
    desks.lose()
    desks.elect("b", "bc")
    desks.desks["b"].submit(Told(1, "y"))
    desks.settle()
    desks["b"].beat()
    desks.settle()
    assert (told.fate, told.kept) == (["lost"], 1024)


def test_6_4_a_reading_waits_for_its_index() -> None:
    desks = Desks("abc")
    desks.elect("a")
    asked = Asked(1)
    desks.desks["b"].read(asked)
    desks.settle()
    assert asked.fate == ["ready"]
    lonely = Asked(2)
    desks["c"].become_follower(1, None)
    desks.desks["c"].read(lonely)
    for _ in range(2):  # an election may take longer than a query timeout
        desks.desks["c"].retry_reads()
        assert not lonely.fate
    desks.desks["c"].retry_reads()
    assert len(lonely.fate) == 1 and "found no leader" in lonely.fate[0]
    again = Asked(3)
    desks.desks["c"].read(again)
    desks.desks["c"].retry_reads()
    assert not again.fate, "it is as patient with the next one"


def test_what_was_handed_in_while_frozen_is_sent_afterwards() -> None:
    desks = Desks("abc")
    desks.elect("a")
    told, asked = Told(1, "x"), Asked(2)
    desks.desks["a"].submit(told, hold=True)
    desks.desks["a"].read(asked, hold=True)
    desks.settle()
    assert (told.given, asked.fate, desks["a"].role) == ([], [], LEADER)
    desks.desks["a"].resume()
    desks.settle()
    assert (told.fate, asked.fate) == (["committed"], ["ready"])
