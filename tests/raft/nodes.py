"""A handful of pure nodes whose messages are delivered by hand: no clock, no wire, no disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from groupkit.raft import leader
from groupkit.raft.config import ConsensusConfig
from groupkit.raft.log import Entry
from groupkit.raft.messages import Message
from groupkit.raft.news import LEADER
from groupkit.raft.node import Node
from groupkit.raft.rules import ALL_RULES, Rules

Sent = tuple[str, str, Message]


class Nodes(dict[str, Node]):
    """``nodes["a"]`` is a node; ``nodes.wire`` holds what was sent and not delivered yet, in order."""

    def __init__(
        self, names: str, *, voters: str | None = None, observers: str = "", rules: Rules = ALL_RULES, **config: Any
    ) -> None:
        super().__init__()
        settled = ConsensusConfig(voters=tuple(voters or names), **config)
        for name in names:
            self[name] = Node(name, settled, rules, observer=name in observers)
        self.wire: list[Sent] = []
        self.sent: list[Sent] = []
        for name, node in self.items():
            for other in names:
                if other != name:
                    node.bonded(other, self[other].observer)

    # -- what has been sent --------------------------------------------------------------------------------------

    def collect(self) -> list[Sent]:
        """Move what the nodes want to send onto the wire; returns it."""
        new = []
        for name, node in self.items():
            node.spread()  # the moment is over
            new += [(name, dst, message) for dst, message in node.out]
            node.out.clear()
        self.wire += new
        self.sent += new
        return new

    def of(self, kind: str, src: str | None = None, dst: str | None = None) -> list[Message]:
        """The messages of this kind on the wire."""
        self.collect()
        return [m for s, d, m in self.wire if m.kind == kind and src in (None, s) and dst in (None, d)]

    # -- delivery ------------------------------------------------------------------------------------------------

    def settle(
        self, to: Iterable[str] | None = None, *, drop: Callable[[str, str, Message], bool] | None = None
    ) -> None:
        """Deliver everything, and what follows from it, among the peers ``to`` (default: all); the rest is lost."""
        among = set(self if to is None else to)
        for _ in range(200):
            self.collect()
            if not self.wire:
                return
            wire, self.wire = self.wire, []
            for src, dst, message in wire:
                if {src, dst} <= among and not (drop and drop(src, dst, message)):
                    self[dst].receive(src, message)
        raise AssertionError(f"these nodes never come to rest: {self.wire[:5]}")

    def deliver(self, kind: str, src: str | None = None, dst: str | None = None) -> None:
        """Deliver the messages of this kind only; the others stay on the wire."""
        self.collect()
        now = [s for s in self.wire if s[2].kind == kind and src in (None, s[0]) and dst in (None, s[1])]
        assert now, f"no {kind} from {src} to {dst} on the wire: {self.wire}"
        self.wire = [s for s in self.wire if not any(s is n for n in now)]
        for origin, target, message in now:
            self[target].receive(origin, message)

    def lose(self) -> None:
        """Everything on the wire is lost."""
        self.collect()
        self.wire.clear()

    # -- shortcuts -----------------------------------------------------------------------------------------------

    def elect(self, name: str, among: Iterable[str] | None = None) -> Node:
        """Let ``name`` win an election: everybody's leader has been silent for long."""
        for node in self.values():
            node.lapse()
        self[name].election_timeout()
        self.settle(among)
        assert self[name].role == LEADER, f"{name} did not win: it is {self[name].role}"
        return self[name]

    def propose(self, name: str, *commands: Any) -> int:
        """Let the leader ``name`` append these commands; nothing is delivered yet."""
        node = self[name]
        return leader.propose(node, [(node.term, command, None) for command in commands])

    def read(self, name: str, ticket: int) -> None:
        """Let the leader ``name`` confirm a strong read of its own; nothing is delivered yet."""
        leader.read(self[name], name, ticket)

    def roles(self) -> dict[str, str]:
        return {name: node.role for name, node in self.items()}


def fill(node: Node, *terms: int, commit: int = 0) -> None:
    """Give ``node`` a log whose entries have these terms, as if it came back with it from its disk."""
    entries: list[Entry] = [(term, f"{term}.{place}", None) for place, term in enumerate(terms, start=1)]
    node.log.extend(entries)
    node.term = max([node.term, *terms])
    node.commit = commit


def terms(node: Node) -> list[int]:
    return [int(entry[0]) for entry in node.log.entries]
